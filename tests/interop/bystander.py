"""A well-behaved client that publishes and consumes while somebody else misbehaves, and the broker's memory.

Runs as a thread of the test; the test reads its findings after stop().
"""
import os
import threading
import time

from pika_client import PERSISTENT, connected


def resident_kib(pid):
    """The broker's VmRSS in KiB."""
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))


class Bystander(threading.Thread):
    """Sends a confirmed message, gets it back, again and again; notes the longest turn and the highest memory."""

    def __init__(self):
        super().__init__(daemon=True)
        self.pid = os.environ.get("BROKER_PID")  # not known of a broker that runs elsewhere
        self.memory_before = self.memory_most = resident_kib(self.pid) if self.pid else 0
        self.turns = 0
        self.longest_turn = 0.0
        self.problem = None
        self.stopping = threading.Event()

    def run(self):
        try:
            with connected() as connection:
                self.serve(connection.channel())
        except Exception as error:  # reported by the test in its own thread
            self.problem = f"after {self.turns} messages: {error!r}"

    def serve(self, channel):
        queue = channel.queue_declare("", exclusive=True).method.queue
        channel.confirm_delivery()
        deliveries = channel.consume(queue, inactivity_timeout=5)
        while not self.stopping.is_set():
            started = time.monotonic()
            sent = b"message %d" % self.turns
            channel.basic_publish("", queue, sent, PERSISTENT, mandatory=True)
            method, _, body = next(deliveries)
            if body != sent:
                self.problem = f"sent {sent!r}, received {body!r}"
                return
            channel.basic_ack(method.delivery_tag)
            self.turns += 1
            self.longest_turn = max(self.longest_turn, time.monotonic() - started)
            if self.pid:
                self.memory_most = max(self.memory_most, resident_kib(self.pid))
            time.sleep(0.005)

    def stop(self):
        self.stopping.set()
        self.join(20)
