#!/usr/bin/python3
"""Curves of rate and CPU time for each message against the number of something, on a broker of ours for each curve.
Writes the section of docs/BENCHMARKS.md.

    scale.py --build build/release [--seconds 2] [--rounds 3] [--document] [--most N] [CURVE ...]

Curves: queues, connections, bindings, sizes, backlog, io-threads. --most leaves out the points beyond it.
"""
import argparse
import os
import shlex
import tempfile

import brokers
from measuring import Tools, machine, median, number, run_perf, table, write_section
import shapes

options = None
tools = None


def run(broker, flags):
    words = ["" if word == "@" else word for word in flags.split()]
    return run_perf(tools, broker, [*words, "-z", str(options.seconds), "--warm-up", "0.5"])


def point(broker, flags):
    """Medians: (messages a second, CPU us for each, peak MiB)"""
    results = [result for result in (run(broker, flags) for _ in range(options.rounds)) if not result.get("failure")]
    rates = [result["consumed_per_s"] for result in results]
    cpus = [result["broker_cpu_us_per_consumed"] for result in results]
    memory = [result["broker_peak_rss_kib"] / 1024 for result in results]
    return median(rates), median(cpus), median(memory)


def points(values):
    return [value for value in values if not options.most or value <= options.most]


def with_broker(action, *settings):
    broker = brokers.Leveret(tools.broker, settings)
    try:
        broker.start()
        return action(broker)
    finally:
        broker.stop()


# --- curves: each yields (x, rate, CPU, memory) ---

def queues():
    """16 B, 1 publisher that sends to all queues in turn, 10 connections with consumers of all"""
    for count in points((1, 10, 100, 1000, 10_000)):
        channels = max(1, count // 10)
        flags = f"-e @ -qp scale-%d -qpt {count} -kp scale-%d -kpt {count} -y {min(count, 10)} -Y {channels} -s 16 -a"
        yield count, *with_broker(lambda broker, flags=flags: point(broker, flags))


def connections():
    """16 B, so many publishers and so many consumers, 10 queues"""
    for count in points((1, 10, 100, 1000, 5000)):
        flags = f"-x {count} -y {count} -qp scale-%d -qpt 10 -s 16 -a"
        yield count, *with_broker(lambda broker, flags=flags: point(broker, flags))


def bindings():
    """16 B, topic exchange, 1,000 keys in turn, one wildcard binding that matches and the rest that do not"""
    for count in points((1, 10, 100, 1000, 10_000)):
        def measure(broker, count=count):
            with broker.client() as client:
                shapes.declare_topic(count)(client)
            return point(broker, shapes.TOPIC.format(count))
        yield count, *with_broker(measure)


def sizes():
    """1-1, auto-ack; x is the size of a body"""
    for size in points((0, 16, 128, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576)):
        yield size, *with_broker(lambda broker, size=size: point(broker, f"-u scale -s {size} -a"))


def backlog():
    """1 KiB persistent, confirms, 1-1; x is how many messages wait in another durable queue"""
    load = "-u scale-live -s 1024 -f persistent -c 1000 -q 1000 -A 100"
    for count in points((0, 10_000, 100_000, 1_000_000, 5_000_000)):
        def measure(broker, count=count):
            if count:
                fill = f"-y 0 -u scale-full -ad false -s 1024 -f persistent -c 10000 -C {count}"
                run_perf(tools, broker, fill.split(), limit=3600)
            brokers.reset_peak(broker.pid)
            return point(broker, load)
        yield count, *with_broker(measure)


def io_threads():
    """16 B, 8-8 over 8 queues, acks; x is leveret.io_threads"""
    for count in points((1, 2, 4, 8)):
        flags = "-x 8 -y 8 -qp scale-%d -qpt 8 -s 16 -q 1000 -A 100"
        yield count, *with_broker(lambda broker, flags=flags: point(broker, flags), f"leveret.io_threads={count}")


CURVES = {function.__name__.replace("_", "-"): function
          for function in (queues, connections, bindings, sizes, backlog, io_threads)}


def section(name, curve):
    rows = []
    for x, rate, cpu, memory in curve():
        rows.append([f"{x:,}", number(rate), number(cpu), number(memory)])
        print(name, *rows[-1], flush=True)
    return f"### {name}\n\n{curve.__doc__}.\n\n" + table([name, "msg/s", "broker us CPU", "peak RSS MiB"], rows)


def main():
    global options, tools
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", default="build/release")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--most", type=int, default=0, metavar="N")
    parser.add_argument("--document", action="store_true", help="write docs/BENCHMARKS.md")
    parser.add_argument("names", nargs="*", metavar="CURVE", choices=[[], *CURVES], default=[])
    options = parser.parse_args()
    tools = Tools(options.build)
    tempfile.tempdir = os.path.abspath(options.build)
    text = "\n".join(section(name, CURVES[name]) for name in options.names or CURVES)
    if options.document:
        command = f"/usr/bin/python3 bench/scale.py --build build/release --rounds {options.rounds} --seconds " \
                  f"{options.seconds:g} " + " ".join(map(shlex.quote, options.names))
        write_section("scale", "Scale", f"    {command.strip()}\n\n{machine()}. Medians.\n\n{text}")


if __name__ == "__main__":
    main()
