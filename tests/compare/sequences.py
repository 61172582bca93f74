"""Random sequences of AMQP operations from a seed: plain lists, ("name", {arguments}), the same for every broker.

Only what RabbitMQ 3.10 and Leveret share and what RabbitMQ decides in one way. Names begin with the seed, so that a
sequence finds nothing of the one before.
"""
import random

TYPES = ("direct", "fanout", "topic", "headers")
KEYS = ("", "a", "b", "a.b", "a.a.b", "b..a")
PATTERNS = KEYS + ("#", "*", "a.*", "*.b", "#.b", "a.#", "*.*", "#.a.#")
ODD_VALUES = (-1, 0, "text", 2 ** 40, True)
QUEUE_ARGUMENTS = ("x-message-ttl", "x-expires", "x-max-length", "x-max-length-bytes", "x-max-priority", "x-overflow",
                   "x-dead-letter-exchange", "x-dead-letter-routing-key")
EXPIRATIONS = ("abc", "-1", "1.5", "", "99999999999999")
NEVER = 3_600_000  # milliseconds: not while a sequence runs


class Sequence:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.queues = [f"s{seed}.q{i}" for i in range(4)]
        self.exchanges = [f"s{seed}.e{i}" for i in range(4)]
        self.bodies = 0

    def operations(self, length=40):
        first = [self.declare_queue(), self.declare_exchange(), self.declare_queue(), self.declare_exchange(),
                 self.declare_queue(), self.bind(), self.bind(), self.bind(), self.bind_exchange()]
        return first + [self.next() for _ in range(length)]

    def next(self):
        weighted = ((22, self.publish), (12, self.get), (14, self.settle), (6, self.consume), (4, self.declare_queue),
                    (4, self.declare_exchange), (6, self.bind), (3, self.bind_exchange), (3, self.remove),
                    (2, self.purge), (3, self.transaction), (4, self.mistake), (2, self.look), (2, self.expire))
        return self.random.choices([make for _, make in weighted], [weight for weight, _ in weighted])[0]()

    def chance(self, percent):
        return self.random.random() * 100 < percent

    def any(self, values):
        return self.random.choice(values)

    # --- topology ---

    def declare_queue(self):
        arguments = {}
        if self.chance(25):
            arguments["x-message-ttl"] = self.any((0, NEVER))
        if self.chance(35):
            arguments["x-max-length"] = self.random.randrange(4)
        if self.chance(15):
            arguments["x-max-length-bytes"] = 10
        if self.chance(30):
            arguments["x-overflow"] = self.any(("drop-head", "reject-publish", "reject-publish-dlx"))
        if self.chance(60):
            arguments["x-dead-letter-exchange"] = self.any(self.exchanges + ["", ""])
            if self.chance(70):
                arguments["x-dead-letter-routing-key"] = self.any(KEYS + tuple(self.queues))
        if self.chance(15) and not any(name.startswith("x-max-length") for name in arguments):
            arguments["x-max-priority"] = self.any((1, 3, 10))
        if self.chance(8):
            arguments[self.any(QUEUE_ARGUMENTS)] = self.any(ODD_VALUES)
        return "queue_declare", {"queue": self.any(self.queues), "durable": self.chance(40),
                                 "exclusive": self.chance(8), "auto_delete": self.chance(10),
                                 "passive": self.chance(8), "arguments": arguments}

    def declare_exchange(self):
        arguments = {"alternate-exchange": self.any(self.exchanges)} if self.chance(30) else {}
        name = self.any(self.exchanges)
        return "exchange_declare", {"exchange": name, "exchange_type": self.any(TYPES),
                                    "durable": self.chance(40), "auto_delete": self.chance(15),
                                    "internal": name == self.exchanges[-1] and self.chance(20),
                                    "passive": self.chance(8), "arguments": arguments}

    def headers(self):
        values = (1, 2, "1", True, None)
        return {name: self.any(values) for name in ("a", "b", "x-c") if self.chance(45)}

    def binding_arguments(self):
        arguments = self.headers() if self.chance(50) else {}
        if self.chance(40):
            arguments["x-match"] = self.any(("all", "any", "all-with-x", "any-with-x"))
        return arguments

    def bind(self):
        return self.any(("queue_bind", "queue_bind", "queue_bind", "queue_unbind")), {
            "queue": self.any(self.queues), "exchange": self.any(self.exchanges), "routing_key": self.any(PATTERNS),
            "arguments": self.binding_arguments()}

    def bind_exchange(self):
        return self.any(("exchange_bind", "exchange_bind", "exchange_unbind")), {
            "destination": self.any(self.exchanges), "source": self.any(self.exchanges),
            "routing_key": self.any(PATTERNS), "arguments": self.binding_arguments()}

    def remove(self):
        if self.chance(50):
            return "queue_delete", {"queue": self.any(self.queues), "if_unused": self.chance(30),
                                    "if_empty": self.chance(40)}
        return "exchange_delete", {"exchange": self.any(self.exchanges), "if_unused": self.chance(50)}

    def purge(self):
        return "queue_purge", {"queue": self.any(self.queues)}

    def look(self):
        return "queue_declare", {"queue": self.any(self.queues), "passive": True}

    # --- messages ---

    def message(self):
        self.bodies += 1
        properties = {"headers": self.headers()} if self.chance(70) else {}
        if self.chance(15):
            properties.setdefault("headers", {})[self.any(("CC", "BCC"))] = [self.any(KEYS + tuple(self.queues))]
        if self.chance(30):
            properties["priority"] = self.random.randrange(5)
        if self.chance(40):
            properties["delivery_mode"] = 2
        if self.chance(12):
            properties["expiration"] = str(NEVER)
        if self.chance(10):
            properties.update(message_id="id", app_id="app", type="type", timestamp=1_700_000_000, user_id="guest",
                              correlation_id="1", reply_to="nobody", content_type="text/plain", content_encoding="utf")
        to_queue = self.chance(35)
        return {"exchange": "" if to_queue else self.any(self.exchanges),
                "routing_key": self.any(self.queues) if to_queue else self.any(KEYS),
                "body": str(self.bodies), "properties": properties}

    def publish(self):
        return "publish", {**self.message(), "mandatory": self.chance(30)}

    def transaction(self):
        """Not to the exchange that may be internal: that we refuse at the commit only."""
        messages = [self.message() for _ in range(self.random.randrange(1, 4))]
        return "transaction", {"messages": [each for each in messages if each["exchange"] != self.exchanges[-1]],
                               "commit": self.chance(70)}

    def expire(self):
        """The queue is emptied first: RabbitMQ looks for what has expired at the head only."""
        return "expire", {"queue": self.any(self.queues), "body": "short-lived"}

    def get(self):
        return "get", {"queue": self.any(self.queues), "auto_ack": self.chance(25)}

    def settle(self):
        """Of the deliveries that the channel holds, the one at this position, counted from either end."""
        return "settle", {"how": self.any(("ack", "nack", "reject")), "position": self.any((0, 0, 1, -1)),
                          "multiple": self.chance(25), "requeue": self.chance(50)}

    def consume(self):
        return "consume", {"queue": self.any(self.queues), "prefetch": self.any((1, 2, 5)),
                           "exclusive": self.chance(15), "auto_ack": self.chance(20), "how": self.any(
                               ("ack", "requeue", "reject"))}

    def mistake(self):
        body = self.message()
        return self.any((
            ("publish", {**body, "exchange": "none", "mandatory": False}),
            ("publish", {**body, "properties": {"expiration": self.any(EXPIRATIONS)}, "mandatory": False}),
            ("publish", {**body, "properties": {"user_id": "somebody"}, "mandatory": False}),
            ("publish", {**body, "properties": {"headers": {self.any(("CC", "BCC")): "text"}}, "mandatory": False}),
            ("exchange_declare", {"exchange": "amq.new", "exchange_type": "direct"}),
            ("exchange_declare", {"exchange": "", "exchange_type": "direct"}),
            ("unknown_type", {"exchange": self.exchanges[0]}),
            ("exchange_declare", {"exchange": self.exchanges[0], "exchange_type": self.any(TYPES), "arguments": {
                "alternate-exchange": 1}}),
            ("exchange_delete", {"exchange": "amq.direct"}),
            ("queue_declare", {"queue": "amq.new"}),
            ("queue_bind", {"queue": self.queues[0], "exchange": "", "routing_key": "k"}),
            ("queue_bind", {"queue": self.queues[0], "exchange": "amq.headers", "routing_key": "", "arguments": {
                "x-match": self.any(("some", 1))}}),
            ("settle_unknown", {"how": self.any(("ack", "nack", "reject")), "tag": self.any((0, 99)),
                                "multiple": self.chance(50)}),
            ("other_declare", {"queue": self.any(self.queues)}),
            ("other_get", {"queue": self.any(self.queues)}),
            ("qos", {"prefetch_size": 1}), ("recover", {}), ("recover_without_requeue", {}), ("commit", {}),
            ("confirm_after_tx", {}), ("tx_after_confirm", {}), ("reopen", {})))
