#!/usr/bin/python3
"""What it costs to have the page open: rate and broker CPU per message with and without /api/overview, /api/queues and
/api/nodes asked every few seconds, in turn, medians of several runs. Starts a broker of its own.

    polling.py --broker PATH/leveret --perf PATH/leveret-perf [--queues N] [--rounds N] [--seconds N]
"""
import argparse
import base64
import http.client
import json
import os
import statistics
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tests/interop"))
from broker import Broker  # noqa: E402
import wire  # noqa: E402

EVERY = 5  # seconds, as RabbitMQ's page and ours
PATHS = ("/api/overview?lengths_age=600&lengths_incr=5&msg_rates_age=600&msg_rates_incr=5",
         "/api/queues?page=1&page_size=100&sort=messages&sort_reverse=true", "/api/nodes")
own = None
options = None


def poll(stop, asked):
    while not stop.is_set():
        for path in PATHS:
            connection = http.client.HTTPConnection("127.0.0.1", own.ports["http"], timeout=60)
            connection.request("GET", path, headers={
                "Authorization": "Basic " + base64.b64encode(b"guest:guest").decode()})
            asked.append(connection.getresponse().read())
            connection.close()
        stop.wait(EVERY)


def run(polling):
    """(messages a second, broker CPU us a message)"""
    result = os.path.join(own.directory, "perf.json")
    stop, asked = threading.Event(), []
    poller = threading.Thread(target=poll, args=(stop, asked))
    if polling:
        poller.start()
    subprocess.run([options.perf, "-h", f"amqp://127.0.0.1:{own.ports['amqp']}", "-u", "polled", "-s", "100", "-q",
                    "1000", "-A", "100", "-x", "2", "-y", "2", "-z", str(options.seconds), "--broker-pid",
                    str(own.process.pid), "--json", result], check=True, stdout=subprocess.DEVNULL)
    stop.set()
    if polling:
        poller.join()
    with open(result, encoding="utf-8") as file:
        figures = json.load(file)
    return figures["consumed"] / options.seconds, figures["broker_cpu_s"] / figures["consumed"] * 1e6


def main():
    global own, options
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--broker", required=True)
    parser.add_argument("--perf", required=True)
    parser.add_argument("--queues", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=int, default=10)
    options = parser.parse_args()
    own = Broker(options.broker)
    try:
        own.start()
        os.environ.update(own.environment())
        with wire.Wire(timeout=60).open() as client:
            for i in range(options.queues):
                client.declare(f"idle-{i}")
        seen = {False: [], True: []}
        for _ in range(options.rounds):  # in turn, because the machine is not always the same
            for polling in seen:
                seen[polling].append(run(polling))
        medians = {polling: [statistics.median(column) for column in zip(*runs)] for polling, runs in seen.items()}
        for polling, (rate, cpu) in medians.items():
            what = f"asked every {EVERY} s" if polling else "nobody asks"
            print(f"{what:16} {rate:12,.0f} messages/s  {cpu:.3f} us CPU a message")
        print(f"with {options.queues:,} other queues: {(medians[True][1] / medians[False][1] - 1) * 100:+.1f} % CPU, "
              f"{(medians[True][0] / medians[False][0] - 1) * 100:+.1f} % rate; all runs: {seen}")
    finally:
        own.remove()


if __name__ == "__main__":
    main()
