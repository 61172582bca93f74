"""Checks that fail with a clear line, and the loop that runs the test functions of a file.

A test is a function named test_*; `run_tests(globals())` runs them in the file's order, each with a time limit,
goes on after a failure, and makes the exit code. Names on the command line choose tests. Comments such as `spec: C18`
beside a check name the rows of the behaviour table that it shows.
"""
import os
import signal
import sys
import time
import traceback

EXTERNAL = "BROKER_EXTERNAL" in os.environ
TEST_LIMIT = 30  # seconds for one test function, unless it says otherwise by @limit


class Failed(AssertionError):
    """A check did not hold; the text says which."""


class TookTooLong(Exception):
    """A test function used up its time."""


def limit(seconds):
    def set_limit(test):
        test.limit = seconds
        return test
    return set_limit


def shortened(value):
    text = repr(value)
    return text if len(text) <= 400 else text[:400] + f"... ({len(text)} characters)"


def check(fact, holds, seen=None):
    if not holds:
        raise Failed(fact if seen is None else f"{fact}; seen: {shortened(seen)}")


def equal(fact, got, expected):
    if got != expected:
        raise Failed(f"{fact}: expected {shortened(expected)}, got {shortened(got)}")


def raises(fact, kind, action):
    """Runs action, which must raise kind; the exception, for checks of its code and text."""
    try:
        result = action()
    except kind as error:
        return error
    raise Failed(f"{fact}: expected {kind}, but it returned {shortened(result)}")


def eventually(fact, probe, within=10.0):
    """Polls probe until it gives something true, and returns that. For what a broker may show a little later."""
    deadline = time.monotonic() + within
    while True:
        result = probe()
        if result:
            return result
        if time.monotonic() > deadline:
            raise Failed(f"{fact}: not within {within:g} s; seen: {shortened(result)}")
        time.sleep(0.02)


def unique(name):
    """A queue or exchange name that no other run on a shared broker uses."""
    return f"interop.{os.getpid()}.{name}"


def on_alarm(_signal, _frame):
    raise TookTooLong()


def run_one(name, test):
    """Whether the test passed; prints one line if so, and what went wrong with its place if not."""
    seconds = getattr(test, "limit", TEST_LIMIT)
    started = time.monotonic()
    signal.signal(signal.SIGALRM, on_alarm)
    signal.alarm(seconds)
    try:
        test()
        print(f"ok     {name} ({time.monotonic() - started:.2f} s)", flush=True)
        return True
    except TookTooLong:
        traceback.print_exc(limit=-6)
        print(f"FAILED {name}: not finished within {seconds} s", flush=True)
    except Exception as error:  # whatever a client library throws is a failure of this test, not the end of the others
        traceback.print_exc(limit=-6)
        print(f"FAILED {name}: {error if isinstance(error, Failed) else repr(error)}", flush=True)
    finally:
        signal.alarm(0)
    return False


def run_tests(names, only=None):
    tests = {name: value for name, value in names.items() if name.startswith("test_") and callable(value)}
    wanted = sys.argv[1:] if only is None else only
    chosen = {name: test for name, test in tests.items() if not wanted or name in wanted or name[5:] in wanted}
    if not chosen:
        print(f"FAILED: no test is named {wanted}", flush=True)
        sys.exit(1)
    failed = [name for name, test in chosen.items() if not run_one(name, test)]
    names_of_failed = ": FAILED " + ", ".join(failed) if failed else ""
    print(f"{len(chosen) - len(failed)} of {len(chosen)} tests passed{names_of_failed}", flush=True)
    os._exit(1 if failed else 0)  # a failed test may have left a thread in a client library behind
