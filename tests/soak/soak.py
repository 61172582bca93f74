#!/usr/bin/python3
"""Everything at once for a while: soak.py --broker PATH/leveret [--seconds 600] [--seed N]

Publishers, consumers, connections that come and go, mistakes, policies, HTTP and alarms. A sanitizer must not say a
word, and memory, descriptors and threads of the last third of the time are those of the first.
"""
import argparse
import os
import random
import re
import statistics
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[1:1] = [os.path.join(HERE, "..", "interop"), os.path.join(HERE, "..", "flood"),
                 os.path.join(HERE, "..", "stateful")]

from checks import check, equal, eventually  # noqa: E402
import broker  # noqa: E402
import chaos  # noqa: E402
from operations import NOTHING, PLENTY, Configured  # noqa: E402

REPORTS = ("ERROR: AddressSanitizer", "runtime error:", "WARNING: ThreadSanitizer", "ERROR: LeakSanitizer",
           "assertion failed")
ALARM_EVERY, ALARM_LASTS = 15, 1  # seconds
LONG = 300  # seconds; before that caches and the store's tables are still filling
MEMORY_SLACK_KIB = {True: 24 * 1024, False: 96 * 1024}  # of a long run, of a short one
MAPPING = re.compile(r"([0-9a-f]+)-[0-9a-f]+ \S+ \S+ \S+ (\d+)")
SHADOW = range(1 << 40, 1 << 46)  # where ASan and TSan of x86-64 have it, and the broker nothing
# A quarantine of freed memory that fills for minutes would look like a leak.
SUPPRESSIONS = os.path.join(HERE, "..", "support", "tsan_suppressions.txt")
SANITIZERS = {"ASAN_OPTIONS": "quarantine_size_mb=8:detect_leaks=1", "UBSAN_OPTIONS": "print_stacktrace=1",
              "TSAN_OPTIONS": f"exitcode=66:suppressions={SUPPRESSIONS}"}


class Soaked(Configured):
    """On ports that stay the same while the configuration is read again and again."""

    def resources(self):
        """(resident KiB, open descriptors, threads)"""
        directory = f"/proc/{self.process.pid}"
        with open(f"{directory}/status", encoding="ascii") as status:
            fields = dict(line.split(":", 1) for line in status)
        return self.resident_kib(), len(os.listdir(f"{directory}/fd")), int(fields["Threads"])

    def resident_kib(self):
        """Without what a sanitizer notes of each address, which TSan drops and gathers again, and no files: it maps the
        whole program, 70 MB, when a suppression has to be looked up for the first time.
        """
        total, counted = 0, False
        with open(f"/proc/{self.process.pid}/smaps", encoding="utf-8") as mappings:
            for line in mappings:
                if mapping := MAPPING.match(line):
                    counted = int(mapping[1], 16) not in SHADOW and mapping[2] == "0"  # the inode
                elif counted and line.startswith("Rss:"):
                    total += int(line.split()[1])
        return total

    def check_reports(self):
        for line in self.log().splitlines():
            check("a sanitizer says nothing", not any(report in line for report in REPORTS), line)


def run_for(own, seconds, workers):
    """Samples of what the broker takes, one a second."""
    samples, started, alarmed = [], time.monotonic(), None
    next_alarm = started + min(ALARM_EVERY, seconds / 3)
    while time.monotonic() - started < seconds:
        time.sleep(0.5)
        check("the broker lives", own.process.poll() is None, own.process.returncode)
        problems = [worker.problem for worker in workers if worker.problem]
        check("every worker goes on", not problems, problems)
        now = time.monotonic()
        if alarmed is None and now > next_alarm and now - started < seconds - 3:
            own.reload(NOTHING)
            alarmed = now
        elif alarmed is not None and now > alarmed + ALARM_LASTS:
            own.reload(PLENTY)
            alarmed, next_alarm = None, now + ALARM_EVERY
        samples.append(own.resources())
    if alarmed is not None:
        own.reload(PLENTY)
    return samples


def check_flat(samples, is_long):
    """The first tenth is for warming up."""
    samples = samples[len(samples) // 10:]
    third = len(samples) // 3
    for name, index, slack in (("memory in KiB", 0, MEMORY_SLACK_KIB[is_long]), ("descriptors", 1, 40),
                               ("threads", 2, 2)):
        first = statistics.median(sample[index] for sample in samples[:third])
        last = statistics.median(sample[index] for sample in samples[-third:])
        print(f"       {name}: {first:.0f} in the first third, {last:.0f} in the last", flush=True)
        check(f"{name}: flat", last <= first * 1.1 + slack, (first, last))


def soak(own, seconds, seed):
    own.write("rabbitmq.conf", "cluster_name = soak\n")
    own.write("conf.d/10-test.conf", PLENTY)
    own.start()
    os.environ.update(own.environment())
    resting = own.resources()
    source = random.Random(seed)
    workers = [make(source.random()) for make in chaos.WORKERS]
    for worker in workers:
        worker.start()
    samples = run_for(own, seconds, workers)
    for worker in workers:
        worker.stop()
    for worker in workers:
        worker.join(90)
        check(f"{worker.name} ends", not worker.is_alive())
        if hasattr(worker, "client"):
            worker.client.socket.close()
    check("every worker did something", all(worker.turns > 0 for worker in workers),
          [(worker.name, worker.turns) for worker in workers])
    print("       turns: " + ", ".join(f"{worker.name} {worker.turns}" for worker in workers), flush=True)
    check_flat(samples, seconds >= LONG)
    eventually("connections are gone", lambda: own.resources()[1] <= resting[1] + 40, 30)
    equal("exit code after SIGTERM", own.terminate(), 0)
    own.check_reports()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--broker", required=True)
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    os.environ.update(SANITIZERS)
    own = Soaked(options.broker)

    def run():
        soak(own, options.seconds, options.seed)
        print(f"ok     {options.seconds} s")
    return broker.guarded(own, run, f" with --seed {options.seed}")


if __name__ == "__main__":
    sys.exit(main())
