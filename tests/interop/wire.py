"""A small raw AMQP 0-9-1 client, for frames that no client library would send or show.

Field values are given already encoded (`longstr(b"x")` and so on return the type octet and the value), so that a test
decides about every octet itself.
"""
import os
import socket
import struct

HEADER = b"AMQP\x00\x00\x09\x01"
METHOD, CONTENT_HEADER, BODY, HEARTBEAT = 1, 2, 3, 8
FRAME_END = 0xCE

CONNECTION_START, CONNECTION_START_OK = (10, 10), (10, 11)
CONNECTION_TUNE, CONNECTION_TUNE_OK = (10, 30), (10, 31)
CONNECTION_OPEN, CONNECTION_OPEN_OK = (10, 40), (10, 41)
CONNECTION_CLOSE, CONNECTION_CLOSE_OK = (10, 50), (10, 51)
CHANNEL_OPEN, CHANNEL_OPEN_OK = (20, 10), (20, 11)
CHANNEL_CLOSE, CHANNEL_CLOSE_OK = (20, 40), (20, 41)
QUEUE_DECLARE, QUEUE_DECLARE_OK = (50, 10), (50, 11)
QUEUE_DELETE, QUEUE_DELETE_OK = (50, 40), (50, 41)
CONFIRM_SELECT, CONFIRM_SELECT_OK = (85, 10), (85, 11)
BASIC_PUBLISH, BASIC_GET, BASIC_GET_OK, BASIC_GET_EMPTY = (60, 40), (60, 70), (60, 71), (60, 72)


class Gone(Exception):
    """The broker closed the socket."""


class Unexpected(Exception):
    """Another frame than the expected one came."""


def short_string(text):
    octets = text if isinstance(text, bytes) else text.encode()
    return struct.pack(">B", len(octets)) + octets


def long_string(text):
    octets = text if isinstance(text, bytes) else text.encode()
    return struct.pack(">I", len(octets)) + octets


def table(**fields):
    return long_string(b"".join(short_string(name) + value for name, value in fields.items()))


def nested_table(depth):
    """A table in a table in a table ..., each with one empty-named field."""
    octets = b""
    for _ in range(depth):
        octets = b"\x00F" + long_string(octets)
    return long_string(octets)


def longstr(text):
    return b"S" + long_string(text)


def boolean(value):
    return b"t" + (b"\x01" if value else b"\x00")


def frame(kind, channel, payload, end=FRAME_END):
    return struct.pack(">BHI", kind, channel, len(payload)) + payload + bytes([end])


def method(channel, ids, arguments=b""):
    return frame(METHOD, channel, struct.pack(">HH", *ids) + arguments)


def content_header(channel, size, properties=b"\x00\x00", class_id=60):
    return frame(CONTENT_HEADER, channel, struct.pack(">HHQ", class_id, 0, size) + properties)


def start_ok(user="guest", password="guest", mechanism="PLAIN", properties=None):
    if properties is None:
        properties = table(capabilities=b"F" + table(authentication_failure_close=boolean(True)))
    response = b"\x00" + user.encode() + b"\x00" + password.encode()
    return method(0, CONNECTION_START_OK,
                  properties + short_string(mechanism) + long_string(response) + short_string("en_US"))


class Wire:
    """One socket. frame_max is what tune-ok said (or the broker's offer before that)."""

    def __init__(self, timeout=10):
        self.socket = socket.create_connection((os.environ["AMQP_HOST"], int(os.environ["AMQP_PORT"])), timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        self.frame_max = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, *octets):
        self.socket.sendall(b"".join(octets))

    def receive_octets(self, count):
        while len(self.buffer) < count:
            try:
                more = self.socket.recv(1 << 16)
            except ConnectionResetError:
                more = b""
            if not more:
                raise Gone()
            self.buffer += more
        octets, self.buffer = self.buffer[:count], self.buffer[count:]
        return octets

    def rest(self):
        """Everything until the broker closes the socket."""
        octets = b""
        try:
            while True:
                octets += self.receive_octets(1)
        except Gone:
            return octets

    def receive(self):
        """The next frame that is no heartbeat, as (kind, channel, payload)."""
        while True:
            kind, channel, size = struct.unpack(">BHI", self.receive_octets(7))
            payload, end = self.receive_octets(size), self.receive_octets(1)
            if end[0] != FRAME_END:
                raise Unexpected(f"frame end octet {end!r}")
            if kind != HEARTBEAT:
                return kind, channel, payload

    def expect(self, ids):
        """The arguments of the next method, which must be this one."""
        kind, channel, payload = self.receive()
        seen = struct.unpack(">HH", payload[:4]) if kind == METHOD else None
        if seen != ids:
            raise Unexpected(f"expected method {ids}, got frame type {kind} method {seen}: {payload[4:160]!r}")
        return payload[4:]

    def start(self):
        self.send(HEADER)
        return self.expect(CONNECTION_START)

    def tune(self, **login):
        """Protocol header to tune: (channel_max, frame_max, heartbeat)."""
        self.start()
        self.send(start_ok(**login))
        offer = struct.unpack(">HIH", self.expect(CONNECTION_TUNE)[:8])
        self.frame_max = offer[1]
        return offer

    def open(self, frame_max=None, channels=(1,), **login):
        channel_max, offered, _ = self.tune(**login)
        self.frame_max = frame_max or offered
        self.send(method(0, CONNECTION_TUNE_OK, struct.pack(">HIH", channel_max, self.frame_max, 0)),
                  method(0, CONNECTION_OPEN, short_string("/") + b"\x00\x00"))
        self.expect(CONNECTION_OPEN_OK)
        for channel in channels:
            self.send(method(channel, CHANNEL_OPEN, b"\x00"))
            self.expect(CHANNEL_OPEN_OK)
        return self

    def declare(self, queue, flags=0, arguments=b"\x00\x00\x00\x00", channel=1):
        self.send(method(channel, QUEUE_DECLARE, b"\x00\x00" + short_string(queue) + bytes([flags]) + arguments))
        return self.expect(QUEUE_DECLARE_OK)

    def delete(self, queue, channel=1):
        self.send(method(channel, QUEUE_DELETE, b"\x00\x00" + short_string(queue) + b"\x00"))
        self.expect(QUEUE_DELETE_OK)

    def select_confirms(self, channel=1):
        self.send(method(channel, CONFIRM_SELECT, b"\x00"))
        self.expect(CONFIRM_SELECT_OK)

    def publish(self, queue, properties, body=b"", channel=1):
        self.send(method(channel, BASIC_PUBLISH, b"\x00\x00\x00" + short_string(queue) + b"\x00"),
                  content_header(channel, len(body), properties))
        step = self.frame_max - 8
        for position in range(0, len(body), step):
            self.send(frame(BODY, channel, body[position:position + step]))

    def get(self, queue, channel=1):
        """(octets of the properties, sizes of the body frames, body) of the next message, acknowledged at once."""
        self.send(method(channel, BASIC_GET, b"\x00\x00" + short_string(queue) + b"\x01"))
        self.expect(BASIC_GET_OK)
        _, _, header = self.receive()
        size, = struct.unpack(">Q", header[4:12])
        sizes, body = [], b""
        while len(body) < size:
            kind, _, payload = self.receive()
            if kind != BODY:
                raise Unexpected(f"frame type {kind} inside a body")
            sizes.append(len(payload))
            body += payload
        return header[12:], sizes, body

    def closed(self):
        """(scope, code, text) of the next close method, which is answered; (None, 0, '') if the socket just ends."""
        while True:
            try:
                kind, channel, payload = self.receive()
            except Gone:
                return None, 0, ""
            ids = struct.unpack(">HH", payload[:4]) if kind == METHOD else None
            if ids in (CONNECTION_CLOSE, CHANNEL_CLOSE):
                code, length = struct.unpack(">HB", payload[4:7])
                text = payload[7:7 + length].decode("utf-8", "replace")
                scope = "connection" if ids == CONNECTION_CLOSE else "channel"
                self.answer_close(channel, CONNECTION_CLOSE_OK if scope == "connection" else CHANNEL_CLOSE_OK)
                return scope, code, text

    def answer_close(self, channel, ids):
        try:
            self.send(method(channel, ids))
        except OSError:
            pass  # the broker may have closed the socket behind its close method
