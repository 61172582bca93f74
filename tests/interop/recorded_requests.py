#!/usr/bin/python3
"""What well-known tools ask the management API, as recorded requests: KEDA, Terraform's provider, telegraf, the Datadog
agent, OpenTelemetry's receiver. Each row: the tool, the request, its status, and the fields that the tool reads."""
import json
import urllib.parse

from checks import EXTERNAL, check, equal, eventually, run_tests, unique
from http_api import call
from pika_client import PERSISTENT, connected

NUMBER, TEXT = (int, float), str
RATE = {"rate": NUMBER}
QUEUE = {"name": TEXT, "messages": NUMBER, "messages_ready": NUMBER, "messages_unacknowledged": NUMBER,
         "consumers": NUMBER}
BUSY = {**QUEUE, "message_stats": {"publish_details": RATE, "deliver_get_details": RATE}}
TOTALS = {"connections": NUMBER, "channels": NUMBER, "queues": NUMBER, "consumers": NUMBER, "exchanges": NUMBER}
# {queue}: of the test, with one message in it and one taken out.
READS = [
    ("KEDA, one queue", "/queues/%2F/{queue}", BUSY),
    ("KEDA, by regex", "/queues?page=1&use_regex=true&pagination=false&name=%5E{queue}%24&page_size=100",
     {"items": [BUSY], "filtered_count": NUMBER, "page_count": NUMBER}),
    ("KEDA, in a virtual host", "/queues/%2F?page=1&use_regex=true&pagination=false&name=%5E{queue}%24&page_size=100",
     {"items": [BUSY]}),
    ("telegraf, overview", "/overview", {
        "message_stats": {"publish": NUMBER, "deliver_get": NUMBER, "ack": NUMBER, "return_unroutable": NUMBER},
        "object_totals": TOTALS, "queue_totals": {"messages": NUMBER, "messages_ready": NUMBER,
                                                  "messages_unacknowledged": NUMBER},
        "listeners": [{"protocol": TEXT}]}),
    ("telegraf, nodes", "/nodes", [{"name": TEXT, "disk_free": NUMBER, "fd_used": NUMBER, "mem_used": NUMBER,
                                    "mem_limit": NUMBER, "proc_used": NUMBER, "run_queue": NUMBER,
                                    "sockets_used": NUMBER, "running": bool, "uptime": NUMBER, "gc_num": NUMBER,
                                    "io_read_bytes": NUMBER, "mem_alarm": bool, "disk_free_alarm": bool}]),
    ("telegraf, queues", "/queues", [{**QUEUE, "memory": NUMBER, "message_bytes": NUMBER, "node": TEXT, "vhost": TEXT,
                                      "durable": bool, "auto_delete": bool, "head_message_timestamp": None}]),
    ("telegraf, exchanges", "/exchanges", [{"name": TEXT, "vhost": TEXT, "type": TEXT, "internal": bool,
                                            "durable": bool, "auto_delete": bool}]),
    ("Datadog, queues", "/queues/%2F", [{**QUEUE, "memory": NUMBER, "messages_details": RATE,
                                         "messages_ready_details": RATE}]),
    ("Datadog, connections", "/connections", [{"name": TEXT, "state": TEXT, "vhost": TEXT, "user": TEXT}]),
    ("Datadog, liveness", "/aliveness-test/%2F", {"status": TEXT}),
    ("Datadog, virtual hosts", "/vhosts", [{"name": TEXT}]),
    ("Datadog, bindings", "/bindings", [{"source": TEXT, "destination": TEXT, "destination_type": TEXT}]),
    ("OpenTelemetry", "/queues", [{**QUEUE, "node": TEXT, "vhost": TEXT}]),
    ("Terraform, who am I", "/whoami", {"name": TEXT, "tags": [TEXT]}),
    ("Terraform, a queue", "/queues/%2F/{queue}", {"durable": bool, "auto_delete": bool, "arguments": dict}),
    ("NServiceBus, flags", "/feature-flags", [{"name": TEXT, "state": TEXT}]),
]
# What Terraform's provider does to make and destroy, in order: verb, path, body, status.
WRITES = [
    ("PUT", "/vhosts/tf", {"description": "d", "default_queue_type": "quorum", "tracing": False}, (201,)),
    ("PUT", "/users/tf", {"password": "x", "tags": "management,policymaker"}, (201,)),
    ("PUT", "/permissions/tf/tf", {"configure": ".*", "write": ".*", "read": ""}, (201,)),
    ("PUT", "/permissions/tf/guest", {"configure": ".*", "write": ".*", "read": ".*"}, (201, 204)),
    ("PUT", "/topic-permissions/tf/tf", {"exchange": "amq.topic", "write": ".*", "read": ".*"}, (201,)),
    ("PUT", "/exchanges/tf/x", {"type": "fanout", "durable": False, "auto_delete": True, "arguments": {}}, (201,)),
    ("PUT", "/queues/tf/q", {"durable": True, "auto_delete": False, "arguments": {"x-message-ttl": 5000}}, (201,)),
    ("POST", "/bindings/tf/e/x/q/q", {"routing_key": "#", "arguments": {}}, (201,)),
    ("GET", "/bindings/tf/e/x/q/q/%23", None, (200,)),
    ("PUT", "/policies/tf/p", {"pattern": ".*", "priority": 0, "apply-to": "all",
                               "definition": {"max-length": 10}}, (201,)),
    ("PUT", "/operator-policies/tf/op", {"pattern": ".*", "priority": 0, "apply-to": "queues",
                                         "definition": {"max-length": 10}}, (201,)),
    ("GET", "/operator-policies/tf/op", None, (200,)),
    ("DELETE", "/operator-policies/tf/op", None, (204,)),
    ("DELETE", "/policies/tf/p", None, (204,)),
    ("DELETE", "/bindings/tf/e/x/q/q/%23", None, (204,)),
    ("DELETE", "/queues/tf/q", None, (204,)),
    ("GET", "/queues/tf/q", None, (404,)),
    ("DELETE", "/exchanges/tf/x", None, (204, 404)),  # auto-delete: gone with its last binding
    ("DELETE", "/topic-permissions/tf/tf/amq.topic", None, (204,)),
    ("DELETE", "/permissions/tf/tf", None, (204,)),
    ("DELETE", "/users/tf", None, (204,)),
    ("DELETE", "/vhosts/tf", None, (204,)),
]


def missing(value, wanted, path=""):
    """What of `wanted` is not there or is of another type; of a list the first item counts."""
    if wanted is None:
        return []
    if isinstance(wanted, dict):
        if not isinstance(value, dict):
            return [path]
        return [line for key, kind in wanted.items() for line in (
            missing(value[key], kind, f"{path}.{key}") if key in value else [f"{path}.{key}" if kind else ""]) if line]
    if isinstance(wanted, list):
        return missing(value[0], wanted[0], path + "[]") if isinstance(value, list) and value else [path + "[]"]
    good = isinstance(value, wanted) and (wanted is bool or not isinstance(value, bool))
    return [] if good else [f"{path}: {type(value).__name__}"]


def test_what_monitors_read():
    queue = unique("recorded").replace(".", "-")
    with connected() as client:
        channel = client.channel()
        channel.queue_declare(queue, durable=True)
        channel.confirm_delivery()
        for _ in range(2):
            channel.basic_publish("", queue, b"x", PERSISTENT)
        channel.basic_ack(channel.basic_get(queue)[0].delivery_tag)
        for who, path, wanted in READS:
            def complaints():
                status, _, body = call("GET", path.format(queue=queue))
                return [f"status {status}"] if status != 200 else missing(body, wanted)

            eventually(who, lambda: not complaints(), within=10 if EXTERNAL else 1) if complaints() else None
            equal(f"{who}: GET {path}", complaints(), [])
        shown = json.loads(json.dumps(call("GET", f"/queues/%2F/{urllib.parse.quote(queue)}")[2]))
        equal("what KEDA scales by", shown["messages"], 1)
        channel.queue_delete(queue)


def test_what_terraform_writes():
    for verb, path, body, statuses in WRITES:
        status, headers, answer = call(verb, path, body)
        check(f"{verb} {path}", status in statuses, (status, answer))
        if verb == "POST":
            equal("the key of the binding", urllib.parse.unquote(headers["Location"].rsplit("/", 1)[-1]), "%23")


def test_optional_services_are_404():
    for path in ("/federation-links", "/shovels", "/top/rabbit"):
        equal(f"telegraf takes it that there is no {path}", call("GET", path)[0], 404)


if __name__ == "__main__":
    run_tests(globals())
