#!/usr/bin/python3
"""What of the container image can be tried without Docker: its entry point, health check, files.

    docker_test.py --broker PATH/leveret
"""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import urllib.request

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
sys.path.insert(0, os.path.join(ROOT, "tests/interop"))

import broker  # noqa: E402
from checks import check, equal  # noqa: E402

DOCKER = os.path.join(ROOT, "docker")
TOLD = ("RABBITMQ_DEFAULT_USER", "RABBITMQ_DEFAULT_PASS", "RABBITMQ_DEFAULT_VHOST", "RABBITMQ_CONFIG_FILE",
        "RABBITMQ_CONFIG_FILES")


def enter(*arguments, **environment):
    """What the entry point makes of it: exit code, arguments of the broker, its variables."""
    with tempfile.TemporaryDirectory() as directory:
        for name in ("leveret", "setpriv"):
            with open(os.path.join(directory, name), "w", encoding="utf-8") as stub:
                stub.write('#!/bin/sh\necho "$0" "$@" | sed "s,.*/,,"\nenv\n')
            os.chmod(stub.name, 0o755)
        for name, text in environment.pop("files", {}).items():
            with open(os.path.join(directory, name), "w", encoding="utf-8") as file:
                file.write(text)
        values = {name: value.replace("DIR", directory) for name, value in environment.items()}
        done = subprocess.run([os.path.join(DOCKER, "entrypoint.sh"), *arguments], text=True, capture_output=True,
                              env={"PATH": directory + ":" + os.environ["PATH"], "RABBITMQ_MNESIA_BASE": directory,
                                   "RABBITMQ_CONFIG_DIRECTORY": directory, **values}, timeout=20, check=False)
        lines = done.stdout.replace(directory, "DIR").splitlines()
        seen = dict(line.split("=", 1) for line in lines if "=" in line)
        return done.returncode, lines[0] if lines else done.stderr, {k: v for k, v in seen.items() if k in TOLD}


def as_root(command):
    rights = "setpriv --reuid=leveret --regid=leveret --init-groups --inh-caps=-all --no-new-privs "
    return rights + command if os.geteuid() == 0 else command


def test_what_starts_the_broker(_):
    for arguments, command in (([], "leveret"), (["leveret"], "leveret"), (["rabbitmq-server"], "leveret"),
                               (["--check-config"], "leveret --check-config")):
        if os.geteuid() == 0 and subprocess.run(["id", "leveret"], capture_output=True, check=False).returncode:
            break  # handing rights away needs the user
        code, line, _ = enter(*arguments)
        equal(f"{arguments}", (code, line), (0, as_root(command)))
    equal("another command", enter("echo", "hello")[:2], (0, "hello"))


def test_secrets_from_files(_):
    run = ("env",)
    files = {"user": "bunny\n", "pass": "carrot"}
    code, _, seen = enter(*run, files=files, RABBITMQ_DEFAULT_USER_FILE="DIR/user",
                          RABBITMQ_DEFAULT_PASS_FILE="DIR/pass")
    equal("both", (code, seen), (0, {"RABBITMQ_DEFAULT_USER": "bunny", "RABBITMQ_DEFAULT_PASS": "carrot"}))
    code, line, _ = enter(*run, files=files, RABBITMQ_DEFAULT_PASS="x", RABBITMQ_DEFAULT_PASS_FILE="DIR/pass")
    equal("twice", (code, line.strip()),
          (1, "entrypoint: RABBITMQ_DEFAULT_PASS and RABBITMQ_DEFAULT_PASS_FILE are both set"))
    equal("missing", enter(*run, RABBITMQ_DEFAULT_PASS_FILE="DIR/none")[0], 1)


def test_health(own):
    def health(port):
        return subprocess.run([os.path.join(DOCKER, "healthcheck.sh")], capture_output=True, timeout=20, check=False,
                              env={**os.environ, "RABBITMQ_NODE_PORT": str(port)}).returncode

    equal("AMQP", health(own.ports["amqp"]), 0)
    check("HTTP is none", health(own.ports["http"]) != 0)
    check("nothing is none", health(1) != 0)


def test_charts_show_what_there_is(own):
    port = int(re.search(r"listening on 127\.0\.0\.1:(\d+) \(http/prometheus\)", own.log()).group(1))
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"http://127.0.0.1:{port}/metrics", timeout=10) as page:
        metrics = set(re.findall(r"^(rabbitmq_\w+)", page.read().decode(), re.MULTILINE))
    with open(os.path.join(DOCKER, "grafana/dashboards/leveret.json"), encoding="utf-8") as file:
        panels = json.load(file)["panels"]
    expressions = " ".join(target["expr"] for panel in panels for target in panel["targets"])
    shown = set(re.findall(r"rabbitmq_\w+", expressions))
    check("there are charts", len(shown) > 10)
    equal("charts of nothing", shown - metrics, set())


def test_settings_are_valid(own):
    done = subprocess.run([own.program, "--check-config", "--config", os.path.join(DOCKER, "10-defaults.conf")],
                          capture_output=True, text=True, timeout=20, check=False)
    equal("check", (done.returncode, done.stdout), (0, "leveret: the configuration is valid\n"))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--broker", required=True)
    own = broker.Broker(parser.parse_args().broker)

    def run():
        own.start()
        for name, test in list(globals().items()):
            if name.startswith("test_"):
                test(own)
                print(f"ok     {name}", flush=True)
    return broker.guarded(own, run)


if __name__ == "__main__":
    sys.exit(main())
