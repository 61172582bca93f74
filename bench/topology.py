#!/usr/bin/python3
"""What large topologies cost, and what others notice of it. Starts a broker of its own; one line for each figure.

    topology.py --broker PATH/leveret [--messages N] [NAME ...]

Names: stall-idle, delete-bindings, delete-messages, delete-transient-messages, declare-bindings, topic-routing,
dead-letter-chain. A stall is the longest time that one basic.get of an empty queue took another client, which asks
without a pause from a process of its own; stall-idle is what the machine does to it while nothing happens.
"""
import argparse
import multiprocessing
import os
import select
import struct
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tests/interop"))
from broker import Broker  # noqa: E402
import wire  # noqa: E402

QUEUE_BIND, EXCHANGE_DECLARE, EXCHANGE_DECLARE_OK = (50, 20), (40, 10), (40, 11)
DURABLE, NO_WAIT, PERSISTENT = 2, 16, b"\x10\x00\x02"
NO_ARGUMENTS = b"\x00\x00\x00\x00"
TOPICS = 1000  # different routing keys, so that no look-up repeats the one before
ROUTED = 500_000
PATTERNS = 1000
BINDINGS = 100_000
CHAIN = 10_000
options = None
own = None


def declare_exchange(client, name, kind):
    client.send(wire.method(1, EXCHANGE_DECLARE, b"\x00\x00" + wire.short_string(name) + wire.short_string(kind) +
                            b"\x00" + NO_ARGUMENTS))
    client.expect(EXCHANGE_DECLARE_OK)


def bind(queue, exchange, key):
    return wire.method(1, QUEUE_BIND, b"\x00\x00" + wire.short_string(queue) + wire.short_string(exchange) +
                       wire.short_string(key) + b"\x01" + NO_ARGUMENTS)


def message(exchange, key, properties=b"\x00\x00", body=b"0123456789abcdef"):
    return (wire.method(1, wire.BASIC_PUBLISH, b"\x00\x00" + wire.short_string(exchange) + wire.short_string(key) +
                        b"\x00") + wire.content_header(1, len(body), properties) + wire.frame(wire.BODY, 1, body))


def messages_in(client, queue):
    """How many are ready; asked for after all that was sent before has been done."""
    answer = client.declare(queue, flags=1)
    return struct.unpack(">I", answer[1 + answer[0]:5 + answer[0]])[0]


# --- others ---

def ask_without_pause(ready, stop, result):
    """The other client: basic.get on an empty queue, the answer, the next one."""
    with wire.Wire(timeout=120).open() as client:
        client.declare("probe", flags=8)
        question = wire.method(1, wire.BASIC_GET, b"\x00\x00" + wire.short_string("probe") + b"\x01")
        longest, count = 0.0, 0
        ready.set()
        while not stop.is_set():
            start = time.perf_counter()
            client.send(question)
            client.expect(wire.BASIC_GET_EMPTY)
            longest, count = max(longest, time.perf_counter() - start), count + 1
        result.put((longest, count))


def stall_during(action):
    """(longest round trip of another client, seconds that the action took)"""
    ready, stop, result = multiprocessing.Event(), multiprocessing.Event(), multiprocessing.Queue()
    other = multiprocessing.Process(target=ask_without_pause, args=(ready, stop, result))
    other.start()
    ready.wait()
    time.sleep(0.2)
    start = time.perf_counter()
    action()
    took = time.perf_counter() - start
    time.sleep(0.5)  # what is freed later counts, too
    stop.set()
    longest, _ = result.get()
    other.join()
    return longest, took


def report(name, text):
    print(f"{name}: {text}", flush=True)


def report_stall(name, what, longest, took):
    report(name, f"{what}: answered after {took * 1000:.1f} ms, "
           f"longest stall of another client {longest * 1000:.1f} ms")


# --- figures ---

def stall_idle(client):
    longest, _ = stall_during(lambda: time.sleep(1))
    report("stall-idle", f"longest round trip while nothing happens {longest * 1000:.1f} ms")


def delete_bindings(client):
    declare_exchange(client, "many", "topic")
    client.declare("bound", flags=DURABLE)
    client.send(*(bind("bound", "many", f"a.{i}.*.b") for i in range(10_000)))
    messages_in(client, "bound")
    report_stall("delete-bindings", "queue with 10,000 bindings deleted", *stall_during(lambda: client.delete("bound")))


def fill(client, queue, properties):
    one = message("", queue, properties)
    for _ in range(options.messages // 1000):
        client.send(one * 1000)
    count = messages_in(client, queue)
    if count != options.messages // 1000 * 1000:
        raise SystemExit(f"{count} messages instead of {options.messages}")


def delete_filled(client, name, what, flags, properties):
    client.socket.settimeout(600)
    client.declare("full", flags=flags)
    fill(client, "full", properties)
    report_stall(name, f"queue with {options.messages:,} {what} messages deleted",
                 *stall_during(lambda: client.delete("full")))


def delete_messages(client):
    delete_filled(client, "delete-messages", "persistent", DURABLE, PERSISTENT)


def delete_transient_messages(client):
    delete_filled(client, "delete-transient-messages", "transient", 0, b"\x00\x00")


def declare_bindings(client):
    declare_exchange(client, "rate", "topic")
    for number in range(10):
        client.declare(f"rate{number}", flags=DURABLE)
    frames = [bind(f"rate{i % 10}", "rate", f"a.{i}.*.b") for i in range(BINDINGS)]
    start = time.perf_counter()
    for i in range(0, BINDINGS, 1000):
        client.send(*frames[i:i + 1000])
    messages_in(client, "rate0")
    took = time.perf_counter() - start
    report("declare-bindings", f"{BINDINGS:,} bindings to 10 queues in {took:.2f} s, {BINDINGS / took:,.0f}/s")


def cpu_seconds():
    with open(f"/proc/{own.process.pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def route(client, exchange):
    """CPU seconds of the broker for one message to a queue that drops all but the newest ten."""
    frames = b"".join(message(exchange, f"key.{i}.end") for i in range(TOPICS))
    messages_in(client, "sink")
    before = cpu_seconds()
    for _ in range(ROUTED // TOPICS):
        client.send(frames)
    messages_in(client, "sink")
    return (cpu_seconds() - before) / ROUTED


def topic_routing(client):
    client.declare("sink", arguments=wire.table(**{"x-max-length": b"I" + struct.pack(">I", 10)}))
    client.declare("nothing")
    for exchange, patterns in (("one", 1), ("thousand", PATTERNS)):
        declare_exchange(client, exchange, "topic")
        client.send(bind("sink", exchange, "key.*.end"),
                    *(bind("nothing", exchange, f"key.*.other{i}.#") for i in range(patterns - 1)))
    costs = {"one": [], "thousand": []}
    for _ in range(3):  # in turn, because the machine is not always the same
        for exchange, seen in costs.items():
            seen.append(route(client, exchange))
    one, thousand = (min(each) * 1e6 for each in costs.values())
    report("topic-routing", f"{one:.2f} us of CPU for a message with 1 wildcard binding, {thousand:.2f} us with "
           f"{PATTERNS:,}: ratio {thousand / one:.2f} (1,000 routing keys in turn)")


def dead_letter_chain(client):
    def arguments(number):
        next_queue = {"x-dead-letter-exchange": wire.longstr(""),
                      "x-dead-letter-routing-key": wire.longstr(f"chain{number + 1}")}
        return wire.table(**{"x-message-ttl": b"I" + struct.pack(">I", 0), **next_queue})
    for first in range(0, CHAIN, 500):  # pipelined, but nobody's answers pile up
        numbers = range(first, first + 500)
        client.send(*(wire.method(1, wire.QUEUE_DECLARE, b"\x00\x00" + wire.short_string(f"chain{i}") + b"\x00" +
                                  arguments(i)) for i in numbers))
        for _ in numbers:
            client.expect(wire.QUEUE_DECLARE_OK)
    client.declare(f"chain{CHAIN}")

    def run():
        client.send(message("", "chain0") * 10)
        deadline = time.perf_counter() + 120
        while messages_in(client, f"chain{CHAIN}") < 10 and time.perf_counter() < deadline:
            select.select([], [], [], 0.005)
    longest, took = stall_during(run)
    report("dead-letter-chain", f"10 messages through {CHAIN:,} queues in {took * 1000:.0f} ms "
           f"({took / CHAIN / 10 * 1e6:.1f} us a step), {messages_in(client, f'chain{CHAIN}')} arrived, "
           f"longest stall of another client {longest * 1000:.1f} ms")


FIGURES = {function.__name__.replace("_", "-"): function for function in (
    stall_idle, delete_bindings, delete_messages, delete_transient_messages, declare_bindings, topic_routing,
    dead_letter_chain)}


def main():
    global options, own
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--broker", required=True)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("names", nargs="*", metavar="NAME", choices=[[], *FIGURES], default=[])
    options = parser.parse_args()
    for name in options.names or FIGURES:
        own = Broker(options.broker)
        try:
            own.start()
            os.environ.update(own.environment())
            with wire.Wire(timeout=120).open() as client:
                FIGURES[name](client)
        finally:
            own.remove()


if __name__ == "__main__":
    main()
