"""The workers of the soak: each does one thing again and again until it is told to stop, and says so if it cannot."""
import base64
import json
import os
import random
import struct
import threading
import time
import urllib.error
import urllib.request

import mistakes
import wire

SETTLES = (((60, 80), 0),) * 8 + (((60, 80), 1), ((60, 120), 2), ((60, 90), 0))  # mostly basic.ack
PERSISTENT, TRANSIENT = b"\x10\x00\x02", b"\x10\x00\x01"
MOST_WAITING = 1000  # messages in one queue
STEADY, SHARED = "soak.steady", ("soak.a", "soak.b", "soak.c")
AUTHORIZATION = "Basic " + base64.b64encode(b"guest:guest").decode()
LISTS = ("overview", "nodes", "connections", "channels", "queues", "queues?page=1&page_size=10&sort=messages",
         "exchanges", "bindings", "consumers", "policies", "definitions", "vhosts", "users",
         "health/checks/alarms")


class Worker(threading.Thread):
    """Calls turn() until stop(); what goes wrong is kept for the test."""

    def __init__(self, seed):
        super().__init__(daemon=True, name=type(self).__name__)
        self.random = random.Random(seed)
        self.turns, self.problem = 0, None
        self.stopping = threading.Event()

    def run(self):
        try:
            self.begin()
            while not self.stopping.is_set():
                self.turn()
                self.turns += 1
        except Exception as error:  # read by the test in its own thread
            if not self.stopping.is_set():
                self.problem = f"{self.name}, turn {self.turns}: {type(error).__name__}: {error}"

    def begin(self):
        pass

    def stop(self):
        self.stopping.set()


class Steady(Worker):
    """Confirmed persistent messages in, acknowledged in order: nothing lost, nothing twice."""

    def begin(self):
        self.client = wire.Wire(60).open()
        self.client.declare(STEADY, flags=2)
        self.client.select_confirms()

    def turn(self):
        body = b"steady %d " % self.turns + b"." * self.random.choice((0, 10, 5000, 200_000))
        self.client.publish(STEADY, PERSISTENT, body)
        self.client.expect((60, 80))
        got = self.client.get(STEADY)[2]
        if got != body:
            raise AssertionError(f"sent {body[:30]!r}, got {got[:30]!r}")
        time.sleep(0.002)


class Publisher(Worker):
    """Batches of messages of all sizes to queues that others consume, bind, purge and limit; a backlog stays small."""

    def begin(self):
        self.client = wire.Wire(120).open()
        for queue in SHARED:
            self.client.declare(queue, flags=2)

    def turn(self):
        queue = self.random.choice(SHARED)
        waiting, = struct.unpack(">I", self.client.declare(queue, flags=2)[-8:-4])
        for _ in range(self.random.randrange(50) if waiting < MOST_WAITING else 0):
            self.client.publish(queue, self.random.choice((PERSISTENT, TRANSIENT)),
                                b"x" * self.random.choice((0, 1, 100, 1000, 20_000)))
        time.sleep(0.005)


class Consumer(Worker):
    """Consumes for a while, acknowledges, rejects and requeues, and goes; sometimes without a word."""

    def turn(self):
        queue = self.random.choice(SHARED)
        with wire.Wire(60).open() as client:
            client.declare(queue, flags=2)
            client.send(wire.method(1, (60, 10), struct.pack(">IHB", 0, 20, 0)))
            client.expect((60, 11))
            client.send(wire.method(1, (60, 20), b"\x00\x00" + wire.short_string(queue)
                                    + wire.short_string("c") + b"\x00" + bytes(4)))
            client.expect((60, 21))
            ends = time.monotonic() + self.random.random()
            client.socket.settimeout(0.2)
            while time.monotonic() < ends and not self.stopping.is_set():
                try:
                    kind, _, payload = client.receive()
                except TimeoutError:
                    break
                if kind == wire.METHOD and payload[:4] == struct.pack(">HH", 60, 60):
                    tag, = struct.unpack(">Q", payload[6:14])
                    ids, flags = self.random.choice(SETTLES)
                    client.send(wire.method(1, ids, struct.pack(">QB", tag, flags)))
            if self.random.random() < 0.5:
                client.socket.settimeout(20)
                client.send(wire.method(0, wire.CONNECTION_CLOSE, b"\x00\xc8\x00\x00\x00\x00\x00"))
                while not client.buffer.endswith(wire.method(0, wire.CONNECTION_CLOSE_OK)):
                    more = client.socket.recv(1 << 16)
                    if not more:
                        break
                    client.buffer = client.buffer[-32:] + more


class Churn(Worker):
    """Connections that declare, bind, publish and end, in every way there is: properly, reset, by a mistake."""

    def turn(self):
        with wire.Wire(30).open(channels=range(1, self.random.randrange(2, 5))) as client:
            queue = f"churn.{self.turns % 50}"
            try:
                client.declare(queue, flags=self.random.choice((0, 2, 4, 8)), channel=1)
                names = (queue, "amq.topic", "a.#")
                client.send(wire.method(1, (50, 20), b"\x00\x00" + b"".join(map(wire.short_string, names)) + bytes(5)))
                client.expect((50, 21))
            except wire.Unexpected:
                return  # another kind of queue of that name is there
            client.publish(queue, TRANSIENT, b"short")
            end = self.random.randrange(4)
            if end == 0:
                client.delete(queue)
            elif end == 1:
                client.send(self.random.choice(mistakes.of_connection(1, self.random))[0])
                client.closed()
            elif end == 2:
                client.socket.setsockopt(wire.socket.SOL_SOCKET, wire.socket.SO_LINGER, struct.pack("ii", 1, 0))
        time.sleep(0.01)


class Management(Worker):
    """Lists, policies that come and go, queues that are purged, messages through HTTP."""

    def turn(self):
        what = self.random.random()
        if what < 0.6:
            self.ask("GET", self.random.choice(LISTS))
        elif what < 0.8:
            definition = self.random.choice(({"max-length": 500}, {"message-ttl": 200}, {"max-length-bytes": 1 << 20},
                                             {"dead-letter-exchange": "amq.topic", "max-length": 50}))
            self.ask("PUT", "policies/%2F/soak", {"pattern": "^soak\\.[abc]", "definition": definition,
                                                  "priority": self.random.randrange(3)})
        elif what < 0.86:
            self.ask("DELETE", "policies/%2F/soak")
        elif what < 0.92:
            self.ask("DELETE", f"queues/%2F/{self.random.choice(SHARED)}/contents")
        else:
            self.ask("POST", "exchanges/%2F/amq.topic/publish", {
                "routing_key": "a.b", "payload": "over HTTP", "payload_encoding": "string", "properties": {}})
        time.sleep(0.02)

    @staticmethod
    def ask(verb, path, body=None):
        request = urllib.request.Request(f"{os.environ['MGMT_URL']}/api/{path}", method=verb,
                                         data=None if body is None else json.dumps(body).encode(),
                                         headers={"Authorization": AUTHORIZATION, "Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                answer.read()
        except urllib.error.HTTPError as error:
            if error.code >= 500 and "alarms" not in path:
                raise AssertionError(f"{verb} {path}: {error.code} {error.read()[:300]}") from None


WORKERS = (Steady, Publisher, Publisher, Consumer, Consumer, Consumer, Churn, Churn, Management)
