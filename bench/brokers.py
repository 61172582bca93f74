"""The brokers that are measured: ours, Debian's RabbitMQ, or any other that already runs. Each has a name, a version, a
URI, and the process whose CPU time and memory count, with its children.
"""
import os
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "../tests/interop"), os.path.join(HERE, "../tests/compare")]
from broker import Broker  # noqa: E402
from rabbitmq import RabbitMQ, free_ports, program  # noqa: E402
import wire  # noqa: E402

TICKS = os.sysconf("SC_CLK_TCK")


# --- what a process and its children have used, from /proc ---

def family(pid):
    """The process and all that descend from it."""
    children = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat", encoding="ascii", errors="replace") as file:
                parent = int(file.read().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
        children.setdefault(parent, []).append(int(name))
    members = [pid]
    for member in members:
        members += children.get(member, [])
    return members


def status(pid, key):
    """VmRSS, VmHWM: KiB of the family."""
    total = 0
    for member in family(pid):
        try:
            with open(f"/proc/{member}/status", encoding="ascii", errors="replace") as file:
                found = re.search(rf"^{key}:\s+(\d+)", file.read(), re.MULTILINE)
        except (FileNotFoundError, ProcessLookupError):
            continue
        total += int(found.group(1)) if found else 0
    return total


def cpu_seconds(pid):
    total = 0
    for member in family(pid):
        try:
            with open(f"/proc/{member}/stat", encoding="ascii", errors="replace") as file:
                fields = file.read().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def reset_peak(pid):
    for member in family(pid):
        try:
            with open(f"/proc/{member}/clear_refs", "w", encoding="ascii") as file:
                file.write("5")
        except OSError:
            pass  # of another user: the peak is that of the whole run, then


# --- brokers ---

class Measured:
    name = version = uri = None
    pid = port = 0

    def start(self):
        return self

    def stop(self):
        pass

    def client(self, timeout=120):
        """A raw client, logged in, with channel 1 open."""
        parts = urllib.parse.urlsplit(self.uri)
        os.environ.update(AMQP_HOST=parts.hostname, AMQP_PORT=str(parts.port or 5672))
        return wire.Wire(timeout).open(user=parts.username or "guest", password=parts.password or "guest")


def uri_of(port):
    return f"amqp://guest:guest@127.0.0.1:{port}"


def wait_for_port(port, limit=90):
    deadline = time.perf_counter() + limit
    while time.perf_counter() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.0005)
    raise SystemExit(f"nothing listens on port {port} after {limit} s")


def seconds_while_starting(broker, action):
    """Starts the broker; how long after that the action returned, which another thread does meanwhile. (The broker is
    started by this one: the kernel kills it with the thread that did.)
    """
    seconds = []
    start = time.perf_counter()

    def act():
        wait_for_port(broker.port)
        action()
        seconds.append(time.perf_counter() - start)
    other = threading.Thread(target=act)
    other.start()
    broker.start()
    other.join()
    if not seconds:
        raise SystemExit(f"{broker.name} did not start as it should")
    return seconds[0]


class Leveret(Measured):
    name = "Leveret"

    def __init__(self, binary, settings=(), directory=None):
        self.port, = free_ports(1)
        self.broker = Broker(binary, [f"listeners.tcp.default=127.0.0.1:{self.port}", *settings], directory)
        said = subprocess.run([binary, "--version"], capture_output=True, text=True, check=True)
        self.version = said.stdout.split()[-1]
        self.uri = uri_of(self.port)

    @property
    def pid(self):
        return self.broker.process.pid

    @property
    def data_dir(self):
        return self.broker.data_dir

    def start(self):
        self.broker.start()
        return self

    def kill(self):
        self.broker.kill()

    def stop(self):
        if self.broker.process:
            self.broker.terminate()
        self.broker.remove()


class Rabbit(Measured):
    name = "RabbitMQ"

    def __init__(self):
        self.broker = RabbitMQ()
        self.version = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", "rabbitmq-server"], capture_output=True,
                                      text=True, check=True).stdout
        self.port = self.broker.ports["amqp"]
        self.uri = uri_of(self.port)

    @property
    def pid(self):
        return self.broker.processes[-1].pid

    def start(self):
        self.broker.start()
        return self

    def stop(self):
        self.broker.remove()


class Peer(Measured):
    """One that somebody else has started."""

    def __init__(self, uri, pid, name):
        self.uri, self.own_pid, self.name, self.version = uri, pid, name, ""

    @property
    def pid(self):
        return self.own_pid


def install_rabbitmq():
    """Debian's package, without starting its service."""
    if program():
        return
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    command = ["apt-get", "install", "-y", "--no-install-recommends", "rabbitmq-server"]
    subprocess.run(command, env=environment, check=True)
