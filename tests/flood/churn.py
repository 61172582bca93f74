#!/usr/bin/python3
"""Connections that come and go, 1,000 a second where the machine can, half of them without a word [R-13]:
churn.py --broker PATH/leveret [--seconds 60]

One connection is: all of the handshake, an exclusive queue, a message into it, connection.close, in one write.
"""
import multiprocessing
import os
import signal
import socket
import statistics
import struct
import time

from flooded import Honest, arguments, flooded  # first: it finds tests/interop
import wire
from checks import check, eventually, run_tests

OPTIONS = arguments()
PROCESSES, RATE = 8, 1000
SAMPLES_A_SECOND = 5
CLOSE_OK = wire.method(0, wire.CONNECTION_CLOSE_OK)
LINGER_NONE = struct.pack("ii", 1, 0)


def life(number):
    body = b"short life"
    return b"".join((
        wire.HEADER, wire.start_ok(), wire.method(0, wire.CONNECTION_TUNE_OK, struct.pack(">HIH", 2047, 131072, 60)),
        wire.method(0, wire.CONNECTION_OPEN, wire.short_string("/") + b"\x00\x00"),
        wire.method(1, wire.CHANNEL_OPEN, b"\x00"),
        wire.method(1, wire.QUEUE_DECLARE, b"\x00\x00" + wire.short_string(f"churn.{number}") + b"\x04" + bytes(4)),
        wire.method(1, wire.BASIC_PUBLISH, b"\x00\x00\x00" + wire.short_string(f"churn.{number}") + b"\x00"),
        wire.content_header(1, len(body)), wire.frame(wire.BODY, 1, body)))


def churn(address, process, done):
    """One process: every second connection says goodbye and waits for the end, the others are reset."""
    goodbye = wire.method(0, wire.CONNECTION_CLOSE, struct.pack(">H", 200) + b"\x00" + bytes(4))
    started = time.monotonic()
    for turn in range(OPTIONS.seconds * RATE // PROCESSES):
        ahead = started + turn * PROCESSES / RATE - time.monotonic()
        if ahead > 0:
            time.sleep(ahead)
        elif ahead < -OPTIONS.seconds:
            return  # a machine that cannot do so many
        number = turn * PROCESSES + process
        with socket.create_connection(address, 30) as client:
            polite = turn % 2 == 0
            client.sendall(life(number) + (goodbye if polite else b""))
            if polite:
                answers = b""
                while not answers.endswith(CLOSE_OK):
                    answers = answers[-64:] + client.recv(65536)
            else:
                client.recv(65536)
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NONE)
        with done.get_lock():
            done.value += 1


def samples_while(own, processes):
    taken = []
    while any(process.is_alive() for process in processes):
        taken.append(own.resources()[0])
        time.sleep(1 / SAMPLES_A_SECOND)
    return taken


def test_churn():
    with flooded(OPTIONS.broker) as own:
        honest = Honest()
        honest.start()
        eventually("the honest client works", lambda: len(honest.turns) > 100, 20)
        before, quiet, started = own.resources(), len(honest.turns), time.monotonic()
        done = multiprocessing.Value("i", 0)
        address = (os.environ["AMQP_HOST"], int(os.environ["AMQP_PORT"]))
        processes = [multiprocessing.Process(target=churn, args=(address, i, done), daemon=True)
                     for i in range(PROCESSES)]
        for process in processes:
            process.start()
        resident = samples_while(own, processes)
        seconds = time.monotonic() - started
        check("every connection was served", all(process.exitcode == 0 for process in processes))
        eventually("no descriptor is left", lambda: own.resources()[1] <= before[1] + 2, 20)
        check("no thread is left", abs(own.resources()[2] - before[2]) <= 2, own.resources()[2])
        third = len(resident) // 3
        first, last = statistics.median(resident[third // 2:third]), statistics.median(resident[-third:])
        check("memory is flat", last < first * 1.1 + 4096, f"{first} KiB, then {last} KiB")
        busy = honest.p99(quiet)
        honest.stop()
        check("the honest client goes on", max(honest.turns) < 1, max(honest.turns))
        print(f"       {done.value / seconds:.0f} connections/s for {seconds:.0f} s, memory {first:.0f} -> {last:.0f} "
              f"KiB, honest p99 {honest.p99(0, quiet) * 1000:.1f} -> {busy * 1000:.1f} ms")


test_churn.limit = OPTIONS.seconds * 3 + 60

if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    run_tests(globals(), OPTIONS.tests)
