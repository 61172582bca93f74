"""Judges what clients saw of a broker: a history of publishes, confirms, deliveries and acknowledgements.

    history_checker.py FILE      one JSON object a line, as History.save writes them; prints what is wrong

A message is known by its `id`; published to n queues it is n copies. `check` returns violations (rule, text); rules:

    C-01 a confirmed persistent copy ends acknowledged, dead-lettered, purged or in the final drain: none is lost
    C-02 what is delivered was published before, to that queue, and has its body
    C-03 between two deliveries of a copy there is a cause: a requeue, the end of a channel, a crash
    C-04 a delivery that says redelivered=false is the first of its copy
    C-05 a consumer sees the messages of a stream that nobody had before in the order of publishing, so does the drain
    C-06 a copy is delivered without acknowledgement once; after a crash again at most flagged
    C-07 two exclusive consumers of a queue never overlap
    C-08 a consumer never has more unacknowledged deliveries than its prefetch
    C-09 a publish is confirmed once; what is returned, before that; nothing unpublished is confirmed
    C-12 the counts that a broker reports fit with what went in and out, and with what is drained
    C-14 a committed transaction is whole, another one has not happened; one of unknown fate is one of both

An acknowledgement is certain, until the next crash, from a `barrier` of its channel on, and that of a transaction, for
good, from commit-ok on. Events, in the order of time (a call when it is made, an answer when it is read):

    queue(queue, dead_letter=None)       publish(channel, id, stream, seq, queues, tag=None, tx=None, persistent=True,
    confirm(channel, tag, multiple, ok)      mandatory=False)
    returned(channel, id)                deliver(channel, consumer, queue, tag, id, redelivered, no_ack, body_ok)
    settle(channel, tag, multiple, how, tx=None)     how: ack, requeue, reject
    barrier(channel)                     commit(channel, tx)  committed(channel, tx)  rolled_back(channel, tx)
    channel_end(channel)                 crash()              prefetch(consumer, count)
    consume(queue, consumer, exclusive)  cancel(consumer)     purge(queue)
    count(queue, messages)               drained(queue, id, redelivered, body_ok)
"""
import collections
import json
import sys
import threading


class History:
    """What the clients' threads write down; the order of the list is the order of time."""

    def __init__(self):
        self.events = []
        self.lock = threading.Lock()

    def __call__(self, kind, **fields):
        fields["kind"] = kind
        with self.lock:
            self.events.append(fields)

    def save(self, path):
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(json.dumps(event) + "\n" for event in self.events)


class Delivery:
    def __init__(self, at, event):
        self.at, self.channel, self.tag = at, event.get("channel"), event.get("tag")
        self.consumer, self.no_ack = event.get("consumer"), event.get("no_ack", False)
        self.how = None        # settled by the client: ack, requeue, reject, drained
        self.tx = None         # in which transaction
        self.returned = False  # a requeue, or the end of its channel
        self.sure_at = None    # the place of the barrier behind its settlement


class Copy:
    """One message in one queue, or in the queue where the dead letters of that go."""

    def __init__(self, publish):
        self.publish, self.deliveries = publish, []


class Checker:
    def __init__(self, events):
        self.events, self.violations = events, []
        self.dead_letter, self.published, self.copies = {}, {}, {}
        self.unconfirmed = collections.defaultdict(dict)   # channel: tag: publish
        self.confirmed, self.nacked, self.returned = set(), set(), set()
        self.open = collections.defaultdict(dict)          # channel: delivery tag: delivery
        self.unsure = collections.defaultdict(list)        # channel: settled deliveries with no barrier behind
        self.in_tx = collections.defaultdict(list)         # channel: deliveries settled in transactions
        self.held = collections.Counter()                  # consumer: unacknowledged deliveries
        self.prefetches, self.last_seq, self.exclusive = {}, {}, {}
        self.crashes, self.counts, self.drained, self.purged = [], {}, collections.Counter(), {}
        self.commits = {}                                  # tx: when its commit was sent
        self.tx_state = {}                                 # tx: open, unknown, committed, rolled back

    def wrong(self, rule, text):
        self.violations.append((rule, text))

    def run(self):
        for at, event in enumerate(self.events):
            getattr(self, "on_" + event["kind"])(at, event)
        self.check_ends()
        self.check_transactions()
        return self.violations

    # --- publishing

    def on_queue(self, _at, event):
        self.dead_letter[event["queue"]] = event.get("dead_letter")

    def on_publish(self, at, event):
        event["at"] = at
        self.published[event["id"]] = event
        if event.get("tx") is not None:
            self.tx_state.setdefault(event["tx"], "open")
        if event.get("tag") is not None:
            self.unconfirmed[event["channel"]][event["tag"]] = event

    def on_confirm(self, _at, event):
        open_tags = self.unconfirmed[event["channel"]]
        tags = [tag for tag in open_tags if tag <= event["tag"]] if event["multiple"] else [event["tag"]]
        if event["tag"] not in open_tags:
            self.wrong("C-09", f"confirm of tag {event['tag']} on {event['channel']}, which is not waiting for one")
        for publish in [open_tags.pop(tag) for tag in tags if tag in open_tags]:
            if event["ok"] and not publish["queues"] and publish.get("mandatory") and \
                    publish["id"] not in self.returned:
                self.wrong("C-09", f"unroutable mandatory {publish['id']} was confirmed and not returned before")
            (self.confirmed if event["ok"] else self.nacked).add(publish["id"])

    def on_returned(self, _at, event):
        publish = self.published.get(event["id"])
        if publish is None or publish["queues"]:
            self.wrong("C-09", f"{event['id']} was returned, though it is routed or was never published")
        if event["id"] in self.confirmed:
            self.wrong("C-09", f"{event['id']} was returned after its confirm")
        self.returned.add(event["id"])

    # --- delivering

    def arrived(self, at, event):
        """The delivery, put with its copy; None when there is no such copy."""
        publish, queue = self.published.get(event["id"]), event["queue"]
        homes = publish and publish["queues"] + [self.dead_letter.get(each) for each in publish["queues"]]
        if not event.get("body_ok", True) or publish is None or queue not in homes:
            self.wrong("C-02", f"{event['id']} came from {queue}: "
                       + ("another body" if not event.get("body_ok", True) else "not published there"))
            return None
        copy = self.copies.setdefault((event["id"], queue), Copy(publish))
        delivery = Delivery(at, event)
        if copy.deliveries:
            self.check_again(copy.deliveries[-1], delivery, event)
        elif queue in publish["queues"] and (not event["redelivered"] or event["kind"] == "drained"):
            self.check_order(publish, event)
        copy.deliveries.append(delivery)
        return delivery

    def check_again(self, before, now, event):
        crashed = any(before.at < crash < now.at for crash in self.crashes)
        name = f"{event['id']} in {event['queue']}"
        if not event["redelivered"]:
            self.wrong("C-04", f"{name} was delivered before, and comes with redelivered=false")
        if before.no_ack and (not crashed or not event["redelivered"]):
            self.wrong("C-06", f"{name} was delivered without acknowledgement and comes again")
        elif before.tx is not None and before.how == "ack" and self.tx_state.get(before.tx) == "committed":
            self.wrong("C-14", f"{name} was acknowledged in committed transaction {before.tx} and comes again")
        elif before.how in ("ack", "reject", "drained") and before.sure_at is not None and \
                not any(before.sure_at < crash < now.at for crash in self.crashes):
            self.wrong("C-03", f"{name} was settled ({before.how}) for sure and comes again")
        elif not before.returned and not crashed and not before.no_ack:
            self.wrong("C-03", f"{name} comes again while its last delivery is still out")

    def check_order(self, publish, event):
        stream = (publish["stream"], event["queue"], event.get("channel"), event.get("consumer"))
        if publish["seq"] < self.last_seq.get(stream, -1):
            self.wrong("C-05", f"{event['id']} in {event['queue']} comes after number {self.last_seq[stream]} "
                       f"of its stream {publish['stream']}")
        self.last_seq[stream] = max(publish["seq"], self.last_seq.get(stream, -1))

    def on_deliver(self, at, event):
        delivery = self.arrived(at, event)
        if delivery is None or delivery.no_ack:
            return
        self.open[event["channel"]][event["tag"]] = delivery
        self.held[event["consumer"]] += 1
        limit = self.prefetches.get(event["consumer"], 0)
        if limit and event["consumer"] is not None and self.held[event["consumer"]] > limit:
            self.wrong("C-08", f"consumer {event['consumer']} has "
                       f"{self.held[event['consumer']]} deliveries, not {limit}")

    def on_drained(self, at, event):
        delivery = self.arrived(at, event)
        self.drained[event["queue"]] += 1
        if delivery is not None:
            delivery.how, delivery.sure_at = "drained", at

    def on_settle(self, _at, event):
        out = self.open[event["channel"]]
        tags = [tag for tag in out if tag <= event["tag"]] if event["multiple"] else [event["tag"]]
        for delivery in [out.pop(tag) for tag in tags if tag in out]:
            delivery.how, delivery.tx = event["how"], event.get("tx")
            if delivery.tx is not None:
                self.tx_state.setdefault(delivery.tx, "open")
                self.in_tx[event["channel"]].append(delivery)
            delivery.returned = event["how"] == "requeue"
            self.held[delivery.consumer] -= 1
            if delivery.tx is None:
                self.unsure[event["channel"]].append(delivery)

    def on_barrier(self, at, event):
        for delivery in self.unsure.pop(event["channel"], []):
            delivery.sure_at = at

    def on_channel_end(self, _at, event):
        for delivery in self.open.pop(event["channel"], {}).values():
            delivery.returned = True
            self.held[delivery.consumer] -= 1
        for delivery in self.unsure.pop(event["channel"], []):
            delivery.returned = True  # perhaps; the broker may not have heard of it
        for delivery in self.in_tx.pop(event["channel"], []):
            delivery.returned = True  # if its transaction was not committed

    def on_crash(self, at, _event):
        self.crashes.append(at)
        self.exclusive.clear()

    # --- consumers, transactions, queues

    def on_prefetch(self, _at, event):
        self.prefetches[event["consumer"]] = event["count"]

    def on_consume(self, _at, event):
        others = self.exclusive.setdefault(event["queue"], {})
        if others and (event["exclusive"] or any(others.values())):
            self.wrong("C-07", f"{event['consumer']} consumes from {event['queue']} beside {sorted(others)}, "
                       "one of them exclusively")
        others[event["consumer"]] = event["exclusive"]

    def on_cancel(self, _at, event):
        for others in self.exclusive.values():
            others.pop(event["consumer"], None)

    def on_commit(self, at, event):
        self.tx_state[event["tx"]] = "unknown"
        self.commits[event["tx"]] = at

    def on_committed(self, _at, event):
        self.tx_state[event["tx"]] = "committed"

    def on_rolled_back(self, _at, event):
        self.tx_state[event["tx"]] = "rolled back"

    def on_purge(self, at, event):
        self.purged[event["queue"]] = at

    def on_count(self, at, event):
        """What the broker says is in the queue now, before it is drained."""
        self.counts[event["queue"]] = event["messages"]
        low = high = 0
        for publish in self.published.values():
            sources = [queue for queue in publish["queues"]
                       if event["queue"] in (queue, self.dead_letter.get(queue))]
            for source in sources:
                certain, possible = self.presence(publish, source, event["queue"])
                low, high = low + certain, high + possible
        if not low <= event["messages"] <= high:
            self.wrong("C-12", f"{event['queue']} is said to hold {event['messages']} messages; "
                       f"after event {at} it may be {low} to {high}")

    def presence(self, publish, source, queue):
        """Whether the copy is in `queue` for sure, and whether it may be."""
        if self.purged.get(queue, -1) > publish["at"] or self.never_happened(publish):
            return 0, 0
        last = {name: self.copies[publish["id"], name].deliveries[-1]
                for name in (source, self.dead_letter.get(source)) if (publish["id"], name) in self.copies}
        here, at_source = last.get(queue), last.get(source)
        if here is not None and self.gone(here):
            return 0, 0
        if queue != source:
            return (1, 1) if here is not None and here.returned and here.how is None else (0, int(
                here is not None or (at_source is not None and at_source.how == "reject")))
        settled = here is not None and (here.how in ("ack", "reject") or here.no_ack)
        moved = self.dead_letter.get(source) in last
        return int(self.promised(publish) and not settled and not moved), int(not moved)

    def gone(self, delivery):
        if delivery.tx is not None:
            return delivery.how == "ack" and self.tx_state[delivery.tx] == "committed"
        sure = delivery.sure_at is not None and not any(crash > delivery.sure_at for crash in self.crashes)
        return delivery.how == "drained" or (delivery.how in ("ack", "reject") and sure)

    # --- in the end

    def promised(self, publish):
        if not publish.get("persistent", True):
            return False
        if publish.get("tx") is not None:
            return self.tx_state[publish["tx"]] == "committed"
        return publish["id"] in self.confirmed

    def never_happened(self, publish):
        return publish.get("tx") is not None and self.tx_state[publish["tx"]] in ("open", "rolled back")

    def sunk(self, publish, queue):
        """Whether the copy came to an end that explains why it is not there any more."""
        for place in (queue, self.dead_letter.get(queue)):
            if self.purged.get(place, -1) > publish["at"]:
                return True
            for delivery in self.copies.get((publish["id"], place), Copy(publish)).deliveries:
                in_vain = delivery.tx is not None and self.tx_state[delivery.tx] in ("open", "rolled back")
                if delivery.no_ack or (delivery.how in ("ack", "drained") and not in_vain):
                    return True
                if delivery.how == "reject" and not in_vain and self.dead_letter.get(place) is None:
                    return True
        return False

    def check_ends(self):
        for publish in self.published.values():
            for queue in publish["queues"]:
                if self.promised(publish) and not self.sunk(publish, queue):
                    rule = "C-01" if publish.get("tx") is None else "C-14"
                    self.wrong(rule, f"{publish['id']} in {queue} was promised and is lost: "
                               + self.life(publish, queue))
        for queue, messages in self.counts.items():
            if self.drained[queue] != messages:
                self.wrong("C-12", f"{queue} was said to hold {messages} messages, {self.drained[queue]} were drained")

    def check_transactions(self):
        last_seen = collections.defaultdict(list)  # of each copy; -1: never
        for publish in self.published.values():
            if publish.get("tx") is not None and publish.get("persistent", True):
                for queue in publish["queues"]:
                    places = (queue, self.dead_letter.get(queue))
                    last_seen[publish["tx"]].append(max((each.deliveries[-1].at for each in map(
                        self.copies.get, ((publish["id"], place) for place in places)) if each), default=-1))
        for tx, copies in last_seen.items():
            if self.tx_state[tx] in ("open", "rolled back") and max(copies) >= 0:
                self.wrong("C-14", f"a message of transaction {tx} came, which is {self.tx_state[tx]}")
            # What is delivered before it is on disk may go with a crash, if all of the transaction goes.
            survived = min((crash for crash in self.crashes if crash > self.commits.get(tx, 0)), default=-1)
            if self.tx_state[tx] == "unknown" and max(copies) > survived and min(copies) < 0:
                self.wrong("C-14", f"{sum(each >= 0 for each in copies)} of {len(copies)} messages of transaction {tx} "
                           "came, the commit of which had no answer")

    def life(self, publish, queue):
        places = [(queue, self.copies.get((publish["id"], queue)))]
        places.append((self.dead_letter.get(queue), self.copies.get((publish["id"], self.dead_letter.get(queue)))))
        lines = [f"published at {publish['at']}"]
        for place, copy in places:
            lines += [f"delivered from {place} at {each.at}, {each.how or 'not settled'}"
                      for each in (copy.deliveries if copy else [])]
        return ", ".join(lines + [f"crashes at {self.crashes}"])

    def summary(self):
        again = sum(len(copy.deliveries) - 1 for copy in self.copies.values())
        return (f"{len(self.published)} published, {sum(map(self.promised, self.published.values()))} promised, "
                f"{sum(len(copy.deliveries) for copy in self.copies.values())} delivered, {again} of them again, "
                f"{sum(self.drained.values())} drained, {len(self.crashes)} crashes, "
                f"{len(self.violations)} violations")


def check(events):
    return Checker([dict(event) for event in events]).run()


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        checker = Checker([json.loads(line) for line in file])
    violations = checker.run()
    for rule, text in violations:
        print(f"{rule} {text}")
    print(checker.summary())
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
