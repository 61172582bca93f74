#!/usr/bin/env python3
"""Writes docs/SPEC_COVERAGE.md: which rows of tests/data/spec_rows.txt a test shows, and which file it is in.

    spec_coverage.py              writes the document
    spec_coverage.py --check      exit code 1 when the checked-in document is not what would be written
    spec_coverage.py --self-test  feeds the reader of tests with samples

A Catch2 case shows a row by a tag, [P17]; a script, Go or JavaScript test by a comment, `spec: P17 C18`.
"""
import os
import re
import sys
from collections import defaultdict

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
ROWS = "tests/data/spec_rows.txt"
DOCUMENT = "docs/SPEC_COVERAGE.md"
NOT_TESTS = {"data", "tidy", "support", "node_modules", "__pycache__"}

TEXT = r'(?:"(?:[^"\\]|\\.)*"\s*)+'
TEST_CASE = re.compile(r"\b(?:TEMPLATE_(?:PRODUCT_|LIST_)?)?(?:TEST_CASE|SCENARIO)(?:_METHOD)?\s*\(\s*(?:\w+\s*,\s*)?"
                       rf"{TEXT},\s*({TEXT})")
TAG = re.compile(r"\[([^\[\]]+)\]")
COMMENT = re.compile(r"(?:#|//).*?\bspec:\s*((?:[A-Z][\w.]*[\s,]*)+)")
# What looks like a row, so that a mistyped one is noticed.
ROW_ID = re.compile(r"^(?:[PFHTCDK]\d+a?|M\.[a-z]+|R\.\d+|3\.\d)$")

HEAD = """# Which rows of the behaviour map a test shows

Written by `tests/tidy/spec_coverage.py` from the tags of the tests; do not edit. The rows are those of
`tests/data/spec_rows.txt`.

"""


def read_rows(text):
    """Sections in order: (title, [(id, title, state)])."""
    sections = []
    for line in text.split("\n"):
        if line.startswith("## "):
            sections.append((line[3:], []))
        elif line and not line.startswith("#"):
            row, title, state = (part.strip() for part in line.split("|"))
            sections[-1][1].append((row, title, state))
    return sections


def ids_in(path, text, subjects=frozenset()):
    """The rows that the tests of one file show. Subjects are rows whose id is an ordinary tag, [topic]."""
    if path.endswith((".cpp", ".hpp")):
        groups = (TAG.findall(tags) for tags in TEST_CASE.findall(text))
    else:
        groups = (re.split(r"[\s,]+", ids) for ids in COMMENT.findall(text))
    return {row for group in groups for row in group if ROW_ID.match(row) or row in subjects}


def tests_of_tree(root, subjects):
    """Row id -> files, sorted."""
    shown = defaultdict(list)
    for directory, folders, names in os.walk(os.path.join(root, "tests")):
        folders[:] = sorted(set(folders) - NOT_TESTS)
        for name in sorted(names):
            path = os.path.join(directory, name)
            try:
                with open(path, encoding="utf-8") as file:
                    ids = ids_in(path, file.read(), subjects)
            except UnicodeDecodeError:  # a fuzzing seed
                continue
            for row in ids:
                shown[row].append(os.path.relpath(path, root))
    return {row: sorted(files) for row, files in shown.items()}


def document(sections, shown):
    rows = [row for _, section in sections for row in section]
    unknown = sorted(set(shown) - {row for row, _, _ in rows})
    if unknown:
        raise SystemExit("spec_coverage: no such row: " + ", ".join(f"{row} in {shown[row][0]}" for row in unknown))
    expected = [row for row, _, state in rows if not state.startswith("n/a")]
    covered = sum(row in shown for row in expected)
    text = HEAD + f"{covered} of {len(expected)} rows are shown by a test.\n"
    for title, section in sections:
        text += f"\n## {title}\n\n| Row | What | Shown by |\n|---|---|---|\n"
        for row, what, state in section:
            files = ", ".join(f"`{file.removeprefix('tests/')}`" for file in shown.get(row, []))
            text += f"| {row} | {what} | {files or state or '**not yet**'} |\n"
    return text


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def self_test():
    samples = [
        ("a_test.cpp", 'TEST_CASE("queue: [C2] is in the name only", "[core][C1][R.404]") {}', {"C1", "R.404"}),
        ("a_test.cpp", 'TEST_CASE("a, b"\n   " and c",\n  "[P17]"\n  "[F5a]") { vector["x"][C3]; }', {"P17", "F5a"}),
        ("a_test.cpp", 'TEMPLATE_TEST_CASE("t", "[H3]", int, long) {}', {"H3"}),
        ("a_test.cpp", 'TEST_CASE_METHOD(Fixture, "t", "[M.queue]") {}', {"M.queue"}),
        ("a_test.cpp", 'TEST_CASE("t", "[core][subject][other]") {}', {"subject"}),
        ("a_test.cpp", "// spec: C9\nint x;", set()),
        ("pika_client.py", "x = 1  # spec: P17 C18\nspec = 'C1'", {"P17", "C18"}),
        ("main.go", "// declare, spec: C1, C2\n", {"C1", "C2"}),
        ("test.js", "f(); // spec: D1\n", {"D1"}),
        ("tools.sh", "run # spec: C19 because of it\n", {"C19"}),
    ]
    mistakes = 0
    for path, text, expected in samples:
        if ids_in(path, text, {"subject"}) != expected:
            print(f"{text!r}: expected {sorted(expected)}, found {sorted(ids_in(path, text, {'subject'}))}")
            mistakes += 1
    try:
        document([("S", [("C1", "title", "")])], {"C99": ["tests/a_test.cpp"]})
        print("an unknown row was accepted")
        mistakes += 1
    except SystemExit:
        pass
    print(f"{len(samples) + 1} samples, {mistakes} mistakes")
    return 1 if mistakes else 0


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    sections = read_rows(read(ROWS))
    subjects = {row for _, section in sections for row, _, _ in section if not ROW_ID.match(row)}
    text = document(sections, tests_of_tree(ROOT, subjects))
    if sys.argv[1:] == ["--check"]:
        if os.path.exists(os.path.join(ROOT, DOCUMENT)) and read(DOCUMENT) == text:
            return 0
        print(f"{DOCUMENT} is not what the tests say; run tests/tidy/spec_coverage.py")
        return 1
    os.makedirs(os.path.dirname(os.path.join(ROOT, DOCUMENT)), exist_ok=True)
    with open(os.path.join(ROOT, DOCUMENT), "w", encoding="utf-8") as file:
        file.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
