"""A connection that checks every frame it gets: answers in the order of the questions of their channel, and nothing
that nobody asked for but deliveries, confirms, returned messages and cancelled consumers.
"""
import collections
import struct

import wire
from world import Channel

CHANNELS = 3
BASIC_CANCEL, BASIC_RETURN, BASIC_DELIVER = (60, 30), (60, 50), (60, 60)
BASIC_ACK, BASIC_NACK = (60, 80), (60, 120)
CAPABILITIES = wire.table(capabilities=b"F" + wire.table(
    authentication_failure_close=wire.boolean(True), consumer_cancel_notify=wire.boolean(True)))


class Wrong(Exception):
    """The broker did what the model says it must not do."""


def text_at(octets, position):
    end = position + 1 + octets[position]
    return octets[position + 1:end].decode("utf-8", "replace"), end


class Peer:
    def __init__(self, world, name):
        self.world, self.name = world, name
        self.wire = None
        self.channels = [Channel(self, number) for number in range(1, CHANNELS + 1)]
        self.expected = collections.defaultdict(collections.deque)  # channel number -> (method ids, check or None)
        self.content = {}  # channel number -> [what to do at its end, octets still to come, body]

    def open(self):
        self.wire = wire.Wire(timeout=5)
        self.wire.open(channels=(), properties=CAPABILITIES)
        self.expected.clear()
        self.content.clear()

    @property
    def is_open(self):
        return self.wire is not None

    def send(self, octets):
        try:
            self.wire.send(octets)
        except OSError:
            pass  # the broker may have closed behind its close method; reading tells

    def expect(self, channel, ids, check=None):
        self.expected[channel].append((ids, check))

    def gone(self):
        self.wire.socket.close()
        self.wire = None

    def abort(self):
        linger_none = struct.pack("ii", 1, 0)
        self.wire.socket.setsockopt(wire.socket.SOL_SOCKET, wire.socket.SO_LINGER, linger_none)
        self.gone()

    # --- reading ---

    def read_answers(self):
        """Until everything that was asked is answered."""
        while any(self.expected.values()):
            self.read_one()

    def read_until(self, condition):
        while not condition():
            self.read_one()

    def read_one(self):
        try:
            kind, number, payload = self.wire.receive()
        except wire.Gone:
            raise Wrong(f"{self.name}: the socket ended while {self.open_questions()}") from None
        except TimeoutError:
            raise Wrong(f"{self.name}: no answer within 5 s to {self.open_questions()}") from None
        if kind == wire.METHOD:
            self.on_method(number, struct.unpack(">HH", payload[:4]), payload[4:])
        else:
            self.on_content(kind, number, payload)

    def open_questions(self):
        return {number: [ids for ids, _ in waiting] for number, waiting in self.expected.items() if waiting}

    def on_method(self, number, ids, arguments):
        if number in self.content:
            raise Wrong(f"{self.name}: method {ids} inside a content on channel {number}")
        handler = {BASIC_DELIVER: self.on_deliver, BASIC_RETURN: self.on_return, BASIC_ACK: self.on_confirm,
                   BASIC_NACK: self.on_confirm, BASIC_CANCEL: self.on_cancel}.get(ids)
        if handler and 1 <= number <= CHANNELS:
            handler(self.channels[number - 1], arguments)
            return
        waiting = self.expected[number]
        if not waiting:
            raise Wrong(f"{self.name}: method {ids} on channel {number} that nobody asked for: {arguments[:120]!r}")
        wanted, check = waiting.popleft()
        if ids != wanted and not (isinstance(wanted, set) and ids in wanted):
            raise Wrong(f"{self.name}: channel {number} answers {ids} instead of {wanted}: {arguments[:120]!r}")
        if check:
            check(arguments) if not isinstance(wanted, set) else check(ids, arguments)

    def on_content(self, kind, number, payload):
        if number not in self.content:
            raise Wrong(f"{self.name}: frame of type {kind} on channel {number} without a method")
        content = self.content[number]
        if kind == wire.CONTENT_HEADER and content[1] is None:
            content[1], = struct.unpack(">Q", payload[4:12])
        elif kind == wire.BODY and content[1]:
            content[1] -= len(payload)
            content[2] += payload
        else:
            raise Wrong(f"{self.name}: frame of type {kind} in the wrong place on channel {number}")
        if content[1] < 0:
            raise Wrong(f"{self.name}: more body than announced on channel {number}")
        if content[1] == 0:
            del self.content[number]
            content[0](content[2].decode())

    def expect_content(self, channel, at_its_end):
        self.content[channel.number] = [at_its_end, None, b""]

    # --- what comes unasked ---

    def on_deliver(self, channel, arguments):
        consumer, end = text_at(arguments, 0)
        tag, redelivered = struct.unpack(">QB", arguments[end:end + 9])
        if consumer in channel.consumers:
            queue, no_ack = channel.consumers[consumer]
            if not no_ack:
                channel.unacked[tag] = (queue, None)
            self.expect_content(channel, lambda body: self.note_delivery(queue.name, body, redelivered))
        elif consumer in channel.cancelled:
            self.expect_content(channel, lambda body: None)
        else:
            raise Wrong(f"{self.name}: a delivery for consumer {consumer!r} that there is not")

    def note_delivery(self, queue, body, redelivered):
        if (queue, body) in self.world.delivered and not redelivered:
            raise Wrong(f"{self.name}: {body!r} of {queue} comes again and does not say so")
        self.world.delivered.add((queue, body))

    def on_return(self, channel, arguments):
        code, = struct.unpack(">H", arguments[:2])
        if code != 312:
            raise Wrong(f"{self.name}: a message is returned with {code}")
        self.expect_content(channel, lambda body: None)

    def on_confirm(self, channel, arguments):
        tag, multiple = struct.unpack(">QB", arguments[:9])
        settled = {each for each in channel.unconfirmed | channel.late_confirms
                   if each == tag or (multiple & 1 and each <= tag)}
        if not settled:
            raise Wrong(f"{self.name}: confirm {tag} on channel {channel.number}, which waits for "
                        f"{sorted(channel.unconfirmed)}")
        channel.unconfirmed -= settled
        channel.late_confirms -= settled

    def on_cancel(self, channel, arguments):
        consumer, _ = text_at(arguments, 0)
        if consumer not in channel.cancelled:
            raise Wrong(f"{self.name}: consumer {consumer!r} is cancelled, though its queue is there")
