"""leveretctl as the tests run it, on the broker whose address is in the environment."""
import os
import subprocess
import sys
import tempfile

import management
from checks import check, equal

PROGRAM = os.path.abspath(sys.argv.pop(1))  # the tests that are chosen come behind it
HOME = tempfile.mkdtemp(prefix="leveretctl-")
USAGE, DATA, NO_USER, UNAVAILABLE, SOFTWARE, TRY_AGAIN, NO_PERMISSION, CONFIGURATION = 64, 65, 67, 69, 70, 75, 77, 78
tried = set()


def run(*words, typed="", **variables):
    """The finished process; its text without the passing of time."""
    environment = {"HOME": HOME, "PATH": os.environ["PATH"], "LEVERET_URL": os.environ["MGMT_URL"], **variables}
    tried.update(words)
    return subprocess.run([PROGRAM, *words], input=typed, capture_output=True, text=True, timeout=30, env=environment)


def said(*words, **more):
    """What a command that must succeed writes."""
    done = run(*words, **more)
    equal(f"exit code of {words}: {done.stderr}", done.returncode, 0)
    equal(f"nothing on stderr of {words}", done.stderr, "")
    return done.stdout


def fails(code, text, *words, **more):
    done = run(*words, **more)
    equal(f"exit code of {words}, {done.stderr!r}", done.returncode, code)
    check(f"{words} says why", text in done.stderr, done.stderr)
    return done


def rows(*words):
    """A listing as a script reads it: rabbitmqctl -q, tabs between columns, names first."""
    lines = said("-q", *words).splitlines()
    return [dict(zip(lines[0].split("\t"), line.split("\t"))) for line in lines[1:]] if lines else []


def api(path, method="GET", body=None):
    return management.ask(os.environ["MGMT_URL"], method, path, body)
