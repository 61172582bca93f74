#!/usr/bin/python3
"""Logging in, what the broker says of itself, heartbeats, many channels, errors of channels and connections."""
import os
import re
import time

import pika

import wire
from checks import EXTERNAL, check, equal, raises, run_tests, unique
from http_api import quoted, status_of
from pika_client import bodies, connected, parameters, publish, pump, received

CAPABILITIES = ["publisher_confirms", "exchange_exchange_bindings", "basic.nack", "consumer_cancel_notify",
                "connection.blocked", "consumer_priorities", "authentication_failure_close", "per_consumer_qos",
                "direct_reply_to"]


def connect(**changes):
    """A login that is expected to fail; closed at once if it does not."""
    pika.BlockingConnection(parameters(**changes)).close()


def test_server_properties():
    with connected() as connection:
        properties = connection._impl.server_properties
        for name in ("product", "version", "cluster_name", "platform", "copyright", "information"):
            check(f"server property {name} is text", isinstance(properties.get(name), str), properties)  # spec: P6
        equal("product, by which clients know the broker", properties["product"], "RabbitMQ")  # spec: P6
        check("version has three numbers", re.match(r"\d+\.\d+\.\d+", properties["version"]), properties["version"])
        capabilities = properties["capabilities"]
        # spec: P7
        equal("capabilities that are on", [name for name in CAPABILITIES if capabilities.get(name) is not True], [])


def test_start_and_tune():
    with wire.Wire() as client:
        start = client.start()
        equal("protocol version", start[:2], b"\x00\x09")  # spec: P5
        mechanisms, locales = re.search(rb"\x00{3}.([A-Z -]+)\x00{3}\x05(.+)$", start, re.DOTALL).groups()
        equal("mechanisms that must be there", {b"PLAIN", b"AMQPLAIN"} - set(mechanisms.split()), set())  # spec: P5
        equal("locales", locales, b"en_US")  # spec: P5
    with wire.Wire() as client:
        equal("channel_max, frame_max, heartbeat on offer", client.tune(), (2047, 131072, 60))  # spec: P19


def test_amqplain():
    with wire.Wire() as client:
        client.start()
        login = wire.table(LOGIN=wire.longstr("guest"), PASSWORD=wire.longstr("guest"))[4:]
        client.send(wire.method(0, wire.CONNECTION_START_OK,
                                wire.table() + wire.short_string("AMQPLAIN") + wire.long_string(login)
                                + wire.short_string("en_US")))
        client.expect(wire.CONNECTION_TUNE)  # spec: P12


def test_wrong_password():
    error = raises("a wrong password", pika.exceptions.ProbableAuthenticationError,
                   lambda: connect(credentials=pika.PlainCredentials("guest", "wrong")))
    check("its text", "ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN. For details see the "
          "broker logfile." in str(error), str(error))  # spec: P17
    with wire.Wire() as client:
        client.start()
        client.send(wire.start_ok(password="wrong", properties=wire.table()))
        equal("a client that did not ask for a close gets none", client.closed(), (None, 0, ""))  # spec: P17 P22


def test_missing_virtual_host():
    error = raises("a virtual host that does not exist", pika.exceptions.ProbableAccessDeniedError,
                   lambda: connect(virtual_host="nowhere"))
    check("its code and text", "530" in str(error) and "NOT_ALLOWED - vhost nowhere not found" in str(error),
          str(error))  # spec: P20


def test_tune_is_checked():
    for name, tune_ok, text in (
            ("frame_max", (2047, 200_000, 0), "frame_max = 200000 is higher than the maximum allowed value (131072)"),
            ("channel_max", (0, 131072, 0),
             "channel_max = 0 (no limit) is higher than the maximum allowed value (2047)")):
        with wire.Wire() as client:
            client.tune()
            client.send(wire.method(0, wire.CONNECTION_TUNE_OK, wire.struct.pack(">HIH", *tune_ok)))
            closed = client.closed()
            if closed != (None, 0, "") or not EXTERNAL:  # 3.10 only closes the socket
                # spec: P19
                equal(f"tune-ok with {name} too high", closed, ("connection", 530, "NOT_ALLOWED - negotiated " + text))


def test_heartbeats():
    """With an interval of 1 s the broker beats at least every second, and lets a client that beats live."""
    with wire.Wire(timeout=5) as client:
        client.tune()
        client.send(wire.method(0, wire.CONNECTION_TUNE_OK, wire.struct.pack(">HIH", 2047, 131072, 1)),
                    wire.method(0, wire.CONNECTION_OPEN, wire.short_string("/") + b"\x00\x00"))
        client.expect(wire.CONNECTION_OPEN_OK)
        started, beats = time.monotonic(), 0
        while time.monotonic() - started < 3.5:
            kind, channel, size = wire.struct.unpack(">BHI", client.receive_octets(7))
            # spec: H2 H6
            equal("a heartbeat frame", (kind, channel, size, client.receive_octets(1)), (8, 0, 0, b"\xce"))
            beats += 1
            client.send(wire.frame(wire.HEARTBEAT, 0, b""))
        check("about one heartbeat in a second or more often", beats >= 3, beats)  # spec: H1 H2
        silent_since = time.monotonic()
        left = client.rest()
        silence = time.monotonic() - silent_since
        check("a silent client is dropped after two to three intervals", 1.5 <= silence <= 4.5, silence)  # spec: H3
        check("without connection.close", b"\x00\x0a\x00\x32" not in left, left)  # spec: H4


def test_pika_heartbeats():
    with connected(heartbeat=1) as connection:
        connection.sleep(2.5)
        check("pika with heartbeats of 1 s stays connected", connection.is_open)  # spec: H1


def test_many_channels():
    """200 channels on one connection, each with its own queue, consumer and delivery tags."""
    count = 200
    with connected() as connection:
        heard = {}
        for number in range(count):
            channel = connection.channel()
            queue = channel.queue_declare("", exclusive=True).method.queue
            channel.basic_consume(queue, lambda ch, method, properties, body: heard.setdefault(
                ch.channel_number, []).append((method.delivery_tag, body)))
            for message in range(3):
                channel.basic_publish("", queue, b"%d on %d" % (message, channel.channel_number))
        check("every channel gets its messages", pump(connection, lambda: sum(map(len, heard.values())) == 3 * count),
              sum(map(len, heard.values())))
        for channel, messages in heard.items():
            equal(f"messages and tags of channel {channel}", messages,
                  [(message + 1, b"%d on %d" % (message, channel)) for message in range(3)])  # spec: C20 C25


def test_channel_error_then_reopen():
    with connected() as connection:
        channel = connection.channel()
        number = channel.channel_number
        error = raises("passive declare of nothing", pika.exceptions.ChannelClosedByBroker,
                       lambda: channel.queue_declare("no such queue", passive=True))
        equal("code and text", (error.reply_code, error.reply_text),
              (404, "NOT_FOUND - no queue 'no such queue' in vhost '/'"))  # spec: C8 F10
        again = connection.channel(number)
        queue = again.queue_declare("", exclusive=True).method.queue
        publish(again, queue, b"same number, new channel")
        equal("the channel number works again", bodies(received(again, queue, 1)), [b"same number, new channel"])


def test_exclusive_queue():
    """Exclusive to its connection, gone before close-ok, so that the same name works right after a reconnect."""
    queue = unique("exclusive")
    for _ in range(5):
        with connected() as owner, connected() as stranger:
            owner.channel().queue_declare(queue, exclusive=True)
            error = raises("another connection", pika.exceptions.ChannelClosedByBroker,
                           lambda: stranger.channel().queue_declare(queue, passive=True))
            equal("code", error.reply_code, 405)  # spec: C14
            text = f"RESOURCE_LOCKED - cannot obtain exclusive access to locked queue '{queue}' in vhost '/'"
            check("text", error.reply_text.startswith(text), error.reply_text)
            owner.channel().queue_declare(queue, exclusive=True)  # the owner may declare it again
    with connected() as later:
        raises("the queue after its connection", pika.exceptions.ChannelClosedByBroker,
               lambda: later.channel().queue_declare(queue, passive=True))


def test_errors_of_a_connection():
    cases = [
        (540, "NOT_IMPLEMENTED - immediate=true", lambda channel, queue: channel.send(  # spec: C28
            wire.method(1, wire.BASIC_PUBLISH, b"\x00\x00\x00" + wire.short_string(queue) + b"\x02"),
            wire.content_header(1, 0))),
        (504, "CHANNEL_ERROR - second 'channel.open' seen", lambda channel, queue: channel.send(
            wire.method(1, wire.CHANNEL_OPEN, b"\x00"))),
        (504, "CHANNEL_ERROR - expected 'channel.open'", lambda channel, queue: channel.send(
            wire.method(2, wire.BASIC_GET, b"\x00\x00" + wire.short_string(queue) + b"\x01"))),
    ]
    for code, text, send in cases:
        with wire.Wire().open() as client:
            send(client, "any")
            equal(f"the close for {text}", client.closed(), ("connection", code, text))


def test_unknown_exchange_type():
    with connected() as connection:
        error = raises("an unknown exchange type", (pika.exceptions.ChannelClosedByBroker,
                       pika.exceptions.ConnectionClosedByBroker),
                       lambda: connection.channel().exchange_declare(unique("odd"), "x-odd"))
        check("code", error.reply_code in ((503,) if EXTERNAL else (406,)), error.reply_code)  # spec: C12
        check("text", error.reply_text.endswith("unknown exchange type 'x-odd'")
              or EXTERNAL and "invalid exchange type 'x-odd'" in error.reply_text, error.reply_text)


def test_open_connections_of_a_user():
    """A new password is for the next login, as in RabbitMQ; a user who is deleted is told to go."""
    user, path = unique("guard"), "/users/" + quoted(unique("guard"))
    equal("a user", status_of("PUT", path, {"password": "old", "tags": ""}), 201)
    rights = {"configure": ".*", "write": ".*", "read": ".*"}
    equal("permissions", status_of("PUT", f"/permissions/%2F/{quoted(user)}", rights), 201)
    with connected(credentials=pika.PlainCredentials(user, "old")) as client:
        equal("a new password", status_of("PUT", path, {"password": "new", "tags": ""}), 204)
        client.channel().queue_declare("", exclusive=True)
        with connected(credentials=pika.PlainCredentials(user, "new")):
            raises("the old password", pika.exceptions.ProbableAuthenticationError,
                   lambda: pika.BlockingConnection(parameters(credentials=pika.PlainCredentials(user, "old"))))
        equal("deleting the user", status_of("DELETE", path), 204)
        error = raises("the client", pika.exceptions.ConnectionClosedByBroker, lambda: pump(client, lambda: False))
        equal("its close", (error.reply_code, error.reply_text), (320, f"CONNECTION_FORCED - user '{user}' is deleted"))


if __name__ == "__main__":
    check("AMQP_PORT is in the environment (start this through `run`)", "AMQP_PORT" in os.environ)
    run_tests(globals())
