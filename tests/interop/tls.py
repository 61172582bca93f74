#!/usr/bin/python3
"""pika and Python's own HTTP client over TLS: with passwords, with certificates, with the wrong ones.

    tls.py --broker PATH/leveret

Certificates are made by the openssl tool while the test runs.
"""
import argparse
import os
import re
import socket
import ssl
import subprocess
import tempfile
import urllib.parse

import pika

import broker
import management

LISTENING = re.compile(r"listening on 127\.0\.0\.1:(\d+) \((amqp/ssl|https)\)")
USER = "CN=alice,O=acme"


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


class Authority:
    def __init__(self, directory):
        self.directory = directory
        os.makedirs(directory)
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=Interop CA", "-days", "365",
                "-keyout", self.path("ca.key"), "-out", self.path("ca.pem"))

    def path(self, name):
        return os.path.join(self.directory, name)

    def sign(self, name, subject, alternative_names="DNS:unused"):
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", subject, "-keyout", self.path(name + ".key"),
                "-out", self.path(name + ".csr"))
        with open(self.path(name + ".ext"), "w", encoding="ascii") as extensions:
            extensions.write("subjectAltName=" + alternative_names)
        openssl("x509", "-req", "-in", self.path(name + ".csr"), "-CA", self.path("ca.pem"),
                "-CAkey", self.path("ca.key"), "-CAcreateserial", "-days", "365", "-extfile",
                self.path(name + ".ext"), "-out", self.path(name + ".pem"))
        return self.path(name + ".pem"), self.path(name + ".key")


def client_context(authority, certificate=None, version=None):
    context = ssl.create_default_context(cafile=authority.path("ca.pem"))
    if certificate:
        context.load_cert_chain(*certificate)
    if version:
        context.minimum_version = context.maximum_version = version
    return context


class World:
    def __init__(self, program, directory, more_settings=()):
        self.authority = Authority(os.path.join(directory, "own"))
        self.stranger = Authority(os.path.join(directory, "stranger"))
        certificate, key = self.authority.sign("server", "/CN=localhost", "DNS:localhost,IP:127.0.0.1")
        settings = ["listeners.ssl.default=127.0.0.1:0", "management.ssl.port=0", "management.ssl.ip=127.0.0.1",
                    "ssl_options.verify=verify_peer", "ssl_options.fail_if_no_peer_cert=false",
                    "auth_mechanisms.1=PLAIN", "auth_mechanisms.2=EXTERNAL"]
        for family in ("ssl_options", "management.ssl"):
            settings += [f"{family}.certfile={certificate}", f"{family}.keyfile={key}",
                         f"{family}.cacertfile={self.authority.path('ca.pem')}"]
        self.broker = broker.Broker(program, settings + list(more_settings)).start()
        self.ports = {protocol: int(port) for port, protocol in LISTENING.findall(self.broker.log())}

    def connect(self, context, credentials=pika.PlainCredentials("guest", "guest")):
        return pika.BlockingConnection(pika.ConnectionParameters(
            "localhost", self.ports["amqp/ssl"], credentials=credentials, heartbeat=0, connection_attempts=1,
            ssl_options=pika.SSLOptions(context, "localhost")))

    def http(self, verb, path, body=None):
        return management.ask(f"https://localhost:{self.ports['https']}", verb, path, body,
                              context=client_context(self.authority))


def messages_of_all_sizes(world):
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        connection = world.connect(client_context(world.authority, version=version))
        channel = connection.channel()
        channel.confirm_delivery()
        queue = channel.queue_declare("").method.queue
        bodies = [os.urandom(size) for size in (0, 1, 4095, 16384, 16385, 131072, 1_000_000, 5_000_000)] + [b"x"] * 500
        for body in bodies:
            channel.basic_publish("", queue, body)
        received = []
        for method, _, body in channel.consume(queue, auto_ack=False):
            received.append(body)
            channel.basic_ack(method.delivery_tag)
            if len(received) == len(bodies):
                break
        assert received == bodies, version
        connection.close()


def external(world):
    name = urllib.parse.quote(USER, safe="")
    assert world.http("PUT", f"/users/{name}", {"password_hash": "", "tags": ""})[0] == 201
    assert world.http("PUT", f"/permissions/%2F/{name}",
                      {"configure": ".*", "write": ".*", "read": ".*"})[0] == 201
    own = world.authority.sign("client", "/O=acme/CN=alice")
    connection = world.connect(client_context(world.authority, own), pika.credentials.ExternalCredentials())
    connection.channel().queue_declare("of-alice")
    shown = [c for c in world.http("GET", "/connections")[1] if c["user"] == USER]
    assert len(shown) == 1, shown
    assert shown[0]["ssl"] is True and shown[0]["auth_mechanism"] == "EXTERNAL", shown
    assert shown[0]["ssl_protocol"] == "tlsv1.3" and shown[0]["ssl_hash"] == "aead", shown
    assert shown[0]["ssl_key_exchange"] == "any" and shown[0]["ssl_cipher"].startswith(("aes_", "chacha")), shown
    assert shown[0]["peer_cert_subject"] == USER and shown[0]["peer_cert_issuer"] == "CN=Interop CA", shown
    assert re.fullmatch(r"[-0-9]{10}T[:0-9]{8}Z - [-0-9]{10}T[:0-9]{8}Z", shown[0]["peer_cert_validity"]), shown
    connection.close()


def refused(world, context, credentials, kinds):
    try:
        world.connect(context, credentials).close()
    except kinds:
        return
    raise AssertionError(f"got in with {credentials}")


def who_stays_out(world):
    any_failure = (pika.exceptions.AMQPError, ssl.SSLError, OSError)
    external_credentials = pika.credentials.ExternalCredentials()
    guest = pika.PlainCredentials("guest", "guest")
    # a certificate of another authority, none for EXTERNAL, one that names no user
    forged = world.stranger.sign("client", "/O=acme/CN=alice")
    refused(world, client_context(world.authority, forged), external_credentials, any_failure)
    refused(world, client_context(world.authority, forged), guest, any_failure)
    refused(world, client_context(world.authority), external_credentials, any_failure)
    nobody = world.authority.sign("nobody", "/CN=nobody")
    refused(world, client_context(world.authority, nobody), external_credentials, any_failure)
    # a client that does not trust the broker's authority
    refused(world, client_context(world.stranger), guest, any_failure)
    world.connect(client_context(world.authority)).close()


def listings(world):
    listeners = {entry["protocol"]: entry["tls"] for entry in world.http("GET", "/overview")[1]["listeners"]}
    assert listeners == {"amqp": False, "amqp/ssl": True, "http": False, "https": True,
                         "http/prometheus": False}, listeners
    assert world.http("GET", "/health/checks/certificate-expiration/1/weeks")[0] == 200
    status, answer, _ = world.http("GET", "/health/checks/certificate-expiration/2/years")
    assert status == 503 and answer["reason"] == "Certificates expiring", answer
    assert {entry["protocol"] for entry in answer["expired"]} == {"amqp/ssl", "https"}, answer
    assert world.http("GET", "/health/checks/protocol-listener/amqps")[0] == 200


# HAProxy sends its header in the clear, the client's TLS behind it.
def behind_a_proxy(world):
    header = b"PROXY TCP4 203.0.113.7 192.0.2.9 1234 5671\r\n"
    with socket.create_connection(("127.0.0.1", world.ports["amqp/ssl"]), timeout=30) as connection:
        connection.sendall(header)
        with client_context(world.authority).wrap_socket(connection, server_hostname="localhost") as spoken:
            spoken.sendall(b"AMQP\0\0\x09\x01")
            assert spoken.recv(8).startswith(b"\x01\0\0"), "connection.start"
    assert "connection 203.0.113.7:1234 -> 192.0.2.9:5671" not in world.broker.log()  # nothing was wrong with it
    with socket.create_connection(("127.0.0.1", world.ports["amqp/ssl"]), timeout=30) as connection:
        connection.sendall(header + b"no TLS at all................")
        while connection.recv(4096):
            pass
    assert "connection 203.0.113.7:1234 -> 192.0.2.9:5671: TLS" in world.broker.log()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--broker", required=True)
    program = parser.parse_args().broker
    run(program, (messages_of_all_sizes, external, who_stays_out, listings))
    run(program, (behind_a_proxy,), ["proxy_protocol=true"])


def run(program, checks, settings=()):
    with tempfile.TemporaryDirectory(prefix="leveret-tls-") as directory:
        world = World(program, directory, settings)
        try:
            for check in checks:
                check(world)
                print("ok:", check.__name__, flush=True)
            assert world.broker.terminate() == 0, "the broker did not stop cleanly"
        except BaseException:
            print(world.broker.log()[-5000:])
            raise
        finally:
            world.broker.remove()


if __name__ == "__main__":
    main()
