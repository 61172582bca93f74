"""A broker process that belongs to one test: started on ports of its own choice, stopped or killed, started again.

Owned by `run` and by the tests that restart the broker themselves. The log goes to a file beside the data directory, so
that a broker that says much never blocks on a pipe. The kernel kills the broker when the test that started it dies.
"""
import ctypes
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time

import management
from checks import Failed

LISTENING = re.compile(r"listening on 127\.0\.0\.1:(\d+) \((amqp|http)\)")
START_LIMIT = 15  # seconds; RabbitMQ, the reference, needs some
STOP_LIMIT = 15
PR_SET_PDEATHSIG = 1


def die_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class StartFailed(Exception):
    """The broker ended, or did not name its ports in time."""


class Broker:
    def __init__(self, program, settings=(), directory=None):
        self.program = program
        self.settings = list(settings)
        self.directory = directory or tempfile.mkdtemp(prefix="leveret-interop-")
        self.data_dir = os.path.join(self.directory, "data")
        self.log_file = os.path.join(self.directory, "broker.log")
        self.process = None
        self.ports = {}
        self.start_limit = START_LIMIT

    def command(self):
        settings = ["listeners.tcp.default=127.0.0.1:0", "management.tcp.ip=127.0.0.1", "management.tcp.port=0",
                    "prometheus.tcp.ip=127.0.0.1", "prometheus.tcp.port=0"]
        command = [self.program, "--data-dir", self.data_dir]
        for setting in settings + self.settings:
            command += ["--set", setting]
        return command

    def start(self):
        from_here = os.path.getsize(self.log_file) if os.path.exists(self.log_file) else 0
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            preexec_fn=die_with_parent)
        self.ports = {}
        deadline = time.monotonic() + self.start_limit
        while len(self.ports) < 2:
            text = self.log()[from_here:]
            self.ports = {protocol: int(port) for port, protocol in LISTENING.findall(text)}
            if self.process.poll() is not None:
                raise StartFailed(f"the broker ended with exit code {self.process.returncode} while starting")
            if time.monotonic() > deadline:
                raise StartFailed(f"the broker did not name its amqp and http ports within {self.start_limit:g} s")
            time.sleep(0.01)
        return self

    def log(self):
        with open(self.log_file, encoding="utf-8", errors="replace") as log:
            return log.read()

    def api(self, method, path, body=None, **login):
        """What the management API answers."""
        return management.ask(f"http://127.0.0.1:{self.ports['http']}", method, path, body, **login)

    def terminate(self):
        """SIGTERM; the exit code, or None when the broker is still there after STOP_LIMIT (it is killed then)."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOP_LIMIT)
        except subprocess.TimeoutExpired:
            self.kill()
            return None

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def remove(self):
        self.kill()
        shutil.rmtree(self.directory, ignore_errors=True)

    def environment(self):
        pid_and_data = {"BROKER_PID": str(self.process.pid), "BROKER_DATA": self.data_dir,
                        "BROKER_SETTINGS": " ".join(self.settings)}
        return {**addresses("127.0.0.1", self.ports["amqp"], self.ports["http"]), **pid_and_data}


def guarded(own, action, note=""):
    """Runs action, which prints what it has seen; the exit code. If it fails, the log belongs to the report."""
    try:
        action()
    except Exception as error:  # whatever it is
        print("---- the broker's log ----")
        print(own.log()[-20000:] if os.path.exists(own.log_file) else "(none)")
        print(f"FAILED{note}: {error if isinstance(error, Failed) else repr(error)}", flush=True)
        return 1
    finally:
        own.remove()
    return 0


def in_turn(own, tests):
    """For tests that build upon each other: the first that fails ends the run."""
    for test in tests:
        try:
            print(f"ok     {test.__name__}: {test(own)}", flush=True)
        except Exception as error:
            raise Failed(f"{test.__name__}: {error if isinstance(error, Failed) else repr(error)}") from error


def addresses(host, amqp_port, management_port):
    """What a test program finds in its environment about the broker to talk to."""
    return {
        "AMQP_HOST": host,
        "AMQP_PORT": str(amqp_port),
        "AMQP_URL": f"amqp://guest:guest@{host}:{amqp_port}/%2F",  # rabbitmq-c takes a bare slash for an empty name
        "MGMT_URL": f"http://{host}:{management_port}",
    }
