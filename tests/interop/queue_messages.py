#!/usr/bin/python3
"""Peek, delete, move, copy, explain and settings of queues: a real broker with a backlog that memory does not hold,
killed and started again.

    queue_messages.py --broker PATH/leveret
"""
import argparse
import sys
import urllib.parse

import pika

import broker
from checks import check, equal

BODY = 16 * 1024
MESSAGES = 2000  # 32 MB: most of it is in the store only


def post(own, path, body):
    status, answer, _ = own.api("POST", path, body)
    check(f"POST {path} is done", status < 300, answer)
    return answer


def peek(own, queue, **parameters):
    """All messages from there on, however many answers that takes."""
    asked, messages = {"count": 1000, "truncate": 8, **parameters}, []
    while True:
        _, part, headers = own.api("GET", f"/queues/%2F/{queue}/peek?{urllib.parse.urlencode(asked)}")
        messages += part
        if "X-Next" not in headers:
            return messages
        asked.update(urllib.parse.parse_qsl(headers["X-Next"]))


def connect(own):
    return pika.BlockingConnection(pika.ConnectionParameters("127.0.0.1", own.ports["amqp"]))


def body(number):
    return f"{number:<8}".ljust(BODY, ".").encode()


def numbers(messages):
    return [int(message["payload"]) for message in messages]


def fill(own):
    connection = connect(own)
    channel = connection.channel()
    channel.confirm_delivery()
    for queue in ("pile", "sorted"):
        channel.queue_declare(queue, durable=True)
    for number in range(MESSAGES):
        properties = pika.BasicProperties(delivery_mode=2, headers={"third": number % 3 == 0})
        channel.basic_publish("", "pile", body(number), properties)
    connection.close()


def drained(own, queue):
    connection = connect(own)
    channel = connection.channel()
    bodies = []
    while True:
        method, _, content = channel.basic_get(queue, auto_ack=True)
        if method is None:
            connection.close()
            return bodies
        bodies.append(int(content[:8]))


def test_a_backlog_is_seen_and_carried(own):
    fill(own)
    in_memory = own.api("GET", "/queues/%2F/pile").body["messages_ram"]
    check("most of it is not in memory", in_memory < MESSAGES / 2, in_memory)
    equal("all are seen", numbers(peek(own, "pile")), list(range(MESSAGES)))
    equal("none was delivered", [message for message in peek(own, "pile") if message["redelivered"]], [])
    equal("some are found", numbers(peek(own, "pile", header="third:true")), list(range(0, MESSAGES, 3)))
    equal("from a place on", numbers(peek(own, "pile", offset=MESSAGES - 5)), list(range(MESSAGES - 5, MESSAGES)))
    equal("in memory as before", own.api("GET", "/queues/%2F/pile").body["messages_ram"], in_memory)

    moved = post(own, "/queues/%2F/pile/move", {"destination": "sorted", "match": {"header": "third:true"}})
    thirds = list(range(0, MESSAGES, 3))
    equal("moved", moved, {"matched": len(thirds), "moved": len(thirds), "unroutable": 0, "refused": 0})
    last = peek(own, "pile", offset=MESSAGES - len(thirds) - 1)[0]
    equal("deleted", post(own, "/queues/%2F/pile/delete-messages", {"sequences": [last["sequence"]]})["moved"], 1)
    return thirds, [n for n in range(MESSAGES) if n % 3 != 0 and n != int(last["payload"])]


def test_a_kill_loses_nothing_that_was_answered(own, thirds, others):
    equal("settings", post(own, "/queues/%2F/sorted/settings", {"arguments": {"x-max-length": 5000}})["changed"],
          {"x-max-length": {"from": None, "to": 5000}})
    check("the log tells who changed what", "user 'guest' changed x-max-length of queue 'sorted' in vhost '/': "
          "null -> 5000" in own.log())
    own.kill()
    own.process.wait()
    own.start()
    equal("moved ones after the kill", numbers(peek(own, "sorted")), thirds)
    equal("the others after the kill", numbers(peek(own, "pile")), others)
    copied = post(own, "/queues/%2F/sorted/copy", {"destination": {"queue": "pile"}, "count": 2})
    equal("copied from the store only", copied["moved"], 2)
    equal("drained", drained(own, "pile"), others + thirds[:2])
    connection = connect(own)
    connection.channel().queue_declare("sorted", durable=True, arguments={"x-max-length": 5000})
    connection.close()


def test_routes_are_explained(own):
    found = post(own, "/exchanges/%2F/amq.default/explain", {"routing_key": "sorted"})
    equal("the queue", [queue["name"] for queue in found["queues"]], ["sorted"])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--broker", required=True)
    own = broker.Broker(parser.parse_args().broker)

    def run():
        own.start()
        thirds, others = test_a_backlog_is_seen_and_carried(own)
        test_a_kill_loses_nothing_that_was_answered(own, thirds, others)
        test_routes_are_explained(own)
        check("it stops well", own.terminate() == 0)
        print("ok")
    return broker.guarded(own, run)


if __name__ == "__main__":
    sys.exit(main())
