#!/usr/bin/python3
"""Care of the data: a backup of a broker that works, verify and repair of one that was killed.

    store_tools.py --broker PATH/leveret
"""
import argparse
import os
import subprocess
import sys
import threading

import broker
import pika_client
from checks import Failed, check, equal, eventually
from confirming_publisher import ConfirmingPublisher
from pika_client import connected

QUEUE = "care"
MESSAGES = 2000


def make_body(number):
    return b"%d:" % number + b"." * 500


def start(own):
    own.start()
    pika_client.HOST, pika_client.PORT = "127.0.0.1", own.ports["amqp"]


def numbers_in_queue():
    with connected() as connection:
        channel = connection.channel()
        count = channel.queue_declare(QUEUE, durable=True, passive=True).method.message_count
        bodies = [channel.basic_get(QUEUE)[2] for _ in range(count)]
    numbers = [int(body.split(b":", 1)[0]) for body in bodies]
    check("every body is the one that was published", all(body == make_body(n) for body, n in zip(bodies, numbers)))
    return numbers


def tool(own, command, directory):
    done = subprocess.run([own.program, command, directory], capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr


def test_backup(own):
    """Under load; a broker started on it has everything that was confirmed before it was asked for."""
    start(own)
    with connected() as connection:
        connection.channel().queue_declare(QUEUE, durable=True)
    publisher = ConfirmingPublisher(QUEUE, make_body, 200, first=0, properties=pika_client.PERSISTENT)
    thread = threading.Thread(target=publisher.run, daemon=True)
    thread.start()
    eventually("confirms", lambda: len(publisher.confirmed) >= MESSAGES or publisher.problem)
    confirmed = set(publisher.confirmed)
    status, made, _ = own.api("POST", "/backup", {"directory": "under-load"})
    equal("POST /api/backup", status, 201)
    check("the size is said", made["size"] > 0, made)
    equal("its place", made["path"], os.path.join(own.data_dir, "backups", "under-load"))
    equal("the same again", own.api("PUT", "/backup", {"directory": "under-load"}).status, 400)
    equal("a name that leads elsewhere", own.api("PUT", "/backup", {"directory": "../out"}).status, 400)
    equal("GET /api/backup", [each["directory"] for each in own.api("GET", "/backup").body], ["under-load"])
    own.kill()
    thread.join(20)

    code, _, error = tool(own, "verify", made["path"])
    equal("verify of the backup", (code, error), (0, ""))
    copy = broker.Broker(own.program)
    try:
        copy.data_dir = made["path"]
        start(copy)
        numbers = numbers_in_queue()
    finally:
        copy.remove()
    check("all that was confirmed before is there", confirmed <= set(numbers), sorted(confirmed - set(numbers))[:10])
    equal("in order, and once", numbers, sorted(set(numbers)))
    return f"{len(confirmed)} confirmed before, {len(numbers)} in the backup"


def newest_log(own):
    database = os.path.join(own.data_dir, "db")
    return os.path.join(database, max(name for name in os.listdir(database) if name.endswith(".log")))


def test_verify_and_repair(own):
    """Of the killed broker: no findings; with a flipped bit some, no start, and after the repair both again."""
    equal("verify", tool(own, "verify", own.data_dir)[0], 0)
    log = newest_log(own)
    with open(log, "r+b") as file:
        file.seek(len(file.read().rstrip(b"\0")) // 2)  # it ends in zeros
        octet = file.read(1)[0]
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([octet ^ 4]))
    code, findings, _ = tool(own, "verify", own.data_dir)
    equal("verify with a flipped bit", code, 1)
    check("it says where", "write-ahead log" in findings, findings)
    try:
        own.start()
        raise Failed("the broker starts on a damaged store")
    except broker.StartFailed:
        check("the refusal names the cure", f"leveret repair {own.data_dir}" in own.log(), own.log()[-500:])
    code, said, _ = tool(own, "repair", own.data_dir)
    equal("repair", code, 0)
    check("it says what is lost", "lost" in said and "before-repair-1" in said, said)
    equal("verify of the repaired store", tool(own, "verify", own.data_dir)[0], 0)
    start(own)
    numbers = numbers_in_queue()
    check("the rest is there, in order", len(numbers) > 100 and numbers == sorted(set(numbers)), numbers[:10])
    code, _, error = tool(own, "verify", own.data_dir)
    equal("verify beside a broker", code, 2)
    check("it is refused in one line", error.count("\n") == 1 and "is in use by another process" in error, error)
    equal("the broker ends well", own.terminate(), 0)
    return f"{len(numbers)} messages left"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--broker", required=True)
    own = broker.Broker(parser.parse_args().broker)
    return broker.guarded(own, lambda: broker.in_turn(own, (test_backup, test_verify_and_repair)))


if __name__ == "__main__":
    sys.exit(main())
