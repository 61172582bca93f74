"""One sequence: three connections take turns, each with a few steps at once; the model knows what they are told."""
import random
import struct

import mistakes
import wire
from peer import Peer
from steps import CHANNEL, CONNECTION, EXCLUSIVE, Steps
from wire import method, short_string
from world import World

IGNORED = "ignored"  # a queue that must never be declared
PEERS, TURNS, STEPS_AT_ONCE, QUEUES = 3, 12, 6, 6


class Sequence:
    def __init__(self, seed, closing, mistakes_percent=4):
        self.closing = closing  # sockets that the broker has to close
        self.random = random.Random(seed)
        self.mistakes_percent = mistakes_percent
        self.world = World()
        self.serial = QUEUES
        self.names = [f"f{seed}.{i}" for i in range(QUEUES)]
        self.to_be_deleted = [name for i, name in enumerate(self.names) if i not in EXCLUSIVE]
        self.peers = [Peer(self.world, f"connection {i}") for i in range(PEERS)]
        self.steps = Steps(self.random, self.world, self.names)
        self.trace = []
        self.taken = 0

    def play(self):
        for _ in range(TURNS):
            peer = self.random.choice(self.peers)
            if not peer.is_open:
                peer.open()
                self.trace.append(f"{peer.name} opens")
            self.turn(peer)
        for peer in self.peers:
            if peer.is_open:
                self.leave(peer)

    def turn(self, peer):
        if self.random.random() < 0.04:
            self.leave(peer)
            return
        scope = channel = None
        for _ in range(self.random.randrange(1, STEPS_AT_ONCE + 1)):
            channel = self.random.choice(peer.channels)
            if not channel.is_open:
                peer.send(method(channel.number, wire.CHANNEL_OPEN, b"\x00"))
                peer.expect(channel.number, wire.CHANNEL_OPEN_OK)
                channel.open()
                self.trace.append(f"{peer.name} opens channel {channel.number}")
            scope = self.step(channel)
            if scope is not None:
                break
        if scope in (CHANNEL, CONNECTION):
            self.say_what_is_ignored(channel, scope)
        peer.read_answers()
        if scope == CONNECTION:
            self.after_connection_mistake(peer)
        elif scope == CHANNEL:
            self.after_channel_mistake(channel)
        else:
            self.synchronise(peer)

    def step(self, channel):
        self.taken += 1
        wrong = self.random.random() * 100
        if wrong < self.mistakes_percent:
            make = mistakes.connection_mistake if wrong < self.mistakes_percent / 2 else mistakes.channel_mistake
            if make is mistakes.connection_mistake:
                channel.connection.read_answers()  # what was asked before need not be answered any more
            self.trace.append(f"{channel.connection.name} channel {channel.number} {make.__name__}")
            return make(self.steps, channel)
        s = self.steps
        name = self.random.choices(*zip(*(
            ("declare", 12), ("publish", 22), ("get", 12), ("settle", 12), ("consume", 5), ("cancel", 4), ("bind", 8),
            ("delete", 3), ("purge", 2), ("recover", 2), ("confirm", 3), ("transaction", 3), ("small_talk", 4),
            ("exchange", 2), ("close", 2), ("update_secret", 1))))[0]
        self.trace.append(f"{channel.connection.name} channel {channel.number} {name}")
        return getattr(s, name)(channel)

    def say_what_is_ignored(self, channel, scope):
        """Nothing of this is answered or has an effect: the broker has closed what it is said on."""
        octets = b"".join(self.random.choice((
            method(channel.number, wire.QUEUE_DECLARE,
                   b"\x00\x00" + short_string(IGNORED) + b"\x00" + bytes(4)),
            method(channel.number, (60, 10), bytes(7)),
            method(channel.number, wire.BASIC_PUBLISH, b"\x00\x00\x00" + short_string(self.names[0]) + b"\x00")
            + wire.content_header(channel.number, 2) + wire.frame(wire.BODY, channel.number, b"no")))
            for _ in range(self.random.randrange(3)))
        channel.connection.send(octets)

    def after_channel_mistake(self, channel):
        peer = channel.connection
        self.world.end_channel(channel)
        peer.send(method(channel.number, wire.CHANNEL_CLOSE_OK) + method(channel.number, wire.CHANNEL_OPEN, b"\x00"))
        peer.expect(channel.number, wire.CHANNEL_OPEN_OK)
        peer.read_answers()
        channel.open()

    def after_connection_mistake(self, peer):
        self.forget(self.world.lose_connection(peer))
        peer.send(method(0, wire.CONNECTION_CLOSE_OK))
        self.closing.append(peer.wire)
        peer.wire = None

    def synchronise(self, peer):
        """What was said without an answer has been carried out when a later question is answered."""
        for channel in peer.channels:
            if channel.is_open:
                peer.send(method(channel.number, (60, 10), bytes(7)))
                peer.expect(channel.number, (60, 11))
        peer.read_answers()

    def leave(self, peer):
        for channel in peer.channels:
            peer.read_until(lambda waiting=channel: not waiting.unconfirmed)
        if self.random.random() < 0.4:
            self.trace.append(f"{peer.name} is gone")
            self.forget(self.world.lose_connection(peer))
            peer.abort()
            return
        self.trace.append(f"{peer.name} closes")
        peer.send(method(0, wire.CONNECTION_CLOSE, struct.pack(">H", 200) + b"\x00" + bytes(4)))
        peer.expect(0, wire.CONNECTION_CLOSE_OK)
        peer.read_answers()
        self.world.end_connection(peer)
        peer.gone()

    def forget(self, names):
        for name in sorted(names & set(self.names)):
            self.serial += 1
            fresh = f"{self.names[0].split('.')[0]}.{self.serial}"
            kind = self.names.index(name)
            self.names[kind] = fresh
            if kind not in EXCLUSIVE:
                self.to_be_deleted.append(fresh)
