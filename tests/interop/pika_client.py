"""Short ways to talk to the broker under test with pika."""
import contextlib
import os
import sys

from checks import eventually

try:
    import pika
except ImportError:
    sys.exit("FAILED: the Python client pika is missing (Debian package python3-pika, run with /usr/bin/python3)")

HOST = os.environ.get("AMQP_HOST", "127.0.0.1")
PORT = int(os.environ.get("AMQP_PORT", "0"))
PERSISTENT = pika.BasicProperties(delivery_mode=2)


def parameters(**changes):
    settings = {"host": HOST, "port": PORT, "heartbeat": 0, "blocked_connection_timeout": 30, "socket_timeout": 10}
    settings.update(changes)
    return pika.ConnectionParameters(**settings)


@contextlib.contextmanager
def connected(**changes):
    """A connection for the length of a with statement; closed in the end even if the test failed."""
    connection = pika.BlockingConnection(parameters(**changes))
    try:
        yield connection
    finally:
        if connection.is_open:
            connection.close()


@contextlib.contextmanager
def channel_with(*queues, **flags):
    """A channel on a connection of its own, with queues declared for the test and deleted afterwards."""
    with connected() as connection:
        channel = connection.channel()
        for queue in queues:
            channel.queue_declare(queue, **flags)
        try:
            yield channel
        finally:
            if connection.is_open:
                cleaner = connection.channel()
                for queue in queues:
                    cleaner.queue_delete(queue)


def publish(channel, queue, *bodies, properties=None):
    for body in bodies:
        channel.basic_publish("", queue, body, properties)


def received(channel, queue, count, within=10, auto_ack=True):
    """The next `count` deliveries of a new consumer as (method, properties, body); fewer if time is up."""
    messages = []
    if count == 0:
        return messages
    for method, properties, body in channel.consume(queue, auto_ack=auto_ack, inactivity_timeout=within):
        if method is None:
            break
        messages.append((method, properties, body))
        if len(messages) == count:
            break
    channel.cancel()
    return messages


def bodies(messages):
    return [body for _, _, body in messages]


def depth(channel, queue):
    return channel.queue_declare(queue, passive=True).method.message_count


def wait_for_depth(channel, queue, count):
    """For what happened on another channel or connection, which the queue may learn a little later."""
    eventually(f"{queue} has {count} ready messages", lambda: depth(channel, queue) == count)


def pump(connection, until, within=10):
    """Lets pika handle what arrives until the condition holds; whether it did."""
    waited = 0.0
    while not until() and waited < within:
        connection.process_data_events(0.05)
        waited += 0.05
    return until()
