"""The management API of both brokers over the same topology: the same status, keys and types of values."""
import base64
import collections
import json
import re
import time
import urllib.error
import urllib.parse
import urllib.request

import pika

import differences

# What both have. {node}, {connection}, {channel} are each broker's own names.
PATHS = """overview cluster-name nodes nodes/{node} nodes/{node}/memory extensions definitions definitions/%2F
connections connections/{connection} connections/{connection}/channels vhosts/%2F/connections channels
vhosts/%2F/channels channels/{channel} consumers consumers/%2F exchanges exchanges/%2F exchanges/%2F/cmp.topic
exchanges/%2F/cmp.topic/bindings/source exchanges/%2F/cmp.fanout/bindings/destination exchanges/%2F/amq.direct queues
queues/%2F queues/%2F/cmp.full queues/%2F/cmp.empty queues/%2F/cmp.full/bindings queues/%2F?page=1&page_size=2
queues?columns=name,messages exchanges?page=1&name=cmp bindings bindings/%2F bindings/%2F/e/cmp.topic/q/cmp.full
bindings/%2F/e/cmp.topic/q/cmp.full/a.%23 bindings/%2F/e/cmp.topic/e/cmp.fanout vhosts vhosts/%2F
vhosts/%2F/permissions vhosts/%2F/topic-permissions users users/guest users/guest/permissions
users/guest/topic-permissions users/without-permissions user-limits user-limits/guest whoami auth permissions
permissions/%2F/guest topic-permissions topic-permissions/%2F/guest parameters parameters/federation
global-parameters global-parameters/cmp policies policies/%2F policies/%2F/cmp operator-policies operator-policies/%2F
operator-policies/%2F/cmp vhost-limits vhost-limits/%2F aliveness-test/%2F health/checks/alarms
health/checks/local-alarms health/checks/certificate-expiration/1/weeks health/checks/port-listener/1
health/checks/protocol-listener/amqp091 health/checks/virtual-hosts health/checks/node-is-mirror-sync-critical
health/checks/node-is-quorum-critical feature-flags rebalance/queues auth/attempts/{node} queues/%2F/none
exchanges/%2F/none vhosts/none users/none policies/%2F/none nothing""".split()


HEADERS = ("Location", "Allow", "WWW-Authenticate", "Content-Disposition")  # that clients act on


class Api:
    def __init__(self, port):
        self.port = port

    def ask(self, verb, path, body=None, login="guest:guest"):
        """(status, what the body means, {header: value}); a body that is text is sent as it is."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/api/{path}", method=verb)
        request.add_header("Authorization", "Basic " + base64.b64encode(login.encode()).decode())
        if body is not None:
            request.data = (body if isinstance(body, str) else json.dumps(body)).encode()
            request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=20) as response:
                status, text, headers = response.status, response.read(), response.headers
        except urllib.error.HTTPError as error:
            status, text, headers = error.code, error.read(), error.headers
        headers = {name: sorted((headers[name] or "").split(", ")) for name in HEADERS}
        try:
            return status, json.loads(text) if text else None, headers
        except ValueError:
            return status, "(no JSON)", headers


def shapes(value, path=""):
    """{key path: types} of a JSON value; the items of an array share one path."""
    kinds_by_type = {dict: "object", list: "array", str: "string", bool: "boolean", type(None): "null"}
    found = {path: {kinds_by_type.get(type(value), "number")}}
    children = value.items() if isinstance(value, dict) else [("[]", item) for item in value] if isinstance(
        value, list) else []
    for key, child in children:
        for child_path, kinds in shapes(child, f"{path}.{key}" if path else key).items():
            found.setdefault(child_path, set()).update(kinds)
    return found


def differences_of(path, theirs, ours):
    """Lines: what RabbitMQ's answer has and ours has not, and the other way round; nothing below a missing key."""
    if theirs[0] != ours[0]:
        return [f"{path}: status {theirs[0]}, ours {ours[0]}"]
    their_shapes, our_shapes = shapes(theirs[1]), shapes(ours[1])
    lines, reported = [], set()
    for key in sorted(set(their_shapes) | set(our_shapes)):
        their, our = their_shapes.get(key), our_shapes.get(key)
        if their == our or any(key.startswith(parent + ".") for parent in reported):
            continue
        reported.add(key)
        side = "missing" if our is None else "extra" if their is None else "type"
        lines.append(f"{path}: {side} {key}: {sorted(their or our)}" + (
            f", ours {sorted(our)}" if side == "type" else ""))
    return lines


def reason_of(line):
    """The row of docs/DIFFERENCES.md that a difference belongs to; None when it is news."""
    return next((row for row, patterns in differences.HTTP.items() if any(
        re.search(pattern, line) for pattern in patterns)), None)


class Topology:
    """The same things in a broker, with a connection that stays while it is asked."""

    def __init__(self, ports):
        self.api = Api(ports["http"])
        self.connection = pika.BlockingConnection(pika.ConnectionParameters(
            "127.0.0.1", ports["amqp"], heartbeat=30, client_properties={"connection_name": "compare"}))
        channel = self.channel = self.connection.channel()
        channel.exchange_declare("cmp.topic", "topic", durable=True, arguments={"alternate-exchange": "cmp.fanout"})
        channel.exchange_declare("cmp.fanout", "fanout")
        channel.queue_declare("cmp.full", durable=True, arguments={"x-max-length": 10})
        channel.queue_declare("cmp.empty", auto_delete=True)
        channel.queue_declare("cmp.own", exclusive=True)
        channel.queue_bind("cmp.full", "cmp.topic", "a.#", {"x": 1})
        channel.queue_bind("cmp.full", "cmp.topic", "a.#")
        channel.exchange_bind("cmp.fanout", "cmp.topic", "b")
        channel.confirm_delivery()
        for _ in range(5):
            channel.basic_publish("cmp.topic", "a.b", b"body", pika.BasicProperties(delivery_mode=2))
        channel.basic_qos(prefetch_count=2)
        channel.basic_consume("cmp.full", lambda *_: None, consumer_tag="cmp")
        channel.basic_ack(channel.basic_get("cmp.full")[0].delivery_tag)
        definition = {"pattern": "^cmp", "definition": {"max-length": 20}, "apply-to": "queues", "priority": 1}
        for path, body in (("policies/%2F/cmp", definition), ("operator-policies/%2F/cmp", definition),
                           ("global-parameters/cmp", {"name": "cmp", "value": {"a": 1}}),
                           ("vhost-limits/%2F/max-queues", {"value": 1000}),
                           ("user-limits/guest/max-connections", {"value": 1000}),
                           ("topic-permissions/%2F/guest", {"exchange": "cmp.topic", "write": ".*", "read": ".*"})):
            status, answer, _ = self.api.ask("PUT", path, body)
            if status not in (201, 204):
                raise SystemExit(f"PUT {path}: {status} {answer}")

    def wait_for_statistics(self):
        """RabbitMQ's numbers come some seconds late."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            queue = self.api.ask("GET", "queues/%2F/cmp.full")[1]
            if queue.get("consumers") and "deliver_get_details" in queue.get("message_stats", {}) and self.api.ask(
                    "GET", "channels")[1] and self.api.ask("GET", "connections")[1][0].get("channels"):
                break
            self.connection.process_data_events(0.5)
        names = {"node": self.api.ask("GET", "overview")[1]["node"],
                 "connection": self.api.ask("GET", "connections")[1][0]["name"]}
        names["channel"] = names["connection"] + " (1)"
        self.names = {key: urllib.parse.quote(value, safe="") for key, value in names.items()}

    def close(self):
        """Until nothing of the connection, and of 3.10's test of liveness, is shown any more."""
        self.connection.close()
        self.api.ask("DELETE", "queues/%2F/aliveness-test")
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and (self.api.ask("GET", "connections")[1] or {
                queue["name"] for queue in self.api.ask("GET", "queues")[1]} != {"cmp.full", "cmp.empty"}):
            time.sleep(0.5)

    def get(self, path):
        return self.api.ask("GET", path.format(**self.names))


def compare(reference_ports, own_ports):
    reference, own = Topology(reference_ports), Topology(own_ports)
    for each in (reference, own):
        each.wait_for_statistics()
    lines = [line for path in PATHS for line in differences_of(path, reference.get(path), own.get(path))]
    rows = collections.Counter(reason_of(line) for line in lines)
    unexpected = [line for line in lines if reason_of(line) is None]
    print("\n".join(unexpected))
    print(f"{len(PATHS)} GET paths of the management API: {len(unexpected)} differences; those in docs/DIFFERENCES.md: "
          f"{ {row: count for row, count in rows.items() if row} }")
    for each in (reference, own):
        each.close()
    return not unexpected
