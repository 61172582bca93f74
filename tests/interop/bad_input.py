#!/usr/bin/python3
"""Frames and octets that no honest client sends, while an honest one works and the broker's memory is watched.

Start the broker with handshake_timeout=1000 (see CMakeLists.txt), so that the slow clients here need not wait 10 s.
"""
import os
import struct
import time

import wire
from bystander import Bystander
from checks import EXTERNAL, check, equal, limit, run_tests, unique

GIB = 1 << 30
MEMORY_LIMIT_KIB = 32 * 1024
SETTINGS = dict(setting.split("=", 1) for setting in os.environ.get("BROKER_SETTINGS", "").split())
HANDSHAKE_SECONDS = int(SETTINGS.get("handshake_timeout", 10_000)) / 1000
HONEST = Bystander()


def refused(name, client, codes):
    """The broker closes the connection by a method with one of the codes; it never just hangs up after tune."""
    scope, code, text = client.closed()
    if EXTERNAL and scope is None and 541 in codes:
        return  # where the behaviour table has a close 541, the reader of 3.10 just ends
    check(f"{name}: connection.close with one of {codes}", scope == "connection" and code in codes, (scope, code, text))
    equal(f"{name}: the socket ends after close-ok", client.rest(), b"")


def raw_frame(kind, channel, claimed_size, payload=b""):
    """A frame that claims a size and does not keep to it; without its end octet."""
    return struct.pack(">BHI", kind, channel, claimed_size) + payload


def test_00_honest_client_starts():
    HONEST.start()
    time.sleep(0.3)
    check("the honest client works before anything bad happens", HONEST.turns > 0 and not HONEST.problem,
          HONEST.problem)


WRONG_HEADERS = {
    "an old version": b"AMQP\x01\x01\x00\x0a", "AMQP 1.0": b"AMQP\x00\x01\x00\x00",
    "a version to come": b"AMQP\x00\x00\x0a\x00",
    "an HTTP request": b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a TLS ClientHello": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(256)) * 2,
    "zeros": bytes(8), "noise": bytes(range(200, 216)), "eight letters": b"SSH-2.0-",
}


def test_wrong_protocol_headers():
    for name, octets in WRONG_HEADERS.items():
        with wire.Wire() as client:
            client.send(octets)
            equal(f"answer to {name}", client.rest(), wire.HEADER)  # spec: P1 P2


def test_probes():
    """Load balancers connect and leave, or scan with half a header."""
    for octets in (b"", b"A", b"AMQP\x00\x00"):
        with wire.Wire() as client:
            client.send(octets)  # spec: P2


def test_oversize_frames_before_login():
    """All at once, since the broker may let a refused client wait some seconds for its end."""
    clients = []
    for name, octets in {
            "4 GiB": raw_frame(wire.METHOD, 0, 0xFFFFFFFF, b"\x00\x0a\x00\x0b"),
            "2 GiB": raw_frame(wire.METHOD, 0, 0x7FFFFFFF),
            "1 MiB, really sent": raw_frame(wire.METHOD, 0, 1 << 20, bytes(1 << 20)),
            "what tune will allow": raw_frame(wire.METHOD, 0, 131072 - 8, b"\x00\x0a\x00\x0b"),
            "a heartbeat of 4 GiB": raw_frame(wire.HEARTBEAT, 0, 0xFFFFFFFF)}.items():
        client = wire.Wire()
        client.start()
        try:
            client.send(octets)
        except OSError:
            pass  # the broker need not read what it refuses
        clients.append((name, client))
    for name, client in clients:
        scope, code, _ = client.closed()
        # spec: P4 P22
        check(f"{name}: silence or 501", (scope, code) in ((None, 0), ("connection", 501)), (scope, code))
        client.socket.close()


def test_oversize_frames_after_tune():
    clients = []
    for kind, size in ((wire.METHOD, 131073), (wire.BODY, 1 << 24), (wire.METHOD, 0xFFFFFFFF), (wire.BODY, 0x80000000)):
        client = wire.Wire().open()
        client.send(raw_frame(kind, 1, size, bytes(64)))
        clients.append((f"frame of {size} octets", client))
    for name, client in clients:
        refused(name, client, (501,))  # spec: F2
        client.socket.close()


def test_framing_errors():
    cases = [
        ("a wrong end octet", (501,), wire.frame(wire.METHOD, 1, b"\x00\x14\x00\x0a\x00", end=0xCD)),  # spec: F3
        ("an unknown frame type", (501,), wire.frame(9, 1, b"what")),  # spec: F4
        ("frame type 0", (501,), wire.frame(0, 0, b"")),  # spec: F4
        ("a heartbeat on a channel", (501, 505), wire.frame(wire.HEARTBEAT, 1, b"")),  # spec: F4
        ("a content header on channel 0", (501, 503, 504, 505), wire.content_header(0, 1)),  # spec: F4
        ("a body on channel 0", (501, 503, 504, 505), wire.frame(wire.BODY, 0, b"x")),  # spec: F4
        ("publish on channel 0", (501, 503, 504, 505), wire.method(0, wire.BASIC_PUBLISH, b"\x00\x00\x00\x00\x00")),
        ("a body without its header", (505,), wire.frame(wire.BODY, 1, b"x")),  # spec: F5
        ("a header without a publish", (505,), wire.content_header(1, 1)),  # spec: F5
        ("a method inside a content", (505,), wire.method(1, wire.BASIC_PUBLISH, b"\x00\x00\x00\x01q\x00")
         + wire.method(1, wire.BASIC_GET, b"\x00\x00\x01q\x01")),  # spec: F5
        ("a header of another class", (505,), wire.method(1, wire.BASIC_PUBLISH, b"\x00\x00\x00\x01q\x00")
         + wire.content_header(1, 1, class_id=50)),  # spec: F5
        ("more body than announced", (501, 505), wire.method(1, wire.BASIC_PUBLISH, b"\x00\x00\x00\x01q\x00")
         + wire.content_header(1, 1) + wire.frame(wire.BODY, 1, b"xy")),  # spec: F5a
    ]
    for name, codes, octets in cases:
        if EXTERNAL and name == "more body than announced":
            continue  # 3.10 takes it as it comes
        with wire.Wire().open() as client:
            client.send(octets)
            refused(name, client, codes)


def test_methods_that_do_not_exist():
    for name, channel, ids in (("an unknown class", 1, (99, 1)), ("an unknown method", 1, (50, 99)),
                               ("class 0", 0, (0, 0)),
                               ("an unknown method of the connection", 0, (10, 999))):
        with wire.Wire().open() as client:
            client.send(wire.method(channel, ids))
            refused(name, client, (541, 503, 504))  # spec: F9
    for name, ids, size in (("a deliver from a client", (60, 60), 12), ("a get-ok from a client", (60, 71), 15)):
        with wire.Wire().open() as client:
            client.send(wire.method(1, ids, bytes(size)), wire.content_header(1, 0))
            refused(name, client, (503, 505))
    for name, payload in (("an empty method frame", b""), ("half a method id", b"\x00\x32\x00")):
        with wire.Wire().open() as client:
            client.send(wire.frame(wire.METHOD, 1, payload))
            refused(name, client, (501, 502, 541, 505))  # spec: F9


def declare(arguments):
    return wire.method(1, wire.QUEUE_DECLARE, b"\x00\x00" + wire.short_string(unique("bad")) + b"\x04" + arguments)


def test_broken_tables():
    for name, arguments in {
            "a table longer than its frame": struct.pack(">I", 0xFFFFFFFF) + b"\x01k",
            "a table cut in a key": wire.long_string(b"\x05ab"),
            "a table cut in a value": wire.long_string(b"\x01kI\x00\x00"),
            "a key without a type": wire.long_string(b"\x01k"),
            "an unknown field type": wire.long_string(b"\x01k?\x00"),
            "a string longer than its table": wire.long_string(b"\x01kS\xff\xff\xff\xffabc"),
            "an array longer than its table": wire.long_string(b"\x01kA\x7f\xff\xff\xffV"),
            "a nested table longer than its table": wire.long_string(b"\x01kF\x00\x00\x00\x09\x01"),
            "no table at all": b""}.items():
        with wire.Wire().open() as client:
            client.send(declare(arguments))
            refused(name, client, (501, 502, 541))  # spec: F9


def test_broken_content_headers():
    publish = wire.method(1, wire.BASIC_PUBLISH, b"\x00\x00\x00" + wire.short_string(unique("nobody")) + b"\x00")
    for name, octets in {
            "header table longer than the frame": wire.content_header(1, 0, b"\x20\x00\xff\xff\xff\xff\x01k"),
            "a property cut short": wire.content_header(1, 0, b"\x80\x00\x20text"),
            "a header frame of three octets": wire.frame(wire.CONTENT_HEADER, 1, b"\x00\x3c\x00")}.items():
        with wire.Wire().open() as client:
            client.send(publish, octets, wire.method(1, wire.BASIC_GET,
                                                     b"\x00\x00" + wire.short_string("nothing") + b"\x01"))
            scope, code, text = client.closed()
            # Property octets that the broker never needed to read may pass: then the get's missing queue is the answer.
            check(name, (scope, code) == ("channel", 404) or code in (501, 502, 505, 541), (scope, code, text))


def test_deep_tables_before_login():
    for depth in (600, 10_000):  # the first fits the frames before tune, the second does not
        with wire.Wire() as client:
            client.start()
            try:
                client.send(wire.start_ok(properties=wire.nested_table(depth)))
            except OSError:
                pass
            try:
                ids = struct.unpack(">HH", client.receive()[2][:4])
            except wire.Gone:
                ids = None
            check(f"a table {depth} deep in client-properties: refused, or read", ids in (
                (None, wire.CONNECTION_CLOSE, wire.CONNECTION_TUNE) if depth < 1000 else (None, wire.CONNECTION_CLOSE)),
                ids)


def test_deep_tables_in_headers():
    queue = unique("deep")
    for depth in (33, 10_000):
        with wire.Wire().open() as client:
            client.declare(queue, flags=4)
            headers = wire.nested_table(depth)
            client.publish(queue, b"\x20\x00" + headers, b"deep")
            try:
                equal(f"a message with a table {depth} deep passes whole", client.get(queue)[::2],
                      (b"\x20\x00" + headers, b"deep"))
            except wire.Unexpected as answer:  # or it is refused, by a close of the connection
                check(f"a table {depth} deep is refused by a close",
                      "(10, 50)" in str(answer) or "(20, 40)" in str(answer),
                      str(answer))
    with wire.Wire().open() as client:
        client.send(declare(wire.nested_table(10_000)))
        try:
            client.expect(wire.QUEUE_DECLARE_OK)
        except (wire.Unexpected, wire.Gone):
            pass  # an answer in time is all that is asked: the honest client shows that the broker lives on


def test_huge_bodies_announced():
    """Bodies that are announced and never sent take no memory, on however many channels."""
    publish = wire.method(1, wire.BASIC_PUBLISH, b"\x00\x00\x00" + wire.short_string("nobody") + b"\x00")
    for size in (2 ** 64 - 1, 2 ** 63 - 1, 1 << 40, GIB):
        with wire.Wire(timeout=1 if EXTERNAL else 10).open() as client:
            client.send(publish, wire.content_header(1, size))
            if not EXTERNAL:  # 3.10 waits for the body, since 4.2.6 the header is enough
                scope, code, text = client.closed()
                # spec: F5a
                check(f"a body of {size} octets is refused at its header", code in (406, 501), (scope, code, text))
    channels = range(1, 101)
    with wire.Wire().open(channels=channels) as client:
        for channel in channels:
            client.send(wire.method(channel, wire.BASIC_PUBLISH, b"\x00\x00\x00\x01q\x00"),
                        wire.content_header(channel, 16 << 20), wire.frame(wire.BODY, channel, b"only this"))
        client.send(wire.method(0, wire.CONNECTION_CLOSE, b"\x00\xc8\x00\x00\x00\x00\x00"))
        client.expect(wire.CONNECTION_CLOSE_OK)


@limit(60)
def test_slow_clients():
    """Clients that stop in the middle of something are cut off within the handshake's time, all at once."""
    started = time.monotonic()
    login = wire.start_ok()
    clients = {name: wire.Wire(timeout=HANDSHAKE_SECONDS + 10) for name in (
        "says nothing", "half a protocol header", "no start-ok", "half a start-ok", "no tune-ok", "no open")}
    for name, client in clients.items():
        if name == "half a protocol header":
            client.send(wire.HEADER[:5])
        elif name in ("no start-ok", "half a start-ok"):
            client.start()
            client.send(login[:20] if name == "half a start-ok" else b"")
        elif name != "says nothing":
            client.tune()
            client.send(b"" if name == "no tune-ok" else wire.method(0, wire.CONNECTION_TUNE_OK,
                                                                     bytes(2) + bytes(6))[:9])
    for name, client in clients.items():
        equal(f"a client that stops ({name}) is dropped without a word", client.rest(), b"")  # spec: P3
        check(f"in time ({name})", time.monotonic() - started < HANDSHAKE_SECONDS + 5, time.monotonic() - started)
        client.socket.close()
    check("not before its time", time.monotonic() - started > HANDSHAKE_SECONDS * 0.5, time.monotonic() - started)


def test_half_frame_of_an_open_connection():
    """After open there is no such limit: the rest of a frame may come late, and then counts."""
    octets = wire.method(1, wire.BASIC_GET, b"\x00\x00" + wire.short_string("nothing") + b"\x01")
    with wire.Wire().open() as client:
        for position in range(len(octets)):
            client.send(octets[position:position + 1])
            time.sleep(0.002)
        equal("the frame in single octets is understood", client.closed()[:2], ("channel", 404))


def test_zz_honest_client_never_noticed():
    HONEST.stop()
    equal("problems of the honest client", HONEST.problem, None)
    check("it stopped when told to", not HONEST.is_alive())
    check("it did its work", HONEST.turns > 50, HONEST.turns)
    check("and never had to wait", HONEST.longest_turn < 2, HONEST.longest_turn)
    grown = HONEST.memory_most - HONEST.memory_before
    check("the broker's memory grew less than 32 MiB", grown < MEMORY_LIMIT_KIB, f"{grown} KiB")
    print(f"       {HONEST.turns} honest messages, the longest turn {HONEST.longest_turn * 1000:.0f} ms, "
          f"memory +{grown} KiB")
    with wire.Wire() as client:
        client.open()


if __name__ == "__main__":
    run_tests(globals())
