"""A broker under attack: started in a control group, a network namespace's neighbour or with a library preloaded; what
it takes of memory, descriptors and threads; an honest client beside the attack. Shared by the programs of this folder.
"""
import argparse
import contextlib
import os
import statistics
import sys
import threading
import time

sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "interop"))

import broker  # noqa: E402
import wire  # noqa: E402
from checks import Failed, check  # noqa: E402

PERSISTENT, TRANSIENT = b"\x10\x00\x02", b"\x10\x00\x01"


class Flooded(broker.Broker):
    """`wrapper` is what the command is started with: a list of words before it."""

    def __init__(self, program, settings=(), wrapper=(), variables=None):
        super().__init__(program, settings)
        self.wrapper, self.variables = list(wrapper), variables or {}

    def command(self):
        assignments = [f"{name}={value}" for name, value in self.variables.items()]
        return ["/usr/bin/env", *assignments, *self.wrapper, *super().command()]

    def started(self):
        self.start()
        os.environ.update(self.environment())
        return self

    def resources(self):
        """(resident KiB, open descriptors, threads)"""
        directory = f"/proc/{self.process.pid}"
        with open(f"{directory}/status", encoding="ascii") as status:
            fields = dict(line.split(":", 1) for line in status)
        check("the broker is alive", "VmRSS" in fields)
        return (int(fields["VmRSS"].split()[0]), len(os.listdir(f"{directory}/fd")), int(fields["Threads"]))


@contextlib.contextmanager
def flooded(program, settings=(), **how):
    own = Flooded(program, settings, **how)
    try:
        yield own.started()
        check("the broker is still there", own.process.poll() is None, own.process.returncode)
        check("it stops when it is told to", own.terminate() == 0)
    except BaseException:
        if os.path.exists(own.log_file):
            print("---- the broker's log ----\n" + own.log()[-2500:])
        raise
    finally:
        own.remove()


class Honest(threading.Thread):
    """Sends a message and gets it back, again and again, on a connection of its own; keeps how long each turn took."""

    def __init__(self, properties=TRANSIENT, pause=0.005):
        super().__init__(daemon=True)
        self.properties, self.pause = properties, pause
        self.turns, self.problem = [], None
        self.stopping = threading.Event()

    def run(self):
        try:
            with wire.Wire().open() as client:
                queue = f"honest.{id(self)}"
                client.declare(queue, flags=4)
                while not self.stopping.is_set():
                    started = time.monotonic()
                    body = b"turn %d" % len(self.turns)
                    client.publish(queue, self.properties, body)
                    if client.get(queue)[2] != body:
                        raise Failed("another message came back")
                    self.turns.append(time.monotonic() - started)
                    time.sleep(self.pause)
        except Exception as error:  # read by the test in its own thread
            self.problem = f"after {len(self.turns)} turns: {error!r}"

    def stop(self):
        self.stopping.set()
        self.join(20)
        check("the honest client never noticed", self.problem is None and not self.is_alive(), self.problem)

    def p99(self, first=0, last=None):
        turns = self.turns[first:last]
        check("the honest client did its work", len(turns) > 20, len(turns))
        return statistics.quantiles(turns, n=100)[98]


def log_in(limit):
    """A new client is served within the limit."""
    started = time.monotonic()
    with wire.Wire().open():
        took = time.monotonic() - started
    check(f"a new client is let in within {limit:g} s", took < limit, f"{took:.2f} s")
    return took


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--broker", required=True)
    parser.add_argument("--seconds", type=int, default=60, help="how long, where that is a matter of choice")
    parser.add_argument("--publishers", type=int, default=16, help="how many, where they are what floods")
    parser.add_argument("tests", nargs="*")
    return parser.parse_args()
