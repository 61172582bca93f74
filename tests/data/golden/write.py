#!/usr/bin/python3
"""Writes a data directory that later versions must open: one of everything that is stored.

    write.py --broker PATH/leveret DIRECTORY

Starts a broker on DIRECTORY, fills it through AMQP and the HTTP API, stops it cleanly, and removes what is not
needed for the next start. tests/unit/storage/golden_test.cpp says what is in it. A new format version gets a directory
of its own beside v1, written by the last program of that version; those that are there are never written again.
"""
import argparse
import glob
import json
import os
import shutil
import sys
import tempfile
import urllib.request

import pika

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "interop"))
import broker  # noqa: E402

PAGED = 1500  # messages in pages: more than come to one queue through the commit log, and more than one page holds
PERSISTENT = {"delivery_mode": 2}


def request(http, method, path, body):
    call = urllib.request.Request(f"http://127.0.0.1:{http}/api{path}", json.dumps(body).encode(), method=method)
    call.add_header("Authorization", "Basic Z3Vlc3Q6Z3Vlc3Q=")
    with urllib.request.urlopen(call) as answer:
        return answer.status


def define(http):
    for path, body in (
            ("/vhosts/other", {"description": "the second one", "tags": "one,two"}),
            ("/users/alice", {"password": "wonderland", "tags": "monitoring"}),
            ("/users/argon", {"password_hash": "", "tags": ""}),
            ("/permissions/other/alice", {"configure": "^a", "write": ".*", "read": ""}),
            ("/topic-permissions/other/alice", {"exchange": "amq.topic", "write": "^a", "read": "^b"}),
            ("/policies/%2F/limits", {"pattern": "^small", "definition": {"max-length": 3}, "priority": 7,
                                      "apply-to": "queues"}),
            ("/operator-policies/%2F/guard", {"pattern": ".*", "definition": {"expires": 86_400_000_000},
                                              "apply-to": "queues"}),
            ("/vhost-limits/other/max-queues", {"value": 10}),
            ("/user-limits/alice/max-connections", {"value": 3}),
            ("/global-parameters/golden", {"value": {"year": 2026}})):
        request(http, "PUT", path, body)


def declare(channel):
    channel.exchange_declare("topic-e", "topic", durable=True)
    channel.exchange_declare("headers-e", "headers", durable=True, arguments={"alternate-exchange": "topic-e"})
    channel.exchange_declare("delayed-e", "x-delayed-message", durable=True, arguments={"x-delayed-type": "direct"})
    channel.exchange_bind("headers-e", "topic-e", "to.headers", {"why": "an exchange"})
    channel.queue_declare("paged", durable=True)
    channel.queue_declare("young", durable=True)
    channel.queue_declare("priorities", durable=True, arguments={"x-max-priority": 5})
    channel.queue_declare("dead", durable=True)
    channel.queue_declare("dying", durable=True, arguments={"x-dead-letter-exchange": "",
                                                            "x-dead-letter-routing-key": "dead"})
    channel.queue_declare("empty", durable=True, auto_delete=True)
    channel.queue_bind("young", "topic-e", "a.#")
    channel.queue_bind("dead", "headers-e", "", {"x-match": "all", "kind": "golden"})


def publish(channel, exchange, key, body, **properties):
    channel.basic_publish(exchange, key, body, pika.BasicProperties(**PERSISTENT, **properties))


def fill(connection):
    channel = connection.channel()
    declare(channel)
    channel.tx_select()  # one commit group
    for number in range(PAGED):
        publish(channel, "", "paged", b"paged %d" % number)
    channel.tx_commit()
    settle_some(connection)
    for number in range(20):
        publish(channel, "topic-e", "a.b", b"young %d" % number, message_id=str(number),
                headers={"number": number, "text": "golden"})
    publish(channel, "", "young", b"expires", expiration="4294967295")
    publish(channel, "", "young", b"\0\xff binary")
    for priority in (1, 5, 3):
        publish(channel, "", "priorities", b"priority %d" % priority, priority=priority)
    publish(channel, "", "dying", b"dead-lettered")
    publish(channel, "headers-e", "", b"by headers", headers={"kind": "golden"})
    publish(channel, "delayed-e", "young", b"delayed", headers={"x-delay": 4_000_000_000})
    channel.tx_commit()
    method, _, _ = channel.basic_get("dying")
    channel.basic_reject(method.delivery_tag, requeue=False)
    channel.tx_commit()


def settle_some(connection):
    """Leaves holes: every third of the first hundred of `paged`, and one that was given back."""
    channel = connection.channel()
    tags = [channel.basic_get("paged")[0].delivery_tag for _ in range(100)]
    for number, tag in enumerate(tags):
        if number % 3 == 0:
            channel.basic_ack(tag)
    channel.basic_nack(tags[1], requeue=True)
    channel.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--broker", required=True)
    parser.add_argument("directory")
    arguments = parser.parse_args()
    own = broker.Broker(os.path.abspath(arguments.broker), directory=tempfile.mkdtemp(prefix="leveret-golden-"))
    try:
        own.start()
        define(own.ports["http"])
        with pika.BlockingConnection(pika.ConnectionParameters("127.0.0.1", own.ports["amqp"])) as connection:
            fill(connection)
        if own.terminate() != 0:
            raise SystemExit("the broker did not stop cleanly")
        for pattern in ("lock", "db/LOG*", "db/LOCK", "db/OPTIONS-*", "db/*.log"):  # the logs are empty
            for name in glob.glob(os.path.join(own.data_dir, pattern)):
                os.remove(name)
        shutil.copytree(own.data_dir, arguments.directory)
    finally:
        own.remove()


if __name__ == "__main__":
    main()
