#!/usr/bin/python3
"""Peers that do not read, do not answer, or vanish without a word [R-12, R-16]: peers.py --broker PATH/leveret"""
import contextlib
import ctypes
import os
import socket
import struct
import subprocess
import time

from flooded import PERSISTENT, TRANSIENT, Honest, arguments, flooded  # first: it finds tests/interop
import wire
from checks import check, equal, eventually, limit, run_tests

OPTIONS = arguments()
MIB_KIB = 1024
WINDOW = 200
HALF_OPEN = 1000
HEARTBEAT = 2  # seconds
FAR_PORT = 45672


def consume(client, queue, no_ack=True):
    client.send(wire.method(1, (60, 20), b"\x00\x00" + wire.short_string(queue) + wire.short_string("c")
                            + bytes([no_ack << 1]) + bytes(4)))


def depth(client, queue):
    ok = client.declare(queue, flags=1)
    at = 1 + ok[0]
    return struct.unpack(">I", ok[at:at + 4])[0]


def open_with_heartbeat(client, seconds):
    channel_max, frame_max, _ = client.tune()
    client.frame_max = frame_max
    client.send(wire.method(0, wire.CONNECTION_TUNE_OK, struct.pack(">HIH", channel_max, frame_max, seconds)),
                wire.method(0, wire.CONNECTION_OPEN, wire.short_string("/") + b"\x00\x00"),
                wire.method(1, wire.CHANNEL_OPEN, b"\x00"))
    client.expect(wire.CONNECTION_OPEN_OK)
    client.expect(wire.CHANNEL_OPEN_OK)


@limit(120)
def test_never_reading_consumer():
    """What it is owed stays in its queue; nobody else waits; its silence ends it."""
    body, count = b"x" * 16384, 8000
    with flooded(OPTIONS.broker) as own, wire.Wire(60).open() as publisher:
        honest = Honest()
        honest.start()
        publisher.select_confirms()
        for queue in ("control", "never-read"):
            publisher.declare(queue, flags=2)
        fill(publisher, "control", body, 0, count)  # the store's tables have their size then
        reader = wire.Wire()
        reader.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        open_with_heartbeat(reader, HEARTBEAT)
        consume(reader, "never-read")
        before = own.resources()[0]
        fill(publisher, "never-read", body, count, count)
        left = depth(publisher, "never-read")
        grown = own.resources()[0] - before
        check("what cannot be written to it stays in the queue", left > count * 0.9, left)
        check("memory does not follow it", grown < 64 * MIB_KIB, f"{grown} KiB")
        eventually("the peer is dropped by the heartbeat rule", lambda: consumers(publisher) == 0, 4 * HEARTBEAT)
        check("undelivered messages are still there", depth(publisher, "never-read") >= left)
        honest.stop()
        check("the honest client was served", honest.p99() < 0.5, honest.p99())
        reader.socket.close()


def fill(client, queue, body, published, count):
    """Confirmed, so that what has grown is not what waits for the disk."""
    for number in range(published + 1, published + count + 1):
        client.publish(queue, PERSISTENT, body)
        if number % WINDOW == 0:
            await_confirms(client, set(range(number - WINDOW + 1, number + 1)))


def await_confirms(client, tags):
    while tags:
        tag, multiple = struct.unpack(">QB", client.expect((60, 80))[:9])
        tags = {each for each in tags if each != tag and not (multiple and each < tag)}


def consumers(client):
    return struct.unpack(">I", client.declare("never-read", flags=1)[-4:])[0]


class FarSide:
    """A network namespace behind a pair of devices; sockets made in it go away without a word when the link is cut."""

    NAME, HERE, THERE = "leveret-far", "10.77.93.1", "10.77.93.2"

    def __enter__(self):
        self.remove()
        for command in (f"ip netns add {self.NAME}",
                        f"ip link add lv-here type veth peer name lv-far netns {self.NAME}",
                        f"ip addr add {self.HERE}/30 dev lv-here", "ip link set lv-here up",
                        f"ip -n {self.NAME} addr add {self.THERE}/30 dev lv-far",
                        f"ip -n {self.NAME} link set lv-far up"):
            subprocess.run(command.split(), check=True)
        return self

    def __exit__(self, *_):
        self.remove()

    def remove(self):
        subprocess.run(["ip", "netns", "del", self.NAME], check=False, stderr=subprocess.DEVNULL)
        subprocess.run(["ip", "link", "del", "lv-here"], check=False, stderr=subprocess.DEVNULL)

    @contextlib.contextmanager
    def inside(self):
        libc = ctypes.CDLL(None, use_errno=True)
        with open("/proc/self/ns/net") as here, open(f"/run/netns/{self.NAME}") as there:
            if libc.setns(there.fileno(), 0) != 0:
                raise OSError(ctypes.get_errno(), "setns")
            try:
                yield
            finally:
                libc.setns(here.fileno(), 0)

    def cut(self):
        """Nothing arrives any more and nobody is told: the address that peers answer from is gone."""
        subprocess.run(["ip", "-n", self.NAME, "addr", "flush", "dev", "lv-far"], check=True)


@limit(180)
def test_half_open_peers():
    """1,000 peers that hold a message and an exclusive queue each vanish: all comes back in 2.5 heartbeats."""
    settings = [f"listeners.tcp.far={FarSide.HERE}:{FAR_PORT}", "loopback_users=none"]
    with FarSide() as far, flooded(OPTIONS.broker, settings) as own, wire.Wire(60).open() as near:
        honest = Honest()
        honest.start()
        before = own.resources()
        near.declare("held")
        for number in range(HALF_OPEN):
            near.publish("held", TRANSIENT, b"%d" % number)
        peers = []
        with far.inside():
            host, port = os.environ["AMQP_HOST"], os.environ["AMQP_PORT"]
            os.environ.update(AMQP_HOST=FarSide.HERE, AMQP_PORT=str(FAR_PORT))
            for number in range(HALF_OPEN):
                peer = wire.Wire(30)
                open_with_heartbeat(peer, 20)
                peer.declare(f"exclusive.{number}", flags=4)
                peer.send(wire.method(1, wire.BASIC_GET, b"\x00\x00" + wire.short_string("held") + b"\x00"))
                peer.expect(wire.BASIC_GET_OK)
                peers.append(peer)
            os.environ.update(AMQP_HOST=host, AMQP_PORT=port)
        equal("all messages are held", depth(near, "held"), 0)
        far.cut()
        cut_at = time.monotonic()
        eventually("every message is back", lambda: depth(near, "held") == HALF_OPEN, 2.5 * 20 + 5)
        took = time.monotonic() - cut_at
        eventually("and every descriptor", lambda: own.resources()[1] <= before[1] + 2, 10)
        honest.stop()
        print(f"       all back after {took:.1f} s of a heartbeat of 20 s; honest p99 {honest.p99() * 1000:.0f} ms")
        for peer in peers:
            peer.socket.close()


if __name__ == "__main__":
    run_tests(globals(), OPTIONS.tests)
