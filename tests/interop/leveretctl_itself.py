#!/usr/bin/python3
"""leveretctl apart from its commands: addresses, logins, profiles, TLS, brokers that do not answer, help, completion.

    leveretctl_itself.py PATH/leveretctl [TEST...]
"""
import http.server
import os
import pty
import re
import socket
import ssl
import stat
import subprocess
import threading

from checks import check, equal, run_tests
from ctl import CONFIGURATION, HOME, NO_PERMISSION, PROGRAM, TRY_AGAIN, UNAVAILABLE, USAGE, fails, said


def test_where_and_who():
    said("add_user", "bob", "pass word")
    said("set_user_tags", "bob", "administrator")
    url = os.environ["MGMT_URL"]
    equal("in the URL", said("-q", "--url", url.replace("//", "//bob:pass%20word@"), "ping"), "Ping succeeded\n")
    equal("by flags", said("-q", "-u", "bob", "--password", "pass word", "ping"), "Ping succeeded\n")
    equal("typed", said("-q", "-u", "bob", "ping", typed="pass word\n"), "Ping succeeded\n")
    equal("by environment", said("-q", "ping", LEVERET_USER="bob", LEVERET_PASSWORD="pass word"), "Ping succeeded\n")
    folder = os.path.join(HOME, ".config", "leveret")
    os.makedirs(folder)
    for name, text in (("secret", "pass word\n"), ("ctl.conf", "user = bob\npassword = wrong\n"),
                       ("good.conf", f"url = {url}\nuser = bob\npassword-file = {folder}/secret\n"),
                       ("bad.conf", "colour = blue\n")):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(os.path.join(folder, name), stat.S_IRUSR | stat.S_IWUSR)
    fails(NO_PERMISSION, "access refused for user 'bob'", "ping")
    equal("a profile", said("-q", "--profile", "good", "ping"), "Ping succeeded\n")
    equal("a profile's path", said("-q", "--profile", folder + "/good.conf", "ping", LEVERET_URL=""),
          "Ping succeeded\n")
    fails(CONFIGURATION, "bad.conf: line 1", "--profile", "bad", "ping")
    fails(CONFIGURATION, "none.conf", "--profile", "none", "ping")
    os.chmod(os.path.join(folder, "ctl.conf"), 0o644)
    fails(NO_PERMISSION, "others may read it", "ping")
    os.remove(os.path.join(folder, "ctl.conf"))
    said("set_user_tags", "bob", "management")
    fails(NO_PERMISSION, "Not administrator user", "--profile", "good", "list_users")
    said("delete_user", "bob")


def test_no_broker():
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    refused = fails(UNAVAILABLE, f"node 'http://127.0.0.1:{port}': Connection refused", "list_queues",
                    LEVERET_URL=f"http://127.0.0.1:{port}")
    equal("one line", refused.stderr.count("\n"), 1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        fails(TRY_AGAIN, "timed out", "list_queues", "-t", "1", LEVERET_URL=address)
        fails(UNAVAILABLE, "unable to perform", "ping", "-t", "1",
              LEVERET_URL=f"http://127.0.0.1:{os.environ['AMQP_PORT']}")
    fails(NO_PERMISSION, "Not_Authorized", "--password", "wrong", "list_queues")
    fails(USAGE, "is no URL", "--url", "ftp://x", "list_queues")
    fails(UNAVAILABLE, "unable to perform", "--url", os.environ["MGMT_URL"].replace("http:", "https:"), "ping")


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        text = b'{"node":"tls@localhost"}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


def test_tls():
    key, certificate = os.path.join(HOME, "key.pem"), os.path.join(HOME, "certificate.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate],
                   check=True, capture_output=True, timeout=30)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"https://localhost:{server.server_address[1]}"
    equal("a certificate that is trusted", said("-q", "--url", url, "--cacert", certificate, "ping"),
          "Ping succeeded\n")
    fails(UNAVAILABLE, "certificate verify failed", "--url", url, "ping")
    fails(UNAVAILABLE, "certificate verify failed", "--url", url.replace("localhost", "127.0.0.1"), "--cacert",
          certificate, "ping")
    equal("any certificate", said("-q", "--url", url, "--insecure", "ping"), "Ping succeeded\n")
    fails(CONFIGURATION, key + "x", "--url", url, "--cacert", key + "x", "ping")
    server.shutdown()


def test_prompt_shows_nothing():
    """On a terminal: the password is asked for on stderr and not shown."""
    said("add_user", "carol", "hidden")
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.update(HOME=HOME, LEVERET_URL=os.environ["MGMT_URL"])
        os.execv(PROGRAM, [PROGRAM, "-q", "authenticate_user", "carol"])
    seen = b""
    while b"Password: " not in seen:
        seen += os.read(terminal, 1000)
    os.write(terminal, b"hidden\n")
    try:
        while data := os.read(terminal, 1000):
            seen += data
    except OSError:  # the other side has ended
        pass
    equal("exit code", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 0)
    equal("what the terminal shows", seen.replace(b"\r", b""), b"Password: \nSuccess\n")
    said("delete_user", "carol")


def test_help_and_completion():
    check("version", re.fullmatch(r"\d+\.\d+\.\d+\n", said("version")))
    check("help", "list_queues" in said("help") and "must be one of" in said("help", "list_queues"))
    equal("both ways", said("list_queues", "--help"), said("help", "list_queues"))
    fails(USAGE, "Available commands", )
    fails(USAGE, "Did you mean 'list_queues'?", "list_queuess")
    check("manual", said("manual").startswith(".\\\""))
    script = said("completion", "bash")
    typed = script + """
        complete_words() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _leveretctl; echo "${COMPREPLY[@]}"; }
        complete_words leveretctl list_q
        complete_words leveretctl -q list_queues consumer_u
        complete_words leveretctl list_queues --formatter p
        complete_words leveretctl --quie
    """
    done = subprocess.run(["bash"], input=typed, capture_output=True, text=True, timeout=30, check=True)
    equal("completions", done.stdout.splitlines(), ["list_queues", "consumer_utilisation", "pretty_table", "--quiet"])
    equal("no complaints", done.stderr, "")
    for shell in ("zsh", "fish"):
        check(shell, "list_queues" in said("completion", shell))


run_tests(globals())
