#!/usr/bin/python3
"""Random sequences of valid and slightly invalid AMQP over several connections, against a model of the broker.

    play.py [--seed N] [--sequences N]    with the environment that tests/interop/run makes

A failure names the seed of its sequence: `make stateful SEED=N SEQUENCES=1` plays it again.
"""
import argparse
import json
import os
import sys
import time
import urllib.request

sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "interop"))

import wire  # noqa: E402
from sequence import Sequence  # noqa: E402

CHECK_EVERY = 500  # sequences: what the management API must not show any more


class Honest:
    """The client that must not notice anything: sends a message and gets it back, after every sequence."""

    def __init__(self):
        self.wire = wire.Wire().open()
        self.queue = f"honest.{os.getpid()}"
        self.wire.declare(self.queue, flags=4)

    def check(self, number):
        body = b"honest %d" % number
        self.wire.publish(self.queue, b"\x00\x00", body)
        got = self.wire.get(self.queue)[2]
        if got != body:
            raise AssertionError(f"the honest client sent {body!r} and got {got!r}")

    def clean(self, names):
        for name in names:
            self.wire.delete(name)


def listed(kind):
    password = urllib.request.HTTPPasswordMgrWithDefaultRealm()
    password.add_password(None, os.environ["MGMT_URL"], "guest", "guest")
    opener = urllib.request.build_opener(urllib.request.HTTPBasicAuthHandler(password))
    with opener.open(f"{os.environ['MGMT_URL']}/api/{kind}", timeout=10) as answer:
        return json.load(answer)


def check_closed(sockets):
    """After a mistake and the close-ok the broker ends the socket, at the latest after some seconds [F2]."""
    while sockets:
        client = sockets.pop()
        client.rest()
        client.socket.close()


def check_nothing_is_left():
    """Connections, channels, queues and consumers: only those of the honest client."""
    expected = {"connections": 1, "channels": 1, "queues": 1, "consumers": 0}
    deadline = time.monotonic() + 10
    while True:
        left = {kind: listed(kind) for kind in expected}
        if all(len(left[kind]) == count for kind, count in expected.items()):
            return
        if time.monotonic() > deadline:
            raise AssertionError(f"left behind: { {kind: [each.get('name') for each in left[kind]] for kind in left} }")
        time.sleep(0.05)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--sequences", type=int, default=2000)
    options = parser.parse_args()
    honest = Honest()
    steps, started, sequence = 0, time.monotonic(), None
    print(f"seed {options.seed}", flush=True)
    seed, closing = options.seed, []
    try:
        for seed in range(options.seed, options.seed + options.sequences):
            sequence = Sequence(seed, closing)
            sequence.play()
            honest.check(seed)
            honest.clean(sequence.to_be_deleted)
            steps += sequence.taken
            if (seed - options.seed + 1) % CHECK_EVERY == 0 or seed == options.seed + options.sequences - 1:
                check_closed(closing)
                check_nothing_is_left()
    except Exception as error:  # whatever it is, the seed and the way there belong to it
        print("\n".join(sequence.trace[-25:]))
        print(f"FAILED with SEED={seed} after {sequence.taken} steps: {type(error).__name__}: {error}")
        return 1
    print(f"{options.sequences} sequences, {steps} steps in {time.monotonic() - started:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
