#!/usr/bin/env python3
"""What the compiler and the linker were asked to do against exploits has been done: hardening_test.py PROGRAM...

cmake/ProjectOptions.cmake says what that is (LEVERET_HARDENING). Of -fcf-protection nothing is to be seen: Debian 12's
own start files are not marked for it, so no program is.
"""
import subprocess
import sys


def readelf(option, program):
    return subprocess.run(["readelf", "--wide", option, program], capture_output=True, text=True, check=True).stdout


def missing(program):
    header, segments, dynamic = (readelf(option, program) for option in ("-h", "-l", "-d"))
    symbols = readelf("--dyn-syms", program)
    stack = [line for line in segments.splitlines() if "GNU_STACK" in line]
    facts = {
        "position independent": "DYN (" in header and "PIE" in dynamic,
        "read-only relocations": "GNU_RELRO" in segments,
        "all symbols bound at start": "BIND_NOW" in dynamic or " NOW" in dynamic,
        "stack not executable": bool(stack) and "RWE" not in stack[0],
        "no segment both writable and executable": not any(
            " RWE " in line for line in segments.splitlines() if "LOAD" in line),
        "stack protector": "__stack_chk_fail" in symbols,
        "fortified functions": "_chk@" in symbols,
        "no path of libraries": "RPATH" not in dynamic and "RUNPATH" not in dynamic,
    }
    return [fact for fact, holds in facts.items() if not holds]


def main():
    found = {program: missing(program) for program in sys.argv[1:]}
    for program, facts in found.items():
        print(f"{program}: " + ("missing: " + ", ".join(facts) if facts else "hardened"))
    return 1 if any(found.values()) or not found else 0


if __name__ == "__main__":
    sys.exit(main())
