#!/usr/bin/python3
"""How long the import of a definitions file takes, and the export of the same: over HTTP, with a broker of its own.

    definitions_import.py --broker PATH/leveret [--objects N]
"""
import argparse
import base64
import http.client
import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tests/interop"))
from broker import Broker  # noqa: E402

QUEUES, EXCHANGES, USERS = 0.4, 0.08, 0.01  # of the objects; a permission for each user, the rest are bindings


def definitions(count):
    exchanges = [{"name": f"exchange-{i}", "vhost": "/", "type": ("topic", "direct", "headers")[i % 3], "durable": True,
                  "auto_delete": False, "internal": False, "arguments": {}} for i in range(int(count * EXCHANGES))]
    queues = [{"name": f"queue-{i}", "vhost": "/", "durable": True, "auto_delete": False,
               "arguments": {"x-max-length": 1000, "x-queue-type": "classic"}} for i in range(int(count * QUEUES))]
    users = [{"name": f"user-{i}", "password_hash": "kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR",
              "hashing_algorithm": "rabbit_password_hashing_sha256", "tags": []} for i in range(int(count * USERS))]
    permissions = [{"user": user["name"], "vhost": "/", "configure": ".*", "write": ".*", "read": ".*"}
                   for user in users]
    left = count - len(exchanges) - len(queues) - len(users) - len(permissions)
    bindings = [{"source": f"exchange-{i % len(exchanges)}", "vhost": "/", "destination": f"queue-{i % len(queues)}",
                 "destination_type": "queue", "routing_key": f"key.{i}", "arguments": {}} for i in range(left)]
    return {"rabbit_version": "4.2.0", "users": users, "permissions": permissions, "exchanges": exchanges,
            "queues": queues, "bindings": bindings}


def ask(own, verb, body=None):
    connection = http.client.HTTPConnection("127.0.0.1", own.ports["http"], timeout=600)
    start = time.perf_counter()
    connection.request(verb, "/api/definitions", body,
                       {"Authorization": "Basic " + base64.b64encode(b"guest:guest").decode()})
    answer = connection.getresponse()
    text = answer.read()
    if answer.status not in (200, 204):
        raise SystemExit(f"{verb}: {answer.status} {text[:500]}")
    return time.perf_counter() - start, text


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--broker", required=True)
    parser.add_argument("--objects", type=int, default=100_000)
    options = parser.parse_args()
    own = Broker(options.broker)
    try:
        own.start()
        file = definitions(options.objects)
        body = json.dumps(file)
        for what in ("new", "again, nothing changes"):
            took, _ = ask(own, "POST", body)
            print(f"import of {options.objects:,} objects, {len(body):,} bytes, {what}: {took:.1f} s", flush=True)
        took, text = ask(own, "GET")
        exported = json.loads(text)
        print(f"export: {took:.1f} s, {len(text):,} bytes")
        for section in ("queues", "exchanges", "bindings", "users", "permissions"):
            imported, there = len(file[section]), len(exported[section])
            if there < imported:
                raise SystemExit(f"{section}: {imported} imported, {there} there")
        own.terminate()
        start = time.perf_counter()
        own.start()
        print(f"start with them: {time.perf_counter() - start:.1f} s")
    finally:
        own.remove()


if __name__ == "__main__":
    main()
