#!/usr/bin/env python3
"""What the compiler and the linker were asked to do against exploits has been done: hardening_test.py PROGRAM...

cmake/ProjectOptions.cmake says what that is (LEVERET_HARDENING). What leaves no mark in the program is looked for among
the compiler's options, which GCC's debug information tells.
"""
import platform
import re
import subprocess
import sys

OPTIONS = {"-ftrivial-auto-var-init=zero", "-fstack-clash-protection", "-fstack-protector-strong"}
if platform.machine() == "x86_64":
    OPTIONS.add("-fcf-protection=full")


def readelf(program, *options):
    return subprocess.run(["readelf", "--wide", *options, program], capture_output=True, text=True, check=True).stdout


def options_of_units(program):
    """The options of every unit of C++ that was compiled into the program; the start files are C."""
    units = re.findall(r"DW_AT_producer .*: (GNU C\+\+.*)", readelf(program, "--debug-dump=info", "--dwarf-depth=1"))
    return [set(unit.split()) for unit in units]


def missing(program):
    header, segments, dynamic = (readelf(program, option) for option in ("-h", "-l", "-d"))
    symbols = readelf(program, "--dyn-syms")
    units = options_of_units(program)
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
        "options of the compiler": bool(units) and all(unit >= OPTIONS for unit in units),
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
