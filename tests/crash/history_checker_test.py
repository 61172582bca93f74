#!/usr/bin/python3
"""Every rule of history_checker.py finds what was planted for it, and says nothing about what is nearly wrong."""
import sys

from history_checker import History, check

QUEUE, DEAD = "q", "q.dead"


class Story(History):
    """A history told in short words; one channel, one consumer unless it says otherwise."""

    def __init__(self):
        super().__init__()
        self("queue", queue=QUEUE, dead_letter=DEAD)
        self("queue", queue=DEAD)

    def publish(self, number, confirmed=True, tx=None, queues=(QUEUE,), **more):
        self("publish", channel="p", id=f"m{number}", stream="s", seq=number, queues=list(queues),
             tag=None if tx else number, tx=tx, **more)
        return self.confirm(number) if confirmed and not tx else self

    def confirm(self, tag, multiple=False, ok=True):
        self("confirm", channel="p", tag=tag, multiple=multiple, ok=ok)
        return self

    def deliver(self, number, tag=None, again=False, channel="c", consumer="c", queue=QUEUE, no_ack=False, ok=True):
        self("deliver", channel=channel, consumer=consumer, queue=queue, tag=tag or number, id=f"m{number}",
             redelivered=again, no_ack=no_ack, body_ok=ok)
        return self

    def settle(self, tag, how="ack", multiple=False, channel="c", tx=None):
        self("settle", channel=channel, tag=tag, multiple=multiple, how=how, tx=tx)
        return self

    def drained(self, number, again=False, queue=QUEUE):
        self("drained", queue=queue, id=f"m{number}", redelivered=again, body_ok=True)
        return self

    def then(self, kind, **fields):
        self(kind, **fields)
        return self


def tx(state):
    """Two publishes of one transaction, and how it ended as far as the client knows."""
    story = Story().publish(1, tx="t").publish(2, tx="t")
    for kind in {"open": (), "unknown": ("commit",), "committed": ("commit", "committed"),
                 "rolled back": ("rolled_back",)}[state]:
        story(kind, channel="p", tx="t")
    return story


def tx_ack(state):
    story = Story().publish(1).deliver(1).settle(1, tx="t")
    for kind in {"open": (), "committed": ("commit", "committed"), "rolled back": ("rolled_back",)}[state]:
        story(kind, channel="c", tx="t")
    return story.then("channel_end", channel="c")


GOOD = {
    "acknowledged": lambda: Story().publish(1).deliver(1).settle(1),
    "drained": lambda: Story().publish(1).drained(1),
    "not confirmed, and not there": lambda: Story().publish(1, confirmed=False),
    "transient, and gone": lambda: Story().publish(1, persistent=False),
    "dead-lettered, drained there": lambda: Story().publish(1).deliver(1).settle(1, "reject").drained(1, queue=DEAD),
    "purged": lambda: Story().publish(1).then("purge", queue=QUEUE),
    "again after a requeue": lambda: Story().publish(1).deliver(1).settle(1, "requeue").drained(1, True),
    "again after the channel's end": lambda: Story().publish(1).deliver(1).then("channel_end", channel="c")
    .drained(1, True),
    "again after a crash": lambda: Story().publish(1).deliver(1).then("crash").drained(1, True),
    "an acknowledgement that a crash took": lambda: Story().publish(1).deliver(1).settle(1)
    .then("barrier", channel="c").then("crash").drained(1, True),
    "redelivered too often": lambda: Story().publish(1).drained(1, True),
    "out of order after a requeue": lambda: Story().publish(1).publish(2).deliver(1).settle(1, "requeue").deliver(2)
    .settle(2).drained(1, True),
    "two consumers, each in order": lambda: Story().publish(1).publish(2).deliver(2, channel="d", consumer="d")
    .deliver(1).settle(2, channel="d").settle(1),
    "out of order in the dead letters": lambda: Story().publish(1).publish(2).deliver(1).deliver(2)
    .settle(2, "reject").settle(1, "reject").drained(2, queue=DEAD).drained(1, queue=DEAD),
    "without acknowledgement, flagged after a crash": lambda: Story().publish(1).deliver(1, no_ack=True)
    .then("crash").drained(1, True),
    "exclusive, one after the other": lambda: Story().then("consume", queue=QUEUE, consumer="a", exclusive=True)
    .then("cancel", consumer="a").then("consume", queue=QUEUE, consumer="b", exclusive=True),
    "exclusive, before and after a crash": lambda: Story()
    .then("consume", queue=QUEUE, consumer="a", exclusive=True).then("crash")
    .then("consume", queue=QUEUE, consumer="b", exclusive=True),
    "prefetch used up": lambda: Story().then("prefetch", consumer="c", count=2).publish(1).publish(2).publish(3)
    .deliver(1).deliver(2).settle(1).deliver(3).settle(3, multiple=True),
    "multiple confirm": lambda: Story().publish(1, False).publish(2, False).confirm(2, True).drained(1).drained(2),
    "returned, then confirmed": lambda: Story().publish(1, False, queues=(), mandatory=True)
    .then("returned", channel="p", id="m1").confirm(1),
    "counts that fit": lambda: Story().publish(1).publish(2, False).then("count", queue=QUEUE, messages=2)
    .drained(1).drained(2),
    "transaction committed": lambda: tx("committed").drained(1).drained(2),
    "transaction of unknown fate: all": lambda: tx("unknown").drained(1).drained(2),
    "transaction of unknown fate: delivered, then gone with a crash": lambda: tx("unknown").deliver(1)
    .then("crash"),
    "transaction of unknown fate: none": lambda: tx("unknown"),
    "transaction rolled back": lambda: tx("rolled back"),
    "acknowledgement committed": lambda: tx_ack("committed"),
    "acknowledgement rolled back": lambda: tx_ack("rolled back").drained(1, True),
}

BAD = {
    "C-01": {
        "nowhere": lambda: Story().publish(1),
        "delivered, never settled, not drained": lambda: Story().publish(1).deliver(1),
        "requeued and gone": lambda: Story().publish(1).deliver(1).settle(1, "requeue"),
        "one of two queues": lambda: Story().publish(1, queues=(QUEUE, "other")).drained(1),
        "lost on the way to the dead letters": lambda: Story().publish(1).deliver(1).settle(1, "reject"),
        "purged before it came": lambda: Story().then("purge", queue=QUEUE).publish(1),
        "acknowledged in a transaction that was rolled back": lambda: tx_ack("rolled back"),
        "the second of a multiple confirm": lambda: Story().publish(1, False).publish(2, False).confirm(2, True)
        .drained(1),
    },
    "C-02": {
        "never published": lambda: Story().deliver(1),
        "another queue": lambda: Story().publish(1, False).deliver(1, queue="other"),
        "another body": lambda: Story().publish(1).deliver(1, ok=False).drained(1),
    },
    "C-03": {
        "twice at a time": lambda: Story().publish(1).deliver(1).deliver(1, 2, True).settle(2, multiple=True),
        "after an acknowledgement": lambda: Story().publish(1).deliver(1).settle(1).then("barrier", channel="c")
        .drained(1, True),
        "after a crash that came before": lambda: Story().then("crash").publish(1).deliver(1).settle(1)
        .then("barrier", channel="c").drained(1, True),
        "drained twice": lambda: Story().publish(1).drained(1).drained(1, True),
    },
    "C-04": {
        "after a requeue": lambda: Story().publish(1).deliver(1).settle(1, "requeue").drained(1),
        "after a crash": lambda: Story().publish(1).deliver(1).then("crash").drained(1),
        "after the channel's end": lambda: Story().publish(1).deliver(1).then("channel_end", channel="c").drained(1),
    },
    "C-05": {
        "one consumer": lambda: Story().publish(1).publish(2).deliver(2).deliver(1).settle(2, multiple=True),
        "the drain": lambda: Story().publish(1).publish(2).drained(2).drained(1),
        "after a crash": lambda: Story().publish(1).publish(2).then("crash").drained(2, True).drained(1, True),
    },
    "C-06": {
        "twice": lambda: Story().publish(1).deliver(1, no_ack=True).deliver(1, no_ack=True, again=True),
        "after a crash without the flag": lambda: Story().publish(1).deliver(1, no_ack=True).then("crash").drained(1),
        "after the channel's end": lambda: Story().publish(1).deliver(1, no_ack=True)
        .then("channel_end", channel="c").drained(1, True),
    },
    "C-07": {
        "two exclusive": lambda: Story().then("consume", queue=QUEUE, consumer="a", exclusive=True)
        .then("consume", queue=QUEUE, consumer="b", exclusive=True),
        "one more": lambda: Story().then("consume", queue=QUEUE, consumer="a", exclusive=True)
        .then("consume", queue=QUEUE, consumer="b", exclusive=False),
        "exclusive beside another": lambda: Story().then("consume", queue=QUEUE, consumer="a", exclusive=False)
        .then("consume", queue=QUEUE, consumer="b", exclusive=True),
    },
    "C-08": {
        "one too many": lambda: Story().then("prefetch", consumer="c", count=1).publish(1).publish(2).deliver(1)
        .deliver(2).settle(2, multiple=True),
        "after a settlement": lambda: Story().then("prefetch", consumer="c", count=1).publish(1).publish(2).publish(3)
        .deliver(1).settle(1).deliver(2).deliver(3).settle(3, multiple=True),
        "after a requeue": lambda: Story().then("prefetch", consumer="c", count=1).publish(1).publish(2).deliver(1)
        .settle(1, "requeue").deliver(1, 2, True).deliver(2, 3).settle(3, multiple=True),
    },
    "C-09": {
        "twice": lambda: Story().publish(1).confirm(1).drained(1),
        "not published yet": lambda: Story().confirm(1).publish(1, False).drained(1),
        "covered by multiple before": lambda: Story().publish(1, False).publish(2, False).confirm(2, True).confirm(1)
        .drained(1).drained(2),
        "unroutable, not returned": lambda: Story().publish(1, queues=(), mandatory=True),
        "returned after the confirm": lambda: Story().publish(1, queues=(), mandatory=True)
        .then("returned", channel="p", id="m1"),
        "routed and returned": lambda: Story().publish(1).then("returned", channel="p", id="m1").drained(1),
    },
    "C-12": {
        "too few": lambda: Story().publish(1).publish(2).then("count", queue=QUEUE, messages=1).drained(1).drained(2),
        "too many": lambda: Story().publish(1).then("count", queue=QUEUE, messages=2).drained(1),
        "not what is drained": lambda: Story().publish(1, False).then("count", queue=QUEUE, messages=1),
        "what was settled for sure": lambda: Story().publish(1).deliver(1).settle(1).then("barrier", channel="c")
        .then("count", queue=QUEUE, messages=1),
    },
    "C-14": {
        "half of a committed one": lambda: tx("committed").drained(1),
        "half of one of unknown fate": lambda: tx("unknown").drained(2),
        "half of one after a crash": lambda: tx("unknown").then("crash").drained(2, True),
        "rolled back and there": lambda: tx("rolled back").drained(1).drained(2),
        "never committed and there": lambda: tx("open").drained(1),
        "its acknowledgement undone": lambda: tx_ack("committed").drained(1, True),
    },
}


def main():
    failures = []
    for name, story in GOOD.items():
        found = check(story().events)
        if found:
            failures.append(f"{name}: nothing is wrong, but it says {found}")
    for rule, stories in BAD.items():
        for name, story in stories.items():
            found = {each for each, _ in check(story().events)}
            if rule not in found:
                failures.append(f"{rule} {name}: not found; it says {sorted(found) or 'nothing'}")
    for failure in failures:
        print("FAILED:", failure)
    planted = sum(len(stories) for stories in BAD.values())
    print(f"{planted} planted violations of {len(BAD)} rules, {len(GOOD)} histories without one, "
          f"{len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
