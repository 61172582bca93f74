"""A pika publisher on its own event loop that keeps many publishes unconfirmed and remembers what was confirmed.

Runs in the thread that calls run(); other threads may only read its counters.
"""
import pika

from pika_client import PERSISTENT, parameters


class ConfirmingPublisher:
    """Publishes `make_body(number)` for number = first, first + 1, ... with up to `window` of them unconfirmed.

    Ends after `count` confirms, or, without a count, when the broker goes away.
    """

    def __init__(self, queue, make_body, window, count=None, first=0, key=None,
                 properties=PERSISTENT):
        self.queue, self.make_body, self.window, self.count, self.first = queue, make_body, window, count, first
        self.properties = properties
        self.key = key or (lambda number: queue)
        self.published = 0  # how many; the delivery tag of the last one, too
        self.confirmed = set()
        self.rejected = set()
        self.returned = []  # (reply code, routing key, body, what was confirmed before the return)
        self.outstanding = set()
        self.multiple_confirms = 0
        self.most_outstanding = 0
        self.problem = None
        self.connection = None
        self.channel = None

    def run(self):
        self.connection = pika.SelectConnection(parameters(), on_open_callback=self.on_connected,
                                                on_open_error_callback=self.on_ended, on_close_callback=self.on_ended)
        self.connection.ioloop.start()

    def on_connected(self, connection):
        connection.channel(on_open_callback=self.on_channel)

    def on_channel(self, channel):
        self.channel = channel
        channel.add_on_close_callback(self.on_channel_closed)
        channel.add_on_return_callback(lambda _channel, method, _properties, body: self.returned.append(
            (method.reply_code, method.routing_key, body, set(self.confirmed))))
        channel.confirm_delivery(self.on_confirm, callback=lambda _: self.publish_more())

    def publish_more(self):
        while len(self.outstanding) < self.window and (self.count is None or self.published < self.count):
            number = self.first + self.published
            self.channel.basic_publish("", self.key(number), self.make_body(number), self.properties, mandatory=True)
            self.published += 1
            self.outstanding.add(self.published)
        self.most_outstanding = max(self.most_outstanding, len(self.outstanding))

    def on_confirm(self, frame):
        tag, multiple = frame.method.delivery_tag, frame.method.multiple
        tags = {each for each in self.outstanding if each <= tag} if multiple else {tag} & self.outstanding
        if not tags:
            self.problem = self.problem or f"a confirm of tag {tag} (multiple={multiple}) that was not outstanding"
        self.multiple_confirms += multiple
        self.outstanding -= tags
        into = self.confirmed if isinstance(frame.method, pika.spec.Basic.Ack) else self.rejected
        into.update(self.first + each - 1 for each in tags)
        if self.count is not None and not self.outstanding and self.published == self.count:
            self.connection.close()
        else:
            self.publish_more()

    def on_channel_closed(self, _channel, reason):
        if self.connection.is_open:
            self.problem = f"the channel was closed: {reason}"
            self.connection.close()

    def on_ended(self, connection, reason):
        if self.count is not None and not isinstance(reason, pika.exceptions.ConnectionClosedByClient):
            self.problem = self.problem or f"the connection ended: {reason!r}"
        connection.ioloop.stop()
