#!/usr/bin/python3
"""Runs leveret-perf in every mode for a moment, against a broker of its own: counts must be right, rates are nobody's
business here. Then what it does when something is wrong.

    smoke.py --perf PATH/leveret-perf --broker PATH/leveret
"""
import argparse
import base64
import csv
import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from xml.etree import ElementTree

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


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def http_get(path):
    request = urllib.request.Request(f"http://127.0.0.1:{own.ports['http']}{path}")
    request.add_header("Authorization", "Basic " + base64.b64encode(b"guest:guest").decode())
    with urllib.request.urlopen(request, timeout=LIMIT) as answer:
        return json.load(answer)


def certificates():
    """Settings for a broker with a certificate that ca.pem has signed."""
    directory = own.directory
    authority, key, request, certificate = (os.path.join(directory, name)
                                            for name in ("ca.pem", "key.pem", "request.pem", "certificate.pem"))
    extension = os.path.join(directory, "extension")
    with open(extension, "w", encoding="ascii") as file:
        file.write("subjectAltName=IP:127.0.0.1")
    new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    for command in (
            ["req", "-x509", *new_key, "-keyout", authority + ".key", "-out", authority, "-subj", "/CN=ca"],
            ["req", *new_key, "-keyout", key, "-out", request, "-subj", "/CN=broker"],
            ["x509", "-req", "-in", request, "-CA", authority, "-CAkey", authority + ".key", "-CAcreateserial",
             "-extfile", extension, "-out", certificate]):
        subprocess.run(["openssl", *command], check=True, capture_output=True, timeout=LIMIT)
    return [f"ssl_options.certfile={certificate}", f"ssl_options.keyfile={key}", "ssl_options.verify=verify_none"]


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
            ("varying rates", "-vr 5000:0.02 -vr 0:0.01 -vr 1000:0.02 -C 200 -D 200", 200, 200),
            ("an interval", "-P 0.001 -C 50 -D 50", 50, 50),
            ("varying sizes", "-vs 100:0.01 -vs 100000:0.01 -r 5000 -C 200 -D 200", 200, 200),
            ("a slow consumer", "-R 2000 -C 200 -D 200 -q 10", 200, 200),
            ("a busy consumer", "-L 200 -q 10 -C 200 -D 200", 200, 200),
            ("a consumer now and then busy", "-vl 500:0.01 -vl 0:0.01 -C 200 -D 200", 200, 200),
            ("polling", "-po -u smoke-get -C 300 -D 300", 300, 300),
            ("polling at intervals", "-po -pi 1 -a -u smoke-get2 -r 1000 -C 50 -D 50", 50, 50),
            ("channels", "-x 2 -X 3 -y 2 -Y 3 -qp smoke-c%d -qpt 6 -c 10 -q 10 -Q 50 -A 5 -C 100 -D 100", 600, 600),
            ("all queues by one", "-e  -qp smoke-1-%d -qpt 50 -kp smoke-1-%d -kpt 50 -Y 50 -C 500 -D 10", 500, 500),
            ("random keys", "-K -rkcs 20 -e smoke-fan2 -t fanout -a -C 100 -D 100", 100, 100),
            ("transactions", "-m 10 -n 5 -u smoke-tx -C 100 -D 100", 100, 100),
            ("nacks", "-na -re false -u smoke-na -A 5 -C 100 -D 100", 100, 100),
            ("quorum", "-qq -u smoke-qq -f persistent -c 10 -C 50 -D 50", 50, 50),
            ("properties", "-mp priority=5,appId=a,x=1 -T text/plain -qa x-max-priority=9 -C 50 -D 50", 50, 50),
            ("heartbeats, small frames", "-b 1 -M 4096 -s 20000 -C 50 -D 50", 50, 50),
            ("a late start", "-prsd 0.1 -x 3 -u smoke-l -C 20 -D 60", 60, 60),
            ("flags of the Java client", "-hst 1 -pst 1 -st 5 -dcr -d name -C 20 -D 20", 20, 20),
            ("only producers", "-y 0 -u smoke-only -ad false -c 10 -C 300", 300, 0),
            ("only consumers", "-x 0 -p -u smoke-only -D 300", 0, 300)):
        result = run(*flags.split(" "))
        equal(f"{name}: published", result["published"], published)
        equal(f"{name}: consumed", result["consumed"], consumed)
        confirmed = published if "-c " in flags else 0
        equal(f"{name}: confirmed", result["confirmed"], published if "-m 10" in flags else confirmed)
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


def test_churn():
    for what in ("connections", "channels", "queues", "bindings"):
        for flags in ("-x 2", "-x 1 -c 10", "-x 1 -c 10 -f persistent"):
            result = run("--churn", what, "-C", "40", *flags.split())
            equal(f"{what} {flags}: cycles", result["cycles"], 80 if "-x 2" in flags else 40)
            equal(f"{what} {flags}: latencies", result["cycle_latency"]["count"], result["cycles"])
    names = http_get("/api/queues")
    check("queues are gone", not [queue for queue in names if queue["name"].startswith("perf-")], names)


def test_warm_up_and_files():
    paths = {kind: os.path.join(own.directory, f"report.{kind}") for kind in ("csv", "html")}
    start = time.monotonic()
    result = run("-z", "1.5", "--warm-up", "1", "-i", "0.1", "-a", "-c", "100", "-d", "a<b",
                 "--csv", paths["csv"], "--html", paths["html"])
    all_of_it = time.monotonic() - start
    check("the warm-up is not counted", result["time_s"] <= all_of_it - 1, (result["time_s"], all_of_it))
    check("intervals", len(result["intervals"]) >= 3, result["intervals"])
    with open(paths["csv"], encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    check("a row for each interval", len(rows) == len(result["intervals"]), rows)
    check("as many columns as the header", all(len(row) == len(header) for row in rows), rows)
    page = ElementTree.fromstring("<r>" + read(paths["html"]).split("</style>")[1].replace("</html>", "") + "</r>")
    equal("plots", len(page.findall("svg")), 3)


def test_tls():
    own_tls = Broker(arguments.broker, ["listeners.ssl.default=127.0.0.1:0", *certificates()])
    try:
        own_tls.start()
        port = re.search(r"listening on 127.0.0.1:(\d+) \(amqp/ssl\)", own_tls.log()).group(1)
        address = f"amqps://guest:guest@127.0.0.1:{port}"
        result = run("-C", "2000", "-D", "2000", "-c", "100", "-s", "20000", address=address)
        equal("messages over TLS", result["consumed"], 2000)
        refused("unknown authority", "-udsc", "-C", "1", says="certificate", address=address)
        authority = os.path.join(own.directory, "ca.pem")
        equal("a known one", run("--ca", authority, "-C", "9", "-D", "9", address=address)["consumed"], 9)
        refused("no TLS there", "-C", "1", says="TLS", address=uri().replace("amqp:", "amqps:"))
    finally:
        own_tls.remove()


def test_relay():
    relay = os.path.join(os.path.dirname(arguments.perf), "leveret-relay")
    for flags in ("--size 16", "--size 100000", "--size 1024 --rate 10000"):
        done = subprocess.run([relay, *flags.split(), "--time", "0.1"], capture_output=True, text=True, timeout=LIMIT,
                              check=True)
        passed = json.loads(done.stdout)
        check("messages went through", passed["messages"] > 0, done.stdout)
        check("latencies are those of a rate", (passed["p99_us"] > 0) == ("--rate" in flags), done.stdout)


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
    refused("unknown churn", "--churn", "users", says="--churn")
    refused("no body", "-B", "/nowhere/at/all", says="cannot read")
    refused("a rate of nothing", "-vr", "0:1", says="more than 0")
    refused("no step", "-vr", "1", says="VALUE:SECONDS")
    refused("polling nothing", "-po", says="polling needs a queue")
    refused("churn without a broker", "--churn", "connections", says="cannot connect", address=uri(port=1))
    refused("no place for the summary", "-z", "0.1", "--json", "/nowhere/at/all", says="cannot write")


def test_zz_dying_broker():
    path = os.path.join(own.directory, "dying.json")
    load = subprocess.Popen([arguments.perf, "-h", uri(), "-i", "0.1", "-c", "100", "--json", path,
                             "--broker-pid", str(own.process.pid)],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    load.stdout.readline()  # it is at work
    own.kill()
    output, error = load.communicate(timeout=LIMIT)
    check("one line", error.count("\n") == 1 and error.startswith("leveret-perf: 127.0.0.1:"), error)
    equal("exit code", load.returncode, 1)
    check("the figures so far", "confirm rate avg" in output, output)
    result = json.loads(read(path))
    check("also in the file", result["published"] > 0 and "127.0.0.1" in result["failure"], result)


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
