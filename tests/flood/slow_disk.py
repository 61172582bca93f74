#!/usr/bin/python3
"""A disk whose syncs take 2, 20, 200 ms, and one that stands still for five seconds [R-08]:
slow_disk.py --broker PATH/leveret"""
import os
import statistics
import struct
import subprocess
import tempfile
import threading
import time

from flooded import PERSISTENT, Honest, arguments, flooded  # first: it finds tests/interop
import wire
from checks import check, equal, limit, run_tests

OPTIONS = arguments()
HEARTBEAT = 2
CONFIRMS = 20
SLACK = 0.25  # seconds, for a busy machine


class SlowDisk:
    """The library that delays syncs, and the file that says for how long."""

    def __init__(self, directory):
        self.library, self.file = os.path.join(directory, "slow_sync.so"), os.path.join(directory, "ms")
        source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "slow_sync.c")
        subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", self.library, source, "-ldl"], check=True)
        self.set(0)

    def set(self, ms):
        with open(self.file + ".new", "w", encoding="ascii") as file:
            file.write(str(ms))
        os.replace(self.file + ".new", self.file)

    def variables(self):
        return {"LD_PRELOAD": self.library, "SLOW_SYNC_FILE": self.file}


class Beating(threading.Thread):
    """A connection that has nothing to say but heartbeats; it must live."""

    def __init__(self):
        super().__init__(daemon=True)
        self.client = wire.Wire()
        channel_max, frame_max, _ = self.client.tune()
        self.client.send(
            wire.method(0, wire.CONNECTION_TUNE_OK, struct.pack(">HIH", channel_max, frame_max, HEARTBEAT)),
            wire.method(0, wire.CONNECTION_OPEN, wire.short_string("/") + b"\x00\x00"))
        self.client.expect(wire.CONNECTION_OPEN_OK)
        self.stopping = threading.Event()
        self.longest_silence = 0.0
        self.problem = None

    def run(self):
        heard = time.monotonic()
        self.client.socket.settimeout(0.1)
        while not self.stopping.is_set():
            try:
                self.client.send(wire.frame(wire.HEARTBEAT, 0, b""))
                if not self.client.socket.recv(4096):
                    raise OSError("the broker closed the connection")
                heard = time.monotonic()
            except TimeoutError:
                pass
            except OSError as error:
                self.problem = repr(error)
                return
            self.longest_silence = max(self.longest_silence, time.monotonic() - heard)
            time.sleep(0.4)

    def stop(self):
        self.stopping.set()
        self.join(10)
        equal("the quiet connection lives", self.problem, None)
        check("the broker's heartbeats came in time", self.longest_silence < 2 * HEARTBEAT, self.longest_silence)
        self.client.socket.close()


def confirmed_publishes(client, count):
    """How long each took from publish to ack."""
    took = []
    for _ in range(count):
        started = time.monotonic()
        client.publish("slow", PERSISTENT, b"slow")
        client.expect((60, 80))
        took.append(time.monotonic() - started)
    return took


@limit(240)
def test_slow_syncs():
    with tempfile.TemporaryDirectory() as directory:
        disk = SlowDisk(directory)
        with flooded(OPTIONS.broker, variables=disk.variables()) as own, wire.Wire(60).open() as client:
            client.declare("slow", flags=2)
            client.select_confirms()
            beating = Beating()
            beating.start()
            resident = own.resources()[0]
            for ms in (0, 2, 20, 200, 5000):
                disk.set(ms)
                honest = Honest()  # transient: no sync concerns it
                honest.start()
                took = confirmed_publishes(client, 2 if ms == 5000 else CONFIRMS)
                honest.stop()
                middle = statistics.median(took)
                check(f"with {ms} ms a confirm waits for the disk", middle >= ms / 1000, middle)
                check(f"with {ms} ms a confirm takes at most three syncs", middle < 3 * ms / 1000 + SLACK, middle)
                longest = max(honest.turns)
                check("transient messages do not wait for it", longest < max(0.5, SLACK), longest)
                print(f"       sync +{ms} ms: confirm {middle * 1000:.1f} ms, transient turn at most "
                      f"{longest * 1000:.1f} ms", flush=True)
            disk.set(0)
            beating.stop()
            check("memory stays small", own.resources()[0] < resident + 64 * 1024, own.resources()[0] - resident)


if __name__ == "__main__":
    run_tests(globals(), OPTIONS.tests)
