"""Clients that do everything at once until the broker goes away, and write it all into a History.

Publishers with a window of confirms, to one queue or two; consumers that acknowledge (singly and several at a time),
requeue and dead-letter; transactions, committed and rolled back; queues and bindings that come and go. Each client is
a thread; `Load.join` waits until all have noticed the end of the broker.
"""
import random
import threading

import pika
from pika.exceptions import AMQPError

from confirming_publisher import ConfirmingPublisher
from pika_client import connected

QUEUES, TX_QUEUE, BOTH, CHURN = ["load.1", "load.2"], "load.tx", "load.both", "load.churn"
DEAD = {queue: queue + ".dead" for queue in QUEUES}
ALL_QUEUES = QUEUES + [TX_QUEUE] + list(DEAD.values())
PREFETCH = 20
SIZES = (0, 16, 100, 1000, 5000)


def body_of(identity):
    """Its length follows from its name, so that a message cut short would show."""
    size = 40_000 if hash_of(identity) % 61 == 0 else SIZES[hash_of(identity) % len(SIZES)]
    return f"{identity}:".encode() + bytes([97 + hash_of(identity) % 26]) * size


def hash_of(identity):
    return sum(identity.encode()) + len(identity)


def identity_of(body):
    return body.split(b":", 1)[0].decode(errors="replace")


def declare(history):
    with connected() as connection:
        channel = connection.channel()
        channel.queue_declare(TX_QUEUE, durable=True)
        channel.exchange_declare(BOTH, "fanout", durable=True)
        channel.exchange_declare(CHURN, "topic", durable=True)
        for queue in QUEUES:
            channel.queue_declare(DEAD[queue], durable=True)
            channel.queue_declare(queue, durable=True, arguments={"x-dead-letter-exchange": "",
                                                                  "x-dead-letter-routing-key": DEAD[queue]})
            channel.queue_bind(queue, BOTH)
    for queue in ALL_QUEUES:
        history("queue", queue=queue, dead_letter=DEAD.get(queue))


def drain(history):
    """Everything that is there, queue after queue, with what the broker says that there is."""
    with connected() as connection:
        for queue in ALL_QUEUES:
            channel = connection.channel()
            expected = channel.queue_declare(queue, passive=True).method.message_count
            history("count", queue=queue, messages=expected)
            channel.basic_qos(prefetch_count=1000)
            for method, _, body in channel.consume(queue, inactivity_timeout=1):
                if method is None:
                    break
                identity = identity_of(body)
                history("drained", queue=queue, id=identity, redelivered=method.redelivered,
                        body_ok=body == body_of(identity))
                channel.basic_ack(method.delivery_tag)
            channel.close()


class RecordingPublisher(ConfirmingPublisher):
    """Publishes until it is cut off."""

    def __init__(self, history, name, delivery_mode):
        super().__init__(None, None, window=200, properties=pika.BasicProperties(delivery_mode=delivery_mode))
        self.history, self.name = history, name

    def publish_more(self):
        while len(self.outstanding) < self.window and self.channel.is_open:
            self.published += 1
            identity = f"{self.name}.{self.published}"
            both = self.published % 5 == 0
            self.history("publish", channel=self.name, id=identity, stream=self.name, seq=self.published,
                         queues=QUEUES if both else QUEUES[:1], tag=self.published)
            self.channel.basic_publish(BOTH if both else "", QUEUES[0], body_of(identity), self.properties)
            self.outstanding.add(self.published)

    def on_confirm(self, frame):
        self.history("confirm", channel=self.name, tag=frame.method.delivery_tag, multiple=frame.method.multiple,
                     ok=isinstance(frame.method, pika.spec.Basic.Ack))
        super().on_confirm(frame)


class Load:
    def __init__(self, history, name, seed, delivery_mode=2):
        self.history, self.name, self.random, self.delivery_mode = history, name, random.Random(seed), delivery_mode
        self.problems = []
        self.there, self.gone = set(), set()  # queues that were declared, or deleted, for sure
        self.confirming = [RecordingPublisher(history, f"{name}.p{i}", delivery_mode) for i in range(2)]
        clients = [publisher.run for publisher in self.confirming]
        clients += [lambda queue=queue: self.consume(queue) for queue in QUEUES + QUEUES[:1]]
        clients += [self.transact, self.churn]
        self.threads = [threading.Thread(target=self.until_cut_off, args=(client,), daemon=True) for client in clients]

    def start(self):
        for thread in self.threads:
            thread.start()

    def join(self):
        for thread in self.threads:
            thread.join(20)
        self.problems += [publisher.problem for publisher in self.confirming if publisher.problem]
        return "a client does not notice the end of the broker" if any(
            thread.is_alive() for thread in self.threads) else "; ".join(self.problems)

    def until_cut_off(self, client):
        try:
            client()
        except (AMQPError, OSError) as error:
            if isinstance(error, (pika.exceptions.ChannelClosedByBroker, pika.exceptions.ConnectionClosedByBroker)):
                self.problems.append(repr(error))
        except Exception as error:  # a mistake of this program must not look like a good run
            self.problems.append(repr(error))

    # --- consumers

    def consume(self, queue):
        generator = random.Random(self.random.random())
        with connected() as connection:
            for number in range(1_000_000):
                channel = connection.channel()
                name = f"{self.name}.c{id(generator)}.{number}"
                try:
                    self.consume_some(channel, queue, name, generator)
                    channel.basic_qos(prefetch_count=PREFETCH)  # answered behind the acknowledgements
                    self.history("barrier", channel=name)
                finally:
                    self.history("channel_end", channel=name)  # what it has may come to others before close-ok
                channel.close()

    def consume_some(self, channel, queue, name, generator):
        channel.basic_qos(prefetch_count=PREFETCH)
        self.history("prefetch", consumer=name, count=PREFETCH)
        held = 0
        for method, _, body in channel.consume(queue, inactivity_timeout=0.2):
            if method is None or generator.random() < 0.002:
                return
            identity, tag = identity_of(body), method.delivery_tag
            self.history("deliver", channel=name, consumer=name, queue=queue, tag=tag, id=identity,
                         redelivered=method.redelivered, no_ack=False, body_ok=body == body_of(identity))
            held += 1
            if held < PREFETCH and generator.random() < 0.3:
                continue  # acknowledged with one of the next
            choice = generator.random()
            how = "requeue" if choice < 0.2 else "reject" if choice < 0.25 else "ack"
            multiple = held == PREFETCH or generator.random() < 0.3
            self.history("settle", channel=name, tag=tag, multiple=multiple, how=how)
            if how == "ack":
                channel.basic_ack(tag, multiple)
            else:
                channel.basic_nack(tag, multiple, requeue=how == "requeue")
            held = 0 if multiple else held - 1

    # --- transactions

    def transact(self):
        generator = random.Random(self.random.random())
        with connected() as connection:
            for number in range(1_000_000):
                channel = connection.channel()
                channel.tx_select()
                name = f"{self.name}.t{number}"
                try:
                    while self.transaction(channel, name, generator):
                        pass
                finally:
                    self.history("channel_end", channel=name)
                channel.close()

    def transaction(self, channel, name, generator):
        """False after a rollback: then the channel goes, and gives back what it had."""
        self.transactions = getattr(self, "transactions", 0) + 1
        tx = f"{self.name}.x{self.transactions}"
        for number in range(generator.randint(1, 3)):
            identity = f"{tx}.{number}"
            queue = TX_QUEUE if number % 2 == 0 else QUEUES[1]
            self.history("publish", channel=name, id=identity, stream=f"{self.name}.tx", queues=[queue], tx=tx,
                         seq=self.transactions * 10 + number)
            channel.basic_publish("", queue, body_of(identity), pika.BasicProperties(delivery_mode=self.delivery_mode))
        method, _, body = channel.basic_get(TX_QUEUE)
        if method is not None:
            identity = identity_of(body)
            self.history("deliver", channel=name, consumer=None, queue=TX_QUEUE, tag=method.delivery_tag, id=identity,
                         redelivered=method.redelivered, no_ack=False, body_ok=body == body_of(identity))
            self.history("settle", channel=name, tag=method.delivery_tag, multiple=False, how="ack", tx=tx)
            channel.basic_ack(method.delivery_tag)
        if generator.random() < 0.15:
            channel.tx_rollback()
            self.history("rolled_back", channel=name, tx=tx)
            return False
        self.history("commit", channel=name, tx=tx)
        channel.tx_commit()
        self.history("committed", channel=name, tx=tx)
        return True

    # --- topology

    def churn(self):
        with connected() as connection:
            channel = connection.channel()
            for number in range(1_000_000):
                queue = f"{CHURN}.{self.name}.{number}"
                channel.queue_declare(queue, durable=True)
                channel.queue_bind(queue, CHURN, f"#.{number}")
                self.there.add(queue)
                if number % 3 != 0:
                    self.there.discard(queue)
                    channel.queue_delete(queue)
                    self.gone.add(queue)
