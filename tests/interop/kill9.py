#!/usr/bin/python3
"""kill -9 in the middle of publishing: then every confirmed message is there, in order, and no unknown one.

    kill9.py --broker PATH/leveret [--rounds N] [--seed N] [--control]

Starts, kills and restarts its own broker on one data directory, round after round; only the end
empties the queue.
The control run publishes the same messages as transient ones, which a restart loses: it passes when that is noticed.
"""
import argparse
import os
import random
import sys
import threading
import time

import pika

import broker
import pika_client
from checks import Failed, check, equal, eventually, raises
from confirming_publisher import ConfirmingPublisher
from pika_client import PERSISTENT, connected, depth

WINDOW = 200
BODY_SIZES = (1, 16, 100, 1000, 5000)
QUEUE, BOUND, TRANSIENT, EXCHANGE = "kill9.durable", "kill9.bound", "kill9.transient", "kill9.exchange"


class Lost(Failed):
    """The failure that the control run wants to see."""


def make_body(number):
    """Starts with its number; its length follows from it, so that a message cut short would show."""
    size = 70_000 if number % 97 == 0 else BODY_SIZES[number % len(BODY_SIZES)]
    return (b"%d:" % number).ljust(size, b".")


def number_of(body):
    number = int(body.split(b":", 1)[0])
    equal(f"body of message {number}", body, make_body(number))
    return number


def start(own):
    """Starts the broker and points the pika helpers at its new port; the seconds that it took."""
    started = time.monotonic()
    own.start()
    pika_client.HOST, pika_client.PORT = "127.0.0.1", own.ports["amqp"]
    return time.monotonic() - started


def declare_topology():
    with connected() as connection:
        channel = connection.channel()
        for queue in (QUEUE, BOUND):
            channel.queue_declare(queue, durable=True)
        channel.exchange_declare(EXCHANGE, "topic", durable=True)
        channel.queue_bind(BOUND, EXCHANGE, "kept.#", {"why": "survives"})


def leave_transient_things():
    with connected() as connection:
        channel = connection.channel()
        channel.queue_declare(TRANSIENT, durable=False)
        channel.queue_bind(TRANSIENT, EXCHANGE, "#")
        channel.basic_publish("", TRANSIENT, b"gone with the broker")


def check_topology():
    with connected() as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        channel.exchange_declare(EXCHANGE, "topic", durable=True)  # equivalent to what was there
        raises("a key that only the transient queue was bound with", pika.exceptions.UnroutableError,
               lambda: channel.basic_publish(EXCHANGE, "lost.key", b"nobody", mandatory=True))
        channel.basic_publish(EXCHANGE, "kept.key", b"through the binding", PERSISTENT, mandatory=True)
        equal("the durable binding leads to its queue", channel.basic_get(BOUND, auto_ack=True)[2],
              b"through the binding")
        error = raises("the transient queue after the restart", pika.exceptions.ChannelClosedByBroker,
                       lambda: channel.queue_declare(TRANSIENT, passive=True))
        equal("the transient queue", error.reply_code, 404)


def publish_until_killed(own, first, after, properties=PERSISTENT):
    """Publishes from number `first`; kills the broker `after` seconds from the first confirm on."""
    publisher = ConfirmingPublisher(QUEUE, make_body, WINDOW, first=first, properties=properties)
    thread = threading.Thread(target=publisher.run, daemon=True)
    thread.start()
    eventually("the first confirm", lambda: publisher.confirmed or publisher.problem)
    time.sleep(after)
    own.kill()
    thread.join(20)
    check("the publisher notices the end of the broker", not thread.is_alive())
    equal("trouble of the publisher", publisher.problem, None)
    return publisher


def read_everything(acknowledge):
    """The numbers of all messages in the queue, in order; without acknowledging they go back to their places."""
    with connected() as connection:
        channel = connection.channel()
        expected, numbers = depth(channel, QUEUE), []
        if expected == 0:
            return numbers
        for method, _, body in channel.consume(QUEUE, inactivity_timeout=20):
            check(f"{expected} messages can be read, {len(numbers)} came", method is not None)
            numbers.append(number_of(body))
            if len(numbers) == expected:
                break
        if acknowledge:
            channel.basic_ack(0, multiple=True)
        channel.close()
        return numbers


def check_messages(numbers, confirmed, attempted):
    present = set(numbers)
    missing = sorted(confirmed - present)
    if missing:
        raise Lost(f"{len(missing)} of {len(confirmed)} confirmed messages are lost, the first is {missing[0]}")
    unknown = sorted(present - attempted)
    check(f"{len(unknown)} messages were never published, the first is {unknown[:1]}", not unknown)
    check("no message is there twice", len(numbers) == len(present), len(numbers) - len(present))
    check("the messages are in the order of publishing", numbers == sorted(numbers),
          next(((a, b) for a, b in zip(numbers, numbers[1:]) if a > b), None))


def run_rounds(own, rounds, generator):
    start(own)
    declare_topology()
    confirmed, attempted = set(), set()
    for number in range(1, rounds + 1):
        leave_transient_things()
        first = max(attempted, default=0) + 1
        publisher = publish_until_killed(own, first, generator.uniform(0.02, 1.0))
        confirmed |= publisher.confirmed
        attempted |= set(range(first, first + publisher.published))
        seconds = start(own)
        check_topology()
        numbers = read_everything(acknowledge=False)
        check_messages(numbers, confirmed, attempted)
        print(f"ok     round {number}: {len(attempted)} attempted, {len(confirmed)} confirmed, {len(numbers)} there "
              f"after a restart of {seconds:.2f} s", flush=True)
    check_messages(read_everything(acknowledge=True), confirmed, attempted)
    equal("exit code after SIGTERM", own.terminate(), 0)
    start(own)
    with connected() as connection:
        equal("nothing comes back after a clean restart", depth(connection.channel(), QUEUE), 0)
    equal("exit code after SIGTERM", own.terminate(), 0)
    print("ok     everything consumed stays consumed")


def run_control(own, generator):
    start(own)
    declare_topology()
    publisher = publish_until_killed(own, 1, generator.uniform(0.1, 0.3), pika.BasicProperties(delivery_mode=1))
    start(own)
    error = raises("the loss of transient messages", Lost, lambda: check_messages(
        read_everything(acknowledge=True), publisher.confirmed, set(range(1, publisher.published + 1))))
    print(f"ok     control: {error}")
    equal("exit code after SIGTERM", own.terminate(), 0)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--broker", required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "big"))
    parser.add_argument("--control", action="store_true")
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    own = broker.Broker(arguments.broker)
    generator = random.Random(arguments.seed)

    def run():
        if arguments.control:
            run_control(own, generator)
        else:
            run_rounds(own, arguments.rounds, generator)
    return broker.guarded(own, run, f" with seed {arguments.seed}")


if __name__ == "__main__":
    sys.exit(main())
