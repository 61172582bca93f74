#!/usr/bin/python3
"""Runs leveret-perf in every mode for a moment, against a broker of its own: counts must be right, rates are nobody's
business here. Then what it does when something is wrong.

    smoke.py --perf PATH/leveret-perf --broker PATH/leveret
"""
import argparse
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tests/interop"))
from broker import Broker  # noqa: E402
from checks import check, equal, run_one  # noqa: E402

LIMIT = 60  # seconds for one run
arguments = None
own = None


def uri(**changes):
    return "amqp://{user}:{password}@127.0.0.1:{port}/%2f".format(
        **{"user": "guest", "password": "guest", "port": own.ports["amqp"], **changes})


def run(*flags, address=None):
    """A run that must succeed; what it wrote with --json."""
    path = os.path.join(own.directory, "perf.json")
    done = subprocess.run([arguments.perf, "-h", address or uri(), "--json", path, *flags],
                          capture_output=True, text=True, timeout=LIMIT)
    equal(f"exit code of {' '.join(flags)}: {done.stderr}", done.returncode, 0)
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def refused(name, *flags, says, address=None):
    """A run that must fail with one clear line."""
    done = subprocess.run([arguments.perf, "-h", address or uri(), *flags], capture_output=True, text=True,
                          timeout=LIMIT)
    check(f"{name}: exit code", done.returncode == 1, done.returncode)
    check(f"{name}: one line", done.stderr.count("\n") == 1 and says in done.stderr, done.stderr)


def test_counts():
    for name, flags, published, consumed in (
            ("one to one, auto-ack", "-s 16 -a -C 5000 -D 5000", 5000, 5000),
            ("each acked", "-s 100 -C 2000 -D 2000", 2000, 2000),
            ("multiple acks and prefetch", "-q 1000 -A 100 -C 5050 -D 5050 -s 1024", 5050, 5050),
            ("persistent with confirms", "-u smoke-p -f persistent -c 100 -C 2000 -D 2000", 2000, 2000),
            ("window of one", "-c 1 -C 50 -D 50", 50, 50),
            ("fan-out", "-y 10 -e smoke-fan -t fanout -a -C 500 -D 500", 500, 5000),
            ("several to one", "-x 3 -u smoke-m -a -C 1000 -D 3000", 3000, 3000),
            ("one thread", "--threads 1 -x 2 -y 2 -qp smoke-t%d -qpf 1 -qpt 2 -c 10 -q 7 -C 500 -D 500", 1000, 1000),
            ("a pattern of queues", "-qp smoke-%d -qpf 1 -qpt 3 -x 3 -y 3 -C 500 -D 500", 1500, 1500),
            ("large messages", "-s 300000 -c 4 -q 3 -C 50 -D 50", 50, 50),
            ("larger than a batch", "-s 3000000 -C 5 -D 5", 5, 5),
            ("too small for a time", "-s 3 -C 100 -D 100", 100, 100),
            ("empty", "-s 0 -C 100 -D 100", 100, 100),
            ("queue arguments", "-u smoke-a -qa x-max-length=100000 -ad true -C 100 -D 100", 100, 100),
            ("wall clock", "-ms -C 100 -D 100", 100, 100),
            ("a rate", "-r 1000 -C 200 -D 200", 200, 200),
            ("only producers", "-y 0 -u smoke-only -ad false -c 10 -C 300", 300, 0),
            ("only consumers", "-x 0 -p -u smoke-only -D 300", 0, 300)):
        result = run(*flags.split())
        equal(f"{name}: published", result["published"], published)
        equal(f"{name}: consumed", result["consumed"], consumed)
        confirmed = published if "-c " in flags else 0
        equal(f"{name}: confirmed", result["confirmed"], confirmed)
        equal(f"{name}: confirm latencies", result["confirm_latency"]["count"], confirmed)
        if "-s 3 " not in flags and "-s 0 " not in flags:
            equal(f"{name}: consumer latencies", result["consumer_latency"]["count"], consumed)


def test_default_exchange_and_returns():
    equal("default exchange", run("-e", "", "-u", "smoke-d", "-C", "100", "-D", "100")["consumed"], 100)
    result = run("-y", "0", "-p", "-e", "", "-u", "smoke-nobody", "-f", "mandatory", "-c", "10", "-C", "200")
    equal("returned", result["returned"], 200)
    equal("confirmed all the same", result["confirmed"], 200)


def test_time_and_broker_usage():
    result = run("-z", "1", "-i", "0.3", "-a", "--broker-pid", str(own.process.pid))
    check("something went through", result["consumed"] > 0, result)
    check("the broker's memory is known", result["broker_peak_rss_kib"] > 1000, result)
    check("and its CPU time", result["broker_cpu_s"] >= 0, result)


def test_failures():
    refused("no URI", says="is not a URI", address="http://localhost")
    refused("nobody there", says="cannot connect", address=uri(port=1))
    refused("wrong password", says="403 ACCESS_REFUSED", address=uri(password="wrong"))
    refused("missing queue", "-p", "-u", "smoke-missing", says="404 NOT_FOUND")
    refused("missing exchange", "-p", "-e", "smoke-missing", "-y", "0", says="404 NOT_FOUND")
    refused("unknown flag", "-what", says="unknown flag '-what'")
    refused("no number", "-x", "many", says="'many' is not a number")
    refused("no value", "-x", says="needs a value")
    refused("no such process", "--broker-pid", "999999999", "-z", "1", says="there is no process")
    refused("no place for the summary", "-z", "0.1", "--json", "/nowhere/at/all", says="cannot write")


def test_zz_dying_broker():
    load = subprocess.Popen([arguments.perf, "-h", uri(), "-i", "0.1", "-c", "100"], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True)
    load.stdout.readline()  # it is at work
    own.kill()
    _, error = load.communicate(timeout=LIMIT)
    check("one line", error.count("\n") == 1 and error.startswith("leveret-perf: 127.0.0.1:"), error)
    equal("exit code", load.returncode, 1)


def main():
    global arguments, own
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--perf", required=True)
    parser.add_argument("--broker", required=True)
    arguments = parser.parse_args()
    own = Broker(arguments.broker)
    try:
        own.start()
        tests = [(name, test) for name, test in globals().items() if name.startswith("test_")]
        passed = [run_one(name, test) for name, test in tests]
        return 0 if all(passed) else 1
    finally:
        own.remove()


if __name__ == "__main__":
    sys.exit(main())
