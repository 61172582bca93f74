#!/usr/bin/python3
"""Who gets a message, when and in which order: acknowledgements, requeues, cancels, transactions, dead letters."""
import pika

from checks import check, equal, raises, run_tests, unique
from pika_client import PERSISTENT, bodies, channel_with, connected, depth, publish, pump, received, wait_for_depth

Closed = pika.exceptions.ChannelClosedByBroker


def take(channel, queue, count):
    """Gets `count` messages without acknowledging them."""
    return [channel.basic_get(queue) for _ in range(count)]


def numbered(count):
    return [b"%d" % number for number in range(count)]


def test_requeue_order():
    """What is requeued stands where it stood, and says that it was delivered before."""
    queue = unique("requeue")
    with channel_with(queue) as channel:
        publish(channel, queue, *numbered(6))
        taken = take(channel, queue, 4)
        channel.basic_ack(taken[1][0].delivery_tag)
        channel.basic_reject(taken[0][0].delivery_tag, requeue=True)
        channel.basic_nack(taken[3][0].delivery_tag, multiple=True, requeue=True)
        messages = received(channel, queue, 5)
        equal("order after requeues", bodies(messages), [b"0", b"2", b"3", b"4", b"5"])  # spec: C23
        # spec: C24
        equal("redelivered flags", [method.redelivered for method, _, _ in messages], [True] * 3 + [False] * 2)


def test_requeue_on_close():
    """Closing a channel or a connection gives back what was not acknowledged."""
    queue = unique("giveback")
    with channel_with(queue) as channel:
        publish(channel, queue, *numbered(5))
        wait_for_depth(channel, queue, 5)
        with connected() as other:
            first = other.channel()
            take(first, queue, 2)
            first.close()  # spec: C23
            wait_for_depth(channel, queue, 5)
            second = other.channel()
            second.basic_ack(take(second, queue, 3)[0][0].delivery_tag)
        wait_for_depth(channel, queue, 4)
        messages = received(channel, queue, 4)
        equal("order after two losses", bodies(messages), numbered(5)[1:])  # spec: C23
        equal("redelivered flags", [method.redelivered for method, _, _ in messages], [True, True, False, False])


def test_recover():
    queue = unique("recover")
    with channel_with(queue) as channel:
        publish(channel, queue, *numbered(3))
        take(channel, queue, 3)
        channel.basic_recover(requeue=True)  # spec: C22
        messages = received(channel, queue, 3)
        equal("order after recover", bodies(messages), numbered(3))
        check("all redelivered", all(method.redelivered for method, _, _ in messages))


def test_unknown_delivery_tags():
    queue = unique("tags")
    with channel_with(queue) as channel, connected() as other:
        publish(channel, queue, *numbered(3))
        wait_for_depth(channel, queue, 3)
        for name, settle in {
                "a tag that never was": lambda ch: ch.basic_ack(99),
                "the same tag twice": lambda ch: (ch.basic_ack(1), ch.basic_ack(1)),
                "tag 0 without multiple": lambda ch: ch.basic_nack(0)}.items():
            worker = other.channel()
            take(worker, queue, 1)
            error = raises(name, Closed, lambda: (settle(worker), worker.queue_declare(queue, passive=True)))
            equal(f"code for {name}", error.reply_code, 406)  # spec: C21
            check(f"text for {name}", error.reply_text.startswith("PRECONDITION_FAILED - unknown delivery tag "),
                  error.reply_text)
        worker = other.channel()
        take(worker, queue, 2)
        worker.basic_ack(0, multiple=True)  # spec: C21
        equal("tag 0 with multiple acknowledges everything", depth(worker, queue), 0)
        worker.basic_ack(0, multiple=True)
        check("and is no error when nothing is outstanding", worker.queue_declare(queue, passive=True))


def test_prefetch():
    queue = unique("prefetch")
    with channel_with(queue) as channel, connected() as other:
        publish(channel, queue, *numbered(20))
        worker, got = other.channel(), []
        worker.basic_qos(prefetch_count=3)
        worker.basic_consume(queue, lambda ch, method, properties, body: got.append(method.delivery_tag))
        pump(other, lambda: len(got) == 3)
        other.process_data_events(0.3)
        equal("no more than prefetch_count unacknowledged", got, [1, 2, 3])  # spec: C18
        equal("the others wait", depth(channel, queue), 17)  # spec: C2
        worker.basic_ack(2, multiple=True)
        check("two acknowledged, two more", pump(other, lambda: len(got) == 5), got)


def test_round_robin():
    queue = unique("robin")
    with channel_with(queue) as channel, connected() as other:
        got = {1: [], 2: [], 3: []}
        for consumer, heard in got.items():
            worker = other.channel()
            worker.basic_consume(queue, lambda ch, method, properties, body, heard=heard: heard.append(body),
                                 auto_ack=True)
        publish(channel, queue, *numbered(30))
        pump(other, lambda: sum(map(len, got.values())) == 30)
        equal("every consumer gets a third", [len(heard) for heard in got.values()], [10, 10, 10])  # spec: C26
        equal("in turns", sorted(heard[0] for heard in got.values()), [b"0", b"1", b"2"])


def test_consumer_cancel_notify():
    """Deleting a queue tells its consumers."""
    queue = unique("cancelled")
    with channel_with() as channel, connected() as other:
        channel.queue_declare(queue)
        worker, cancelled = other.channel(), []
        worker.add_on_cancel_callback(lambda frame: cancelled.append(frame.method.consumer_tag))
        tag = worker.basic_consume(queue, lambda *_: None)
        check("a tag made by the broker", not tag.startswith("amq.") or tag.startswith("amq.ctag-"), tag)  # spec: C1
        channel.queue_delete(queue)
        check("basic.cancel arrives", pump(other, lambda: cancelled), cancelled)  # spec: C17 P8
        equal("and names the consumer", cancelled, [tag])
        check("the channel goes on", worker.queue_declare("", exclusive=True).method.queue)


def test_auto_delete_queue():
    queue = unique("autodelete")
    with channel_with() as channel, connected() as other:
        channel.queue_declare(queue, auto_delete=True)
        publish(channel, queue, b"here")
        wait_for_depth(channel, queue, 1)  # it waits for its first consumer; spec: C13
        worker = other.channel()
        worker.basic_consume(queue, lambda *_: None, consumer_tag="only")
        worker.basic_cancel("only")
        error = raises("the queue after its last consumer", Closed, lambda: depth(channel, queue))
        equal("code", error.reply_code, 404)  # spec: C13


def test_inequivalent_declare():
    queue = unique("equivalence")
    with channel_with(queue, durable=True, arguments={"x-max-length": 10}) as channel, connected() as other:
        for flags, text in (
                ({"durable": False}, "'durable' for queue '{}' in vhost '/': received 'false' but current is 'true'"),
                ({"durable": True, "arguments": {"x-max-length": 11}},
                 "'x-max-length' for queue '{}' in vhost '/': received '11' but current is '10'"),
                ({"durable": True},
                 "'x-max-length' for queue '{}' in vhost '/': received none but current is the value '10' of type "
                 "'signedint'")):
            error = raises("another declaration", Closed, lambda: other.channel().queue_declare(queue, **flags))
            equal("code and text", (error.reply_code, error.reply_text),
                  (406, "PRECONDITION_FAILED - inequivalent arg " + text.format(queue)))  # spec: C6
        channel.queue_declare(queue, durable=True, arguments={"x-max-length": 10})


def test_missing_things():
    with connected() as connection:
        channel = connection.channel()
        equal("deleting a missing queue", channel.queue_delete(unique("missing")).method.message_count, 0)  # spec: C9
        channel.exchange_delete(unique("missing"))  # spec: C9
        channel.basic_publish(unique("missing"), "", b"x")
        error = raises("publishing to a missing exchange", Closed, lambda: channel.queue_declare("", exclusive=True))
        equal("code and text", (error.reply_code, error.reply_text),
              (404, f"NOT_FOUND - no exchange '{unique('missing')}' in vhost '/'"))  # spec: C27


def test_transactions():
    queue = unique("tx")
    with channel_with(queue, durable=True) as channel, connected() as other:
        worker = other.channel()
        worker.tx_select()
        publish(worker, queue, b"a", b"b", properties=PERSISTENT)
        equal("nothing before the commit", depth(channel, queue), 0)
        worker.tx_commit()  # spec: C32
        equal("everything after it", depth(channel, queue), 2)
        publish(worker, queue, b"never")
        method, _, body = worker.basic_get(queue)
        worker.basic_ack(method.delivery_tag)
        worker.tx_rollback()  # spec: C32
        worker.basic_ack(method.delivery_tag)  # outstanding again after the rollback
        worker.tx_commit()
        worker.close()
        equal("the rolled back publish never happened, the ack did", bodies(received(channel, queue, 1)), [b"b"])
        equal("nothing else", depth(channel, queue), 0)
        error = raises("a commit without select", Closed, lambda: other.channel().tx_commit())
        equal("code and text", (error.reply_code, error.reply_text),
              (406, "PRECONDITION_FAILED - channel is not transactional"))  # spec: C32


def test_time_to_live_and_dead_letters():
    queue, dead = unique("ttl"), unique("dead")
    arguments = {"x-message-ttl": 100, "x-dead-letter-exchange": "", "x-dead-letter-routing-key": dead}
    with channel_with(dead) as channel:
        channel.queue_declare(queue, arguments=arguments, exclusive=True)
        publish(channel, queue, b"late")
        (method, properties, body), = received(channel, dead, 1)
        death = properties.headers["x-death"][0]
        equal("body and routing", (body, method.exchange, method.routing_key), (b"late", "", dead))
        equal("its death", {key: death[key] for key in ("count", "reason", "queue", "exchange", "routing-keys")},
              {"count": 1, "reason": "expired", "queue": queue, "exchange": "", "routing-keys": [queue]})
        equal("first death", properties.headers["x-first-death-reason"], "expired")


def test_direct_reply_to():
    """A caller without a queue: the answers come to his channel, from any connection."""
    queue = unique("direct-rpc")
    with channel_with(queue) as server:
        with connected() as other:
            caller, answers = other.channel(), []
            caller.basic_consume("amq.rabbitmq.reply-to", lambda ch, method, properties, body: answers.append(
                (properties.correlation_id, body)), auto_ack=True)  # spec: D1
            caller.basic_publish("", queue, b"ping", pika.BasicProperties(reply_to="amq.rabbitmq.reply-to",
                                                                          correlation_id="7"))
            (_, properties, _), = received(server, queue, 1)
            check("reply_to names the caller", properties.reply_to.startswith("amq.rabbitmq.reply-to."),
                  properties.reply_to)  # spec: D2
            server.queue_declare(properties.reply_to, passive=True)  # spec: D4
            server.confirm_delivery()
            server.basic_publish("", properties.reply_to, b"pong", pika.BasicProperties(correlation_id="7"))
            check("the answer arrives", pump(other, lambda: answers), answers)  # spec: D3
            equal("the answer", answers, [("7", b"pong")])
        server.basic_publish("", properties.reply_to, b"too late", mandatory=True)  # spec: D3, K6
        gone = raises("a caller who has gone", Closed, lambda: server.queue_declare(properties.reply_to))
        equal("code", gone.reply_code, 404)  # spec: D4


def test_direct_reply_to_mistakes():
    with connected() as connection:
        reply_to = "amq.rabbitmq.reply-to"
        acknowledging = raises("with acknowledgements", Closed, lambda: connection.channel().basic_consume(
            reply_to, lambda *_: None))
        equal("code", acknowledging.reply_code, 406)  # spec: D1
        channel = connection.channel()
        channel.confirm_delivery()
        unanswerable = raises("without a consumer", Closed, lambda: channel.basic_publish(
            "", "none", b"x", pika.BasicProperties(reply_to=reply_to)))
        equal("code", unanswerable.reply_code, 406)  # spec: D2
        bound = raises("bound", Closed, lambda: connection.channel().queue_bind(reply_to, "amq.direct"))
        equal("code", bound.reply_code, 403)  # spec: D5


def test_consumer_timeout():
    """What is not acknowledged in time goes back to the queue, and the channel is closed."""
    queue = unique("timeout")
    with channel_with(queue, arguments={"x-consumer-timeout": 500}) as channel:
        publish(channel, queue, b"slow")
        wait_for_depth(channel, queue, 1)
        with connected() as other:
            late = other.channel()
            late.basic_get(queue)
            check("the channel is closed", pump(other, lambda: late.is_closed), late)  # spec: C33
        wait_for_depth(channel, queue, 1)


if __name__ == "__main__":
    run_tests(globals())
