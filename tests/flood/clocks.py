#!/usr/bin/python3
"""The system's clock is set by hours and years while messages wait [R-17]: clocks.py --broker PATH/leveret

libfaketime (Debian package faketime) turns the broker's clock alone, and not the monotonic one.
"""
import glob
import os
import signal
import struct
import sys
import tempfile
import time

from flooded import TRANSIENT, Honest, arguments, flooded  # first: it finds tests/interop
import wire
from checks import check, eventually, limit, run_tests

OPTIONS = arguments()
JUMPS = ("+1h", "-1h", "+3650d", "-20000d", "+0")
TTL = 3.0
LIBRARIES = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
# libfaketime allocates before it can tell the time, and jemalloc asks for the time before it can allocate.
OTHER_ALLOCATOR = "libc.so.6 libstdc++.so.6"


def depth(client, queue):
    ok = client.declare(queue, flags=1)
    return struct.unpack(">I", ok[1 + ok[0]:5 + ok[0]])[0]


@limit(120)
def test_jumps():
    """Whatever the clock says, a message lives as long as it may and no longer, and nobody is disconnected."""
    if not LIBRARIES:
        sys.exit("FAILED: libfaketime is missing (Debian package faketime)")
    with tempfile.TemporaryDirectory() as directory:
        clock = os.path.join(directory, "clock")

        def turn(to):
            with open(clock, "w", encoding="ascii") as file:
                file.write(to + "\n")
        turn("+0")
        variables = {"LD_PRELOAD": f"{LIBRARIES[0]} {OTHER_ALLOCATOR}", "FAKETIME_TIMESTAMP_FILE": clock,
                     "FAKETIME_NO_CACHE": "1", "DONT_FAKE_MONOTONIC": "1",
                     "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
        with flooded(OPTIONS.broker, variables=variables) as own, wire.Wire(30).open() as client:
            honest = Honest()
            honest.start()
            for jump in JUMPS:
                client.declare("short-lived", flags=0, arguments=wire.table(
                    **{"x-message-ttl": b"I" + struct.pack(">i", int(TTL * 1000))}))
                started = time.monotonic()
                client.publish("short-lived", TRANSIENT, b"here for three seconds")
                turn(jump)
                time.sleep(1)
                left = depth(client, "short-lived")
                check(f"after {jump} the message is still there", time.monotonic() - started >= TTL or left == 1, left)
                eventually(f"after {jump} it goes in time", lambda: depth(client, "short-lived") == 0, TTL + 1)
                check("and not too early", time.monotonic() - started >= TTL - 0.05, time.monotonic() - started)
            honest.stop()
            check("nobody waited for the clock", max(honest.turns) < 1, max(honest.turns))


@limit(60)
def test_suspended():
    """SIGSTOP for longer than two heartbeats: who has waited meanwhile is served, not thrown out."""
    with flooded(OPTIONS.broker) as own, wire.Wire(30).open() as client:
        client.declare("asleep", flags=4)
        own.process.send_signal(signal.SIGSTOP)
        time.sleep(5)
        own.process.send_signal(signal.SIGCONT)
        client.publish("asleep", TRANSIENT, b"good morning")
        check("the connection lives", client.get("asleep")[2] == b"good morning")


if __name__ == "__main__":
    run_tests(globals(), OPTIONS.tests)
