#!/usr/bin/python3
"""What a service manager hears of the broker: ready, alive, reloading, stopping.

    service_test.py --broker PATH/leveret
"""
import argparse
import os
import signal
import socket
import sys
import time

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
sys.path.insert(0, os.path.join(ROOT, "tests/interop"))

import broker  # noqa: E402
from checks import check, equal  # noqa: E402

WATCHDOG_SECONDS = 0.4


def messages_until(manager, last):
    heard = []
    while not heard or not heard[-1].startswith(last):
        heard.append(manager.recv(4096).decode())
    return heard


def run(own, manager):
    own.start()
    equal("at first", messages_until(manager, "READY=1"), ["READY=1"])
    started = time.monotonic()
    alive = messages_until(manager, "WATCHDOG=1") + messages_until(manager, "WATCHDOG=1")
    check("alive twice, and not at once", alive == ["WATCHDOG=1"] * 2 and time.monotonic() - started > 0.2, alive)
    own.process.send_signal(signal.SIGHUP)
    reloading = messages_until(manager, "RELOADING=1")[-1]
    check("reloading, with the time", reloading.startswith("RELOADING=1\nMONOTONIC_USEC="), reloading)
    messages_until(manager, "READY=1")
    equal("exit code", own.terminate(), 0)
    messages_until(manager, "STOPPING=1")
    print("ok")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--broker", required=True)
    own = broker.Broker(parser.parse_args().broker)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        path = os.path.join(own.directory, "notify")
        manager.bind(path)
        manager.settimeout(20)
        os.environ.update(NOTIFY_SOCKET=path, WATCHDOG_USEC=str(int(WATCHDOG_SECONDS * 1e6)))
        return broker.guarded(own, lambda: run(own, manager))


if __name__ == "__main__":
    sys.exit(main())
