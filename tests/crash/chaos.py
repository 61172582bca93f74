#!/usr/bin/python3
"""Crashes a broker under load again and again, on one data directory, and judges the whole history in the end.

    chaos.py --broker PATH/leveret [--crash kill|power] [--rounds N] [--batch N] [--seed N]
             [--control PATH/libno_sync.so|transient]

--crash kill   kill -9 (default)
--crash power  the file system of the data directory, a loop mount, is shut down without writing what was not synced;
               needs root and loop devices: without them it says so and ends with 77
--control      a broker that must lose something: one whose syncs do nothing, or one that is told that messages are
               transient. Passes when the loss is noticed. What a process wrote outlives it, so with --crash kill only
               the second one loses.
"""
import argparse
import os
import random
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "interop"))

import broker  # noqa: E402
import load  # noqa: E402
import loop_disk  # noqa: E402
import pika_client  # noqa: E402
from history_checker import Checker, History  # noqa: E402

SKIPPED = 77
SETTINGS = ["heartbeat=0"]


class Chaos:
    def __init__(self, own, disk, history, generator, delivery_mode):
        self.own, self.disk, self.history, self.generator = own, disk, history, generator
        self.delivery_mode = delivery_mode
        self.there, self.gone = set(), set()
        self.slowest_start = 0.0

    def start(self):
        started = time.monotonic()
        self.own.start()
        self.slowest_start = max(self.slowest_start, time.monotonic() - started)
        pika_client.HOST, pika_client.PORT = "127.0.0.1", self.own.ports["amqp"]

    def crash(self):
        if self.disk is None:
            self.own.kill()
        else:
            self.disk.cut_power(self.own.process)

    def crash_while_starting(self):
        """A start that does not get far. What is there stays there."""
        try:
            self.own.start_limit = self.generator.uniform(0.0, 0.25)
            self.own.start()
        except broker.StartFailed:
            if self.own.process.poll() is not None:
                raise
        finally:
            self.own.start_limit = broker.START_LIMIT
        self.crash()

    def round(self, number):
        if number == 0:
            self.start()
            load.declare(self.history)
        else:
            if self.generator.random() < 0.25:
                self.crash_while_starting()
            self.start()
            self.check_topology()
        clients = load.Load(self.history, str(number), self.generator.random(), self.delivery_mode)
        clients.start()
        time.sleep(self.generator.uniform(0.2, 1.2))
        self.crash()
        problem = clients.join()
        if problem:
            raise AssertionError(problem)
        self.history("crash")  # now, as no client can add to what was before it
        self.there |= clients.there
        self.gone |= clients.gone

    def check_topology(self):
        names = {queue["name"] for queue in self.own.api("GET", "/queues?columns=name").body}
        missing, undead = sorted(self.there - names), sorted(self.gone & names)
        if missing or undead:
            raise AssertionError(f"queues declared and not there: {missing[:3]}; deleted and there: {undead[:3]}")

    def finish(self):
        self.start()
        self.check_topology()
        load.drain(self.history)
        code = self.own.terminate()
        if code != 0:
            raise AssertionError(f"exit code {code} after SIGTERM")
        checker = Checker(self.history.events)
        return checker, checker.run()


def run(arguments, disk):
    own = broker.Broker(arguments.broker, SETTINGS)
    if disk is not None:
        own.data_dir = os.path.join(disk.mounted, "data")
    if arguments.control not in (None, "transient"):
        os.environ["LD_PRELOAD"] = os.path.abspath(arguments.control)
    print(f"seed {arguments.seed}", flush=True)
    history = History()
    chaos = Chaos(own, disk, history, random.Random(arguments.seed), 1 if arguments.control == "transient" else 2)
    problem = None
    try:
        for number in range(arguments.rounds):
            chaos.round(number)
        checker, violations = chaos.finish()
        print(f"{arguments.rounds} crashes ({arguments.crash}), slowest start {chaos.slowest_start:.2f} s: "
              f"{checker.summary()}", flush=True)
        if violations:
            problem = "; ".join(f"{rule} {text}" for rule, text in violations[:5])
    except (AssertionError, broker.StartFailed, OSError) as error:
        problem = f"{error!r}"
    if problem and not arguments.control:
        kept = os.path.join(tempfile.gettempdir(), f"leveret-history-{os.getpid()}.jsonl")
        history.save(kept)
        print("---- the broker's log ----")
        print(own.log()[-10000:] if os.path.exists(own.log_file) else "(none)")
        print(f"the history is in {kept}")
    own.remove()
    return problem


def run_on_new_disk(arguments):
    if arguments.crash != "power":
        return run(arguments, None)
    disk = loop_disk.LoopDisk()
    try:
        return run(arguments, disk)
    finally:
        disk.remove()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--broker", required=True)
    parser.add_argument("--crash", choices=("kill", "power"), default="kill")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "big"))
    parser.add_argument("--batch", type=int, help="judge, and begin anew, after so many crashes")
    parser.add_argument("--control")
    arguments = parser.parse_args()
    problem, rounds = None, arguments.rounds
    for first in range(0, rounds, arguments.batch or rounds):
        arguments.rounds = min(arguments.batch or rounds, rounds - first)
        try:
            problem = problem or run_on_new_disk(arguments)
        except loop_disk.Impossible as error:
            print(f"SKIPPED: {error}")
            return SKIPPED
        arguments.seed += 1
    if arguments.control:
        print(f"ok     control: {problem[:300]}" if problem else "FAILED: the control run lost nothing")
        return 0 if problem else 1
    if problem:
        print(f"FAILED: {problem}")
    return 1 if problem else 0


if __name__ == "__main__":
    sys.exit(main())
