#!/usr/bin/python3
"""A full disk, a small tmpfs: publishers are blocked, nothing ends, nothing is lost, and all goes on by itself.

    disk_full.py --broker PATH/leveret

Needs root, to mount; without it says so and ends with 77. tests/crash/store_fault_test.cpp fills a disk everywhere
without it.
"""
import argparse
import os
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "interop"))

import pika  # noqa: E402

import broker  # noqa: E402
import pika_client  # noqa: E402
from checks import check, equal, eventually  # noqa: E402
from confirming_publisher import ConfirmingPublisher  # noqa: E402
from pika_client import connected, depth, parameters  # noqa: E402

SKIPPED = 77
QUEUE, SIZE, MEBIBYTE = "full", 320, 1 << 20
BODY = b"." * 50_000


def make_body(number):
    return b"%d:" % number + BODY


class BlockablePublisher(ConfirmingPublisher):
    """Publishes from a thread of its own until it is told to stop; remembers whether it is blocked."""

    def __init__(self, first=1):
        super().__init__(QUEUE, make_body, window=20, first=first)
        self.blocked = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        self.connection = pika.SelectConnection(parameters(blocked_connection_timeout=None),
                                                on_open_callback=self.on_connected,
                                                on_open_error_callback=self.on_ended, on_close_callback=self.on_ended)
        self.connection.add_on_connection_blocked_callback(lambda *_: self.blocked.set())
        self.connection.add_on_connection_unblocked_callback(lambda *_: self.blocked.clear())
        self.connection.ioloop.start()

    def end(self):
        self.connection.ioloop.add_callback_threadsafe(self.connection.close)
        self.thread.join(20)
        check("the publisher ends", not self.thread.is_alive())
        equal("trouble of the publisher", self.problem, None)


class SmallDisk:
    def __init__(self):
        self.mounted = tempfile.mkdtemp(prefix="leveret-full-")
        self.filler = os.path.join(self.mounted, "filler")
        result = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}m", "none", self.mounted],
                                stderr=subprocess.PIPE, check=False)
        if result.returncode != 0:
            os.rmdir(self.mounted)
            raise OSError(result.stderr.decode(errors="replace").strip())

    def fill(self):
        """To the last octet, and again what is set free meanwhile."""
        with open(self.filler, "ab", buffering=0) as file:
            for size in (MEBIBYTE, 4096):
                try:
                    while True:
                        file.write(b"\0" * size)
                except OSError:
                    pass

    def free(self):
        os.unlink(self.filler)

    def remove(self):
        subprocess.run(["umount", self.mounted], check=False)
        os.rmdir(self.mounted)


def health(own):
    return own.api("GET", "/health/checks/local-alarms").status


def start(own):
    own.start()
    pika_client.HOST, pika_client.PORT = "127.0.0.1", own.ports["amqp"]


def consume(count):
    """Acknowledges the first `count` messages, or all; their numbers."""
    numbers = []
    with connected(blocked_connection_timeout=None) as connection:
        channel = connection.channel()
        channel.basic_qos(prefetch_count=100)
        for method, _, body in channel.consume(QUEUE, inactivity_timeout=3):
            if method is None:
                break
            number = int(body.split(b":", 1)[0])
            equal(f"body of message {number}", body, make_body(number))
            numbers.append(number)
            channel.basic_ack(method.delivery_tag)
            if len(numbers) == count:
                break
        channel.close()
    return numbers


def alive(own):
    check("the broker runs", own.process.poll() is None, own.process.returncode)


def filled_by_its_own_messages(own):
    publisher = BlockablePublisher()
    eventually("connection.blocked", publisher.blocked.is_set, within=60)
    equal("health check", health(own), 503)
    alive(own)
    taken = consume(None)
    check("a blocked publisher's messages can be consumed", len(taken) > 100, len(taken))
    eventually("the publisher goes on by itself", lambda: not publisher.blocked.is_set(), within=30)
    eventually("health check", lambda: health(own) == 200)
    publisher.end()
    taken += consume(None)
    check("nothing confirmed is lost", publisher.confirmed <= set(taken), len(publisher.confirmed - set(taken)))


def filled_by_others(own, disk):
    publisher = BlockablePublisher()
    eventually("some confirms", lambda: len(publisher.confirmed) > 400, within=60)
    disk.fill()
    eventually("connection.blocked", publisher.blocked.is_set, within=20)
    equal("health check", health(own), 503)
    disk.fill()
    taken = consume(300)
    equal("messages are consumed on a full disk", len(taken), 300)
    disk.fill()  # with the reserve
    alive(own)
    before = len(publisher.confirmed)
    equal("health check", health(own), 503)
    disk.free()
    eventually("the publisher goes on by itself", lambda: not publisher.blocked.is_set(), within=20)
    eventually("it has confirms again", lambda: len(publisher.confirmed) > before + 50, within=30)
    eventually("health check", lambda: health(own) == 200)
    publisher.end()
    return publisher, taken


def killed_while_full(own, disk, publisher, taken):
    disk.fill()
    eventually("health check", lambda: health(own) == 503)
    own.kill()
    try:
        start(own)
        print("ok     a start on the full disk: starts")
        own.kill()
    except broker.StartFailed:
        check("the log says why", "of free space left" in own.log() or "No space left on device" in own.log())
        equal("exit code of a start on a full disk", own.process.poll(), 1)
        print("ok     a start on the full disk: refused")
    disk.free()
    start(own)
    with connected() as connection:
        there = depth(connection.channel(), QUEUE)
    numbers = consume(None)
    equal("messages counted and read", len(numbers), there)
    lost = publisher.confirmed - set(numbers) - set(taken)
    check("nothing confirmed is lost", not lost, len(lost))
    equal("exit code after SIGTERM", own.terminate(), 0)


def run(own, disk):
    start(own)
    with connected() as connection:
        connection.channel().queue_declare(QUEUE, durable=True)
    filled_by_its_own_messages(own)
    print("ok     filled by its own messages", flush=True)
    publisher, taken = filled_by_others(own, disk)
    print("ok     filled by others, and freed", flush=True)
    killed_while_full(own, disk, publisher, taken)
    print("ok     killed on the full disk: nothing confirmed is lost", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--broker", required=True)
    arguments = parser.parse_args()
    try:
        disk = SmallDisk()
    except OSError as error:
        print(f"SKIPPED: no tmpfs can be mounted here: {error}")
        return SKIPPED
    own = broker.Broker(arguments.broker)
    own.data_dir = os.path.join(disk.mounted, "data")
    try:
        return broker.guarded(own, lambda: run(own, disk))
    finally:
        disk.remove()


if __name__ == "__main__":
    sys.exit(main())
