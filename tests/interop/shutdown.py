#!/usr/bin/python3
"""Stopping in good order, and two brokers that want the same data.

    shutdown.py --broker PATH/leveret

SIGTERM: every client gets connection.close 320, the broker exits with 0, confirmed messages survive the restart.
A second broker on a data directory in use says so in a clear line and exits with an error; the first one serves on.
"""
import argparse
import subprocess
import sys
import threading
import time

import pika

import broker
import pika_client
from checks import Failed, check, equal, raises
from pika_client import PERSISTENT, connected, depth

QUEUE = "shutdown.durable"
SECOND_BROKER_LIMIT = 10  # seconds


def start(own):
    own.start()
    pika_client.HOST, pika_client.PORT = "127.0.0.1", own.ports["amqp"]


class Client(threading.Thread):
    """A consumer, or a connection that only sits there, until the broker ends it; keeps the reason."""

    def __init__(self, consumes):
        super().__init__(daemon=True)
        self.consumes, self.ready, self.reason = consumes, threading.Event(), None

    def run(self):
        try:
            with connected() as connection:
                if self.consumes:
                    channel = connection.channel()
                    queue = channel.queue_declare("", exclusive=True).method.queue
                    channel.basic_consume(queue, lambda *_: None)
                self.ready.set()
                while True:
                    connection.process_data_events(1)
        except pika.exceptions.AMQPError as reason:
            self.reason = reason


def test_sigterm_closes_every_client(own):
    start(own)
    with connected() as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        channel.queue_declare(QUEUE, durable=True)
        for number in range(200):
            channel.basic_publish("", QUEUE, b"%d" % number, PERSISTENT)
    clients = [Client(consumes=index % 2 == 0) for index in range(10)]
    for client in clients:
        client.start()
    for client in clients:
        check("every client is connected", client.ready.wait(10), client.reason)
    started = time.monotonic()
    equal("exit code after SIGTERM", own.terminate(), 0)
    seconds = time.monotonic() - started
    for client in clients:
        client.join(10)
        reason = client.reason
        check("every client gets connection.close", isinstance(reason, pika.exceptions.ConnectionClosedByBroker),
              reason)
        equal("its code", reason.reply_code, 320)
        check("its text", reason.reply_text.startswith(
            "CONNECTION_FORCED - broker forced connection closure with reason 'shutdown'"), reason.reply_text)
    return f"stopped in {seconds:.2f} s"


def test_messages_survive(own):
    start(own)
    with connected() as connection:
        channel = connection.channel()
        equal("confirmed messages after the restart", depth(channel, QUEUE), 200)
        got = [channel.basic_get(QUEUE, auto_ack=True)[2] for _ in range(200)]
        equal("their order", got, [b"%d" % number for number in range(200)])
    return "200 messages"


def test_second_broker_is_refused(own):
    with connected() as connection:
        channel = connection.channel()
        second = subprocess.Popen(own.command(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT,
                                  text=True, errors="replace", preexec_fn=broker.die_with_parent)
        try:
            said, _ = second.communicate(timeout=SECOND_BROKER_LIMIT)
        except subprocess.TimeoutExpired:
            second.kill()
            raise Failed(f"a second broker on the same data still runs after {SECOND_BROKER_LIMIT} s") from None
        check("a second broker exits with an error", second.returncode > 0, (second.returncode, said))
        check("and never listens", not broker.LISTENING.search(said), said)
        lines = [line for line in said.splitlines() if own.data_dir in line]
        check("a line names the data directory", lines, said)
        publish_and_get(channel)
    return lines[0]


def publish_and_get(channel):
    channel.basic_publish("", QUEUE, b"the first broker serves on", PERSISTENT)
    equal("a message through the first broker", channel.basic_get(QUEUE, auto_ack=True)[2],
          b"the first broker serves on")


def test_port_in_use(own):
    """The address of a listener taken by somebody else is a start that fails, not a broker without a listener."""
    command = [own.program, "--data-dir", own.data_dir + ".other", "--set",
               f"listeners.tcp.default=127.0.0.1:{own.ports['amqp']}", "--set", "management.tcp.ip=127.0.0.1",
               "--set", "management.tcp.port=0"]
    try:
        result = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                text=True, errors="replace", timeout=SECOND_BROKER_LIMIT, check=False)
    except subprocess.TimeoutExpired:
        raise Failed(f"a broker whose port is taken still runs after {SECOND_BROKER_LIMIT} s") from None
    check("it exits with an error", result.returncode > 0, (result.returncode, result.stdout))
    lines = [line for line in result.stdout.splitlines() if str(own.ports["amqp"]) in line]
    check("a line names the port", lines, result.stdout)
    return lines[0]


def test_stop_again(own):
    equal("exit code after SIGTERM without clients", own.terminate(), 0)
    raises("nobody listens any more", pika.exceptions.AMQPConnectionError,
           lambda: pika.BlockingConnection(pika_client.parameters()))
    return "quiet"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--broker", required=True)
    own = broker.Broker(parser.parse_args().broker)
    return broker.guarded(own, lambda: broker.in_turn(own, (
        test_sigterm_closes_every_client, test_messages_survive, test_second_broker_is_refused, test_port_in_use,
        test_stop_again)))


if __name__ == "__main__":
    sys.exit(main())
