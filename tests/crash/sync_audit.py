#!/usr/bin/python3
"""No confirm leaves the broker before a sync that began after its message was written: seen by strace.

    sync_audit.py --broker PATH/leveret [--messages N] [--control PATH/libno_sync.so]

The control run is a broker whose syncs do nothing; it passes when that is noticed. Ends with 77 where strace is missing
or may not trace.
"""
import argparse
import codecs
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "interop"))

import broker  # noqa: E402
import pika_client  # noqa: E402
from checks import Failed, check, equal, raises  # noqa: E402
from confirming_publisher import ConfirmingPublisher  # noqa: E402
from pika_client import connected  # noqa: E402

SKIPPED = 77
QUEUE, WINDOW = "audit", 50
CALLS = "write,pwrite64,writev,sendmsg,sendto,fdatasync,fsync"
STARTED = re.compile(r"^(\d+) +(\w+)\((\d+)<([^>]*)>(.*)$")
RESUMED = re.compile(r"^(\d+) +<\.\.\. (\w+) resumed>.*= (-?\d+)")
RETURNED = re.compile(r"\) += (-?\d+)[^=]*$")
STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
MARK = re.compile(rb"audit-(\d{8})")
CONFIRM = re.compile(rb"\x01..\x00\x00\x00\x0d\x00\x3c\x00\x50(.{8})(.)\xce", re.DOTALL)  # basic.ack, tag, multiple


class TracedBroker(broker.Broker):
    control = None

    @property
    def trace(self):
        return os.path.join(self.directory, "trace")

    def command(self):
        preload = ["-E", "LD_PRELOAD=" + os.path.abspath(self.control)] if self.control else []
        # -D: the broker is our child, the tracer is not. -y: names of files beside their numbers.
        return ["strace", "-D", "-f", "-y", "-s", "1000000", "-e", "trace=" + CALLS, "-e", "signal=none",
                "-o", self.trace] + preload + super().command()


class Audit:
    """Goes through the trace line by line; the number of a line is the time."""

    def __init__(self):
        self.written = {}    # message: (log, when the write returned)
        self.syncs = {}      # log: when the latest sync that has returned began
        self.under_way = {}  # thread: (call, file, began, messages)
        self.confirmed, self.bad = set(), []

    def read(self, lines):
        for at, line in enumerate(lines):
            started = STARTED.match(line)
            if started:
                thread, call, _, file, rest = started.groups()
                octets = b"".join(codecs.escape_decode(text.encode())[0] for text in STRING.findall(rest))
                if call.startswith("send") and ".log" not in file:
                    self.on_sent(at, octets)
                call_made = (call, file, at, [int(number) for number in MARK.findall(octets)])
                returned = RETURNED.search(rest)
                if returned:
                    self.on_returned(at, call_made, int(returned.group(1)))
                else:
                    self.under_way[thread] = call_made
                continue
            resumed = RESUMED.match(line)
            if resumed and resumed.group(1) in self.under_way:
                self.on_returned(at, self.under_way.pop(resumed.group(1)), int(resumed.group(3)))

    def on_returned(self, at, call_made, result):
        call, file, began, messages = call_made
        if not file.endswith(".log"):
            return
        if call.endswith("sync") and result == 0:
            self.syncs[file] = max(began, self.syncs.get(file, -1))
        for message in messages:
            self.written[message] = (file, at)

    def on_sent(self, at, octets):
        for tag, multiple in CONFIRM.findall(octets):
            last = int.from_bytes(tag, "big")
            for number in range(1, last + 1) if multiple[0] & 1 else [last]:
                if number not in self.confirmed:
                    self.confirmed.add(number)
                    self.judge(number, at)

    def judge(self, number, at):
        if number not in self.written:
            self.bad.append(f"confirm {number} at line {at} before its message was written")
            return
        file, written = self.written[number]
        if self.syncs.get(file, -1) < written:
            self.bad.append(f"confirm {number} at line {at}, written at {written}, no sync of {file} since")


def make_body(number):
    """Its mark twice: RocksDB's log is cut into blocks, and one cut may go through a mark, not through both."""
    mark = b"audit-%08d" % (number + 1)
    return mark + b"." * 16 + mark


def may_trace():
    return shutil.which("strace") is not None and subprocess.run(
        ["strace", "-o", os.devnull, "true"], stderr=subprocess.DEVNULL, check=False).returncode == 0


def audit(own, messages):
    own.start()
    pika_client.HOST, pika_client.PORT = "127.0.0.1", own.ports["amqp"]
    with connected() as connection:
        connection.channel().queue_declare(QUEUE, durable=True)
    publisher = ConfirmingPublisher(QUEUE, make_body, WINDOW, count=messages)
    publisher.run()
    equal("trouble of the publisher", publisher.problem, None)
    equal("exit code after SIGTERM", own.terminate(), 0)
    result = Audit()
    with open(own.trace, encoding="utf-8", errors="replace") as trace:
        result.read(trace)
    equal("confirms in the trace", len(result.confirmed), messages)
    equal("messages written in the trace", len(result.written), messages)
    check(f"{len(result.bad)} of {messages} confirms were not covered by a sync, such as: {result.bad[:1]}",
          not result.bad)
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--broker", required=True)
    parser.add_argument("--messages", type=int, default=1000)
    parser.add_argument("--control")
    arguments = parser.parse_args()
    if not may_trace():
        print("SKIPPED: strace is missing, or may not trace here")
        return SKIPPED
    own = TracedBroker(arguments.broker)
    own.control = arguments.control

    def run():
        audit(own, arguments.messages)
        print(f"ok     {arguments.messages} confirms, each behind a sync that began after its message was written")

    def control():
        seen = raises("a run without syncs", Failed, lambda: audit(own, arguments.messages))
        check("it fails for that", "were not covered by a sync" in str(seen), seen)
        print(f"ok     control: {seen}")
    return broker.guarded(own, control if arguments.control else run)


if __name__ == "__main__":
    sys.exit(main())
