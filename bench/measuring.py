"""What compare.py, scale.py and storage.py have in common: runs of leveret-perf, and sections of docs/BENCHMARKS.md
that they write again while everything else in it stays.
"""
import datetime
import json
import os
import platform
import re
import statistics
import subprocess
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
DOCUMENT = os.path.join(HERE, "../docs/BENCHMARKS.md")


class Tools:
    """The programs of one build."""

    def __init__(self, build):
        self.build = build
        self.broker, self.perf, self.relay = (os.path.join(build, "bin", name)
                                              for name in ("leveret", "leveret-perf", "leveret-relay"))
        for path in (self.broker, self.perf, self.relay):
            if not os.path.exists(path):
                raise SystemExit(f"{path} is missing: build it first")


def run_perf(tools, broker, flags, limit=300):
    """A run's summary; with `failure` when it ended early."""
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        fixed = ["-h", broker.uri, "--broker-pid", str(broker.pid), "--json", file.name]
        done = subprocess.run([tools.perf, *fixed, *flags], capture_output=True, text=True, timeout=limit)
        text = file.read()
    if not text:
        return {"failure": done.stderr.strip() or f"exit code {done.returncode}"}
    return json.loads(text)


def median(values):
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = re.search(r"model name\s*:\s*(.*)", file.read())
    with open("/proc/meminfo", encoding="ascii") as file:
        memory = int(file.read().split()[1]) / 1048576
    system = platform.freedesktop_os_release().get("PRETTY_NAME", "")
    return (f"{os.cpu_count()} cores ({model.group(1) if model else platform.machine()}), {memory:.0f} GiB, {system}, "
            f"Linux {platform.release()}")


def number(value, digits=3):
    if value is None:
        return "-"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.{digits}g}"


def table(columns, rows):
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def write_section(name, title, text):
    """Puts the section between its two marks; a new one goes to the end of the document."""
    begin, end = f"<!-- {name}: begin, written by bench/{name}.py -->", f"<!-- {name}: end -->"
    text = text.strip("\n")
    section = f"{begin}\n## {title}, {datetime.date.today()}\n\n{text}\n{end}"
    with open(DOCUMENT, encoding="utf-8") as file:
        document = file.read()
    pattern = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    if pattern.search(document):
        document = pattern.sub(lambda _: section, document)
    else:
        document = document.rstrip() + "\n\n" + section + "\n"
    with open(DOCUMENT, "w", encoding="utf-8") as file:
        file.write(document)
