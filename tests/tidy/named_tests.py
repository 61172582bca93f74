#!/usr/bin/env python3
"""Every test that docs/CVES.md names exists.

    named_tests.py              one line for each name that no test has; exit code 1 when there is one
    named_tests.py --self-test  feeds it samples

In the last column of a table, between backquotes: a Catch2 case by its name, `file.py:function`, `fuzz:target`,
`e2e:file`.
"""
import os
import re
import sys

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
DOCUMENT = "docs/CVES.md"
LITERAL = r'"(?:[^"\\]|\\.)*"'
TEST_CASE = re.compile(rf"\b(?:TEMPLATE_)?TEST_CASE(?:_METHOD)?\s*\(\s*(?:\w+\s*,\s*)?((?:{LITERAL}\s*)+)")
FUNCTION = re.compile(r"^def (test_\w+)\(", re.MULTILINE)


def tests_in(path, text):
    """Names by which a document may call the tests of one file."""
    name = os.path.basename(path)
    if "/fuzz/" in path and name.endswith(".cpp"):
        return {f"fuzz:{name.removesuffix('.cpp')}"}
    if "/e2e/" in path:
        return {f"e2e:{name}"}
    if name.endswith(".cpp"):
        cases = TEST_CASE.findall(text)
        return {"".join(part[1:-1] for part in re.findall(LITERAL, case)).replace('\\"', '"') for case in cases}
    if name.endswith(".py"):
        return {f"{name}:{function}" for function in FUNCTION.findall(text)}
    return set()


def tests_of_tree():
    names = set()
    for directory, folders, files in os.walk(os.path.join(ROOT, "tests")):
        folders[:] = [folder for folder in folders if folder not in ("node_modules", "corpus", "__pycache__")]
        for name in files:
            if name.endswith((".cpp", ".py", ".js")):
                path = os.path.join(directory, name)
                with open(path, encoding="utf-8") as file:
                    names |= tests_in(path, file.read())
    return names


def rows(text):
    """(line number, number of the row, names in its last cell)."""
    for number, line in enumerate(text.split("\n"), 1):
        cells = line.split(" | ")
        if re.match(r"\| \d+ $", cells[0] + " "):
            yield number, cells[0][2:], re.findall(r"`([^`]+)`", cells[-1]), cells[-1].strip(" |")


def mistakes(text, known):
    for number, row, names, cell in rows(text):
        if not names and cell != "-":
            yield f"{DOCUMENT}:{number}: row {row} names no test"
        for name in names:
            if name not in known:
                yield f"{DOCUMENT}:{number}: row {row}: there is no test '{name}'"


def self_test():
    known = tests_in("tests/unit/a_test.cpp", 'TEST_CASE("a: b"\n  " c", "[t]") {}') | tests_in(
        "tests/interop/x.py", "def test_y():\n") | tests_in("tests/fuzz/z.cpp", "")
    samples = [("| 1 | s | r | `a: b c`, `x.py:test_y`, `fuzz:z` |", 0), ("| 2 | s | r | `a: b` |", 1),
               ("| 3 | s | `r` | - |", 0), ("| 4 | s | r | nothing |", 1), ("| # | seen | rule | tests |", 0)]
    wrong = [line for line, expected in samples if len(list(mistakes(line, known))) != expected]
    print("\n".join(wrong) or f"{len(samples)} samples are judged right")
    return 1 if wrong else 0


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    with open(os.path.join(ROOT, DOCUMENT), encoding="utf-8") as file:
        text = file.read()
    found = list(mistakes(text, tests_of_tree()))
    print("\n".join(found) or f"{sum(len(names) for _, _, names, _ in rows(text))} names of tests, all there")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
