#!/usr/bin/python3
"""pika's SelectConnection: a publisher with 1,000 unconfirmed messages at a time, and a consumer driven by events."""
import pika

from checks import check, equal, run_tests, unique
from confirming_publisher import ConfirmingPublisher
from pika_client import bodies, channel_with, depth, parameters, publish, received


def confirmed_all(publisher, count):
    equal("no trouble while publishing", publisher.problem, None)
    equal("published", publisher.published, count)
    equal("confirmed, each once", publisher.confirmed, set(range(count)))  # spec: K1 K8
    equal("rejected", publisher.rejected, set())


def test_thousand_outstanding_confirms():
    queue = unique("async-confirms")
    count = 20_000
    with channel_with(queue, durable=True) as channel:
        publisher = ConfirmingPublisher(queue, lambda number: b"%d" % number, window=1000, count=count)
        publisher.run()
        confirmed_all(publisher, count)
        equal("a window of 1,000 was used", publisher.most_outstanding, 1000)
        check("some confirms covered several messages", publisher.multiple_confirms > 0,
              publisher.multiple_confirms)  # spec: K8
        equal("every confirmed message is there", depth(channel, queue), count)
        got = [int(body) for body in bodies(received(channel, queue, count))]
        check("in the order of publishing", got == list(range(count)), got[:20])  # spec: C25


def test_batches():
    """A window as large as the whole batch: publish 100, then wait for all of them."""
    queue = unique("async-batch")
    with channel_with(queue, durable=True) as channel:
        for batch in range(5):
            publisher = ConfirmingPublisher(queue, lambda number: b"%d" % number, window=100, count=100)
            publisher.run()
            confirmed_all(publisher, 100)
            equal("in the queue after each batch", depth(channel, queue), 100 * (batch + 1))


def test_returns_come_before_confirms():
    """Every third message has no queue: returned, and confirmed after its return."""
    queue = unique("async-returns")
    with channel_with(queue, durable=True) as channel:
        publisher = ConfirmingPublisher(queue, lambda number: b"%d" % number, window=50, count=300,
                                        key=lambda number: queue if number % 3 else "no such queue")
        publisher.run()
        confirmed_all(publisher, 300)
        # spec: K2
        equal("returned messages", [int(body) for _, _, body, _ in publisher.returned], list(range(0, 300, 3)))
        for code, key, body, confirmed_before in publisher.returned:
            equal("code and key of a return", (code, key), (312, "no such queue"))  # spec: C30
            check("the return precedes the confirm", int(body) not in confirmed_before, body)  # spec: K2
        equal("the others are queued", depth(channel, queue), 200)


class EventConsumer:
    """Consumes `count` messages with manual acks on a SelectConnection, then cancels and closes in good order."""

    def __init__(self, queue, count):
        self.queue, self.count, self.events, self.bodies = queue, count, [], []

    def run(self):
        connection = pika.SelectConnection(parameters(), on_open_callback=lambda opened: opened.channel(
            on_open_callback=self.on_channel), on_close_callback=self.on_closed)
        connection.ioloop.start()

    def on_channel(self, channel):
        self.channel = channel
        channel.basic_qos(prefetch_count=10, callback=lambda _: channel.basic_consume(
            self.queue, self.on_message, consumer_tag="event consumer", callback=self.on_consuming))

    def on_consuming(self, frame):
        self.events.append(("consume-ok", frame.method.consumer_tag))

    def on_message(self, channel, method, _properties, body):
        if not self.bodies:
            self.events.append(("first message", method.consumer_tag))
        self.bodies.append(body)
        channel.basic_ack(method.delivery_tag)
        if len(self.bodies) == self.count:
            channel.basic_cancel("event consumer", callback=self.on_cancelled)

    def on_cancelled(self, frame):
        self.events.append(("cancel-ok", frame.method.consumer_tag))
        self.channel.connection.close()

    def on_closed(self, connection, reason):
        self.events.append(("closed", reason.reply_code))
        connection.ioloop.stop()


def test_event_consumer():
    queue = unique("async-consume")
    with channel_with(queue) as channel:
        sent = [b"%d" % number for number in range(500)]
        publish(channel, queue, *sent)
        consumer = EventConsumer(queue, 500)
        consumer.run()
        equal("bodies in order", consumer.bodies, sent)
        equal("order of events", consumer.events, [
            ("consume-ok", "event consumer"), ("first message", "event consumer"),  # spec: C15
            ("cancel-ok", "event consumer"), ("closed", 200)])  # spec: C16
        equal("nothing is left", depth(channel, queue), 0)


if __name__ == "__main__":
    run_tests(globals())
