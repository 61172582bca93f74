#!/usr/bin/python3
"""The tutorial programs that everybody starts with, as pika clients, each on a connection of its own."""
import threading
import uuid

import pika

from checks import check, equal, raises, run_tests, unique
from pika_client import PERSISTENT, bodies, channel_with, connected, depth, publish, received


def test_hello():
    """One program sends a word and leaves; another one, later, waits for it in start_consuming."""
    queue = unique("hello")
    with connected() as sender:
        channel = sender.channel()
        channel.queue_declare(queue=queue)
        channel.basic_publish(exchange="", routing_key=queue, body="Hello World!")
    with connected() as receiver:
        channel = receiver.channel()
        declared = channel.queue_declare(queue=queue)
        equal("the queue that the sender left holds its message", declared.method.message_count, 1)  # spec: C2
        heard = []

        def callback(ch, method, properties, body):
            heard.append((method.routing_key, method.exchange, method.delivery_tag, method.redelivered, body))
            ch.stop_consuming()

        channel.basic_consume(queue=queue, auto_ack=True, on_message_callback=callback)
        channel.start_consuming()
        equal("the receiver hears what was sent", heard, [(queue, "", 1, False, b"Hello World!")])  # spec: C20
        channel.queue_delete(queue)


def test_work_queue():
    """Two workers with prefetch 1: while one is busy, the other gets everything else."""
    queue = unique("task_queue")
    with channel_with(queue, durable=True) as boss, connected() as first, connected() as second:
        busy, idle = first.channel(), second.channel()
        for worker in (busy, idle):
            worker.basic_qos(prefetch_count=1)
        busy_tasks = busy.consume(queue)
        tasks = [b"task %d" % number for number in range(20)]
        publish(boss, queue, tasks[0], properties=PERSISTENT)
        method, properties, body = next(busy_tasks)
        equal("the first worker takes the first task", body, tasks[0])
        equal("delivery mode of a persistent task", properties.delivery_mode, 2)

        publish(boss, queue, *tasks[1:], properties=PERSISTENT)
        done = []
        for task, _, body in idle.consume(queue, inactivity_timeout=10):
            if task is None:
                break
            done.append(body)
            idle.basic_ack(task.delivery_tag)
            if len(done) == len(tasks) - 1:
                break
        equal("the idle worker does all tasks behind the busy one, in order", done, tasks[1:])  # spec: C18 C25 C26
        busy.basic_ack(method.delivery_tag)
        idle.cancel()
        busy.cancel()
        equal("nothing is left", depth(boss, queue), 0)


def test_publish_subscribe():
    """A fanout exchange copies each message to every subscriber's exclusive, server-named queue."""
    logs = unique("logs")
    with connected() as emitter, connected() as one, connected() as two:
        channel = emitter.channel()
        channel.exchange_declare(exchange=logs, exchange_type="fanout")
        channel.basic_publish(exchange=logs, routing_key="", body="nobody listens yet")
        channel.exchange_declare(exchange=logs, passive=True)  # others' bindings come after it
        subscribers = []
        for connection in (one, two):
            subscriber = connection.channel()
            queue = subscriber.queue_declare(queue="", exclusive=True).method.queue
            check("a server-named queue starts with amq.gen-", queue.startswith("amq.gen-"), queue)  # spec: C1
            subscriber.queue_bind(exchange=logs, queue=queue)
            subscribers.append((subscriber, queue))
        check("two server names differ", subscribers[0][1] != subscribers[1][1], subscribers[0][1])
        sent = [b"info: %d" % number for number in range(50)]
        for body in sent:
            channel.basic_publish(exchange=logs, routing_key="ignored", body=body)
        for subscriber, queue in subscribers:
            equal("each subscriber gets every message since it came", bodies(received(subscriber, queue, 50)), sent)
        channel.exchange_delete(logs)


def test_routing():
    """A direct exchange: errors to one queue, everything to another."""
    exchange = unique("direct_logs")
    with channel_with() as channel:
        channel.exchange_declare(exchange=exchange, exchange_type="direct")
        errors = channel.queue_declare("", exclusive=True).method.queue
        everything = channel.queue_declare("", exclusive=True).method.queue
        channel.queue_bind(errors, exchange, routing_key="error")
        for severity in ("info", "warning", "error"):
            channel.queue_bind(everything, exchange, routing_key=severity)
        for severity in ("info", "error", "debug", "warning", "error"):
            channel.basic_publish(exchange, severity, severity)
        equal("only errors", bodies(received(channel, errors, 2)), [b"error"] * 2)
        equal("all known severities", bodies(received(channel, everything, 4)),
              [b"info", b"error", b"warning", b"error"])
        equal("unbound keys reach nobody", (depth(channel, errors), depth(channel, everything)), (0, 0))
        channel.exchange_delete(exchange)


TOPICS = {
    "*.orange.*": ["quick.orange.rabbit", "lazy.orange.elephant", "quick.orange.fox"],
    "*.*.rabbit": ["quick.orange.rabbit", "lazy.pink.rabbit"],
    "lazy.#": ["lazy.orange.elephant", "lazy.brown.fox", "lazy.pink.rabbit", "lazy", "lazy.orange.new.rabbit"],
    "#": None,
    "*": ["orange", "lazy"],  # an empty key has no word at all: only # matches it
    "quick..fox": ["quick..fox"],
    "quick.*.fox": ["quick.orange.fox", "quick.brown.fox", "quick..fox"],
}
TOPIC_KEYS = ["quick.orange.rabbit", "lazy.orange.elephant", "quick.orange.fox", "lazy.brown.fox", "lazy.pink.rabbit",
              "quick.brown.fox", "orange", "quick.orange.new.rabbit", "lazy", "lazy.orange.new.rabbit", "",
              "quick..fox"]


def test_topics():
    exchange = unique("topic_logs")
    with channel_with() as channel:
        channel.exchange_declare(exchange=exchange, exchange_type="topic")
        queues = {}
        for pattern in TOPICS:
            queues[pattern] = channel.queue_declare("", exclusive=True).method.queue
            channel.queue_bind(queues[pattern], exchange, routing_key=pattern)
        for key in TOPIC_KEYS:
            channel.basic_publish(exchange, key, key)
        for pattern, expected in TOPICS.items():
            wanted = [key.encode() for key in (TOPIC_KEYS if expected is None else expected)]
            equal(f"keys matched by {pattern}", bodies(received(channel, queues[pattern], len(wanted))), wanted)
            equal(f"nothing else matched {pattern}", depth(channel, queues[pattern]), 0)
        channel.exchange_delete(exchange)


def fibonacci(number):
    return number if number < 2 else fibonacci(number - 1) + fibonacci(number - 2)


def serve_fibonacci(connection, queue):
    def on_request(ch, method, properties, body):
        answer = pika.BasicProperties(correlation_id=properties.correlation_id)
        ch.basic_publish("", properties.reply_to, str(fibonacci(int(body))), answer)
        ch.basic_ack(method.delivery_tag)

    channel = connection.channel()
    channel.basic_qos(prefetch_count=1)
    channel.basic_consume(queue, on_request)
    channel.start_consuming()


def test_rpc():
    """Requests to a shared queue, answers to the caller's own queue, told apart by correlation id."""
    queue = unique("rpc_queue")
    with channel_with(queue), connected() as server, connected() as caller:
        worker = threading.Thread(target=serve_fibonacci, args=(server, queue), daemon=True)
        worker.start()
        channel = caller.channel()
        replies = channel.queue_declare("", exclusive=True).method.queue
        answers = {}
        channel.basic_consume(replies, lambda ch, method, properties, body: answers.update(
            {properties.correlation_id: int(body)}), auto_ack=True)
        asked = {str(uuid.uuid4()): number for number in range(15)}
        for correlation, number in asked.items():
            request = pika.BasicProperties(reply_to=replies, correlation_id=correlation)
            channel.basic_publish("", queue, str(number), request)
        for _ in range(200):
            caller.process_data_events(0.05)
            if len(answers) == len(asked):
                break
        equal("every call gets its own answer", answers, {key: fibonacci(number) for key, number in asked.items()})
        server.add_callback_threadsafe(server.close)
        worker.join(10)
        check("the server program ends", not worker.is_alive())


def test_publisher_confirms():
    """confirm_delivery makes every publish wait for the broker's word."""
    queue = unique("confirmed")
    with channel_with(queue, durable=True) as channel:
        channel.confirm_delivery()
        for number in range(100):
            channel.basic_publish("", queue, b"%d" % number, PERSISTENT, mandatory=True)  # spec: K1 K4
        equal("every confirmed message is in the queue", depth(channel, queue), 100)
        error = raises("a mandatory message without a queue", pika.exceptions.UnroutableError,
                       lambda: channel.basic_publish("", queue + ".missing", b"lost", mandatory=True))
        returned = error.messages[0]  # spec: K2 C30 F10
        equal("reply code of the return", (returned.method.reply_code, returned.method.reply_text), (312, "NO_ROUTE"))
        equal("key and body of the return", (returned.method.routing_key, returned.body), (queue + ".missing", b"lost"))
        channel.basic_publish("", queue + ".missing", b"nobody cares")  # not mandatory: confirmed all the same
        channel.basic_publish("", queue, b"100", mandatory=True)
        messages = received(channel, queue, 101)
        equal("order of confirmed messages", [int(body) for body in bodies(messages)], list(range(101)))


if __name__ == "__main__":
    run_tests(globals())
