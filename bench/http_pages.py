#!/usr/bin/python3
"""How long the management API takes to answer for lists of very many things, while messages flow and another client
watches for stalls; and what the answers cost in memory. Starts a broker of its own.

    http_pages.py --broker PATH/leveret --perf PATH/leveret-perf [--queues N] [--repeat N] [NAME ...]
"""
import argparse
import base64
import http.client
import multiprocessing
import os
import statistics
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tests/interop"))
from broker import Broker  # noqa: E402
import topology  # noqa: E402
import wire  # noqa: E402

FILLED = 1000  # queues with messages
TRAFFIC = "-u traffic -s 100 -r 20000 -q 200 -A 50 -z 3600".split()
# By name: a page in the middle of the list of queues unless it says otherwise.
REQUESTS = {
    "page": "queues?page={middle}&page_size=100",
    "page-of-vhost": "queues/%2F?page={middle}&page_size=100",
    "last-page": "queues?page={last}&page_size=100",
    "by-name-reverse": "queues?page=1&page_size=100&sort=name&sort_reverse=true",
    "by-messages": "queues?page=1&page_size=100&sort=messages&sort_reverse=true",
    "by-memory": "queues?page=1&page_size=100&sort=memory&sort_reverse=true",
    "by-state": "queues?page={middle}&page_size=100&sort=state",
    "by-publish-rate": "queues?page=1&page_size=100&sort=message_stats.publish_details.rate&sort_reverse=true",
    "filter": "queues?page=1&page_size=100&name=queue-00042",
    "regex": "queues?page=1&page_size=100&use_regex=true&name=^queue-.*7$&sort=messages",
    "page-500": "queues?page=1&page_size=500&sort=messages&sort_reverse=true",
    "exchanges": "exchanges?page=3&page_size=100&sort=type",
    "overview": "overview",
    "bindings": "bindings/%2F?columns=destination",
    "all-columns": "queues?columns=name,messages",
    "all": "queues",
}
options = None
own = None


def peak_rss_mib():
    with open(f"/proc/{own.process.pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM")) // 1024


def forget_peak():
    with open(f"/proc/{own.process.pid}/clear_refs", "w", encoding="ascii") as file:
        file.write("5")


def ask(path):
    """(status, seconds, bytes)"""
    connection = http.client.HTTPConnection("127.0.0.1", own.ports["http"], timeout=300)
    start = time.perf_counter()
    connection.request("GET", "/api/" + path,
                       headers={"Authorization": "Basic " + base64.b64encode(b"guest:guest").decode()})
    answer = connection.getresponse()
    size = len(answer.read())
    took = time.perf_counter() - start
    connection.close()
    return answer.status, took, size


def declare_everything(client):
    for first in range(0, options.queues, 1000):
        client.send(*(wire.method(1, wire.QUEUE_DECLARE, b"\x00\x00" + wire.short_string(f"queue-{i:07}") + bytes(
            [topology.DURABLE | topology.NO_WAIT]) + topology.NO_ARGUMENTS) for i in range(first, first + 1000)))
    for i in range(options.queues // 10):
        topology.declare_exchange(client, f"exchange-{i:06}", ("direct", "topic", "fanout")[i % 3])
    step = max(1, options.queues // FILLED)
    for i in range(0, options.queues, step):
        client.send(topology.message("", f"queue-{i:07}") * (i // step % 10 + 1))
    topology.messages_in(client, f"queue-{options.queues - 1:07}")


def watch(ready, stop, result):
    """Round trips of another client: basic.get on an empty queue."""
    with wire.Wire(timeout=300).open() as client:
        client.declare("probe", flags=8)
        question = wire.method(1, wire.BASIC_GET, b"\x00\x00" + wire.short_string("probe") + b"\x01")
        trips = []
        ready.set()
        while not stop.is_set():
            start = time.perf_counter()
            client.send(question)
            client.expect(wire.BASIC_GET_EMPTY)
            trips.append(time.perf_counter() - start)
            time.sleep(0.001)
        result.put((max(trips), statistics.median(trips)))


def watched(action):
    ready, stop, result = multiprocessing.Event(), multiprocessing.Event(), multiprocessing.Queue()
    other = multiprocessing.Process(target=watch, args=(ready, stop, result))
    other.start()
    ready.wait()
    value = action()
    stop.set()
    trips = result.get()
    other.join()
    return value, trips


def measure(name):
    path = REQUESTS[name].format(middle=options.queues // 200, last=options.queues // 100)
    repeat = options.repeat if not name.startswith("all") else 2
    forget_peak()

    def several():
        return [ask(path) for _ in range(repeat)]
    answers, (longest, median) = watched(several)
    if any(status != 200 for status, _, _ in answers):
        raise SystemExit(f"{name}: {answers}")
    times = sorted(took * 1000 for _, took, _ in answers)
    print(f"{name:16} median {statistics.median(times):7.0f} ms  worst {times[-1]:7.0f} ms  "
          f"{answers[0][2]:>11,} bytes  peak {peak_rss_mib():5} MiB  another client's round trip: "
          f"median {median * 1000:.2f} ms, longest {longest * 1000:.1f} ms", flush=True)


def main():
    global options, own
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--broker", required=True)
    parser.add_argument("--perf", required=True)
    parser.add_argument("--queues", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=9)
    parser.add_argument("--quiet", action="store_true", help="no other traffic")
    parser.add_argument("names", nargs="*", metavar="NAME", choices=[[], *REQUESTS], default=[])
    options = parser.parse_args()
    own = Broker(options.broker)
    traffic = None
    try:
        own.start()
        os.environ.update(own.environment())
        with wire.Wire(timeout=300).open() as client:
            declare_everything(client)
        if not options.quiet:
            traffic = subprocess.Popen([options.perf, "-h", f"amqp://127.0.0.1:{own.ports['amqp']}", *TRAFFIC],
                                       stdout=subprocess.DEVNULL)
            time.sleep(1)
        _, (longest, median) = watched(lambda: time.sleep(3))
        print(f"{options.queues:,} queues, nobody asks: another client's round trip: median {median * 1000:.2f} ms, "
              f"longest {longest * 1000:.1f} ms", flush=True)
        for name in options.names or REQUESTS:
            measure(name)
    finally:
        if traffic:
            traffic.terminate()
            traffic.wait()
        own.remove()


if __name__ == "__main__":
    main()
