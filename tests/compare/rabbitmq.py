"""Debian's RabbitMQ as a process that belongs to one run: own directory, own loopback ports, own epmd, no traces."""
import base64
import ctypes
import glob
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

PROGRAM = "/usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmq-server"
START_LIMIT = 90  # seconds
PR_SET_PDEATHSIG = 1
CONFIGURATION = """listeners.tcp.local = 127.0.0.1:{amqp}
management.tcp.ip = 127.0.0.1
management.tcp.port = {http}
log.file.level = warning
collect_statistics_interval = 1000
"""


def die_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def program():
    """The server's own script: Debian's wrapper wants to become another user. None when the package is missing."""
    return next(iter(sorted(glob.glob(PROGRAM))), None)


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


class RabbitMQ:
    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="rabbitmq-compare-")
        amqp, http, self.epmd_port, self.distribution_port = free_ports(4)
        self.ports = {"amqp": amqp, "http": http}
        self.processes = []

    def environment(self):
        inside = {name: os.path.join(self.directory, file) for name, file in {
            "HOME": "", "RABBITMQ_MNESIA_BASE": "mnesia", "RABBITMQ_LOG_BASE": "log", "RABBITMQ_CONFIG_FILE": "conf",
            "RABBITMQ_ENABLED_PLUGINS_FILE": "plugins", "RABBITMQ_PID_FILE": "pid"}.items()}
        return {**os.environ, **inside, "RABBITMQ_CONF_ENV_FILE": "/dev/null", "RABBITMQ_NODENAME": "compare@localhost",
                "ERL_EPMD_PORT": str(self.epmd_port), "ERL_EPMD_ADDRESS": "127.0.0.1",
                "RABBITMQ_DIST_PORT": str(self.distribution_port), "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS":
                "+sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1}"}

    def write(self, name, text):
        with open(os.path.join(self.directory, name), "w", encoding="ascii") as file:
            file.write(text)

    def start(self):
        self.write("conf.conf", CONFIGURATION.format(**self.ports))
        self.write("plugins", "[rabbitmq_management].\n")
        with open(os.path.join(self.directory, "output"), "wb") as output:
            for command in (["epmd", "-port", str(self.epmd_port)], [program()]):
                self.processes.append(subprocess.Popen(
                    command, env=self.environment(), cwd=self.directory, stdin=subprocess.DEVNULL, stdout=output,
                    stderr=output, start_new_session=True, preexec_fn=die_with_parent))
        deadline = time.monotonic() + START_LIMIT
        while not self.answers():
            if time.monotonic() > deadline or self.processes[-1].poll() is not None:
                with open(os.path.join(self.directory, "output"), encoding="utf-8", errors="replace") as output:
                    raise SystemExit("RabbitMQ did not start:\n" + output.read()[-3000:])
            time.sleep(0.3)
        return self

    def answers(self):
        request = urllib.request.Request(f"http://127.0.0.1:{self.ports['http']}/api/overview")
        request.add_header("Authorization", "Basic " + base64.b64encode(b"guest:guest").decode())
        try:
            with urllib.request.urlopen(request, timeout=5):
                return True
        except (urllib.error.URLError, OSError):
            return False

    def remove(self):
        for process in reversed(self.processes):
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)
