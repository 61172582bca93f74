#!/usr/bin/python3
"""leveretctl against a running broker: every command, its output as scripts read it, its exit code after a mistake.

    leveretctl.py PATH/leveretctl [TEST...]
"""
import json
import os
import re
import socket
import stat
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

import pika

from checks import check, equal, eventually, raises, run_tests
from pika_client import connected

PROGRAM = os.path.abspath(sys.argv.pop(1))
HOME = tempfile.mkdtemp(prefix="leveretctl-")
USAGE, DATA, NO_USER, UNAVAILABLE, SOFTWARE, TRY_AGAIN, NO_PERMISSION, CONFIGURATION = 64, 65, 67, 69, 70, 75, 77, 78
tried = set()


def run(*words, typed="", **variables):
    """The finished process; its text without the passing of time."""
    environment = {"HOME": HOME, "PATH": os.environ["PATH"], "LEVERET_URL": os.environ["MGMT_URL"], **variables}
    tried.update(words)
    return subprocess.run([PROGRAM, *words], input=typed, capture_output=True, text=True, timeout=30, env=environment)


def said(*words, **more):
    """What a command that must succeed writes."""
    done = run(*words, **more)
    equal(f"exit code of {words}: {done.stderr}", done.returncode, 0)
    equal(f"nothing on stderr of {words}", done.stderr, "")
    return done.stdout


def fails(code, text, *words, **more):
    done = run(*words, **more)
    equal(f"exit code of {words}, {done.stderr!r}", done.returncode, code)
    check(f"{words} says why", text in done.stderr, done.stderr)
    return done


def rows(*words):
    """A listing as a script reads it: rabbitmqctl -q, tabs between columns, names first."""
    lines = said("-q", *words).splitlines()
    return [dict(zip(lines[0].split("\t"), line.split("\t"))) for line in lines[1:]] if lines else []


def api(path, method="GET", body=None):
    request = urllib.request.Request(os.environ["MGMT_URL"] + "/api" + path, method=method,
                                     data=None if body is None else json.dumps(body).encode(),
                                     headers={"Authorization": "Basic Z3Vlc3Q6Z3Vlc3Q="})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


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
    said("delete_vhost", "v1")
    fails(DATA, "Virtual host 'v1' does not exist", "delete_vhost", "v1")


def test_missing_virtual_host():
    for words in (("list_queues",), ("list_bindings",), ("list_permissions",), ("trace_on",), ("list_parameters",),
                  ("set_permissions", "guest", "", "", ""), ("set_policy", "p", "x", '{"max-length":1}'),
                  ("set_vhost_limits", '{"max-queues":1}'), ("purge_queue", "q"), ("close_all_connections", "bye")):
        fails(DATA, "Virtual host 'nope' does not exist", "-p", "nope", *words)
    check("no virtual host was made", "nope" not in said("list_vhosts"))


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
    node = json.loads(api("/overview")[1])["node"]
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
                        (("enable_feature_flag", "all"), "Enabling")):
        check(f"{words} says {text!r}", text in said(*words))
    equal("JSON", json.loads(said("status", "--formatter", "json"))["totals"]["virtual_host_count"], 1)
    equal("JSON of a check", json.loads(said("check_running", "--formatter", "json"))["result"], "ok")
    check("flags", {"name": "quorum_queue", "state": "enabled"} in rows("list_feature_flags"))
    fails(UNAVAILABLE, f"Found listeners that use the following ports: {amqp}", "check_port_listener", "1")
    fails(UNAVAILABLE, "No listener for protocol mqtt", "check_protocol_listener", "mqtt")


def has(path, method="GET"):
    return api(path, method, {} if method == "POST" else None)[0] not in (404, 405)


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
        equal("explain", [each["name"] for each in rows("explain", "amq.default", "to")], ["to"])
    fails(USAGE, "", "peek", "nope")
    fails(USAGE, "", "move", "nope", "to")
    if has("/backup"):
        check("backup", "Backed up to " in said("backup", "mine"))
        equal("backups", [each["directory"] for each in rows("list_backups")], ["mine"])
    tried.update(("copy", "explain", "backup", "list_backups"))
    for name in ("from", "to"):
        said("delete_queue", name)


def test_where_and_who():
    said("add_user", "bob", "pass word")
    said("set_user_tags", "bob", "administrator")
    url = os.environ["MGMT_URL"]
    equal("in the URL", said("-q", "--url", url.replace("//", "//bob:pass%20word@"), "ping"), "Ping succeeded\n")
    equal("by flags", said("-q", "-u", "bob", "--password", "pass word", "ping"), "Ping succeeded\n")
    equal("typed", said("-q", "-u", "bob", "ping", typed="pass word\n"), "Ping succeeded\n")
    equal("by environment", said("-q", "ping", LEVERET_USER="bob", LEVERET_PASSWORD="pass word"), "Ping succeeded\n")
    folder = os.path.join(HOME, ".config", "leveret")
    os.makedirs(folder)
    for name, text in (("secret", "pass word\n"), ("ctl.conf", "user = bob\npassword = wrong\n"),
                       ("good.conf", f"url = {url}\nuser = bob\npassword-file = {folder}/secret\n"),
                       ("bad.conf", "colour = blue\n")):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(os.path.join(folder, name), stat.S_IRUSR | stat.S_IWUSR)
    fails(NO_PERMISSION, "access refused for user 'bob'", "ping")
    equal("a profile", said("-q", "--profile", "good", "ping"), "Ping succeeded\n")
    equal("a profile's path", said("-q", "--profile", folder + "/good.conf", "ping", LEVERET_URL=""),
          "Ping succeeded\n")
    fails(CONFIGURATION, "bad.conf: line 1", "--profile", "bad", "ping")
    fails(CONFIGURATION, "none.conf", "--profile", "none", "ping")
    os.chmod(os.path.join(folder, "ctl.conf"), 0o644)
    fails(NO_PERMISSION, "others may read it", "ping")
    os.remove(os.path.join(folder, "ctl.conf"))
    said("set_user_tags", "bob", "management")
    fails(NO_PERMISSION, "Not administrator user", "--profile", "good", "list_users")
    said("delete_user", "bob")


def test_no_broker():
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    refused = fails(UNAVAILABLE, f"node 'http://127.0.0.1:{port}': Connection refused", "list_queues",
                    LEVERET_URL=f"http://127.0.0.1:{port}")
    equal("one line", refused.stderr.count("\n"), 1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        fails(TRY_AGAIN, "timed out", "list_queues", "-t", "1", LEVERET_URL=address)
        fails(UNAVAILABLE, "unable to perform", "ping", "-t", "1",
              LEVERET_URL=f"http://127.0.0.1:{os.environ['AMQP_PORT']}")
    fails(NO_PERMISSION, "Not_Authorized", "--password", "wrong", "list_queues")
    fails(USAGE, "is no URL", "--url", "ftp://x", "list_queues")
    fails(UNAVAILABLE, "unable to perform", "--url", os.environ["MGMT_URL"].replace("http:", "https:"), "ping")


def test_help_and_completion():
    check("version", re.fullmatch(r"\d+\.\d+\.\d+\n", said("version")))
    check("help", "list_queues" in said("help") and "must be one of" in said("help", "list_queues"))
    equal("both ways", said("list_queues", "--help"), said("help", "list_queues"))
    fails(USAGE, "Available commands", )
    fails(USAGE, "Did you mean 'list_queues'?", "list_queuess")
    check("manual", said("manual").startswith(".\\\""))
    script = said("completion", "bash")
    typed = script + """
        complete_words() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _leveretctl; echo "${COMPREPLY[@]}"; }
        complete_words leveretctl list_q
        complete_words leveretctl -q list_queues consumer_u
        complete_words leveretctl list_queues --formatter p
        complete_words leveretctl --quie
    """
    done = subprocess.run(["bash"], input=typed, capture_output=True, text=True, timeout=30, check=True)
    equal("completions", done.stdout.splitlines(), ["list_queues", "consumer_utilisation", "pretty_table", "--quiet"])
    equal("no complaints", done.stderr, "")
    for shell in ("zsh", "fish"):
        check(shell, "list_queues" in said("completion", shell))


def test_zz_every_command_was_run():
    names = re.findall(r"^   ([a-z_]+) ", said("help").split("\nOptions:")[0], re.MULTILINE)
    check("there are many", len(names) > 80, len(names))
    equal("commands that no test runs", [name for name in names if name not in tried], [])


run_tests(globals())
