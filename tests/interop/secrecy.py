#!/usr/bin/python3
"""What must not be found: passwords in logs, files and answers, users' names as files, files open to others.

    secrecy.py --broker PATH/leveret
"""
import argparse
import os
import socket
import stat
import sys
import urllib.parse

import pika

import broker
import pika_client
from checks import check, equal

CANARY = "canary-4f1c9b"  # in every password that is used here
HOSTILE = ["../../escaped", "..%2f..%2fescaped", "a\0b", "x" * 255, "CON", "/etc/escaped", "."]


class Whispering(broker.Broker):
    """Logs all it can, starts with a password in its settings, and is spoken to in every way there is."""

    def command(self):
        settings = ["log.console.level=debug", f"default_pass={CANARY}-default", f"log.file={self.directory}/file.log",
                    "log.file.level=debug", "log.console.formatter=plaintext"]
        command = super().command()
        for setting in settings:
            command += ["--set", setting]
        return command

    def api(self, method, path, body=None, user="guest", password=f"{CANARY}-default"):
        return super().api(method, path, body, user=user, password=password)

    def start(self):
        super().start()
        pika_client.HOST, pika_client.PORT = "127.0.0.1", self.ports["amqp"]
        return self


def log_in(own, credentials):
    try:
        return pika.BlockingConnection(pika_client.parameters(credentials=credentials))
    except pika.exceptions.AMQPError:
        return None


def raw(own, octets):
    with socket.create_connection(("127.0.0.1", own.ports["amqp"]), timeout=5) as connection:
        connection.sendall(octets)
        while connection.recv(65536):
            pass


def files_of(own):
    for directory, _, names in os.walk(own.directory):
        for name in names:
            yield os.path.join(directory, name)


def speak_of_passwords(own):
    """Passwords, right and wrong, through every door; everything that comes back."""
    answers = []
    log_in(own, pika.PlainCredentials("guest", f"{CANARY}-wrong"))
    connection = log_in(own, pika.PlainCredentials("guest", f"{CANARY}-default"))
    channel = connection.channel()
    channel.queue_declare("q", durable=True)
    for body in ({"password": f"{CANARY}-u", "tags": "administrator"}, {"password": f"{CANARY}-u", "tags": 5},
                 {"password": f"{CANARY}-u"}):
        answers.append(own.api("PUT", "/users/u", body))
    answers.append(own.api("GET", "/whoami", password=f"{CANARY}-wrong"))
    answers.append(own.api("GET", "/whoami", user="u", password=f"{CANARY}-u"))
    answers.append(own.api("POST", "/definitions", {"users": [{"name": "d", "password": f"{CANARY}-d", "tags": ""}]}))
    answers.append(own.api("POST", "/definitions", {"users": [{"name": "", "password": f"{CANARY}-d", "tags": 7}]}))
    for path in ("/definitions", "/users", "/users/u", "/overview", "/nodes", "/connections", "/parameters",
                 f"/{CANARY}-path?x={CANARY}"):
        answers.append(own.api("GET", path))
    raw(own, b"AMQP\0\0\x09\x01" + b"\x01\0\0\0\0\0\x20" + f"{CANARY}-in-a-broken-frame......".encode())
    raw(own, f"GET /?password={CANARY}-http HTTP/1.1\r\n\r\n".encode())
    connection.close()
    return answers


def test_no_password_is_written_anywhere(own):
    answers = speak_of_passwords(own)
    check("the API answered", any(answer.status == 200 for answer in answers))
    leaked = [body for body in (repr(answer.body) for answer in answers) if CANARY in body and "-path" not in body]
    equal("answers with a password", leaked, [])
    own.terminate()
    guilty = []
    for path in files_of(own):
        with open(path, "rb") as file:
            if CANARY.encode() in file.read():
                guilty.append(os.path.relpath(path, own.directory))
    equal("files with a password", guilty, [])
    check("the log says something", len(own.log()) > 1000)
    own.start()
    return f"{len(answers)} answers"


def test_names_are_no_paths(own):
    before = {os.path.dirname(path) for path in files_of(own)}
    connection = log_in(own, pika.PlainCredentials("guest", f"{CANARY}-default"))
    channel = connection.channel()
    for name in HOSTILE:
        channel.queue_declare(name, durable=True)
        channel.exchange_declare(name, durable=True)
        channel.basic_publish("", name, b"x", pika_client.PERSISTENT)
        quoted = urllib.parse.quote(name, safe="")
        own.api("PUT", f"/vhosts/{quoted}", {})
        own.api("PUT", f"/users/{quoted}", {"password": f"{CANARY}-x", "tags": ""})
    check("some were made", len(own.api("GET", "/vhosts").body) > len(HOSTILE) / 2)
    connection.close()
    own.terminate()
    equal("directories", {os.path.dirname(path) for path in files_of(own)}, before)
    named = [path for path in files_of(own) if any(part in path for part in ("escaped", "xxx", "CON"))]
    equal("files with such names", named, [])
    own.start()
    return f"{len(HOSTILE)} names"


def test_files_are_for_their_owner_only(own):
    def mode(path):
        return stat.S_IMODE(os.stat(path).st_mode)

    equal("data directory", oct(mode(own.data_dir)), oct(0o700))
    made = [path for path in files_of(own) if path != own.log_file]  # that one is the test's
    check("there are files", len(made) > 3)
    equal("files open to others", [path for path in made if mode(path) & 0o077], [])
    return f"{len(made)} files"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--broker", required=True)
    os.umask(0o022)  # what the broker gets from most shells
    own = Whispering(parser.parse_args().broker)

    def run():
        own.start()
        broker.in_turn(own, (test_no_password_is_written_anywhere, test_names_are_no_paths,
                             test_files_are_for_their_owner_only))
    return broker.guarded(own, run)


if __name__ == "__main__":
    sys.exit(main())
