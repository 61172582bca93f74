#!/usr/bin/python3
"""What is published comes out: bodies of every size, all properties, tables of every field type, in order."""
import hashlib
import struct

import pika

import wire
from checks import EXTERNAL, check, equal, limit, raises, run_tests, unique
from pika_client import channel_with, connected, depth, publish, received

FRAME_MAX = 131072
MIB = 1 << 20


def patterned(size):
    """A body in which every misplaced frame shows."""
    block = hashlib.sha512(b"%d" % size).digest()
    numbered = b"".join(struct.pack(">Q", number) + block for number in range(size // (8 + len(block)) + 1))
    return numbered[:size]


def same(fact, got, expected):
    check(f"{fact}: {len(expected)} octets arrive as {len(got)}", len(got) == len(expected))
    check(f"{fact}: the octets are the same", got == expected)


@limit(60)
def test_body_sizes():
    queue = unique("bodies")
    sizes = [0, 1, FRAME_MAX - 9, FRAME_MAX - 8, FRAME_MAX - 7, 2 * (FRAME_MAX - 8), MIB, 16 * MIB]  # spec: F1 F6 C35
    with channel_with(queue) as channel:
        for size in sizes:
            body = patterned(size)
            publish(channel, queue, body)
            (_, properties, consumed), = received(channel, queue, 1)
            same(f"body of {size} octets, consumed", consumed, body)
            # spec: C31
            check("a message without headers stays without", properties.headers is None, properties.headers)
            publish(channel, queue, body)
            same(f"body of {size} octets, got", channel.basic_get(queue, auto_ack=True)[2], body)
        equal("nothing is left", depth(channel, queue), 0)


def test_small_frames():
    """A client that negotiates frames of 4096 octets never sees a larger one."""
    queue = unique("small-frames")
    body = patterned(100_000)
    with wire.Wire().open(frame_max=4096) as client:  # spec: P19
        client.declare(queue)
        client.publish(queue, b"\x00\x00", body)
        _, sizes, got = client.get(queue)
        same("body in small frames", got, body)
        check("body frames carry at most frame_max - 8 octets", max(sizes) <= 4096 - 8, max(sizes))  # spec: F6
        client.publish(queue, b"\x00\x00", b"")
        equal("an empty body has no body frame", client.get(queue)[1:], ([], b""))  # spec: F6
        client.delete(queue)
    with connected(frame_max=4096) as connection:
        equal("pika with small frames", connection._impl.params.frame_max, 4096)


ALL_PROPERTIES = {
    "content_type": "application/octet-stream", "content_encoding": "gzip", "delivery_mode": 2, "priority": 9,
    "correlation_id": "c" * 255, "reply_to": "réponse", "expiration": "60000", "message_id": "", "type": "t",
    "timestamp": 2 ** 40, "user_id": "guest", "app_id": "leveret interop", "cluster_id": "old",
}


def test_properties():
    queue = unique("properties")
    with channel_with(queue) as channel:
        every = pika.BasicProperties(headers={"text": "ä", "number": -1}, **ALL_PROPERTIES)
        choices = [every, pika.BasicProperties()]
        choices += [pika.BasicProperties(**{name: value}) for name, value in ALL_PROPERTIES.items()]
        choices += [pika.BasicProperties(headers={})]
        for properties in choices:
            publish(channel, queue, b"x", properties=properties)
        for sent, (_, got, _) in zip(choices, received(channel, queue, len(choices))):
            equal("properties as sent", vars(got), vars(sent))


FIELDS = {
    "bool true": b"t\x01", "bool false": b"t\x00",
    "int8": b"b\x80", "uint8": b"B\xff", "int16": b"s\x80\x01", "uint16": b"u\xff\xfe",
    "int32": b"I\x80\x00\x00\x01", "uint32": b"i\xff\xff\xff\xfe", "int64": b"l\x80\x00\x00\x00\x00\x00\x00\x01",
    "float": b"f" + struct.pack(">f", 1.5), "double": b"d" + struct.pack(">d", -0.1),
    "negative zero": b"d" + struct.pack(">d", -0.0), "infinity": b"d" + struct.pack(">d", 1e308),
    "decimal": b"D\x02\x00\x00\x01\x3a", "long string": wire.longstr("text"), "empty string": wire.longstr(""),
    "not utf-8": wire.longstr(b"\xff\x00\xfe"), "byte array": b"x" + wire.long_string(b"\x00\x01\x02"),
    "array": b"A" + wire.long_string(b"I\x00\x00\x00\x01" + wire.longstr("two") + b"V"),
    "empty array": b"A\x00\x00\x00\x00", "timestamp": b"T" + struct.pack(">Q", 1_700_000_000),
    "table": b"F" + wire.table(a=b"V", b=b"F" + wire.table(c=b"t\x01")), "empty table": b"F\x00\x00\x00\x00",
    "void": b"V",
}
HEADERS_FLAG = 0x2000


def test_every_field_type():
    """spec: F1 C31 - a table that the broker has no reason to change comes back octet by octet."""
    queue = unique("fields")
    everything = wire.table(**FIELDS)
    tables = {name: wire.table(**{"": value}) for name, value in FIELDS.items()}
    tables["everything in one table"] = everything
    tables["unsorted keys, one twice"] = wire.long_string(b"\x01zI\x00\x00\x00\x01\x01aV\x01zt\x01")
    tables["key of 255 octets"] = wire.table(**{"k" * 255: b"V"})
    with wire.Wire().open() as client:
        client.declare(queue)
        for name, headers in tables.items():
            properties = struct.pack(">H", HEADERS_FLAG) + headers
            client.publish(queue, properties, b"body of " + name.encode())
        for name, headers in tables.items():
            properties, _, body = client.get(queue)
            equal(f"headers with {name}", properties, struct.pack(">H", HEADERS_FLAG) + headers)
            equal(f"body behind headers with {name}", body, b"body of " + name.encode())
        client.delete(queue)


def test_order_of_many():
    queue = unique("order")
    count = 10_000
    with channel_with(queue) as channel, connected() as consumer:
        for number in range(count):
            channel.basic_publish("", queue, b"%d" % number)
        worker = consumer.channel()
        worker.basic_qos(prefetch_count=500)
        got, tags = [], []
        for method, _, body in worker.consume(queue, inactivity_timeout=10):
            if method is None:
                break
            got.append(int(body))
            tags.append(method.delivery_tag)
            if len(got) % 100 == 0:
                worker.basic_ack(method.delivery_tag, multiple=True)
            if len(got) == count:
                break
        check("10,000 messages in the order of publishing", got == list(range(count)),  # spec: C25
              (len(got), next((i for i, number in enumerate(got) if i != number), None)))
        check("delivery tags count from 1", tags == list(range(1, count + 1)), tags[:3])  # spec: C20
        worker.cancel()
        equal("all acknowledged", depth(channel, queue), 0)


def test_one_octet_too_large():
    """The largest message is 16 MiB; one octet more closes the channel, and the connection goes on."""
    queue = unique("too-large")
    with channel_with(queue) as channel:
        if EXTERNAL:  # 128 MiB in 3.10
            publish(channel, queue, patterned(16 * MIB + 1))
            return

        def publish_and_look():  # the refusal comes with the header: perhaps while the body is still being sent
            publish(channel, queue, patterned(16 * MIB + 1))
            depth(channel, queue)

        error = raises("a message above the limit", pika.exceptions.ChannelClosedByBroker, publish_and_look)
        equal("its code", error.reply_code, 406)  # spec: C27 F10
        equal("its text", error.reply_text,
              "PRECONDITION_FAILED - message size 16777217 is larger than configured max size 16777216")
        equal("nothing was queued", depth(channel.connection.channel(), queue), 0)


if __name__ == "__main__":
    run_tests(globals())
