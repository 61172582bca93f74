#!/usr/bin/python3
"""What durable queues cost on disk, in memory and at a restart: the storage table of issue 4, with a broker of its own
for each figure. Writes the section of docs/BENCHMARKS.md. Rates against RabbitMQ are rows of compare.py.

    storage.py --build build/release [--seconds 5] [--rounds 3] [--messages N] [--queues N] [--idle S] [--document]
               [NAME ...]

Names: window-1, fan-out-bytes, disk-share, write-amplification, queues, backlog. Octets are those that the broker gave
to write calls (`wchar` of /proc/PID/io); its sockets use others. --messages is the backlog (1,000,000 of 1 KiB; issue 4
wants 20,000,000: 25 GB of disk and ten minutes), --queues the number of durable queues, --idle how long the drained
store may rest before its size is looked at.
"""
import argparse
import os
import re
import shlex
import struct
import tempfile
import time

import brokers
from measuring import Tools, machine, median, number, run_perf, table, write_section
import wire

BODY = 1024
NO_ARGUMENTS = b"\x00\x00\x00\x00"
CONFIRMED = "-f persistent -c 1000 -q 1000 -A 100"
options = None
tools = None


def octets_written(pid):
    with open(f"/proc/{pid}/io", encoding="ascii") as file:
        return int(re.search(r"^wchar: (\d+)", file.read(), re.MULTILINE).group(1))


def disk_usage(directory):
    return sum(os.path.getsize(os.path.join(where, name)) for where, _, names in os.walk(directory) for name in names)


class Own:
    """A broker for one figure."""

    def __enter__(self):
        self.broker = brokers.Leveret(tools.broker)
        self.broker.start()
        return self.broker

    def __exit__(self, *_):
        self.broker.stop()


def load(broker, flags, limit=7200):
    """(summary, octets written for each message published)"""
    before = octets_written(broker.pid)
    result = run_perf(tools, broker, flags.split(), limit)
    if result.get("failure"):
        raise SystemExit(f"{flags}: {result['failure']}")
    return result, (octets_written(broker.pid) - before) / max(1, result["published"])


# --- figures: each yields (what, figure, goal) ---

def synced_writes():
    """Writes of one message's size with fdatasync, one after the other, a second."""
    path = os.path.join(tempfile.gettempdir(), "synced-writes")
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        octets, count, start = b"x" * (BODY + 64), 0, time.perf_counter()
        while time.perf_counter() - start < options.seconds:
            os.write(file, octets)
            os.fdatasync(file)
            count += 1
        return count / (time.perf_counter() - start)
    finally:
        os.close(file)
        os.remove(path)


def window_1():
    shapes = {"a consumer acknowledges per 100": ("-q 1000 -A 100", "0.7"),
              "a consumer acknowledges each": ("-q 1 -A 1", ""),
              "nobody consumes": ("-y 0 -ad false", "")}
    written, confirmed = [], {what: [] for what in shapes}
    for _ in range(options.rounds):  # in turn: a disk has moods
        written.append(synced_writes())
        for what, (flags, _) in shapes.items():
            with Own() as broker:
                result, _ = load(broker, f"-u st -s {BODY} -f persistent -c 1 -z {options.seconds} {flags}")
            confirmed[what].append(result["confirmed_per_s"])
    for what, (_, goal) in shapes.items():
        ratio = median([ours / plain for ours, plain in zip(confirmed[what], written)])
        yield (f"1 KiB, confirm window 1, {what}: {number(median(confirmed[what]))}/s; write + fdatasync, "
               f"{number(median(written))}/s: ratio", number(ratio), goal)


def fan_out_bytes():
    """Of one queue's messages most skip the disk when they are acknowledged soon, of ten queues' most do not: like is
    compared with like where none is acknowledged before it must be written."""
    for acked in (100, 1000):
        octets = {}
        for queues in (1, 10):
            with Own() as broker:
                flags = (f"-y {queues} -qp st-%d -qpt {queues} -e st-fan -t fanout -s 4096 -f persistent -c 1000 "
                         f"-q {2 * acked} -A {acked} -z {options.seconds}")
                _, octets[queues] = load(broker, flags)
            yield (f"4 KiB fanned out to {queues} durable queues, consumers keep up, ack per {acked}: octets written "
                   f"for each message, {number(octets[queues])}; of its body", number(octets[queues] / 4096), "")
        yield "those for 10 queues against those for one", number(octets[10] / max(1, octets[1])), "1.5"


def disk_share():
    for size in (16, BODY):
        with Own() as broker:
            _, kept_up = load(broker, f"-u st -s {size} {CONFIRMED} -z {options.seconds}")
        with Own() as broker:
            _, all_of_them = load(broker, f"-y 0 -u st -ad false -s {size} -f persistent -c 1000 -z {options.seconds}")
        yield (f"{size} B, consumer keeps up: octets written for each message, {number(kept_up)}, against those when "
               f"nobody consumes, {number(all_of_them)}: share that reaches the disk",
               number(kept_up / all_of_them), "0.5")


def write_amplification():
    for length, goal in ((2000, "1.2"), (20000, "")):
        with Own() as broker:
            load(broker, f"-y 0 -u st -ad false -s {BODY} -f persistent -c 1000 -C {length}")
            _, octets = load(broker, f"-u st -ad false -s {BODY} {CONFIRMED} -r 20000 -R 20000 -z {options.seconds}")
        yield (f"1 KiB through a queue that stays {length:,} long, 20,000/s: octets written for each message, "
               f"{number(octets)}; of its body", number(octets / BODY), goal)


def queues():
    count = options.queues
    with Own() as broker:
        with broker.client() as client:
            empty = brokers.status(broker.pid, "VmRSS")
            start = time.perf_counter()
            for first in range(0, count, 1000):  # pipelined, but nobody's answers pile up
                names = [f"st-{number}" for number in range(first, min(count, first + 1000))]
                client.send(*(wire.method(1, wire.QUEUE_DECLARE, b"\x00\x00" + wire.short_string(name) + b"\x02" +
                                          NO_ARGUMENTS) for name in names))
                for _ in names:
                    client.expect(wire.QUEUE_DECLARE_OK)
            took = time.perf_counter() - start
        each = (brokers.status(broker.pid, "VmRSS") - empty) / count
        yield f"{count:,} durable queues declared, a second", number(count / took), "5,000"
        yield "their memory, KiB each", number(each), "4"
        broker.kill()
        restarted = brokers.seconds_while_starting(broker, lambda: None)
        yield "restart after kill -9 until a connection is accepted, s", number(restarted), "3"


def seconds_to_first_delivery(broker, queue):
    """From the start of the process."""
    def consume():
        with broker.client() as client:
            client.send(wire.method(1, (60, 10), struct.pack(">IHB", 0, 1, 0)))
            client.expect((60, 11))
            client.send(wire.method(1, (60, 20), b"\x00\x00" + wire.short_string(queue) + b"\x00\x00" + NO_ARGUMENTS))
            client.expect((60, 21))
            client.expect((60, 60))
    return brokers.seconds_while_starting(broker, consume)


def ends(intervals):
    """Publish rates of the first and the last tenth of the intervals."""
    rates = [each["confirmed_per_s"] for each in intervals]
    tenth = max(1, len(rates) // 10)
    return median(rates[:tenth]), median(rates[-tenth:])


def backlog():
    count = options.messages
    with Own() as broker:
        filled, octets = load(broker, f"-y 0 -u st -ad false -s {BODY} -f persistent -c 10000 -C {count}")
        yield f"backlog of {count:,} x 1 KiB: published and confirmed, a second", number(filled["confirmed_per_s"]), ""
        if len(filled["intervals"]) > 1:
            first, last = ends(filled["intervals"])
            yield "rate at its end against that at its beginning", number(last / first), "0.8"
        yield "octets written for each, of its body", number(octets / BODY), ""
        yield "peak RSS, MiB", number(brokers.status(broker.pid, "VmHWM") / 1024), "300"
        yield "disk, MiB", number(disk_usage(broker.data_dir) / 1048576), ""
        broker.kill()
        yield "kill -9 and restart until the first delivery, s", number(seconds_to_first_delivery(broker, "st")), "1.0"
        drained, _ = load(broker, f"-x 0 -p -u st -q 1000 -A 100 -D {count}")
        yield "drained, a second", number(drained["consumed_per_s"]), ""
        yield ("drained against published", number(drained["consumed_per_s"] / filled["confirmed_per_s"]), "1.0")
        yield "peak RSS after the restart, MiB", number(brokers.status(broker.pid, "VmHWM") / 1024), "300"
        time.sleep(options.idle)
        left = disk_usage(broker.data_dir) / 1048576
        yield f"disk, {options.idle} s after it was drained, MiB", number(left), "100"


FIGURES = {function.__name__.replace("_", "-"): function
           for function in (window_1, fan_out_bytes, disk_share, write_amplification, queues, backlog)}


def rows_of(name):
    rows = []
    for what, figure, goal in FIGURES[name]():
        print(f"{name}: {what}: {figure} (goal {goal or 'none'})", flush=True)
        rows.append([f"`{name}`", what, figure, goal])
    return rows


def main():
    global options, tools
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", default="build/release")
    parser.add_argument("--directory", default="", help="where the data goes: a disk, not a tmpfs")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--queues", type=int, default=100_000)
    parser.add_argument("--idle", type=int, default=60)
    parser.add_argument("--document", action="store_true", help="write docs/BENCHMARKS.md")
    parser.add_argument("names", nargs="*", metavar="NAME", choices=[[], *FIGURES], default=[])
    options = parser.parse_args()
    tools = Tools(options.build)
    tempfile.tempdir = os.path.abspath(options.directory or options.build)
    rows = [row for name in options.names or FIGURES for row in rows_of(name)]
    if options.document:
        flags = (f"--{name} {getattr(options, name)}" for name in ("rounds", "seconds", "messages", "queues", "idle"))
        command = " ".join(["/usr/bin/python3 bench/storage.py --build build/release", *flags,
                            *map(shlex.quote, options.names)])
        write_section("storage", "Storage", f"    {command}\n\n{machine()}. Every confirm is synced.\n\n"
                      + table(["name", "what", "figure", "goal"], rows))


if __name__ == "__main__":
    main()
