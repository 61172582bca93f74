#!/usr/bin/python3
"""The management HTTP API as its tools see it: status codes, fields and their types, publish and get."""
import base64
import http.client
import json
import os
import re
import urllib.parse

import pika

import http_fields
from checks import EXTERNAL, check, equal, eventually, limit, raises, run_tests, unique
from pika_client import PERSISTENT, connected, pump

GUEST = ("guest", "guest")
HEADERS = {"Content-Type": "application/json"}
# 3.10 does not say being_drained.
NODE = {name: kind for name, kind in http_fields.NODE.items() if not (EXTERNAL and name == "being_drained")}


def call(verb, path, body=None, login=GUEST, headers=()):
    """(status, headers, body as JSON if there is one) of one request below /api."""
    host = urllib.parse.urlsplit(os.environ["MGMT_URL"]).netloc
    connection = http.client.HTTPConnection(host, timeout=15)
    send = {**HEADERS, **dict(headers)}
    if login:
        send["Authorization"] = "Basic " + base64.b64encode(":".join(login).encode()).decode()
    connection.request(verb, "/api" + path, None if body is None else json.dumps(body), send)
    answer = connection.getresponse()
    octets = answer.read()
    connection.close()
    return answer.status, answer.headers, json.loads(octets) if octets else None


def get(path):
    status, headers, body = call("GET", path)
    equal(f"status of GET {path}", status, 200)
    check(f"GET {path} answers JSON", headers["Content-Type"].startswith("application/json"), headers["Content-Type"])
    return body


def status_of(verb, path, body=None, **options):
    return call(verb, path, body, **options)[0]


def quoted(name):
    return urllib.parse.quote(name, safe="")


def queue_path(name):
    return "/queues/%2F/" + quoted(name)


def has_fields(value, expected, path):
    equal(f"fields of {path}", http_fields.complaints(value, expected, path), [])


def complete(probe, expected, path):
    """Waits until the object has all its fields: RabbitMQ fills in the statistics some seconds later."""
    def no_complaints():
        value = probe()
        return value if value is not None and not http_fields.complaints(value, expected, path) else None

    try:
        return eventually(path, no_complaints, within=8 if EXTERNAL else 2)
    except AssertionError:
        value = probe()
        check(f"{path} exists", value is not None)
        has_fields(value, expected, path)
        return value


def test_authentication():
    status, headers, _ = call("GET", "/overview", login=None)
    equal("status without credentials", status, 401)
    check("the challenge", 'Basic realm="RabbitMQ Management"' in headers.get("WWW-Authenticate", "").replace(
        "basic realm", "Basic realm"), dict(headers))
    for name, login in (("a wrong password", ("guest", "wrong")), ("an unknown user", ("nobody", "guest"))):
        status, _, body = call("GET", "/whoami", login=login)
        equal(f"status with {name}", status, 401)
        check(f"error with {name}", body["error"] in ("not_authorized", "not_authorised"), body)
    equal("an unknown path", status_of("GET", "/nothing/here"), 404)
    equal("a verb that a path does not have", status_of("DELETE", "/overview"), 405)


def test_users_and_rights():
    user = unique("clerk").replace(".", "-")
    equal("a new user", status_of("PUT", "/users/" + user, {"password": "pw", "tags": "management"}), 201)
    equal("the same user again", status_of("PUT", "/users/" + user, {"password": "pw", "tags": "management"}), 204)
    status, _, body = call("GET", "/users", login=(user, "pw"))
    equal("what only administrators may see", (status, body["error"]), (401, "not_authorised"))
    equal("whoami", (get("/whoami")["name"], get("/whoami")["tags"]), ("guest", ["administrator"]))
    rights = {"configure": "^x", "write": ".*", "read": ""}
    equal("permissions", status_of("PUT", f"/permissions/%2F/{user}", rights), 201)
    equal("permissions as set", get(f"/permissions/%2F/{user}"), {"user": user, "vhost": "/", **rights})
    equal("deleting the user", status_of("DELETE", "/users/" + user), 204)
    equal("deleting it twice", status_of("DELETE", "/users/" + user), 404)


def test_overview_and_nodes():
    overview = complete(lambda: get("/overview"), {**http_fields.OVERVIEW, "queue_totals": dict, "churn_rates": dict},
                        "overview")
    equal("product_name", overview["product_name"], "RabbitMQ")
    check("version", re.match(r"\d+\.\d+\.\d+", overview["rabbitmq_version"]), overview["rabbitmq_version"])
    port = int(os.environ["AMQP_PORT"])
    check("the amqp listener", any(each["protocol"] == "amqp" and each["port"] == port
                                   for each in overview["listeners"]),
          overview["listeners"])
    names = {each["name"] for each in overview["exchange_types"]}
    check("exchange types", {"direct", "fanout", "topic", "headers"} <= names, names)
    node, = get("/nodes")
    has_fields(node, NODE, "node")
    equal("the node's name", node["name"], overview["node"])
    if "BROKER_PID" in os.environ:
        equal("os_pid", node["os_pid"], os.environ["BROKER_PID"])
    has_fields(get("/nodes/" + quoted(node["name"])), NODE, "node alone")
    check("an unknown node", status_of("GET", "/nodes/rabbit@nowhere") in ((404, 500) if EXTERNAL else (404,)))


@limit(60)
def test_live_objects():
    """One client that publishes, consumes and confirms, seen from every side."""
    queue = unique("live")
    with connected(client_properties={"connection_name": "interop http"}) as client:
        channel = client.channel()
        channel.queue_declare(queue, durable=True)
        channel.basic_qos(prefetch_count=2)
        channel.confirm_delivery()
        for _ in range(5):
            channel.basic_publish("", queue, b"four", PERSISTENT)
        taken = []
        channel.basic_consume(queue, lambda ch, method, *_: taken.append(method), consumer_tag="watcher",
                              arguments={"x-consumer-timeout": 60000})
        pump(client, lambda: len(taken) == 2)

        def mine(path, wanted):
            return next((each for each in get(path) if wanted(each)), None)

        connection = complete(lambda: mine("/connections",
                                           lambda each: each.get("user_provided_name") == "interop http"),
                              http_fields.CONNECTION, "connection")
        check("connection name", re.fullmatch(r"127\.0\.0\.1:\d+ -> 127\.0\.0\.1:\d+", connection["name"]),
              connection["name"])  # spec: P10
        seen = {key: connection[key] for key in ("protocol", "user", "vhost", "channels", "frame_max", "auth_mechanism",
                                                 "ssl",
                                                 "state", "channel_max")}
        equal("connection", seen, {"protocol": "AMQP 0-9-1", "user": "guest", "vhost": "/", "channels": 1,
                                   "frame_max": 131072,
                                   "auth_mechanism": "PLAIN", "ssl": False, "state": "running", "channel_max": 2047})
        equal("client_properties", connection["client_properties"]["product"], "Pika Python Client Library")  # spec: P9

        def mine_alone():
            found = complete(lambda: mine("/channels", lambda each: each["name"] == connection["name"] + " (1)"),
                             http_fields.CHANNEL, "channel")
            return found if (found["consumer_count"], found["messages_unacknowledged"]) == (1, 2) else None

        found = eventually("the channel with its consumer", mine_alone)  # spec: P10
        equal("channel", (found["number"], found["confirm"], found["transactional"]), (1, True, False))
        equal("channel alone", get("/channels/" + quoted(found["name"]))["number"], 1)
        consumer = complete(lambda: mine("/consumers", lambda each: each["queue"]["name"] == queue),
                            http_fields.CONSUMER,
                            "consumer")
        equal("consumer", (consumer["consumer_tag"], consumer["ack_required"], consumer["prefetch_count"],
                           consumer["exclusive"]),
              ("watcher", True, 2, False))
        if not EXTERNAL:  # 3.10 does not say it
            of_the_channel, = get("/channels/" + quoted(found["name"]))["consumer_details"]
            equal("its timeout", (consumer["consumer_timeout"], of_the_channel["consumer_timeout"]), (60000, 60000))

        def counted():
            now = get(queue_path(queue))
            return now if now.get("messages") == 5 and now.get("messages_unacknowledged") == 2 else None

        eventually("the queue's counts", counted)
        shown = complete(lambda: get(queue_path(queue)), http_fields.QUEUE_ALONE, "queue")
        equal("queue", {key: shown[key] for key in ("messages_ready", "consumers", "message_bytes", "state", "type",
                                                    "durable")},
              {"messages_ready": 3, "consumers": 1, "message_bytes": 20, "state": "running", "type": "classic",
               "durable": True})
        equal("consumer of the queue", [each["consumer_tag"] for each in shown["consumer_details"]], ["watcher"])
        totals = complete(lambda: get("/overview"), http_fields.OVERVIEW, "overview")
        check("totals count objects", totals["object_totals"]["connections"] >= 1
              and totals["object_totals"]["consumers"] >= 1,
              totals["object_totals"])
        check("publish and deliver are counted", {"publish", "confirm", "deliver",
                                                  "deliver_get"} <= totals["message_stats"].keys(),
              totals["message_stats"])
        equal("closing the connection", status_of("DELETE", "/connections/" + quoted(connection["name"])), 204)
        error = raises("the closed client", pika.exceptions.ConnectionClosedByBroker,
                       lambda: pump(client, lambda: False))
        equal("its close", (error.reply_code, error.reply_text),
              (320, "CONNECTION_FORCED - Closed via management plugin"))
    # The client has its close; the broker has its close-ok a moment later.
    eventually("a connection that is gone is not found",
               lambda: status_of("DELETE", "/connections/" + quoted(connection["name"])) == 404)
    equal("deleting the queue", status_of("DELETE", queue_path(queue)), 204)


def test_queues():
    queue = unique("http/queue ü")
    path = queue_path(queue)
    body = {"durable": True, "auto_delete": False, "arguments": {"x-max-length": 100}}
    equal("a new queue", status_of("PUT", path, body), 201)
    equal("the same again", status_of("PUT", path, body), 204)
    status, _, error = call("PUT", path, {**body, "durable": False})
    equal("another durability", (status, error["error"]), (400, "bad_request"))
    text = f"inequivalent arg 'durable' for queue '{queue}' in vhost '/': received 'false' but current is 'true'"
    check("its reason", text in error["reason"], error)
    shown = get(path)
    equal("the queue", (shown["name"], shown["vhost"], shown["durable"], shown["auto_delete"], shown["exclusive"]),
          (queue, "/", True, False, False))
    equal("its argument", shown["arguments"]["x-max-length"], 100)
    check("the queue in the list", queue in [each["name"] for each in get("/queues/%2F")])
    equal("columns", [each for each in get("/queues?columns=name,vhost") if each["name"] == queue],
          [{"name": queue, "vhost": "/"}])
    page = get("/queues?page=1&page_size=1&use_regex=true&name=" + quoted("^" + re.escape(queue) + "$"))
    equal("a page", (page["filtered_count"], page["page"], page["page_size"], page["page_count"], len(page["items"])),
          (1, 1, 1, 1, 1))
    with connected() as client:
        equal("seen by AMQP", client.channel().queue_declare(queue, passive=True).method.message_count, 0)
    equal("if-empty on an empty queue", status_of("DELETE", path + "?if-empty=true"), 204)
    equal("deleting twice", status_of("DELETE", path), 404)
    equal("reading what is gone", status_of("GET", path), 404)
    equal("a queue in no virtual host", status_of("PUT", "/queues/nowhere/q", {}), 404)
    equal("a body that is no object", status_of("PUT", path, [1]), 400)
    check("a reserved name", status_of("PUT", queue_path("amq.mine"), {}) in (400, 401, 403))


def test_exchanges():
    name = unique("http exchange")
    path = "/exchanges/%2F/" + quoted(name)
    body = {"type": "topic", "durable": True, "auto_delete": False, "internal": False, "arguments": {}}
    equal("a new exchange", status_of("PUT", path, body), 201)
    equal("the same again", status_of("PUT", path, body), 204)
    equal("another type", status_of("PUT", path, {**body, "type": "direct"}), 400)
    has_fields(get(path), http_fields.EXCHANGE_ALONE, "exchange")
    everything = get("/exchanges/%2F")
    for exchange in everything:
        has_fields(exchange, http_fields.EXCHANGE, f"exchange {exchange['name']}")
    names = {each["name"]: each["type"] for each in everything}
    expected = {"": "direct", "amq.direct": "direct", "amq.fanout": "fanout", "amq.topic": "topic",
                "amq.headers": "headers",
                "amq.match": "headers", "amq.rabbitmq.trace": "topic", name: "topic"}
    equal("predeclared exchanges and ours", {key: names.get(key) for key in expected}, expected)
    equal("deleting it", status_of("DELETE", path), 204)
    equal("deleting it twice", status_of("DELETE", path), 404)
    check("a predeclared one stays", status_of("DELETE", "/exchanges/%2F/amq.topic") in (400, 401, 403))


def test_bindings():
    queue, exchange = unique("bound"), unique("binder")
    equal("queue", status_of("PUT", queue_path(queue), {}), 201)
    equal("exchange", status_of("PUT", f"/exchanges/%2F/{exchange}", {"type": "headers"}), 201)
    path = f"/bindings/%2F/e/{exchange}/q/{queue}"
    status, headers, _ = call("POST", path, {"routing_key": "a.b", "arguments": {}})
    equal("a new binding", status, 201)
    check("its Location ends in the properties_key", headers["Location"].endswith("a.b"), headers["Location"])
    equal("with arguments", status_of("POST", path, {"routing_key": "", "arguments": {"x-match": "any", "k": 1}}), 201)
    bindings = get(path)
    for binding in bindings:
        has_fields(binding, http_fields.BINDING, "binding")
    keys = {each["routing_key"]: each["properties_key"] for each in bindings}
    equal("properties_key without arguments", keys["a.b"], "a.b")
    check("properties_key with arguments", keys[""].startswith("~") and len(keys[""]) > 5, keys)
    equal("arguments", [each["arguments"] for each in bindings if each["routing_key"] == ""],
          [{"x-match": "any", "k": 1}])
    equal("one binding", get(f"{path}/a.b")["routing_key"], "a.b")
    sources = sorted(each["source"] for each in get(queue_path(queue) + "/bindings"))
    equal("bindings of the queue, the default one too", sources, ["", exchange, exchange])
    equal("bindings of the exchange", len(get(f"/exchanges/%2F/{exchange}/bindings/source")), 2)
    for key in keys.values():
        equal("deleting a binding", status_of("DELETE", f"{path}/{quoted(key)}"), 204)
    equal("deleting it twice", status_of("DELETE", f"{path}/a.b"), 404)
    equal("a binding to nothing", status_of("POST", f"/bindings/%2F/e/{exchange}/q/nothing", {}), 404)
    equal("deleting the queue", status_of("DELETE", queue_path(queue)), 204)
    equal("deleting the exchange", status_of("DELETE", f"/exchanges/%2F/{exchange}"), 204)


def test_publish_get_purge():
    queue = unique("messages")
    path = queue_path(queue)
    equal("queue", status_of("PUT", path, {"durable": True}), 201)
    publish = "/exchanges/%2F/amq.default/publish"
    message = {"routing_key": queue, "payload": "hellö", "payload_encoding": "string",
               "properties": {"delivery_mode": 2, "headers": {"n": 7}, "content_type": "text/plain"}}
    equal("a routed message", call("POST", publish, message)[::2], (200, {"routed": True}))
    equal("an unroutable one", call("POST", publish, {**message, "routing_key": "nobody"})[::2],
          (200, {"routed": False}))
    binary = {**message, "payload": base64.b64encode(b"\xff\x00").decode(), "payload_encoding": "base64",
              "properties": {}}
    equal("a binary one", call("POST", publish, binary)[::2], (200, {"routed": True}))
    # 400 in 3.10
    check("a missing exchange", status_of("POST", "/exchanges/%2F/nothing/publish", message) in (400, 404))
    check("a missing key", status_of("POST", publish, {"payload": "x"}) == 400)

    take = {"count": 5, "ackmode": "ack_requeue_true", "encoding": "auto"}
    status, _, messages = call("POST", path + "/get", take)
    equal("get", (status, len(messages)), (200, 2))
    for each in messages:
        has_fields(each, http_fields.MESSAGE, "message")
    equal("the text", {key: messages[0][key] for key in ("payload", "payload_bytes", "payload_encoding", "routing_key",
                                                         "exchange",
                                                         "redelivered", "message_count")},
          {"payload": "hellö", "payload_bytes": 6, "payload_encoding": "string", "routing_key": queue, "exchange": "",
           "redelivered": False, "message_count": 1})
    equal("its properties", messages[0]["properties"],
          {"delivery_mode": 2, "headers": {"n": 7}, "content_type": "text/plain"})
    equal("the binary one", (messages[1]["payload_encoding"], base64.b64decode(messages[1]["payload"])),
          ("base64", b"\xff\x00"))
    status, _, messages = call("POST", path + "/get", {**take, "count": 1, "ackmode": "ack_requeue_false"})
    equal("requeued and taken", [(each["payload"], each["redelivered"]) for each in messages], [("hellö", True)])
    check("an unknown ackmode", status_of("POST", path + "/get",
                                          {**take, "ackmode": "maybe"}) in ((400, 500) if EXTERNAL
                                                                                              else (400,)))
    equal("purge", status_of("DELETE", path + "/contents"), 204)
    equal("nothing is left", call("POST", path + "/get", take)[::2], (200, []))
    equal("deleting the queue", status_of("DELETE", path), 204)


def test_virtual_hosts():
    name = unique("vhost")
    path = "/vhosts/" + name
    equal("a new virtual host", status_of("PUT", path, {"description": "d", "tags": "a,b"}), 201)
    equal("the same again", status_of("PUT", path, {"description": "d", "tags": "a,b"}), 204)
    has_fields(get(path), http_fields.VIRTUAL_HOST, "virtual host")
    equal("as made", {key: get(path)[key] for key in ("name", "description", "tags", "tracing")},
          {"name": name, "description": "d", "tags": ["a", "b"], "tracing": False})
    check("in the list", name in [each["name"] for each in get("/vhosts")])
    equal("its exchanges", len(get("/exchanges/" + name)), 7)
    with connected(virtual_host=name) as client:  # its maker may use it
        client.channel().queue_declare("inside")
        equal("queues are apart", [each["name"] for each in get("/queues/" + name)], ["inside"])
    equal("deleting it", status_of("DELETE", path), 204)
    equal("deleting it twice", status_of("DELETE", path), 404)


def test_health_checks():
    port = int(os.environ["AMQP_PORT"])
    for path in ("alarms", "local-alarms", "virtual-hosts", "node-is-quorum-critical"):
        equal(f"health check {path}", get("/health/checks/" + path)["status"], "ok")
    equal("port-listener", get(f"/health/checks/port-listener/{port}"), {"status": "ok", "port": port})
    equal("protocol-listener", get("/health/checks/protocol-listener/amqp")["status"], "ok")
    for path in ("port-listener/1", "protocol-listener/mqtt"):
        status, _, body = call("GET", "/health/checks/" + path)
        equal(f"failing check {path}", (status, body["status"]), (503, "failed"))
        check(f"reason of {path}", isinstance(body["reason"], str), body)
    equal("aliveness", get("/aliveness-test/%2F"), {"status": "ok"})


def test_definitions():
    queue = unique("defined")
    equal("queue", status_of("PUT", queue_path(queue), {"durable": True, "arguments": {"x-message-ttl": 60000}}), 201)
    definitions = get("/definitions")
    has_fields(definitions, http_fields.DEFINITIONS, "definitions")
    mine, = [each for each in definitions["queues"] if each["name"] == queue]
    equal("the argument", mine["arguments"]["x-message-ttl"], 60000)
    equal("deleting it", status_of("DELETE", queue_path(queue)), 204)
    only_mine = {"queues": [mine], "vhosts": [], "users": [], "permissions": [], "exchanges": [], "bindings": []}
    equal("import", status_of("POST", "/definitions", only_mine), 204)
    check("made again", get(queue_path(queue))["arguments"]["x-message-ttl"] == 60000)
    equal("deleting it", status_of("DELETE", queue_path(queue)), 204)


def test_delayed_messages():
    if EXTERNAL:  # the plugin has no such paths
        return
    exchange, queue = unique("delayed"), unique("delayed")
    path = f"/exchanges/%2F/{exchange}"
    declared = {"type": "x-delayed-message", "durable": True, "arguments": {"x-delayed-type": "direct"}}
    equal("exchange", status_of("PUT", path, declared), 201)
    equal("queue", status_of("PUT", queue_path(queue), {"durable": True}), 201)
    equal("binding", status_of("POST", f"/bindings/%2F/e/{exchange}/q/{queue}", {"routing_key": "k"}), 201)
    for payload, delay in (("late", 3_600_000), ("later", 7_200_000)):
        equal("publish", call("POST", path + "/publish", {
            "routing_key": "k", "payload": payload, "payload_encoding": "string",
            "properties": {"delivery_mode": 2, "headers": {"x-delay": delay}}})[0], 200)
    first, second = get(path + "/delayed")["items"]
    equal("in the order in which they are due", second["due"] - first["due"] >= 3_590_000, True)
    equal("what is told", (first["exchange"], first["routing_key"], first["payload_bytes"], first["persistent"]),
          (exchange, "k", 4, True))
    equal("nothing has come", get(queue_path(queue))["messages"], 0)
    equal("fire", status_of("POST", f"{path}/delayed/{first['id']}/fire", {}), 204)
    eventually("it has come", lambda: get(queue_path(queue))["messages"] == 1)
    equal("fire again", status_of("POST", f"{path}/delayed/{first['id']}/fire", {}), 404)
    equal("cancel", status_of("DELETE", f"{path}/delayed/{second['id']}"), 204)
    equal("cancel again", status_of("DELETE", f"{path}/delayed/{second['id']}"), 404)
    equal("no number", status_of("DELETE", f"{path}/delayed/x1"), 404)
    equal("nothing waits", get(path + "/delayed")["items"], [])
    equal("another type", call("GET", "/exchanges/%2F/amq.direct/delayed")[0], 404)
    equal("only one came", get(queue_path(queue))["messages"], 1)
    equal("deleting the exchange", status_of("DELETE", path), 204)
    equal("deleting the queue", status_of("DELETE", queue_path(queue)), 204)


if __name__ == "__main__":
    run_tests(globals())
