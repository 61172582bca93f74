"""Plays a sequence on one broker and writes down all that a client can see of it, as plain values."""
import time

import pika
from pika.exceptions import (ChannelClosedByBroker, ChannelWrongStateError, ConnectionClosedByBroker, NackError,
                             UnroutableError)

QUIET = 0.012  # seconds: messages on their way from one queue to another have arrived when nothing changes so long
VOLATILE = {"time"}  # keys of x-death whose values differ from run to run


def plain(value):
    """A field value that compares and prints the same for the same thing."""
    if isinstance(value, dict):
        return {key: "..." if key in VOLATILE else plain(each) for key, each in sorted(value.items())}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def message_of(method, properties, body):
    given = {name: plain(value) for name, value in vars(properties).items() if value is not None}
    return {"body": body.decode(), "exchange": method.exchange, "routing_key": method.routing_key,
            "redelivered": getattr(method, "redelivered", None), "properties": given}


class Player:
    def __init__(self, port):
        self.parameters = pika.ConnectionParameters("127.0.0.1", port, heartbeat=0, socket_timeout=10,
                                                    blocked_connection_timeout=20)
        self.connection = self.other = self.channel = self.publisher = self.counter = None
        self.deliveries = []  # tags that the channel holds
        self.queues = set()

    # --- connections and channels, opened again when the broker closes them ---

    def open(self):
        if self.connection is None or not self.connection.is_open:
            self.connection = pika.BlockingConnection(self.parameters)
            self.channel = self.publisher = self.counter = None
        if self.other is None or not self.other.is_open:
            self.other = pika.BlockingConnection(self.parameters)
        if self.channel is None or not self.channel.is_open:
            self.channel, self.deliveries = self.connection.channel(), []
        if self.publisher is None or not self.publisher.is_open:
            self.publisher = self.connection.channel()
            self.publisher.confirm_delivery()

    def close(self):
        for connection in (self.connection, self.other):
            if connection is not None and connection.is_open:
                connection.close()

    def play(self, operations):
        """One observation for each operation: what it answered, and how many messages each queue has after it."""
        observed = []
        try:
            for name, arguments in operations:
                self.open()
                self.queues.update(value for key, value in arguments.items() if key == "queue")
                answer = self.answer(getattr(self, "do_" + name, None) or self.method(name), arguments)
                self.open()
                observed.append({"answer": answer, "ready": self.settled_counts()})
            observed.append({"answer": "left", "left": self.drain()})
        finally:
            self.clean(operations)
            self.close()
        return observed

    @staticmethod
    def answer(do, arguments):
        try:
            return do(**arguments)
        except ChannelClosedByBroker as error:
            return f"channel {error.reply_code} {error.reply_text}"
        except ConnectionClosedByBroker as error:
            return f"connection {error.reply_code} {error.reply_text}"
        except (NackError, UnroutableError) as error:
            return type(error).__name__
        except ChannelWrongStateError:
            return "channel is closed"

    def method(self, name):
        """A method of the channel, called as it is named; the interesting fields of its answer."""
        def call(**arguments):
            ok = getattr(self.channel, name)(**arguments)
            fields = {} if ok is None else vars(ok.method)
            return {field: value for field, value in fields.items() if value not in (None, "")} or "ok"
        return call

    # --- what there is to see of queues ---

    def counts(self):
        counts = {}
        for queue in sorted(self.queues):
            if self.counter is None or not self.counter.is_open:
                self.counter = self.connection.channel()
            try:
                ok = self.counter.queue_declare(queue, passive=True).method
                counts[queue] = (ok.message_count, ok.consumer_count)
            except ChannelClosedByBroker as error:
                counts[queue] = error.reply_code
        return counts

    def settled_counts(self):
        before = self.counts()
        while True:
            time.sleep(QUIET)
            after = self.counts()
            if after == before:
                return after
            before = after

    def drain(self):
        left = {}
        for queue in sorted(self.queues):
            channel = self.connection.channel()
            left[queue] = []
            try:
                while True:
                    method, properties, body = channel.basic_get(queue, auto_ack=True)
                    if method is None:
                        break
                    left[queue].append({**message_of(method, properties, body), "after it": method.message_count})
                channel.close()
            except ChannelClosedByBroker as error:
                left[queue] = f"{error.reply_code} {error.reply_text}"
        return left

    def clean(self, operations):
        self.open()
        for kind, delete in (("queue", "queue_delete"), ("exchange", "exchange_delete")):
            for name in {each[1][kind] for each in operations if kind in each[1]}:
                if name and not name.startswith("amq.") and self.connection.is_open:
                    self.answer(getattr(self.connection.channel(), delete), {kind: name})

    # --- operations that are more than one method ---

    def do_publish(self, exchange, routing_key, body, properties, mandatory):
        try:
            self.publisher.basic_publish(exchange, routing_key, body.encode(), pika.BasicProperties(**properties),
                                         mandatory)
            return "confirmed"
        except UnroutableError as error:
            return ["returned", [(each.method.reply_code, each.method.reply_text, message_of(
                each.method, each.properties, each.body)) for each in error.messages]]
        except NackError:
            return "refused"

    def do_transaction(self, messages, commit):
        channel = self.connection.channel()
        channel.tx_select()
        for each in messages:
            channel.basic_publish(each["exchange"], each["routing_key"], each["body"].encode(),
                                  pika.BasicProperties(**each["properties"]))
        channel.tx_commit() if commit else channel.tx_rollback()
        channel.close()
        return "done"

    def do_expire(self, queue, body):
        self.channel.queue_purge(queue)
        self.publisher.basic_publish("", queue, body.encode(), pika.BasicProperties(expiration="30"))
        time.sleep(0.12)
        return "expired"

    def do_get(self, queue, auto_ack):
        method, properties, body = self.channel.basic_get(queue, auto_ack)
        if method is None:
            return "empty"
        if not auto_ack:
            self.deliveries.append(method.delivery_tag)
        return {**message_of(method, properties, body), "left": method.message_count, "tag": method.delivery_tag}

    def do_settle(self, how, position, multiple, requeue):
        if not -len(self.deliveries) <= position < len(self.deliveries):
            return "nothing"
        tag = self.deliveries[position]
        self.send_settlement(how, tag, multiple, requeue)
        several = multiple and how != "reject"
        self.deliveries = [each for each in self.deliveries if (each > tag if several else each != tag)]
        return self.echo()

    def send_settlement(self, how, tag, multiple, requeue=True):
        if how == "ack":
            self.channel.basic_ack(tag, multiple)
        elif how == "nack":
            self.channel.basic_nack(tag, multiple, requeue)
        else:
            self.channel.basic_reject(tag, requeue)

    def echo(self):
        """What was sent before has been done when this is answered; pika raises what came instead."""
        self.channel.basic_qos(prefetch_count=0)
        return "ok"

    def do_settle_unknown(self, how, tag, multiple):
        self.send_settlement(how, tag, multiple)
        return self.echo()

    def do_consume(self, queue, prefetch, exclusive, auto_ack, how):
        """Takes what comes while nothing is settled, then settles all of it and leaves."""
        channel = self.connection.channel()
        channel.basic_qos(prefetch_count=prefetch)
        got = []
        channel.basic_consume(queue, lambda _, method, properties, body: got.append(
            (method.delivery_tag, message_of(method, properties, body))), auto_ack, exclusive, "tag")
        quiet = 0
        while quiet < 2:
            before = len(got)
            self.connection.process_data_events(0.02)
            quiet = quiet + 1 if len(got) == before else 0
        channel.basic_cancel("tag")
        if got and not auto_ack:
            last = got[-1][0]
            channel.basic_ack(last, True) if how == "ack" else channel.basic_nack(last, True, how == "requeue")
        channel.close()
        return got

    def do_other_declare(self, queue):
        return vars(self.other.channel().queue_declare(queue, passive=True).method)

    def do_unknown_type(self, exchange):
        self.other.channel().exchange_declare(exchange, "x-unknown")  # 3.10 closes the connection

    def do_other_get(self, queue):
        channel = self.other.channel()
        got = channel.basic_get(queue)[0]
        channel.close()  # gives it back
        return got is not None

    def do_qos(self, prefetch_size):
        return self.method("basic_qos")(prefetch_size=prefetch_size)

    def do_recover(self):
        self.deliveries = []
        return self.method("basic_recover")(requeue=True)

    def do_recover_without_requeue(self):
        return self.method("basic_recover")(requeue=False)

    def do_commit(self):
        return self.method("tx_commit")()

    def do_confirm_after_tx(self):
        channel = self.connection.channel()
        channel.tx_select()
        channel.confirm_delivery()
        return "ok"

    def do_tx_after_confirm(self):
        self.publisher.tx_select()
        return "ok"

    def do_reopen(self):
        self.channel.close()
        return "closed"
