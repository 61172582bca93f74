#!/usr/bin/env python3
"""The house rules that no compiler checks: layers, lengths, comments, what may be used where.

    check_tree.py [DIRECTORY]     prints one line for each violation; exit code 1 when there is one
    check_tree.py --self-test     plants a violation of every rule and sees that it is found

docs/adr and CONTRIBUTING.md say why; INCLUDES below is the layer rule of the architecture.
"""
import os
import re
import sys

import cpp_text

MAX_COLUMNS = 120
MAX_LINES = 400
SKIPPED_FOLDERS = {".git", "build", "var", "node_modules", "__pycache__"}
SOURCE_FOLDERS = ("protocol", "storage", "config", "broker", "cli", "tests", "bench", "cmake", ".ci")

# Files that may be longer than MAX_LINES, each with its reason.
LONG_FILES = {}

# Who may include whom, by path prefix. The longest prefix that fits a file decides; a folder may always include itself.
PROTOCOL_TYPES = [f"protocol/{name}.hpp"
                  for name in ("types", "error", "field_table", "properties", "message", "assert")]
STORE_INTERFACE = ["storage/store.hpp", "storage/records.hpp"]
EVERYTHING = [""]
ROOT = "broker/"  # the composition root: the files directly in this folder, main.cpp and broker.cpp
INCLUDES = {
    "protocol/": [],
    "config/": [],
    "storage/": PROTOCOL_TYPES,
    ROOT: EVERYTHING,
    "broker/text/": PROTOCOL_TYPES,
    "broker/routing/": PROTOCOL_TYPES,
    "broker/metrics/": PROTOCOL_TYPES,
    "broker/core/": PROTOCOL_TYPES + STORE_INTERFACE + ["broker/text/", "broker/routing/", "broker/metrics/"],
    "broker/auth/": PROTOCOL_TYPES + STORE_INTERFACE + ["broker/text/"],
    "broker/tls/": PROTOCOL_TYPES,
    "broker/session/": ["protocol/", "broker/core/", "broker/auth/", "broker/metrics/"],
    "broker/net/": ["protocol/", "broker/session/", "broker/core/", "broker/auth/", "broker/metrics/",
                    "broker/tls/"],
    "broker/admin/": PROTOCOL_TYPES + STORE_INTERFACE + [
        "broker/text/", "broker/core/", "broker/auth/", "broker/metrics/", "broker/tls/",
        "broker/session/snapshot.hpp",
        "broker/session/publish_rules.hpp",
        "broker/net/connection.hpp", "broker/net/socket_ends.hpp", "broker/net/upgraded_socket.hpp"],
    "cli/": [],
    "tests/": EVERYTHING,
    "bench/": EVERYTHING,
}

# A library's headers, and the only places that may include them.
LIBRARY_PLACES = [
    (re.compile(r"<rocksdb/"), ("storage/rocksdb/", "tests/", "bench/")),
    (re.compile(r"<boost/(asio|beast)[/.]"), (ROOT, "broker/net/", "broker/admin/", "cli/", "tests/", "bench/")),
]
WITHOUT_THROW = ("protocol/", "broker/routing/", "broker/core/", "broker/session/")
WITHOUT_LOCKS = ("broker/routing/", "broker/core/", "broker/session/")
LOCK_HEADERS = re.compile(r"<(mutex|shared_mutex|thread|condition_variable|future|semaphore|latch|barrier|pthread\.h)>")
# Damage found at start is not a peer's mistake: the broker does not start.
START_UP = ("broker/core/recovery.cpp", "broker/core/recovery_duplicates.cpp")
# Boost calls it when somebody asks a failed result for its value, which only tests do.
THROWING_FUNCTION = "throw_exception_from_error"
SLEEP = re.compile(r"\b(sleep_for|sleep_until|usleep|nanosleep|sleep)\s*\(")
INCLUDE = re.compile(r'^\s*#\s*include\s+("[^"]+"|<[^>]+>)')


def is_in(path, folders):
    """Whether the path is under one of the folders; under the composition root only what is directly in it."""
    return any(path.startswith(folder) and (folder != ROOT or path.count("/") == 1) for folder in folders)


def layer_of(path):
    return max((layer for layer in INCLUDES if is_in(path, [layer])), key=len, default=None)


def check_includes(path, line, header):
    if header.startswith('"'):
        layer = layer_of(path)
        if layer is None:
            yield line, "layer", "a new folder: check_tree.py must say whom it may include"
        elif not header[1:-1].startswith((layer, *INCLUDES[layer])):
            yield line, "layer", f"{layer} must not include {header}"
        return
    for pattern, places in LIBRARY_PLACES:
        if pattern.match(header) and not is_in(path, places):
            yield line, "library", f"{header} belongs in {', '.join(places)}"
    if LOCK_HEADERS.match(header) and path.startswith(WITHOUT_LOCKS) and path not in START_UP:
        yield line, "lock", f"{header}: one strand runs this code, there is nothing to lock or wait for"


def check_throw(path, code):
    if not path.startswith(WITHOUT_THROW) or path in START_UP:
        return
    for line, text in enumerate(code.split("\n"), 1):
        if not re.search(r"\bthrow\b", text):
            continue
        before = "\n".join(code.split("\n")[max(0, line - 3):line])
        if path == "protocol/error.hpp" and THROWING_FUNCTION in before:
            continue
        yield line, "throw", "a peer's mistake is a Result, not an exception"


def check_co_await(code):
    for position in (match.start() for match in re.finditer(r"\bco_await\b", code)):
        if not cpp_text.is_whole_statement(code, position):
            line = code.count("\n", 0, position) + 1
            yield line, "co_await", "GCC 12 needs `T x = co_await f();` or `co_await f();` alone"


def check_header(text):
    if not text.startswith("//"):
        yield 1, "comment", "a header begins with a comment that says what it is"
    if not re.search(r"^#pragma once$", text, re.MULTILINE):
        yield 1, "pragma", "a header has #pragma once"


def check_lengths(path, text):
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        if len(line) > MAX_COLUMNS:
            yield number, "columns", f"{len(line)} columns, at most {MAX_COLUMNS}"
    if len(lines) - 1 > LONG_FILES.get(path, MAX_LINES):
        yield len(lines) - 1, "lines", f"{len(lines) - 1} lines, at most {MAX_LINES}: split it"


def check_file(path, text):
    """All violations in one file: (line, rule, what is wrong)."""
    yield from check_lengths(path, text)
    if not path.endswith((".hpp", ".cpp")):
        return
    if path.endswith(".hpp"):
        yield from check_header(text)
    for number, line in enumerate(text.split("\n"), 1):
        if match := INCLUDE.match(line):
            yield from check_includes(path, number, match.group(1))
    code = cpp_text.without_comments_and_texts(text)
    yield from check_throw(path, code)
    yield from check_co_await(code)
    if path.startswith("tests/unit/"):
        for match in SLEEP.finditer(code):
            yield code.count("\n", 0, match.start()) + 1, "sleep", "a unit test does not wait for time to pass"


def is_ours(name):
    return name.endswith((".hpp", ".cpp", ".py", ".sh", ".go", ".js", ".cmake")) or name == "CMakeLists.txt"


def files_of(root):
    for folder in SOURCE_FOLDERS:
        for directory, folders, names in os.walk(os.path.join(root, folder)):
            folders[:] = sorted(set(folders) - SKIPPED_FOLDERS)
            for name in sorted(filter(is_ours, names)):
                yield os.path.relpath(os.path.join(directory, name), root)


def check_tree(root):
    count = 0
    for path in files_of(root):
        with open(os.path.join(root, path), encoding="utf-8") as file:
            for line, rule, problem in check_file(path, file.read()):
                print(f"{path}:{line}: {rule}: {problem}")
                count += 1
    return count


def main():
    if sys.argv[1:] == ["--self-test"]:
        import planted
        return planted.run(check_file)
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
    count = check_tree(root)
    print(f"{count} violations of the house rules" if count else "the tree keeps the house rules")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
