"""The steps of a sequence: each sends one or more frames and tells the peer what must be answered, by the model.

A step that ends a channel or connection by a mistake returns the scope of it; nothing but what must be ignored may be
sent behind it before the close has been read.
"""
import struct

import wire
from peer import text_at
from wire import long_string, method, short_string
from world import Queue

EMPTY = b"\x00\x00\x00\x00"
CHANNEL, CONNECTION, ENDED = "channel", "connection", "ended"
DURABLE, EXCLUSIVE, AUTO_DELETE = (1,), (2, 3), (4,)  # what the queues are declared as, by their place in the names
GET_ANSWERS = {wire.BASIC_GET_OK, wire.BASIC_GET_EMPTY}


def count_check(fact, expected):
    """Of an answer that begins with a count of messages."""
    def check(arguments):
        got, = struct.unpack(">I", arguments[:4])
        require(expected is None or got == expected, f"{fact}: {got} instead of {expected}")
    return check


class ModelMismatch(Exception):
    """An answer has other contents than the model says."""


def require(holds, text):
    if not holds:
        raise ModelMismatch(text)


class Steps:
    """What may be done on an open channel. `random` decides; `names` are the queues that the sequence may use."""

    def __init__(self, random, world, names):
        self.random, self.world, self.names = random, world, names

    def chance(self, percent):
        return self.random.random() * 100 < percent

    def ask(self, channel, ids, arguments=b"", answer=None, check=None):
        peer = channel.connection
        peer.send(method(channel.number, ids, arguments))
        if answer:
            peer.expect(channel.number, answer, check)

    def close_expected(self, channel, codes, scope=CHANNEL):
        """The mistake just sent is answered by a close with one of the codes."""
        peer = channel.connection

        def check(arguments):
            code, = struct.unpack(">H", arguments[:2])
            text, _ = text_at(arguments, 2)
            require(code in codes, f"{scope} closed with {code} {text!r} instead of {codes}")
        if scope == CHANNEL:
            peer.expect(channel.number, wire.CHANNEL_CLOSE, check)
        else:
            peer.expect(0, wire.CONNECTION_CLOSE, check)
        return scope

    def mine(self, channel, queue):
        return queue.owner in (None, channel.connection)

    def any_name(self, channel):
        """Mostly of a queue that is there and can be used."""
        usable = [name for name in self.names if name in self.world.queues and self.mine(channel,
                                                                                         self.world.queues[name])]
        return self.random.choice(usable if usable and self.chance(93) else self.names)

    def any_queue(self, channel):
        """(name, queue or None); now and then the empty name, which is the last one declared."""
        name = self.any_name(channel)
        if self.chance(10) and channel.last_queue in self.names:
            return "", self.world.queues.get(channel.last_queue)
        return name, self.world.queues.get(name)

    def refused_queue(self, channel, queue):
        """Whether the queue that the step names cannot be used; the close is expected then."""
        if queue is None:
            return self.close_expected(channel, {404})
        return None if self.mine(channel, queue) else self.close_expected(channel, {405})

    # --- queues ---

    def declare(self, channel):
        name = self.any_name(channel) if self.chance(40) else self.random.choice(self.names)
        kind = self.names.index(name)
        durable, exclusive, auto_delete = kind in DURABLE, kind in EXCLUSIVE, kind in AUTO_DELETE
        if self.chance(4):
            durable = not durable
        queue = self.world.queues.get(name)
        passive, nowait = self.chance(30 if queue else 3), self.chance(15)
        flags = passive | durable << 1 | exclusive << 2 | auto_delete << 3 | nowait << 4
        self.ask(channel, wire.QUEUE_DECLARE, b"\x00\x00" + short_string(name) + bytes([flags]) + EMPTY)
        if queue is None and passive:
            return self.close_expected(channel, {404})
        if queue is not None:
            if not self.mine(channel, queue):
                return self.close_expected(channel, {405})
            if not passive and (durable and not exclusive) != queue.durable:
                return self.close_expected(channel, {406})
        else:
            queue = Queue(name, channel.connection if exclusive else None, durable and not exclusive, auto_delete)
            self.world.queues[name] = queue
        channel.last_queue = name
        if not nowait:
            self.expect_declare_ok(channel, queue)
        return None

    def expect_declare_ok(self, channel, queue):
        messages = len(queue.ready) if queue.counted else None
        consumers = len(queue.consumers)

        def check(arguments):
            name, end = text_at(arguments, 0)
            got = struct.unpack(">II", arguments[end:end + 8])
            require(name == queue.name and messages in (None, got[0]) and got[1] == consumers,
                    f"declare-ok of {queue.name} says {name, *got} instead of {messages} messages, "
                    f"{consumers} consumers")
        channel.connection.expect(channel.number, wire.QUEUE_DECLARE_OK, check)

    def delete(self, channel):
        name, queue = self.any_queue(channel)
        if name == "" and queue is None:
            return None
        if_unused, if_empty = self.chance(30), self.chance(30) and queue is not None and queue.counted
        self.ask(channel, wire.QUEUE_DELETE,
                 b"\x00\x00" + short_string(name) + bytes([if_unused | if_empty << 1]))
        if queue is None:
            channel.connection.expect(channel.number, wire.QUEUE_DELETE_OK, count_check("delete-ok", 0))
            return None
        if not self.mine(channel, queue):
            return self.close_expected(channel, {405})
        if (if_unused and queue.consumers) or (if_empty and queue.ready):
            return self.close_expected(channel, {406})
        channel.connection.expect(channel.number, wire.QUEUE_DELETE_OK, count_check(
            f"delete-ok of {queue.name}", len(queue.ready) if queue.counted else None))
        self.world.delete(queue)
        return None

    def purge(self, channel):
        name, queue = self.any_queue(channel)
        if name == "" and queue is None:
            return None
        self.ask(channel, (50, 30), b"\x00\x00" + short_string(name) + b"\x00")
        refused = self.refused_queue(channel, queue)
        if refused is None:
            channel.connection.expect(channel.number, (50, 31), count_check(
                f"purge-ok of {queue.name}", len(queue.ready) if queue.counted else None))
            queue.ready.clear()
        return refused

    def bind(self, channel):
        name = self.any_name(channel)
        queue = self.world.queues.get(name)
        exchange = self.random.choice(list(self.world.exchanges) + ["", "none"] * self.chance(10))
        pattern = self.random.choice(("a", "a.b", "*", "#", "a.#", "*.b", ""))
        adds, nowait = self.chance(75), self.chance(20)
        self.ask(channel, (50, 20) if adds else (50, 50),
                 b"\x00\x00" + short_string(name) + short_string(exchange) + short_string(pattern)
                 + (bytes([nowait]) if adds else b"") + EMPTY)
        if exchange == "":
            return self.close_expected(channel, {403, 404, 405})
        if not adds and (queue is None or exchange == "none"):
            channel.connection.expect(channel.number, (50, 51))  # nothing to unbind is no mistake
            return None
        if queue is None or exchange == "none":
            return self.close_expected(channel, {404} if queue is None or self.mine(channel, queue) else {404, 405})
        if not self.mine(channel, queue):
            return self.close_expected(channel, {405})
        if not (adds and nowait):
            channel.connection.expect(channel.number, (50, 21) if adds else (50, 51))
        (queue.bindings.add if adds else queue.bindings.discard)((exchange, pattern))
        return None

    # --- messages ---

    def publish(self, channel):
        to_queue = self.chance(60)
        exchange = "" if to_queue else self.random.choice(list(self.world.exchanges) + ["none"] * self.chance(8))
        key = self.random.choice(self.names) if to_queue else self.random.choice(("a", "a.b", "b", ""))
        self.world.published += 1
        order, body = self.world.published, f"message {self.world.published}"
        mandatory = self.chance(20) and channel.tx is None
        properties = b"\x10\x00" + bytes([self.random.choice((1, 2))])
        channel.connection.send(
            method(channel.number, wire.BASIC_PUBLISH,
                   b"\x00\x00" + short_string(exchange) + short_string(key) + bytes([mandatory]))
            + wire.content_header(channel.number, len(body), properties) + self.body_frames(channel, body.encode()))
        if exchange not in self.world.exchanges and exchange != "":
            return self.close_expected(channel, {404})
        if channel.tx is not None:
            channel.tx.append((exchange, key, order, body))
            return None
        self.world.publish((exchange, key, order, body))
        if channel.confirms is not None:
            channel.unconfirmed.add(channel.confirms)
            channel.confirms += 1
        return None

    def body_frames(self, channel, body):
        """In one to three parts, perhaps with a heartbeat between them."""
        cut = sorted(self.random.randrange(1, len(body)) for _ in range(self.random.randrange(3)))
        between = wire.frame(wire.HEARTBEAT, 0, b"") if self.chance(20) else b""
        parts = [body[a:b] for a, b in zip([0] + cut, cut + [len(body)]) if a < b]
        return between.join(wire.frame(wire.BODY, channel.number, part) for part in parts)

    def get(self, channel):
        name, queue = self.any_queue(channel)
        if name == "" and queue is None:
            return None
        no_ack = self.chance(40)
        self.ask(channel, wire.BASIC_GET, b"\x00\x00" + short_string(name) + bytes([no_ack]))
        refused = self.refused_queue(channel, queue)
        if refused is not None:
            return refused
        known = queue.counted
        message = queue.ready.pop(0) if known and queue.ready else None

        def check(ids, arguments):
            if ids == wire.BASIC_GET_EMPTY:
                require(not known or message is None, f"get-empty, though {queue.name} has {message}")
                return
            require(not known or message is not None, f"get-ok, though {queue.name} is empty")
            tag, redelivered = struct.unpack(">QB", arguments[:9])
            if not no_ack:
                channel.unacked[tag] = (queue, message)

            def check_body(body):
                require(message is None or message[1:] == (body, bool(redelivered)),
                        f"got {body!r}, redelivered {redelivered}, of {queue.name} instead of {message}")
                channel.connection.note_delivery(queue.name, body, redelivered)
            channel.connection.expect_content(channel, check_body)
        channel.connection.expect(channel.number, GET_ANSWERS, check)
        return None

    def settle(self, channel):
        """Of what has come so far; in a transaction it would count later."""
        tags = sorted(channel.unacked)
        position, how = self.random.random(), self.random.choice(("ack", "nack", "reject"))
        multiple, requeue = self.chance(25), self.chance(60)  # drawn in any case: what has come is no part of the seed
        if not tags or channel.tx is not None:
            return None
        tag = tags[int(position * len(tags))]
        if how == "reject":
            multiple = False
        ids, flags = {"ack": ((60, 80), multiple), "nack": ((60, 120), multiple | requeue << 1),
                      "reject": ((60, 90), requeue)}[how]
        self.ask(channel, ids, struct.pack(">QB", tag, flags))
        for each in tags:
            if each == tag or (multiple and each < tag):
                queue, message = channel.unacked.pop(each)
                if how != "ack" and requeue and message is not None and queue.counted:
                    queue.put_back(message)
        return None

    # --- consumers ---

    def consume(self, channel):
        name, queue = self.any_queue(channel)
        if name == "" and queue is None:
            return None
        tag = f"{channel.number}.{self.random.randrange(100)}"
        no_ack, nowait = self.chance(40), self.chance(15)
        if tag in channel.consumers or tag in channel.unknown or tag in channel.cancelled:
            return None  # of what another connection has ended the broker may not know yet
        self.ask(channel, (60, 20), b"\x00\x00" + short_string(name) + short_string(tag)
                 + bytes([no_ack << 1 | nowait << 3]) + EMPTY)
        refused = self.refused_queue(channel, queue)
        if refused is not None:
            return refused
        queue.counted = False
        queue.consumers.add((channel, tag))
        channel.consumers[tag] = (queue, no_ack)
        if not nowait:
            channel.connection.expect(channel.number, (60, 21))
        return None

    def cancel(self, channel):
        tag = self.random.choice(sorted(channel.consumers) or ["nobody"])
        self.ask(channel, (60, 30), short_string(tag) + b"\x00", (60, 31))
        if tag in channel.consumers:
            self.world.remove_consumer(channel, tag)
        return None

    def recover(self, channel):
        if channel.tx is not None:
            return None
        channel.connection.read_answers()  # of gets, which may be what is to be recovered
        for queue, message in channel.unacked.values():
            if message is not None and queue.counted:
                queue.put_back(message)
        channel.unacked.clear()
        # What was delivered before the broker read the question comes before its answer, and is put back as well.
        self.ask(channel, (60, 110), b"\x01", (60, 111), lambda _: channel.unacked.clear())
        return None

    # --- the channel itself ---

    def confirm(self, channel):
        self.ask(channel, (85, 10), b"\x00")
        if channel.tx is not None:
            return self.close_expected(channel, {406})
        channel.connection.expect(channel.number, (85, 11))
        channel.confirms = channel.confirms or 1
        return None

    def transaction(self, channel):
        what = self.random.choice((10, 20, 30) if channel.tx is not None or self.chance(10) else (10,))
        self.ask(channel, (90, what))
        if (what == 10 and channel.confirms) or (what != 10 and channel.tx is None):
            return self.close_expected(channel, {406})
        channel.connection.expect(channel.number, (90, what + 1))
        if what == 20:
            for exchange, key, _, body in channel.tx:  # behind whatever others have published meanwhile
                self.world.published += 1
                self.world.publish((exchange, key, self.world.published, body))
            channel.connection.read_answers()  # what comes before commit-ok is a mistake [F12]
        if what != 10 or channel.tx is None:
            channel.tx = []
        return None

    def small_talk(self, channel):
        ids, arguments = self.random.choice((
            ((60, 10), bytes(7)), ((20, 20), b"\x01"), ((30, 10), short_string("/data") + b"\x00")))
        self.ask(channel, ids, arguments, (ids[0], ids[1] + 1))

    def exchange(self, channel):
        """One that comes and goes, apart from those that messages are published to."""
        name = self.names[0] + ".exchange"
        if self.chance(50):
            self.ask(channel, (40, 10), b"\x00\x00" + short_string(name) + short_string("fanout") + b"\x00" + EMPTY,
                     (40, 11))
        else:
            self.ask(channel, (40, 20), b"\x00\x00" + short_string(name) + b"\x00", (40, 21))

    def close(self, channel):
        channel.connection.read_answers()
        self.ask(channel, wire.CHANNEL_CLOSE, struct.pack(">H", 200) + b"\x00" + bytes(4), wire.CHANNEL_CLOSE_OK)
        self.world.end_channel(channel)
        return ENDED

    def update_secret(self, channel):
        channel.connection.send(method(0, (10, 70), long_string("secret") + short_string("a reason")))
        channel.connection.expect(0, (10, 71))
