#!/usr/bin/python3
"""leveretctl against a running broker: every command, its output as scripts read it, its exit code after a mistake.

    leveretctl.py PATH/leveretctl [TEST...]
"""
import json
import os
import re

import pika

from checks import check, equal, eventually, raises, run_tests
from ctl import DATA, HOME, NO_USER, SOFTWARE, UNAVAILABLE, USAGE, api, fails, rows, said, tried
from pika_client import connected

LOCAL = {"completion", "help", "manual", "version"}  # leveretctl_itself.py runs them


def test_headings_and_columns():
    api("/queues/%2F/listed", "PUT", {"durable": True, "arguments": {"x-max-length": 5}})
    equal("as rabbitmqctl", said("list_queues"),
          "Timeout: 60.0 seconds ...\nListing queues for vhost / ...\nname\tmessages\nlisted\t0\n")
    equal("quiet", said("-q", "list_queues", "name", "messages"), "name\tmessages\nlisted\t0\n")
    equal("silent", said("list_queues", "name,messages", "-s"), "listed\t0\n")
    equal("columns", rows("list_queues", "name", "durable", "policy", "state", "consumers"),
          [{"name": "listed", "durable": "true", "policy": "", "state": "running", "consumers": "0"}])
    check("arguments", '{"x-max-length",5}' in rows("list_queues", "arguments")[0]["arguments"])
    listed = json.loads(said("list_queues", "name", "arguments", "--formatter", "json"))
    equal("JSON", (listed[0]["name"], listed[0]["arguments"]["x-max-length"]), ("listed", 5))
    equal("CSV", said("list_queues", "name", "messages", "--formatter", "csv"),
          '"name","messages"\n"listed","0"\n')
    check("a box", "│ listed │ 0        │" in said("list_queues", "--formatter", "pretty_table"))
    said("delete_queue", "listed")
    equal("empty", said("list_queues", "-q"), "")


def test_users_and_permissions():
    check("a hint", "grant" in said("add_user", "alice", "secret"))
    fails(SOFTWARE, 'User "alice" already exists', "add_user", "alice", "secret")
    equal("login", said("-q", "authenticate_user", "alice", "secret"), "Success\n")
    fails(DATA, "invalid credentials", "authenticate_user", "alice", "wrong")
    equal("typed", said("-q", "authenticate_user", "alice", typed="secret\n"), "Success\n")
    said("change_password", "alice", typed="other\n")
    said("set_user_tags", "alice", "monitoring", "policymaker")
    equal("tags do not touch the password", said("-q", "authenticate_user", "alice", "other"), "Success\n")
    equal("tags", [each["tags"] for each in rows("list_users") if each["user"] == "alice"],
          ["[monitoring, policymaker]"])
    said("set_permissions", "alice", "^a", "", "[a-z]")
    equal("permissions", rows("list_user_permissions", "alice"),
          [{"vhost": "/", "configure": "^a", "write": "", "read": "[a-z]"}])
    check("of the virtual host", {"user": "alice", "configure": "^a", "write": "", "read": "[a-z]"} in
          rows("list_permissions"))
    said("set_topic_permissions", "alice", "amq.topic", "^w", "^r")
    equal("topics", rows("list_topic_permissions"),
          [{"user": "alice", "exchange": "amq.topic", "write": "^w", "read": "^r"}])
    equal("topics of a user", rows("list_user_topic_permissions", "alice"),
          [{"vhost": "/", "exchange": "amq.topic", "write": "^w", "read": "^r"}])
    for _ in range(2):  # as often as one likes
        said("clear_topic_permissions", "alice")
        said("clear_permissions", "alice")
    equal("cleared", (rows("list_topic_permissions"), rows("list_user_permissions", "alice")), ([], []))
    said("set_user_limits", "alice", '{"max-connections":5,"max-channels":6}')
    equal("limits", json.loads(said("-q", "list_user_limits", "--user", "alice")),
          {"max-connections": 5, "max-channels": 6})
    equal("all limits", rows("list_user_limits", "--global")[0]["user"], "alice")
    said("clear_user_limits", "alice", "max-channels")
    equal("one is left", said("-q", "list_user_limits", "--user", "alice"), '{"max-connections":5}\n')
    said("clear_user_limits", "alice", "all")
    equal("none", said("-q", "list_user_limits", "--user", "alice"), "{}\n")
    said("clear_password", "alice")
    fails(DATA, "invalid credentials", "authenticate_user", "alice", "other")
    said("delete_user", "alice")


def test_hash_password():
    """For definitions and the HTTP API; known to RabbitMQ, too."""
    for told in (said("hash_password", "a secret"), said("hash_password", typed="a secret\n")):
        equal("made", api("/users/hashed", "PUT", {"password_hash": told.strip(), "tags": ""}).status // 100, 2)
        equal("login", said("-q", "authenticate_user", "hashed", "a secret"), "Success\n")
    fails(USAGE, "password cannot be an empty string", "hash_password", "")
    said("delete_user", "hashed")


def test_missing_users():
    for words in (("delete_user", "nobody"), ("change_password", "nobody", "x"), ("clear_password", "nobody"),
                  ("set_user_tags", "nobody", "x"), ("set_permissions", "nobody", "", "", ""),
                  ("clear_permissions", "nobody"), ("list_user_permissions", "nobody"),
                  ("set_user_limits", "nobody", '{"max-channels":1}'), ("clear_user_limits", "nobody", "all")):
        fails(NO_USER, 'User "nobody" does not exist', *words)


def test_virtual_hosts():
    said("add_vhost", "v1", "--description", "one", "--tags", "a,b")
    said("set_vhost_tags", "v1", "c")
    equal("columns", [each for each in rows("list_vhosts", "name", "description", "tags") if each["name"] == "v1"],
          [{"name": "v1", "description": "one", "tags": "[c]"}])
    said("-p", "v1", "set_vhost_limits", '{"max-queues":5,"max-connections":7}')
    said("set_vhost_limits", "-p", "v1", '{"max-queues":6}')
    equal("replaced as a whole", said("-q", "list_vhost_limits", "-p", "v1"), '{"max-queues":6}\n')
    equal("all", rows("list_vhost_limits", "--global"), [{"vhost": "v1", "limits": '{"max-queues":6}'}])
    said("clear_vhost_limits", "-p", "v1")
    equal("none", said("-q", "list_vhost_limits", "-p", "v1"), "")
    equal("tracing", said("-q", "trace_on", "-p", "v1"), "Trace enabled for vhost v1\n")
    equal("on", [each["tracing"] for each in rows("list_vhosts", "name", "tracing") if each["name"] == "v1"], ["true"])
    said("trace_off", LEVERET_VHOST="v1")
    equal("off", [each["tracing"] for each in rows("list_vhosts", "name", "tracing")], ["false", "false"])
    said("update_vhost_metadata", "v1", "--description", "two")
    equal("what is not given stays", [(each["description"], each["tags"]) for each in rows(
        "list_vhosts", "name", "description", "tags") if each["name"] == "v1"], [("two", "[c]")])
    said("enable_vhost_deletion_protection", "v1")
    fails(UNAVAILABLE, "", "delete_vhost", "v1")
    said("disable_vhost_deletion_protection", "v1")
    said("set_permissions_globally", "guest", ".*", ".*", ".*")
    check("everywhere", {"/", "v1"} <= {each["vhost"] for each in rows("list_user_permissions", "guest")})
    said("delete_vhost", "v1")
    fails(DATA, "Virtual host 'v1' does not exist", "delete_vhost", "v1")


def test_missing_virtual_host():
    for words in (("list_queues",), ("list_bindings",), ("list_permissions",), ("trace_on",), ("list_parameters",),
                  ("set_permissions", "guest", "", "", ""), ("set_policy", "p", "x", '{"max-length":1}'),
                  ("set_vhost_limits", '{"max-queues":1}'), ("purge_queue", "q"), ("close_all_connections", "bye")):
        fails(DATA, "Virtual host 'nope' does not exist", "-p", "nope", *words)
    fails(DATA, "Virtual host 'nope' does not exist", "update_vhost_metadata", "nope", "--description", "x")
    check("no virtual host was made", "nope" not in said("list_vhosts"))
    fails(DATA, "Virtual host 'nope' does not exist", "restart_vhost", "-p", "nope")


def test_policies_and_parameters():
    for kind in ("policy", "operator_policy"):
        said(f"set_{kind}", "p", "^q", '{"max-length":5}', "--priority", "3", "--apply-to", "queues")
        equal(kind, rows("list_policies" if kind == "policy" else "list_operator_policies"),
              [{"vhost": "/", "name": "p", "pattern": "^q", "apply-to": "queues", "definition": '{"max-length":5}',
                "priority": "3"}])
        said(f"clear_{kind}", "p")
        fails(UNAVAILABLE, "Parameter does not exist", f"clear_{kind}", "p")
    fails(UNAVAILABLE, "Validation failed", "set_policy", "p", "x", '{"foo":1}')
    fails(UNAVAILABLE, "JSON decoding error", "set_policy", "p", "x", "{")
    fails(USAGE, "--priority : high", "set_policy", "p", "x", "{}", "--priority", "high")
    said("set_global_parameter", "mine", '{"a":1}')
    equal("value", [each["value"] for each in rows("list_global_parameters") if each["name"] == "mine"], ['{"a":1}'])
    said("clear_global_parameter", "mine")
    said("set_parameter", "federation-upstream", "u", '{"uri":"amqp://x"}')
    equal("parameters", rows("list_parameters"),
          [{"component": "federation-upstream", "name": "u", "value": '{"uri":"amqp://x"}'}])
    said("clear_parameter", "federation-upstream", "u")
    fails(UNAVAILABLE, "component foo not found", "set_parameter", "foo", "bar", "{}")
    said("set_cluster_name", "mine")


def test_policies_that_match():
    for priority, (name, pattern, kind) in enumerate((
            ("low", "^m", "queues"), ("high", "at", "all"), ("other", "^x", "all"), ("quorum", "m", "quorum_queues"),
            ("exchanges", "m", "exchanges"))):
        said("set_policy", name, pattern, '{"alternate-exchange":"x"}' if kind == "exchanges" else '{"max-length":5}',
             "--priority", str(priority), "--apply-to", kind)
    api("/queues/%2F/match", "PUT", {"durable": True})
    api("/exchanges/%2F/match", "PUT", {"type": "fanout"})
    equal("of a queue", [each["name"] for each in rows("list_policies_that_match", "match")], ["high", "low"])
    equal("the first one counts", rows("list_queues", "name", "policy"), [{"name": "match", "policy": "high"}])
    equal("of an exchange", [each["name"] for each in rows("list_policies_that_match", "match", "--object-type",
                                                           "exchange")], ["exchanges", "high"])
    fails(USAGE, "There is no queue 'nope'", "list_policies_that_match", "nope")
    fails(USAGE, "--object-type : stream", "list_policies_that_match", "match", "--object-type", "stream")
    for name in ("low", "high", "other", "quorum", "exchanges"):
        said("clear_policy", name)
    said("delete_queue", "match")
    api("/exchanges/%2F/match", "DELETE")


def told_to_go(connection, reason):
    def wait():
        while True:
            connection.process_data_events(1)
    error = raises("the client is told", pika.exceptions.ConnectionClosedByBroker, wait)
    equal("why", (error.reply_code, error.reply_text), (320, f"CONNECTION_FORCED - {reason}"))
    eventually("it has gone", lambda: rows("list_connections", "pid") == [])


def test_queues_and_connections():
    with connected() as connection:
        channel = connection.channel()
        channel.queue_declare("q", auto_delete=False)
        channel.queue_bind("q", "amq.topic", "a.#", arguments={"k": "v"})
        for _ in range(3):
            channel.basic_publish("", "q", b"x")
        channel.basic_qos(prefetch_count=1)
        channel.basic_consume("q", lambda *_: None, consumer_tag="tag")
        eventually("messages", lambda: connection.process_data_events(0.05) or rows("list_queues", "messages") ==
                   [{"messages": "3"}])
        equal("consumers", [(each["queue_name"], each["consumer_tag"], each["prefetch_count"], each["active"])
                            for each in rows("list_consumers")], [("q", "tag", "1", "true")])
        equal("channels", [(each["user"], each["consumer_count"]) for each in rows("list_channels")],
              [("guest", "1")])
        equal("bindings", [each for each in rows("list_bindings") if each["source_name"] == "amq.topic"],
              [{"source_name": "amq.topic", "source_kind": "exchange", "destination_name": "q",
                "destination_kind": "queue", "routing_key": "a.#", "arguments": '[{"k","v"}]'}])
        check("exchanges", {"name": "amq.topic", "type": "topic"} in rows("list_exchanges"))
        fails(USAGE, "Queue is in use", "delete_queue", "q", "--if-unused")
        fails(USAGE, "Queue is not empty", "delete_queue", "q", "-e")
        said("purge_queue", "q")
        equal("purged", rows("list_queues", "messages_ready"), [{"messages_ready": "0"}])
        one = rows("list_connections", "pid", "user", "state", "protocol")[0]
        equal("connection", (one["user"], one["state"], one["protocol"]), ("guest", "running", "{0,9,1}"))
        said("close_connection", one["pid"], "go away")
        told_to_go(connection, "go away")
    fails(UNAVAILABLE, "No connection nobody", "close_connection", "nobody", "bye")
    for words in (("close_all_connections", "bye"), ("close_all_user_connections", "guest", "bye")):
        with connected() as connection:
            eventually("it is there", lambda: len(rows("list_connections", "pid")) == 1)
            said(*words)
            told_to_go(connection, "bye")
    equal("deleted", said("-q", "delete_queue", "q"), "Queue was successfully deleted with 1 ready messages\n")
    fails(USAGE, "Queue not found", "delete_queue", "q")
    fails(UNAVAILABLE, "not_found", "purge_queue", "q")


def test_definitions():
    api("/queues/%2F/defined", "PUT", {"durable": True})
    file = os.path.join(HOME, "definitions.json")
    said("export_definitions", file)
    said("delete_queue", "defined")
    said("import_definitions", file)
    equal("it is back", rows("list_queues", "name"), [{"name": "defined"}])
    text = said("export_definitions", "-")
    equal("the same", json.loads(text)["queues"], json.load(open(file, encoding="utf-8"))["queues"])
    said("import_definitions", "-", typed=text)
    fails(DATA, "Failed to deserialise", "import_definitions", "-", typed="{")
    fails(DATA, "does not exist", "import_definitions", "/nonexistent")
    fails(UNAVAILABLE, "queues", "import_definitions", typed='{"queues":[{"name":1}]}')
    said("delete_queue", "defined")


def test_node_and_checks():
    node = api("/overview").body["node"]
    amqp = os.environ["AMQP_PORT"]
    equal("ping", said("-q", "ping"), "Ping succeeded\n")
    equal("version", said("-q", "server_version"), "4.2.0\n")
    for words, text in ((("status",), "Total memory used: "), (("cluster_status",), "Running Nodes\n\n" + node),
                        (("environment",), "{disk_free_limit,"), (("memory_breakdown", "--unit", "mb"), " mb ("),
                        (("listeners",), f"port: {amqp}, protocol: amqp, purpose: AMQP 0-9-1"),
                        (("alarms",), "no alarms"), (("check_running",), "fully booted and running"),
                        (("is_running",), "fully booted"), (("check_alarms",), "no alarms"),
                        (("check_local_alarms",), "no local alarms"), (("await_startup",), "Waiting"),
                        (("check_port_connectivity",), f"Successfully connected to ports {amqp}"),
                        (("check_port_listener", amqp), f"A listener for port {amqp} is running on node {node}."),
                        (("check_protocol_listener", "amqp"), "A listener for protocol amqp"),
                        (("check_virtual_hosts",), "all vhosts as running"),
                        (("check_certificate_expiration", "--within", "2"), "expire within 2 weeks."),
                        (("check_if_any_deprecated_features_are_used",), "no deprecated features"),
                        (("list_deprecated_features",), "Listing deprecated features"),
                        (("check_if_node_is_quorum_critical",), "no quorum queues with minimum quorum"),
                        (("check_if_node_is_mirror_sync_critical",), "no classic mirrored queues"),
                        (("is_booting",), f"node {node} is fully booted"), (("log_location",), "stderr"),
                        (("restart_vhost",), f"Vhost '/' is already running on node '{node}'"),
                        (("report",), "Listing permissions for vhost"),
                        (("enable_feature_flag", "all"), "Enabling")):
        check(f"{words} says {text!r}", text in said(*words))
    equal("JSON", json.loads(said("status", "--formatter", "json"))["totals"]["virtual_host_count"], 1)
    equal("JSON of a check", json.loads(said("check_running", "--formatter", "json"))["result"], "ok")
    check("flags", {"name": "quorum_queue", "state": "enabled"} in rows("list_feature_flags"))
    fails(UNAVAILABLE, f"Found listeners that use the following ports: {amqp}", "check_port_listener", "1")
    fails(UNAVAILABLE, "No listener for protocol mqtt", "check_protocol_listener", "mqtt")


def test_counts_of_the_node():
    api("/queues/%2F/sized", "PUT", {"arguments": {"x-queue-type": "quorum"}, "durable": True})
    before = {each["message_size"]: int(each["count"]) for each in rows("message_size_stats")}
    for size in (10, 10, 5000):
        api("/exchanges/%2F/amq.default/publish", "POST", {"routing_key": "sized", "payload": "x" * size,
                                                          "payload_encoding": "string", "properties": {}})
    now = {each["message_size"]: int(each["count"]) for each in rows("message_size_stats")}
    equal("more messages by size", {size: now[size] - before[size] for size in now if now[size] != before[size]},
          {"0 to 100": 2, "1000 to 10000": 1})
    node = api("/overview").body["node"]
    equal("members", rows("quorum_status", "sized"),
          [{"node_name": node, "raft_state": "leader", "membership": "voter"}])
    said("delete_queue", "sized")
    fails(USAGE, "Quorum queue not found", "quorum_status", "sized")
    with connected():
        pass
    check("logins", int(rows("list_node_auth_attempt_stats")[0]["auth_attempts"]) > 0)
    said("reset_node_auth_attempt_metrics")
    check("begin anew", all(each["protocol"] == "http" for each in rows("list_node_auth_attempt_stats")))


def test_a_report_tells_no_passwords():
    said("add_user", "teller", "unspoken")
    said("set_parameter", "federation-upstream", "u", '{"uri":"amqp://teller:unspoken@x"}')
    told = said("report")
    check("users are told, passwords are not", "teller" in told and "unspoken" not in told and "hash" not in told)
    said("clear_parameter", "federation-upstream", "u")
    said("delete_user", "teller")


def test_what_is_not_here_says_why():
    refused = fails(UNAVAILABLE, "'stop_app' is not a command here: the service manager", "-q", "stop_app")
    equal("one line", refused.stderr.count("\n"), 1)


def has(path, method="GET"):
    return api(path, method, {} if method == "POST" else None).status not in (404, 405)


def test_messages():
    """What only Leveret has; a broker of before it is not asked."""
    for name in ("from", "to"):
        api(f"/queues/%2F/{name}", "PUT", {})
    for number in range(5):
        api("/exchanges/%2F/amq.default/publish", "POST",
            {"routing_key": "from", "payload": f"m{number}", "payload_encoding": "string",
             "properties": {"headers": {"odd": str(number % 2)}}})
    if has("/queues/%2F/from/peek"):
        equal("peek", [each["payload"] for each in rows("peek", "from", "--offset", "1", "--count", "2", "payload")],
              ["m1", "m2"])
        equal("by header", [each["payload"] for each in rows("peek", "from", "--header", "odd:1", "payload")],
              ["m1", "m3"])
        equal("copied", said("-q", "copy", "from", "to", "--count", "2"), "Copied 2 messages\n")
        equal("chosen", said("-q", "move", "from", "to", "--header", "odd:1"), "Moved 2 messages\n")
        equal("moved", said("-q", "move", "from", "to"), "Moved 3 messages\n")
        equal("all there", sorted((each["name"], each["messages"]) for each in rows("list_queues")),
              [("from", "0"), ("to", "7")])
        fails(USAGE, "no queue 'nowhere'", "move", "to", "nowhere")
        fails(USAGE, "--count : few", "move", "to", "from", "--count", "few")
        for exchange in ("amq.default", ""):
            equal(f"explain {exchange!r}", [each["name"] for each in rows("explain", exchange, "to")], ["to"])
    fails(USAGE, "", "peek", "nope")
    fails(USAGE, "", "move", "nope", "to")
    if has("/backup"):
        check("backup", "Backed up to " in said("backup", "mine"))
        equal("backups", [each["directory"] for each in rows("list_backups")], ["mine"])
    tried.update(("copy", "explain", "backup", "list_backups"))
    for name in ("from", "to"):
        said("delete_queue", name)


def test_zz_every_command_was_run():
    names = re.findall(r"^   ([a-z_]+) ", said("help").split("\nOptions:")[0], re.MULTILINE)
    check("there are many", len(names) > 80, len(names))
    equal("commands that no test runs", [name for name in names if name not in tried | LOCAL], [])


run_tests(globals())
