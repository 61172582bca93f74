#!/usr/bin/python3
"""The same load on Debian's RabbitMQ and on ours, in turn, several rounds: rates, their ratio, the broker's CPU time
for each message, peak memory. Writes the section of docs/BENCHMARKS.md with the machine, versions and command.

    compare.py --build build/release [--rounds 3] [--seconds 3] [--document] [NAME ...]
    compare.py --build build/release --peer amqp://localhost:5673 --peer-pid PID [--peer-name NAME] [NAME ...]

Names are those of the shapes (shapes.py), and `start`, `idle`, `idle-connections`. CPU time is that of the broker's
processes; with rounds in turn and CPU per message, a busy machine spoils less. --peer measures a broker that already
runs instead of RabbitMQ; nothing else should use it. `relay` is what reading and writing alone costs (leveret-relay).
"""
import argparse
import json
import os
import shlex
import subprocess
import sys
import tempfile
import time

import brokers
from measuring import Tools, machine, median, number, run_perf, table, write_section
from shapes import SHAPES

WARM_UP = 0.5
EXTRA = ("start", "idle", "idle-connections")
IDLE_CONNECTIONS = 10_000
BUSY = 0.1  # of a core
options = None
tools = None


def wait_until_idle(measured):
    """What one broker has left to do after its run must not take the other's time: RabbitMQ is busy for seconds with
    the queues of eight consumers that have gone.
    """
    begun = time.perf_counter()
    busy = 1
    while busy > BUSY:
        before = sum(brokers.cpu_seconds(broker.pid) for broker in measured)
        time.sleep(0.25)
        busy = (sum(brokers.cpu_seconds(broker.pid) for broker in measured) - before) / 0.25
        if time.perf_counter() - begun > 60:
            raise SystemExit(f"the brokers use {100 * busy:.0f} % of a core though nobody uses them")
    waited = time.perf_counter() - begun
    if waited > 1:
        print(f"  after {waited:.1f} s in which a broker was busy by itself", file=sys.stderr, flush=True)


def measure(shape, broker):
    if shape.prepare:
        with broker.client() as client:
            shape.prepare(client)
    brokers.reset_peak(broker.pid)
    return run_perf(tools, broker, [*shape.arguments(), "-z", str(options.seconds), "--warm-up", str(WARM_UP)])


def relay(flags):
    done = subprocess.run([tools.relay, *flags.split(), "--time", str(options.seconds)], capture_output=True, text=True,
                          check=True, timeout=120)
    return json.loads(done.stdout)


def cpu_of(shape, result):
    """Microseconds for each message or cycle."""
    count = result.get(shape.counts)
    return result["broker_cpu_s"] * 1e6 / count if count else None


def rate_of(shape, result):
    return result.get(f"{shape.counts}_per_s")


class Results:
    """Of one shape: the runs of every broker, and the relay's."""

    def __init__(self, shape):
        self.shape = shape
        self.runs = {}
        self.relay = []

    def add(self, broker, result):
        self.runs.setdefault(broker.name, []).append(result)
        if result.get("failure"):
            print(f"  {broker.name}: {result['failure']}", file=sys.stderr, flush=True)

    def median(self, name, value):
        return median([value(run) for run in self.runs.get(name, []) if not run.get("failure")])

    def rate(self, name):
        return self.median(name, lambda run: rate_of(self.shape, run))

    def cpu(self, name):
        return self.median(name, lambda run: cpu_of(self.shape, run))

    def memory(self, name):
        kib = self.median(name, lambda run: run.get("broker_peak_rss_kib"))
        return f"{kib / 1024:.0f}" if kib else "-"

    def share(self, name):
        """What was consumed of what was published."""
        return self.median(name, lambda run: run["consumed"] / run["published"] if run["published"] else None)

    def relay_median(self, key):
        return median([run[key] for run in self.relay])

    def relay_latency(self):
        if "--rate" not in (self.shape.relay or ""):
            return ""
        return "/".join(number(self.relay_median(key)) for key in ("p50_us", "p99_us"))

    def latency(self, name):
        kind = self.shape.latency
        if not kind:
            return ""
        values = [self.median(name, lambda run: run[kind][f"{percentile}_us"]) for percentile in ("p50", "p99")]
        return "/".join(number(value) for value in values)


def run_rounds(shapes, measured):
    results = {shape.name: Results(shape) for shape in shapes}
    for each in range(options.rounds):
        for shape in shapes:
            print(f"round {each + 1}: {shape.what}", file=sys.stderr, flush=True)
            for broker in measured if each % 2 == 0 else reversed(measured):
                wait_until_idle(measured)
                results[shape.name].add(broker, measure(shape, broker))
            if shape.relay:
                results[shape.name].relay.append(relay(shape.relay))
    return results


def ratio(ours, theirs):
    return f"{ours / theirs:.1f}x" if ours and theirs else "-"


def row(result, results, ours, other):
    shape = result.shape
    cpu = number(result.cpu(ours))
    if shape.relative_to in results and result.cpu(ours):
        cpu += f" ({ratio(result.cpu(ours), results[shape.relative_to].cpu(ours))} {shape.relative_to})"
    shares = "/".join(number(result.share(name), 2) for name in (ours, other)) if shape.counts == "consumed" else ""
    return [f"`{shape.name}`", shape.what, number(result.rate(ours)), number(result.rate(other)),
            ratio(result.rate(ours), result.rate(other)), cpu, number(result.cpu(other)),
            number(result.relay_median("cpu_us_per_message")) if result.relay else "", shares, result.latency(ours),
            result.latency(other), result.relay_latency(), f"{result.memory(ours)}/{result.memory(other)}", shape.goal]


def rates_table(results, measured):
    ours, other = (broker.name for broker in measured)
    columns = ["name", "shape", f"{ours} /s", f"{other} /s", "ratio", f"{ours} us CPU", f"{other} us CPU",
               "relay us CPU", "consumed of published", f"{ours} p50/p99 us", f"{other} p50/p99 us", "relay p50/p99 us",
               "peak RSS MiB", "goal"]
    return table(columns, [row(result, results, ours, other) for result in results.values()])


# --- what is no rate ---

def start(make):
    """Milliseconds from the start of the process until a connection is accepted, and idle memory then."""
    times, idle = [], []
    for _ in range(options.rounds):
        broker = make()
        try:
            times.append(brokers.seconds_while_starting(broker, lambda: None) * 1000)
            time.sleep(2)
            idle.append(brokers.status(broker.pid, "VmRSS") / 1024)
        finally:
            broker.stop()
    return median(times), median(idle)


def idle_connections(broker, count):
    """(KiB for each connection with a channel and a consumer, CPU in percent of a core while nothing happens)"""
    try:
        broker.start()
        time.sleep(1)
        before = brokers.status(broker.pid, "VmRSS")
        flags = f"-x 0 -y {count} -u shape-idle -q 1 -z {max(5, options.seconds)} --warm-up 3"
        result = run_perf(tools, broker, flags.split(), limit=600)
    finally:
        broker.stop()
    if result.get("failure"):
        return None, None
    memory = (result["broker_peak_rss_kib"] - before) / count
    return memory, 100 * result["broker_cpu_s"] / result["time_s"]


def extra_rows(names, makers):
    rows = []
    if {"start", "idle"} & set(names):
        figures = [start(make) for make in makers]
        rows.append(["`start`", "start to the first accepted connection, empty store, ms",
                     *(number(each[0]) for each in figures), "50"])
        rows.append(["`idle`", "resident memory of an idle broker, MiB", *(number(each[1]) for each in figures), "20"])
    if "idle-connections" in names:
        figures = [idle_connections(make(), options.connections) for make in makers]
        what = f"{options.connections:,} idle connections with a channel and a consumer"
        rows.append(["`idle-connections`", what + ", KiB each", *(number(each[0]) for each in figures), "30"])
        rows.append(["", "their CPU, % of a core", *(number(each[1]) for each in figures), "2"])
    return rows


# --- all of it ---

def command_line():
    words = [f"--rounds {options.rounds}", f"--seconds {options.seconds:g}", *map(shlex.quote, options.names)]
    return " ".join(["/usr/bin/python3 bench/compare.py --build build/release", *words])


def document(text, measured):
    versions = ", ".join(f"{broker.name} {broker.version}".strip() for broker in measured)
    head = (f"    {command_line()}\n\n{versions}; {machine()}. "
            f"Medians of {options.rounds} rounds of {options.seconds:g} s, in turn; brokers and clients share the "
            "cores. CPU is the broker's own, user and system, for each message received (or cycle); `relay` "
            "reads and writes the same frames without a broker.\n\n")
    write_section("compare", f"Compared with {measured[1].name}", head + text)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", default="build/release")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--connections", type=int, default=IDLE_CONNECTIONS, help="of idle-connections")
    parser.add_argument("--directory", default="", help="where the brokers keep their data: a disk, not a tmpfs")
    parser.add_argument("--peer", default="", metavar="URI")
    parser.add_argument("--peer-pid", type=int, default=0)
    parser.add_argument("--peer-name", default="peer")
    parser.add_argument("--document", action="store_true", help="write docs/BENCHMARKS.md")
    parser.add_argument("names", nargs="*", metavar="NAME")
    parsed = parser.parse_args()
    unknown = set(parsed.names) - {shape.name for shape in SHAPES} - set(EXTRA)
    if unknown:
        parser.error(f"unknown shapes: {' '.join(sorted(unknown))}")
    if parsed.peer and not parsed.peer_pid:
        parser.error("--peer needs --peer-pid")
    return parsed


def makers_of():
    """How to make our broker and the other one."""
    makers = [lambda: brokers.Leveret(tools.broker)]
    if options.peer:
        makers.append(lambda: brokers.Peer(options.peer, options.peer_pid, options.peer_name))
    else:
        brokers.install_rabbitmq()
        makers.append(brokers.Rabbit)
    return makers


def main():
    global options, tools
    options = parse_arguments()
    tools = Tools(options.build)
    tempfile.tempdir = os.path.abspath(options.directory or options.build)
    shapes = [shape for shape in SHAPES if not options.names or shape.name in options.names]
    makers = makers_of()
    measured = [make() for make in makers]
    try:
        for broker in measured if shapes else []:
            broker.start()
        text = rates_table(run_rounds(shapes, measured), measured) + "\n" if shapes else ""
    finally:
        for broker in measured:
            broker.stop()
    rows = extra_rows(options.names or EXTRA, makers[:1] if options.peer else makers)
    if rows:
        text += table(["name", "what", *(broker.name for broker in measured), "goal"],
                      [each if len(each) == 5 else [*each[:3], "-", each[3]] for each in rows])
    print(text)
    if options.document:
        document(text, measured)


if __name__ == "__main__":
    main()
