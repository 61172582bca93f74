"""Steps that are wrong in one place, and the codes that may answer them."""
import struct

import wire
from steps import CONNECTION, EMPTY
from wire import frame, method, short_string

PUBLISH = b"\x00\x00" + short_string("") + short_string("nowhere") + b"\x00"


def of_channel(number):
    """(octets, codes): mistakes that close the channel."""
    declare = b"\x00\x00" + short_string("amq.new") + b"\x00" + EMPTY

    def publish(properties, body=b"x"):
        return (method(number, wire.BASIC_PUBLISH, PUBLISH) + wire.content_header(number, len(body), properties)
                + frame(wire.BODY, number, body))
    return (
        (method(number, wire.QUEUE_DECLARE, declare), {403}),
        (method(number, (60, 80), struct.pack(">QB", 1 << 40, 0)), {406}),
        (method(number, (60, 90), struct.pack(">QB", 1 << 40, 1)), {406}),
        (method(number, (60, 120), struct.pack(">QB", 1 << 40, 2)), {406}),
        (method(number, (40, 20), b"\x00\x00" + short_string("amq.topic") + b"\x00"), {403}),
        (method(number, (40, 10), b"\x00\x00" + short_string("amq.topic") + short_string("fanout") + b"\x02" + EMPTY),
         {406}),
        (method(number, (40, 10), b"\x00\x00" + short_string("none") + short_string("direct") + b"\x01" + EMPTY),
         {404}),
        (method(number, wire.BASIC_GET, b"\x00\x00" + short_string("none") + b"\x00"), {404}),
        (publish(b"\x01\x00" + short_string("later")), {406}),  # expiration
        (publish(b"\x00\x10" + short_string("somebody")), {406}),  # user-id
    )


def of_connection(number, random):
    """(octets, codes): mistakes that close the connection."""
    publish = method(number, wire.BASIC_PUBLISH, PUBLISH)
    header = wire.content_header(number, 4)
    noise = bytes(random.randrange(256) for _ in range(random.randrange(1, 12)))
    return (
        (method(number, wire.CHANNEL_OPEN, b"\x00"), {504}),
        (method(7, wire.BASIC_GET, b"\x00\x00\x00\x00"), {504}),
        (method(number, (99, random.randrange(99))), {503, 540, 541}),
        (method(number, (50, 77)), {503, 540, 541}),
        (method(number, (60, 60), short_string("x") + bytes(9) + short_string("") * 2), {503}),
        (method(0, wire.CONNECTION_TUNE_OK, bytes(8)), {503, 504}),
        (method(0, wire.CONNECTION_OPEN, short_string("/") + b"\x00\x00"), {503, 504}),
        (method(0, wire.BASIC_PUBLISH, PUBLISH), {501, 503, 504, 505}),
        (method(number, (20, 20), b"\x00"), {540}),
        (method(number, (60, 10), struct.pack(">IHB", 1, 0, 0)), {540}),
        (method(number, (60, 110), b"\x00"), {540}),
        (method(number, wire.BASIC_PUBLISH, PUBLISH[:-1] + b"\x02") + header + frame(wire.BODY, number, b"body"),
         {540}),
        (frame(wire.BODY, number, b"x"), {505}),
        (header, {505}),
        (publish + publish, {505}),
        (publish + wire.content_header(number, 4, class_id=50), {505}),
        (publish + header + frame(wire.BODY, number, b"five!"), {501, 505}),
        (publish + header + wire.content_header(number, 4), {505}),
        (publish + wire.content_header(number, 1 << 62), {501}),
        (publish + wire.content_header(number, 0, b"\x80\x00\x20text"), {501, 502, 505, 541}),
        (frame(wire.HEARTBEAT, number, b""), {501, 505}),
        (frame(9, number, noise), {501}),
        (frame(wire.METHOD, number, b"\x00\x32"), {501, 502, 505, 541}),
        (method(number, wire.BASIC_GET, b"\x00\x00" + short_string("q"), )[:-1] + b"\xcd", {501}),
        (struct.pack(">BHI", wire.METHOD, number, 1 << 24), {501}),
        (method(number, wire.QUEUE_DECLARE, b"\x00\x00\x01q\x00" + struct.pack(">I", 99) + b"\x01k"), {501, 502, 541}),
        (method(number, wire.QUEUE_DECLARE, b"\x00\x00\x01q\x00" + wire.long_string(b"\x01k?\x00")), {501, 502, 541}),
    )


def channel_mistake(steps, channel):
    octets, codes = steps.random.choice(of_channel(channel.number))
    channel.connection.send(octets)
    return steps.close_expected(channel, codes)


def connection_mistake(steps, channel):
    octets, codes = steps.random.choice(of_connection(channel.number, steps.random))
    channel.connection.send(octets)
    return steps.close_expected(channel, codes, CONNECTION)
