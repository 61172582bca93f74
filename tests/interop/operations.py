#!/usr/bin/python3
"""A broker in operation: watermarks and logs that follow the configuration at SIGHUP, stopping with blocked clients.

    operations.py --broker PATH/leveret
"""
import argparse
import json
import os
import signal
import sys
import threading
import time

import pika

import broker
import pika_client
from checks import Failed, check, equal, eventually
from pika_client import PERSISTENT, connected, depth

QUEUE = "operations"
PLENTY = "vm_memory_high_watermark.absolute = 100GB\ntotal_memory_available_override_value = 200GB\n"
NOTHING = "vm_memory_high_watermark.absolute = 0\n"


class Configured(broker.Broker):
    """With a configuration file and a conf.d beside it, both of which the tests write."""

    def command(self):
        return super().command() + ["--config", os.path.join(self.directory, "rabbitmq.conf")]

    def write(self, name, text):
        path = os.path.join(self.directory, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def reload(self, text):
        """SIGHUP with this in conf.d; the line of the log that tells of it."""
        before = len(self.sighup_lines())
        self.write("conf.d/10-test.conf", text)
        self.process.send_signal(signal.SIGHUP)
        eventually("the log tells of SIGHUP", lambda: len(self.sighup_lines()) > before)
        return self.sighup_lines()[-1]

    def sighup_lines(self):
        return [line for line in self.log().splitlines() if "SIGHUP: " in line]


def publisher_state(own):
    states = [connection["state"] for connection in own.api("GET", "/connections").body]
    return states[0] if len(states) == 1 else states


def test_blocked_and_unblocked(own):
    with connected() as connection:
        heard = []
        connection.add_on_connection_blocked_callback(lambda _, frame: heard.append(frame.method.reason))
        connection.add_on_connection_unblocked_callback(lambda *_: heard.append("unblocked"))
        channel = connection.channel()
        channel.queue_declare(QUEUE, durable=True)
        own.reload(NOTHING)
        eventually("the connection is blocking", lambda: publisher_state(own) == "blocking")
        equal("health check", own.api("GET", "/health/checks/alarms").status, 503)
        check("the node says it", own.api("GET", "/nodes").body[0]["mem_alarm"])

        channel.basic_publish("", QUEUE, b"first", PERSISTENT)
        eventually("pika is told", lambda: connection.process_data_events(0.05) or heard == ["low on memory"])
        equal("state", publisher_state(own), "blocked")
        equal("messages", depth(channel, QUEUE), 1)  # what is not publishing goes on

        own.reload(PLENTY)
        eventually("pika is told", lambda: connection.process_data_events(0.05) or heard[1:] == ["unblocked"])
        channel.basic_publish("", QUEUE, b"second", PERSISTENT)
        eventually("the message is there", lambda: depth(channel, QUEUE) == 2)
        equal("health check", own.api("GET", "/health/checks/alarms").status, 200)
        equal("state", publisher_state(own), "running")
    return "memory"


def test_disk_watermark(own):
    own.reload(PLENTY + "disk_free_limit.absolute = 1000TB\n")
    status, body, _ = own.api("GET", "/health/checks/local-alarms")
    equal("health check", (status, [alarm["resource"] for alarm in body["alarms"]]), (503, ["disk"]))
    node = own.api("GET", "/nodes").body[0]
    equal("limit", (node["disk_free_alarm"], node["disk_free_limit"]), (True, 10 ** 15))
    check("the log says it", "disk resource limit alarm set on node" in own.log())
    own.reload(PLENTY)
    equal("health check", own.api("GET", "/health/checks/local-alarms").status, 200)
    return "disk"


def test_bad_file_changes_nothing(own):
    line = own.reload(NOTHING + "heartbeet = 5\n")
    check("one line with the reason", "10-test.conf:2: unknown key 'heartbeet'" in line, line)
    equal("no alarm", own.api("GET", "/health/checks/alarms").status, 200)
    line = own.reload(PLENTY + "heartbeat = 7\n")
    check("what needs a restart is named", line.endswith("needing a restart: heartbeat"), line)
    return "one line"


def test_log_form_follows(own):
    line = own.reload(PLENTY + "log.console.formatter = json\n")
    fields = json.loads(line)
    equal("domain", fields["domain"], "rabbitmq")
    own.reload(PLENTY)
    check("plain again", own.sighup_lines()[-1].startswith("20"))
    return fields["level"]


def test_names_cannot_forge_lines(own):
    try:
        pika.BlockingConnection(pika_client.parameters(
            credentials=pika.PlainCredentials("x\n2026-01-01 00:00:00.000 [info] forged", "y")))
    except pika.exceptions.AMQPError:
        pass
    check("the refusal is logged", "forged" in own.log())
    check("on one line", not any(line.startswith("2026-01-01") for line in own.log().splitlines()))
    return "escaped"


def test_stops_with_blocked_publishers(own):
    own.reload(NOTHING)
    reasons = []

    def publish_until_closed():
        try:
            with connected(blocked_connection_timeout=None) as connection:
                channel = connection.channel()
                while True:
                    channel.basic_publish("", QUEUE, b"x" * 100, PERSISTENT)
                    connection.process_data_events(0.01)
        except pika.exceptions.AMQPError as reason:
            reasons.append(reason)

    thread = threading.Thread(target=publish_until_closed, daemon=True)
    thread.start()
    eventually("the publisher is blocked", lambda: publisher_state(own) == "blocked")
    started = time.monotonic()
    equal("exit code after SIGTERM", own.terminate(), 0)
    thread.join(10)
    check("the publisher is told", reasons and getattr(reasons[0], "reply_code", None) == 320, reasons)
    return f"{time.monotonic() - started:.1f} s"


def test_threads_have_names(own):
    tasks = f"/proc/{own.process.pid}/task"
    names = set()
    for task in os.listdir(tasks):
        with open(f"{tasks}/{task}/comm", encoding="utf-8") as file:
            names.add(file.read().strip())
    equal("what top shows", {"amqp 0", "commit", "page reader", "reclaimer", "resources", "http"} - names, set())
    return f"{len(names)} names"


def test_definitions_at_start(own):
    own.write("definitions.json", json.dumps({
        "vhosts": [{"name": "loaded"}], "queues": [{"name": "q", "vhost": "loaded", "durable": True,
                                                    "auto_delete": False, "arguments": {}}]}))
    own.write("conf.d/10-test.conf", PLENTY + f"load_definitions = {own.directory}/definitions.json\n")
    own.start()
    equal("the queue", own.api("GET", "/queues/loaded/q").body["name"], "q")
    equal("what was there stays", own.api("GET", f"/queues/%2F/{QUEUE}").status, 200)
    equal("exit code", own.terminate(), 0)
    own.write("definitions.json", json.dumps({"vhosts": [{"name": "void"}], "queues": [{"name": "q"}]}))
    try:
        own.start()
    except broker.StartFailed as reason:
        last = own.log().strip().splitlines()[-1]
        check("one line names the file and the mistake", "definitions.json" in last and "vhost" in last, last)
        return str(reason)
    raise Failed("a broker starts whose definitions file is wrong")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--broker", required=True)
    own = Configured(parser.parse_args().broker)

    def run():
        own.write("rabbitmq.conf", "cluster_name = operations\n")
        own.write("conf.d/10-test.conf", PLENTY)
        own.start()
        pika_client.HOST, pika_client.PORT = "127.0.0.1", own.ports["amqp"]
        equal("the file is read", own.api("GET", "/overview").body["cluster_name"], "operations")
        broker.in_turn(own, (test_blocked_and_unblocked, test_disk_watermark, test_bad_file_changes_nothing,
                             test_log_form_follows, test_names_cannot_forge_lines, test_threads_have_names,
                             test_stops_with_blocked_publishers, test_definitions_at_start))
    return broker.guarded(own, run)


if __name__ == "__main__":
    sys.exit(main())
