"""The shapes of load that compare.py runs: the table of issue 6, each with a name, leveret-perf's flags, the goal."""
import struct
from dataclasses import dataclass
from typing import Callable, Optional

import wire

PATTERNS = 1000


@dataclass
class Shape:
    name: str
    what: str
    flags: str
    goal: str = ""
    counts: str = "consumed"  # what a rate and the CPU time are of: published, consumed, cycles
    prepare: Optional[Callable] = None  # with a raw client
    relay: Optional[str] = None  # the raw relay is measured, too, with these flags
    relative_to: Optional[str] = None  # the goal is about the CPU time of another shape
    latency: Optional[str] = None  # shown: consumer_latency, confirm_latency, cycle_latency

    def arguments(self):
        return ["" if word == "@" else word for word in self.flags.split()]


def declare_topic(patterns):
    """A queue that gets every message by one wildcard; the other wildcards match nothing."""
    def prepare(client):
        arguments = b"\x00\x00\x00\x00"
        name = f"shape-topic-{patterns}"
        client.send(wire.method(1, (40, 10), b"\x00\x00" + wire.short_string(name) + wire.short_string("topic") +
                                b"\x00" + arguments))
        client.expect((40, 11))
        for queue in (name, name + "-nothing"):
            client.delete(queue)  # what an earlier round has left
            client.declare(queue)
        keys = [(name, "key.*.end")] + [(name + "-nothing", f"key.*.other{i}.#") for i in range(patterns - 1)]
        for queue, key in keys:
            client.send(wire.method(1, (50, 20), b"\x00\x00" + wire.short_string(queue) + wire.short_string(name) +
                                    wire.short_string(key) + b"\x00" + arguments))
            client.expect((50, 21))
    return prepare


def fill(queue, messages):
    """A queue with messages in it that nobody consumes yet."""
    def prepare(client):
        client.delete(queue)
        client.declare(queue)
        place = wire.short_string("") + wire.short_string(queue)
        one = (wire.method(1, wire.BASIC_PUBLISH, b"\x00\x00" + place + b"\x00") +
               wire.content_header(1, 16) + wire.frame(wire.BODY, 1, b"0123456789abcdef"))
        for _ in range(messages // 1000):
            client.send(one * 1000)
        while True:  # all of it has arrived
            answer = client.declare(queue, flags=1)
            if struct.unpack(">I", answer[1 + answer[0]:5 + answer[0]])[0] >= messages // 1000 * 1000:
                return
    return prepare


DURABLE = "-f persistent -c 1000 -q 1000 -A 100"
TOPIC = "-p -e shape-topic-{0} -u shape-topic-{0} -kp key.%d.end -kpt 1000 -s 16 -a"

SHAPES = [
    Shape("1-1", "16 B, 1-1, auto-ack, transient", "-u s -s 16 -a", "30x; 0.20 us", relay="--size 16"),
    Shape("1-1-1k", "1 KiB, 1-1", "-u s -s 1024 -a", "9x; 0.95 us", relay="--size 1024"),
    Shape("1-1-16k", "16 KiB, 1-1", "-u s -s 16384 -a", relay="--size 16384"),
    Shape("1-1-64k", "64 KiB, 1-1", "-u s -s 65536 -a", "1.6x; 1.3 times the relay's CPU", relay="--size 65536"),
    Shape("acks", "16 B, prefetch 1000, ack per 100, publisher unthrottled", "-u s -s 16 -q 1000 -A 100",
          "30x; 0.25 us; consumed 0.8 of published"),
    Shape("ack-each", "16 B, prefetch 1000, ack each", "-u s -s 16 -q 1000", "25x; consumed 0.8 of published"),
    Shape("confirm-1k", "1 KiB, transient, confirm window 1000", "-u s -s 1024 -a -c 1000", "15x",
          latency="confirm_latency"),
    Shape("durable-1k", "1 KiB, persistent, confirm window 1000, acked", f"-u sd -s 1024 {DURABLE}", "20x; 1.8 us",
          latency="confirm_latency"),
    Shape("durable", "16 B, persistent, confirm window 1000, acked", f"-u sd -s 16 {DURABLE}", "40x",
          latency="confirm_latency"),
    Shape("durable-window-1", "1 KiB, persistent, confirm window 1", "-y 0 -u sdw -s 1024 -f persistent -c 1", "",
          "confirmed", latency="confirm_latency"),
    Shape("durable-100", "1 KiB, persistent, 100 publishers with window 10, 100 durable queues",
          "-x 100 -y 100 -qp sd-%d -qpt 100 -s 1024 -f persistent -c 10 -q 100", "10x", latency="confirm_latency"),
    Shape("durable-1-1000", "16 B, persistent, 1 publisher to 1,000 durable queues",
          f"-e @ -qp sd1-%d -qpt 1000 -kp sd1-%d -kpt 1000 -y 10 -Y 100 -s 16 {DURABLE}",
          "at most 2 times the CPU of one queue", relative_to="durable"),
    Shape("fan-out", "16 B, fan-out 1 to 10 queues (CPU for each delivery)", "-y 10 -e shape-fan -t fanout -s 16 -a",
          "0.12 us"),
    Shape("8-8", "16 B, 8-8 over 8 queues", "-x 8 -y 8 -qp s8-%d -qpt 8 -s 16 -q 1000 -A 100", "25x"),
    Shape("64-1", "16 B, 64 publishers to 1 queue", "-x 64 -u s -s 16 -a", "40x"),
    Shape("1-1000", "16 B, 1 publisher to 1,000 queues",
          "-e @ -qp s1-%d -qpt 1000 -kp s1-%d -kpt 1000 -y 10 -Y 100 -s 16 -a", "20x"),
    Shape("topic-1", "16 B, topic exchange, 1 wildcard binding, 1,000 keys", TOPIC.format(1), prepare=declare_topic(1)),
    Shape("topic-1000", "the same, 1,000 wildcard bindings", TOPIC.format(PATTERNS),
          "at most 1.5 times the CPU of 1 binding", prepare=declare_topic(PATTERNS), relative_to="topic-1"),
    Shape("priorities", "16 B, 1-1, auto-ack, queue with 11 levels",
          "-u sp -qa x-max-priority=10 -mp priority=5 -s 16 -a", "at most 1.3 times the CPU of a plain queue",
          relative_to="1-1"),
    Shape("get", "16 B, basic.get polling of a full queue", "-x 0 -y 4 -p -u shape-get -po -a", "5 us",
          prepare=fill("shape-get", 500_000)),
    Shape("latency-10k", "1 KiB, 10,000/s", "-u s -s 1024 -a -r 10000", "p50 50 us, p99 500 us",
          latency="consumer_latency", relay="--size 1024 --rate 10000"),
    Shape("latency-100k", "1 KiB, 100,000/s", "-u s -s 1024 -a -r 100000", "p50 50 us, p99 500 us",
          latency="consumer_latency", relay="--size 1024 --rate 100000"),
    Shape("connections", "connections with a channel opened and closed", "--churn connections -x 4", "8,000/s",
          "cycles", latency="cycle_latency"),
    Shape("channels", "channels opened and closed", "--churn channels -c 100", "", "cycles"),
    Shape("bindings", "transient binds, each unbound again", "--churn bindings -c 100", "50,000/s", "cycles"),
    Shape("queues", "durable queues declared and deleted", "--churn queues -c 100 -f persistent", "2,000/s", "cycles",
          latency="cycle_latency"),
]
