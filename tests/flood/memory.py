#!/usr/bin/python3
"""Publishers who do not care, a queue that nobody empties, and 512 MiB of memory [R-14]:
memory.py --broker PATH/leveret

The broker runs in a control group of its own (memory controller, version 1 or 2), so it needs root.
"""
import os
import socket
import struct
import sys
import threading
import time

from flooded import PERSISTENT, TRANSIENT, arguments, flooded  # first: it finds tests/interop
import wire
from checks import check, equal, eventually, limit, run_tests

OPTIONS = arguments()
LIMIT = 512 << 20
CONFIRMED = 20
PART = 131072 - 8  # of a body, in one frame
CAPABILITIES = wire.table(capabilities=b"F" + wire.table(**{"connection.blocked": wire.boolean(True)}))


class ControlGroup:
    def __init__(self):
        self.old = os.path.isdir("/sys/fs/cgroup/memory")
        self.path = ("/sys/fs/cgroup/memory/" if self.old else "/sys/fs/cgroup/") + f"leveret-flood-{os.getpid()}"

    def __enter__(self):
        try:
            os.mkdir(self.path)
            self.write("memory.limit_in_bytes" if self.old else "memory.max", str(LIMIT))
        except OSError as error:
            sys.exit(f"FAILED: no control group with a memory limit can be made here: {error}")
        return self

    def __exit__(self, *_):
        os.rmdir(self.path)

    def write(self, name, text):
        with open(os.path.join(self.path, name), "w", encoding="ascii") as file:
            file.write(text)

    def wrapper(self):
        return ["/bin/sh", "-c", f"echo $$ >{self.path}/cgroup.procs && exec \"$@\"", "sh"]

    def killed(self):
        """How many processes of it the kernel has killed for want of memory."""
        with open(os.path.join(self.path, "memory.oom_control" if self.old else "memory.events"),
                  encoding="ascii") as file:
            return int(dict(line.split() for line in file)["oom_kill"])


class Publisher(threading.Thread):
    """Writes as fast as its socket takes it; notes when it was told to stop, and does not stop."""

    def __init__(self, body):
        super().__init__(daemon=True)
        self.client = wire.Wire(5).open(properties=CAPABILITIES)
        self.content = (wire.method(1, wire.BASIC_PUBLISH, b"\x00\x00\x00" + wire.short_string("flood") + b"\x00")
                        + wire.content_header(1, len(body), TRANSIENT)
                        + b"".join(wire.frame(wire.BODY, 1, body[at:at + PART]) for at in range(0, len(body), PART)))
        self.content *= max(1, 65536 // len(self.content))
        self.blocked = self.unblocked = None
        self.stopping = threading.Event()

    def run(self):
        self.client.socket.setblocking(False)
        unsent, received = memoryview(b""), b""
        while not self.stopping.is_set():
            try:
                unsent = unsent or memoryview(self.content)
                unsent = unsent[self.client.socket.send(unsent):]
            except BlockingIOError:
                time.sleep(0.01)
            try:
                received += self.client.socket.recv(4096)
            except BlockingIOError:
                pass
            now = time.monotonic()
            if struct.pack(">HH", 10, 60) in received and self.blocked is None:
                self.blocked = now
            if struct.pack(">HH", 10, 61) in received and self.unblocked is None:
                self.unblocked = now

    def stop(self):
        self.stopping.set()
        self.join(10)
        self.client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.client.socket.close()


def flood(body_size):
    """Nobody is killed, memory stays near its watermark, publishers are told and go on, consumers never stop, and what
    was confirmed is there."""
    with ControlGroup() as group:
        with flooded(OPTIONS.broker, wrapper=group.wrapper()) as own, wire.Wire(60).open() as client:
            check("the watermark follows the control group", "of 512 MiB" in own.log())
            watermark_kib = LIMIT * 6 // 10 // 1024
            client.declare("flood")
            client.declare("kept", flags=2)
            confirm(client, "kept", CONFIRMED)
            publishers = [Publisher(b"x" * body_size) for _ in range(OPTIONS.publishers)]
            most, reached, ends = 0, None, time.monotonic() + OPTIONS.seconds
            for publisher in publishers:
                publisher.start()
            while time.monotonic() < ends:
                resident = own.resources()[0]
                most = max(most, resident)
                if resident > watermark_kib and reached is None:
                    reached = time.monotonic()
                elif resident <= watermark_kib and all(publisher.blocked is None for publisher in publishers):
                    reached = None  # what was only kept for reuse has been given back
                time.sleep(0.02)
            equal("confirmed messages that were got during the flood",
                  [client.get("kept")[2] for _ in range(CONFIRMED)], [b"kept"] * CONFIRMED)
            equal("processes killed for want of memory", group.killed(), 0)
            check("the watermark was reached", reached is not None, f"{most} KiB")
            told = [publisher.blocked for publisher in publishers if publisher.blocked is not None]
            check("publishers were told", len(told) == OPTIONS.publishers, len(told))
            check("at most a second later", min(told) - reached < 1, min(told) - reached)
            check("and went on", any(publisher.unblocked for publisher in publishers))
            # A tenth, and what a publisher may finish: the message that it is in, and those of one read.
            allowed = watermark_kib * 1.1 + OPTIONS.publishers * 2 * max(body_size, 256 << 10) / 1024
            check("overshoot stays small", most < allowed, f"{most} KiB of {watermark_kib}, {allowed:.0f} allowed")
            for publisher in publishers:
                publisher.stop()
            drained = drain(client)
            eventually("memory comes back", lambda: own.resources()[0] < watermark_kib, 20)
            equal("killed while the queue was emptied", group.killed(), 0)
            print(f"       bodies of {body_size}: told after {max(0, min(told) - reached):.2f} s, at most "
                  f"{most // 1024} MiB, {drained} messages drained")


def confirm(client, queue, count):
    """So many messages, each confirmed."""
    client.select_confirms()
    for _ in range(count):
        client.publish(queue, PERSISTENT, b"kept")
        client.expect((60, 80))


def drain(client):
    count = 0
    while True:
        client.send(wire.method(1, wire.BASIC_GET, b"\x00\x00" + wire.short_string("flood") + b"\x01"))
        try:
            client.expect(wire.BASIC_GET_OK)
        except wire.Unexpected:
            return count
        header = client.receive()[2]
        left, = struct.unpack(">Q", header[4:12])
        while left > 0:
            left -= len(client.receive()[2])
        count += 1
        if count >= 20000:
            client.send(wire.method(1, (50, 30), b"\x00\x00" + wire.short_string("flood") + b"\x00"))
            client.expect((50, 31))
            return count


@limit(300)
def test_large_bodies():
    flood(1 << 20)


@limit(300)
def test_small_bodies():
    flood(100)


if __name__ == "__main__":
    run_tests(globals(), OPTIONS.tests)
