#!/usr/bin/python3
"""rabbitmqadmin v2, the program of the crate rabbitmqadmin, over every kind of object that it knows."""
import json
import os
import re
import shlex
import shutil
import subprocess
import tempfile
import urllib.parse

import pika

from checks import check, equal, eventually, limit, raises, run_tests
from pika_client import parameters

HOST = "v2-host"
REFUSED, UNHEALTHY = 65, 69  # exit codes
# (exit code, arguments, what must be printed), in this order; all but the first ones in the virtual host HOST.
STEPS = [
    (0, "show overview", "Product version +4"),
    (0, "show churn", "Client connections opened +[0-9]"),
    (0, "show endpoint", "Using endpoint: http"),
    (0, "show memory_breakdown_in_bytes --node {node}", "Total .RSS. +[1-9]"),
    (0, "nodes memory_breakdown_in_percent --node {node}", "%"),
    (0, "nodes list", "^{node} "),
    (0, "auth_attempts stats --node {node}", "^http +"),
    (0, "plugins list_all", "rabbitmq_management"),
    (0, "feature_flags list", "quorum_queue +enabled"),
    (0, "feature_flags enable_all", ""),
    (0, "deprecated_features list", ""),
    (0, "deprecated_features list_used", ""),

    (0, "vhosts declare --name {host} --description of-v2", ""),
    (0, "vhosts list", "^{host} +of-v2"),
    (0, "vhosts enable_deletion_protection --name {host}", ""),
    (REFUSED, "vhosts delete --name {host}", "protected from deletion"),
    (0, "vhosts disable_deletion_protection --name {host}", ""),
    (0, "users declare --name v2 --password pw --tags monitoring", ""),
    (0, "users list", "^v2 +monitoring"),
    (0, "permissions declare --user v2 --configure ^x --read .* --write .*", ""),
    (0, "permissions list", r"^v2 +{host} +\^x"),
    (0, "users permissions", "^v2 +{host}"),
    (0, "permissions delete --user v2", ""),
    (0, "user_limits declare --username v2 --name max-channels --value 7", ""),
    (0, "user_limits list", "v2 +max-channels: 7"),
    (0, "user_limits delete --username v2 --name max-channels", ""),
    (0, "vhost_limits declare --name max-queues --value 50", ""),
    (0, "vhost_limits list", "max-queues: 50"),
    (0, "vhost_limits delete --name max-queues", ""),

    (0, """queues declare --name q --type classic --durable true --arguments '{{"x-max-length":10}}'""", ""),
    (0, """queues declare --name q --type classic --durable true --arguments '{{"x-max-length":10}}'""", ""),
    (REFUSED, "queues declare --name q --type classic --durable false", "inequivalent arg 'durable'"),
    (0, "queues declare --name quorum --type quorum", ""),
    (REFUSED, "streams declare --name log --expiration 1D", "unsupported queue type 'stream'"),
    (0, "streams list", ""),
    (0, "queues list", "^q +{host} +classic +true"),
    (0, "queues show --name quorum", "quorum +{host} +quorum"),
    (REFUSED, "queues show --name nosuch", "404"),
    (0, "exchanges declare --name x --type topic --durable true", ""),
    (REFUSED, "exchanges declare --name bad --type nosuch", "unknown exchange type 'nosuch'"),
    (0, "exchanges list", "^x +{host} +topic +true"),
    (0, "bindings declare --source x --destination-type queue --destination q --routing-key 'a.#'", ""),
    (0, """exchanges bind --source x --destination-type exchange --destination amq.headers --routing-key b
        --arguments '{{"n":1}}'""", ""),
    (0, "bindings delete --source nosuch --destination-type queue --destination nosuch --routing-key k --idempotently",
     ""),
    (0, "bindings list", r"^{host} +x +q +queue +a\.#"),

    (0, """publish message --exchange x --routing-key a.b --payload hello --properties '{{"delivery_mode":2}}'""",
     "published and routed"),
    (0, "publish message --exchange x --routing-key zzz --payload lost", "NOT routed"),
    (0, "get messages --queue q --count 2 --ack-mode ack_requeue_true", r"a\.b .*delivery_mode: 2, +hello"),
    (0, "get messages --queue q --count 2 --ack-mode ack_requeue_false", "5 +true .*hello"),
    (0, "purge queue --name q", ""),
    (0, "queues rebalance", ""),

    (0, """policies declare --name p --pattern ^q --apply-to queues --priority 3 --definition
        '{{"message-ttl":60000}}'""", ""),
    (0, "policies update_definition --name p --definition-key max-length --new-value 9", ""),
    (0, """policies patch --name p --definition '{{"overflow":"reject-publish"}}'""", ""),
    (0, "policies list_in", r"^p +{host} +\^q +queues +3 .*max-length: 9.*overflow"),
    (0, "policies delete_definition_keys --name p --definition-keys max-length", ""),
    (0, "policies list_matching_object --name q --type queues", "^p "),
    (0, "policies declare_override --name p --override-name p.more --definition '{{\"message-ttl\":1}}'", ""),
    (0, "policies list_conflicting", ""),
    (0, """operator_policies declare --name op --pattern ^q --apply-to queues --definition
        '{{"max-length":100}}'""", ""),
    (0, "operator_policies list", r"^op +{host} +\^q"),
    (REFUSED, """policies declare --name bad --pattern ^q --apply-to queues --definition
        '{{"nosuch":1}}'""", "not recognised"),
    (0, """parameters set --component federation-upstream --name up --value '{{"uri":"amqp://there"}}'""", ""),
    (0, "parameters list_all", "^up +{host} +federation-upstream"),
    (0, "federation list_all_upstreams", "^up +{host} "),
    (0, "parameters clear --component federation-upstream --name up", ""),
    (REFUSED, "parameters set --component nosuch --name x --value '{{}}'", "component nosuch not found"),
    (0, "global_parameters set --name v2 --value '{{\"a\":1}}'", ""),
    (0, "global_parameters list", "^v2 +"),
    (0, "global_parameters clear --name v2", ""),

    (0, "definitions export --file all.json", ""),
    (0, "definitions export_from_vhost --file host.json", ""),
    (0, "bindings delete --source x --destination-type queue --destination q --routing-key 'a.#'", ""),
    (0, "queues delete --name q", ""),
    (REFUSED, "queues delete --name q", "404"),
    (0, "queues delete --name q --idempotently", ""),
    (0, "definitions import_into_vhost --file host.json", ""),
    (0, "queues show --name q", "max-length: 10"),
    (0, "definitions import --file all.json", ""),

    (0, "health_check cluster_wide_alarms", "passed"),
    (0, "health_check local_alarms", "passed"),
    (0, "health_check node_is_quorum_critical", "passed"),
    (0, "health_check port_listener --port {port}", "passed"),
    (UNHEALTHY, "health_check port_listener --port 1", "No active listener"),
    (0, "health_check protocol_listener --protocol amqp", "passed"),
    (UNHEALTHY, "health_check protocol_listener --protocol mqtt", "No active listener"),

    (REFUSED, "--username guest --password wrong list queues", "(?i)not.authori[sz]ed"),
    (REFUSED, "close connection --name nosuch", "404"),
    (REFUSED, "--vhost nosuch list queues", "404"),
    (REFUSED, "shovels list_all", "404"),  # as RabbitMQ without that plugin

    (0, "policies delete --name p.more", ""),
    (0, "policies delete --name p", ""),
    (0, "operator_policies delete --name op", ""),
    (0, "exchanges delete --name x", ""),
    (0, "queues delete_multiple --name-pattern ^quorum --approve", "1 items processed"),
    (0, "users delete --name v2", ""),
    (0, "vhosts delete --name {host}", ""),
    (REFUSED, "vhosts delete --name {host}", "404"),
]


class Tool:
    def __init__(self, directory):
        self.program = shutil.which("rabbitmqadmin")
        check("rabbitmqadmin is there (tests/interop/cargo_test.sh builds it)", self.program)
        self.directory = directory
        self.environment = {"RABBITMQADMIN_BASE_URI": os.environ["MGMT_URL"] + "/api", "HOME": directory,
                            "RABBITMQADMIN_NON_INTERACTIVE_MODE": "true"}

    def __call__(self, arguments, code=0):
        """What it prints; no frames around tables, and no heading, as it is not interactive."""
        done = subprocess.run([self.program, *shlex.split(arguments)], cwd=self.directory, env=self.environment,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, check=False)
        equal(f"exit code of rabbitmqadmin {arguments}: {done.stderr}", done.returncode, code)
        return done.stdout + done.stderr


@limit(120)
def test_every_kind_of_object():
    with tempfile.TemporaryDirectory() as directory:
        tool = Tool(directory)
        names = {"host": HOST, "port": urllib.parse.urlsplit(os.environ["MGMT_URL"]).port,
                 "node": tool("nodes list").split()[0]}
        tool.environment["RABBITMQADMIN_TARGET_VHOST"] = HOST
        for code, arguments, wanted in STEPS:
            arguments, wanted = arguments.format(**names), wanted.format(**names)
            printed = tool(arguments, code)
            check(f"rabbitmqadmin {arguments}", re.search(wanted, printed, re.MULTILINE), printed)
        with open(os.path.join(directory, "all.json"), encoding="utf-8") as file:
            exported = json.load(file)
        equal("the exported virtual hosts", [host["name"] for host in exported["vhosts"]], ["/", HOST])


@limit(60)
def test_connections():
    with tempfile.TemporaryDirectory() as directory:
        tool = Tool(directory)

        def listed(what):
            return tool(what).strip().splitlines()

        for close in ("connections close --name '{}'", "close user_connections --username guest"):
            connection = pika.BlockingConnection(parameters())
            channel = connection.channel()
            channel.basic_consume(channel.queue_declare("", exclusive=True).method.queue, lambda *_: None)
            for what in ("list connections", "users connections --username guest", "channels list", "list consumers"):
                eventually(what, lambda what=what: len(listed(what)) == 1)
            name = re.match(r"\S+ -> \S+", listed("list connections")[0]).group()
            tool(close.format(name))
            told = raises("the client is told", pika.exceptions.ConnectionClosedByBroker,
                          lambda: connection.process_data_events(10))
            equal("code", told.reply_code, 320)
            eventually("it is gone", lambda: not listed("list connections"))


if __name__ == "__main__":
    run_tests(globals())
