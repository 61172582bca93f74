#!/usr/bin/python3
"""Clients that send an octet now and then and never finish, and clients that never begin [S-12]:
slowloris.py --broker PATH/leveret"""
import os
import re
import socket
import ssl
import subprocess
import tempfile
import time
import urllib.request

from flooded import Honest, arguments, flooded, log_in  # first: it finds tests/interop
import wire
from checks import check, equal, eventually, limit, run_tests

OPTIONS = arguments()
ATTACKERS = 400
MANY_HTTP = 1000
HTTP_CONNECTIONS = 256  # as many as are served at a time
SLOW = 0.25  # seconds between two octets
HANDSHAKE, TLS_HANDSHAKE = 3.0, 2.0


class Attack:
    """Sockets that each have something to say and say an octet of it at a time."""

    def __init__(self, port, octets, count):
        self.sockets = []
        for _ in range(count):
            client = socket.create_connection(("127.0.0.1", port), 10)
            client.setblocking(False)
            self.sockets.append([client, octets, 0])
        self.started = time.monotonic()

    def drip(self):
        for entry in list(self.sockets):
            client, octets, at = entry
            try:
                client.send(octets[at:at + 1])
                entry[2] = min(at + 1, len(octets) - 2)
                while client.recv(4096):
                    pass
                client.close()
                self.sockets.remove(entry)
            except BlockingIOError:
                pass
            except OSError:
                client.close()
                self.sockets.remove(entry)

    def until_all_are_cut(self, within):
        """Seconds until the last one was cut."""
        while self.sockets:
            self.drip()
            passed = time.monotonic() - self.started
            check(f"all attackers are cut within {within:g} s", passed < within, f"{len(self.sockets)} left")
            time.sleep(SLOW)
        return time.monotonic() - self.started


def withstand(own, port, octets, within, count=ATTACKERS):
    """Quiet, then the attack: the honest client's p99 stays within twice, a new client is let in within a second."""
    honest = Honest()
    honest.start()
    eventually("the honest client works", lambda: len(honest.turns) > 100, 20)
    quiet, before = len(honest.turns), own.resources()
    attack = Attack(port, octets, count)
    attack.drip()
    took = log_in(1.0)
    cut = attack.until_all_are_cut(within)
    honest.stop()
    eventually("no descriptor is left", lambda: own.resources()[1] <= before[1] + 1, 10)
    calm, busy = honest.p99(0, quiet), honest.p99(quiet)
    check("the honest client's p99 is at most twice as long, or 0.1 s", busy < max(2 * calm, 0.1),
          f"{calm * 1000:.1f} ms, then {busy * 1000:.1f} ms")
    print(f"       cut after {cut:.1f} s, login {took * 1000:.0f} ms, p99 {calm * 1000:.1f} -> {busy * 1000:.1f} ms")


@limit(90)
def test_amqp():
    with flooded(OPTIONS.broker, [f"handshake_timeout={int(HANDSHAKE * 1000)}"]) as own:
        withstand(own, own.ports["amqp"], wire.HEADER + wire.start_ok(), HANDSHAKE + 4)


@limit(90)
def test_tls():
    client_hello = ssl.MemoryBIO()
    incoming = ssl.MemoryBIO()
    context = ssl.create_default_context()
    try:
        context.wrap_bio(incoming, client_hello, server_hostname="localhost").do_handshake()
    except ssl.SSLWantReadError:
        pass
    with tempfile.TemporaryDirectory() as directory:
        key, certificate = f"{directory}/key.pem", f"{directory}/certificate.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-days",
                        "2", "-keyout", key, "-out", certificate], check=True, stderr=subprocess.DEVNULL)
        settings = ["listeners.ssl.default=127.0.0.1:0", f"ssl_options.certfile={certificate}",
                    f"ssl_options.keyfile={key}", f"ssl_options.cacertfile={certificate}",
                    f"ssl_handshake_timeout={int(TLS_HANDSHAKE * 1000)}"]
        with flooded(OPTIONS.broker, settings) as own:
            port = int(re.search(r":(\d+) \(amqp/ssl\)", own.log()).group(1))
            withstand(own, port, client_hello.read(), TLS_HANDSHAKE + 4)


@limit(120)
def test_http():
    """The header has to come within ten seconds, whoever sends it octet by octet."""
    request = b"GET /api/overview HTTP/1.1\r\nHost: localhost\r\nX-Slow: " + b"a" * 4000
    with flooded(OPTIONS.broker) as own:
        withstand(own, own.ports["http"], request, 20, count=HTTP_CONNECTIONS - 20)


def overview():
    request = urllib.request.Request(os.environ["MGMT_URL"] + "/api/overview",
                                     headers={"Authorization": "Basic Z3Vlc3Q6Z3Vlc3Q="})
    started = time.monotonic()
    with urllib.request.urlopen(request, timeout=10) as answer:
        equal("status", answer.status, 200)
    return time.monotonic() - started


@limit(90)
def test_http_connections():
    """1,000 that never ask for anything, or never to the end: those that have taken longest make room."""
    for begun in (b"", b"GET /api/overview HTTP/1.1\r\n"):
        withstand_http(begun)


def withstand_http(begun):
    with flooded(OPTIONS.broker) as own:
        overview()
        before = own.resources()
        clients = [socket.create_connection(("127.0.0.1", own.ports["http"]), 10) for _ in range(MANY_HTTP)]
        for client in clients[-HTTP_CONNECTIONS:]:
            client.sendall(begun)
        took = max(overview() for _ in range(5))
        check("whoever asks does not wait until the others' ten seconds are over", took < 5, f"{took:.2f} s")
        resident, descriptors, _ = own.resources()
        check("no more connections than there may be", descriptors <= before[1] + HTTP_CONNECTIONS + 2, descriptors)
        check("memory stays small", resident < before[0] + 32 * 1024, resident - before[0])
        for client in clients:
            client.close()
        eventually("no descriptor is left", lambda: own.resources()[1] <= before[1] + 2, 10)


if __name__ == "__main__":
    run_tests(globals(), OPTIONS.tests)
