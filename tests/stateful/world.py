"""What the broker should know after each step of a sequence: queues, bindings, channels.

One virtual host, steps strictly one after the other. What the broker does a moment later than it says so (the end of a
connection that was not closed properly) is not guessed: those queues are forgotten and never looked at again.
"""
import bisect


class Queue:
    def __init__(self, name, owner, durable, auto_delete):
        self.name, self.owner, self.durable, self.auto_delete = name, owner, durable, auto_delete
        self.ready = []  # (order, body, redelivered), sorted
        self.counted = True  # False once a consumer takes messages at its own time
        self.consumers = set()  # (channel, tag)
        self.bindings = set()  # (exchange, pattern)

    def put_back(self, message):
        order, body, _ = message
        bisect.insort(self.ready, (order, body, True))


class Channel:
    """The broker's view of one channel number of a connection."""

    def __init__(self, connection, number):
        self.connection, self.number = connection, number
        self.unconfirmed = set()
        self.open()
        self.reset()

    def open(self):
        self.is_open = True
        self.late_confirms = set()  # of what was published before the channel ended; may come before its close-ok
        self.cancelled = set()  # tags whose last deliveries, or cancel, may still be on their way
        self.unknown = set()  # tags of queues that were forgotten: consumers that may still be there

    def reset(self):
        self.is_open = False
        self.late_confirms = self.unconfirmed
        self.confirms, self.tx = None, None  # next publish tag; messages to be committed
        self.unconfirmed = set()
        self.unacked = {}  # delivery tag -> (queue, message) of a get, (queue, None) of a consumer
        self.consumers = {}  # tag -> (queue, no_ack)
        self.last_queue = None


class World:
    def __init__(self):
        self.queues = {}
        self.exchanges = {"amq.direct": "direct", "amq.topic": "topic", "amq.fanout": "fanout"}
        self.published = 0
        self.delivered = set()  # (queue, body): from the second time on it must say so

    # --- topology ---

    def delete(self, queue):
        self.queues.pop(queue.name, None)
        for channel, tag in queue.consumers:
            channel.consumers.pop(tag, None)
            channel.cancelled.add(tag)
        queue.consumers.clear()

    def remove_consumer(self, channel, tag):
        queue, _ = channel.consumers.pop(tag)
        channel.cancelled.add(tag)
        queue.consumers.discard((channel, tag))
        if queue.auto_delete and not queue.consumers:
            self.delete(queue)

    def routed(self, exchange, key):
        if exchange == "":
            return [self.queues[key]] if key in self.queues else []
        kind = self.exchanges[exchange]
        return [queue for queue in self.queues.values() if any(
            source == exchange and fits(kind, pattern, key) for source, pattern in queue.bindings)]

    def publish(self, message):
        """How many queues it reaches."""
        exchange, key, order, body = message
        queues = self.routed(exchange, key) if exchange == "" or exchange in self.exchanges else []
        for queue in queues:
            if queue.counted:
                bisect.insort(queue.ready, (order, body, False))
        return len(queues)

    # --- how things end ---

    def end_channel(self, channel):
        for tag in list(channel.consumers):
            if tag in channel.consumers:  # an auto-delete queue may have taken others with it
                self.remove_consumer(channel, tag)
        for queue, message in channel.unacked.values():
            if message is not None and queue.counted:
                queue.put_back(message)
        channel.reset()

    def end_connection(self, connection):
        """After close-ok: all that was exclusive is gone by then."""
        for channel in connection.channels:
            self.end_channel(channel)
        for queue in [each for each in self.queues.values() if each.owner is connection]:
            self.delete(queue)

    def lose_connection(self, connection):
        """Its end is noticed at some time: forgets what depends on when. The names of what is forgotten."""
        touched = {queue.name for queue in self.queues.values() if queue.owner is connection}
        for channel in connection.channels:
            touched.update(queue.name for queue, _ in channel.unacked.values())
            touched.update(queue.name for queue, _ in channel.consumers.values())
        self.end_connection(connection)
        for name in touched & set(self.queues):
            self.forget(self.queues[name])
        return touched

    def forget(self, queue):
        for channel, tag in queue.consumers:
            channel.unknown.add(tag)
        self.delete(queue)


def fits(kind, pattern, key):
    if kind == "topic":
        return fits_words(pattern.split(".") if pattern else [], key.split(".") if key else [])
    return kind == "fanout" or pattern == key


def fits_words(pattern, key):
    if not pattern:
        return not key
    if pattern[0] == "#":
        return fits_words(pattern[1:], key) or (bool(key) and fits_words(pattern, key[1:]))
    return bool(key) and pattern[0] in ("*", key[0]) and fits_words(pattern[1:], key[1:])
