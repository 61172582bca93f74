"""The self-test of check_tree.py: violations that must be found, and code that must pass."""

HEADER = "// What it is.\n#pragma once\n"

# path, text, the rule that must complain
VIOLATIONS = [
    ("protocol/frame.hpp", HEADER + '#include "broker/core/queue.hpp"\n', "layer"),
    ("config/settings.hpp", HEADER + '#include "protocol/types.hpp"\n', "layer"),
    ("broker/routing/router.hpp", HEADER + '#include "protocol/frame.hpp"\n', "layer"),
    ("broker/routing/router.hpp", HEADER + '#include "broker/core/queue.hpp"\n', "layer"),
    ("broker/core/queue.cpp", '#include "protocol/method_codec.hpp"\n', "layer"),
    ("broker/core/queue.cpp", '#include "storage/rocksdb/store.hpp"\n', "layer"),
    ("broker/core/queue.cpp", '#include "storage/memory_store.hpp"\n', "layer"),
    ("broker/core/queue.cpp", '#include "broker/session/channel.hpp"\n', "layer"),
    ("broker/auth/user.cpp", '#include "broker/core/queue.hpp"\n', "layer"),
    ("broker/session/channel.cpp", '#include "broker/net/connection.hpp"\n', "layer"),
    ("broker/session/channel.cpp", '#include "storage/store.hpp"\n', "layer"),
    ("broker/net/connection.cpp", '#include "broker/admin/page.hpp"\n', "layer"),
    ("cli/run.cpp", '#include "broker/text/text.hpp"\n', "layer"),
    ("broker/admin/page.cpp", '#include "broker/session/session.hpp"\n', "layer"),
    ("broker/stray/a.cpp", '#include "broker/core/queue.hpp"\n', "layer"),
    ("storage/store.hpp", HEADER + '#include "protocol/frame.hpp"\n', "layer"),
    ("storage/store.hpp", HEADER + "#include <rocksdb/db.h>\n", "library"),
    ("broker/session/session.cpp", "#include <boost/asio/ip/tcp.hpp>\n", "library"),
    ("broker/core/clock.cpp", "#include <boost/asio.hpp>\n", "library"),
    ("protocol/frame.cpp", "#include <rocksdb/slice.h>\n", "library"),
    ("storage/rocksdb/store.cpp", "#include <boost/beast/http.hpp>\n", "library"),
    ("broker/core/strand.hpp", HEADER + "#include <mutex>\n", "lock"),
    ("broker/session/session.cpp", "#include <thread>\n", "lock"),
    ("broker/routing/router.cpp", "#include <condition_variable>\n", "lock"),
    ("protocol/frame_parser.cpp", "void f() {\n    throw 1;\n}\n", "throw"),
    ("broker/session/session.cpp", "void f() { throw 1; }\n", "throw"),
    ("broker/core/queue.cpp", 'auto s = R"(\n)"; void f() { throw 1; }\n', "throw"),
    ("broker/routing/router.cpp", "// fine\nvoid f() { throw 1; }\n", "throw"),
    ("protocol/error.hpp", HEADER + "void other() { throw 1; }\n", "throw"),
    ("broker/core/queue.cpp", "int x = 0; " + "/" * 120 + "\n", "columns"),
    ("tests/interop/client.py", "x = '" + "é" * 120 + "'\n", "columns"),
    ("broker/core/queue.cpp", "int x;\n" * 401, "lines"),
    ("broker/core/queue.hpp", "#pragma once\n// too late\n", "comment"),
    ("broker/core/queue.hpp", "// What it is.\n#ifndef X\n#define X\n#endif\n", "pragma"),
    ("broker/net/a.cpp", "void f() { g(co_await h()); }\n", "co_await"),
    ("broker/net/a.cpp", "void f() { auto x = T{a, co_await h()}; }\n", "co_await"),
    ("broker/net/a.cpp", "void f() { auto x = T{co_await h()}; }\n", "co_await"),
    ("broker/net/a.cpp", "void f() { if (co_await h()) {} }\n", "co_await"),
    ("broker/net/a.cpp", "void f() { while (!co_await h()) {} }\n", "co_await"),
    ("broker/net/a.cpp", "void f() { x = co_await h(); }\n", "co_await"),
    ("broker/net/a.cpp", "void f() { co_return co_await h(); }\n", "co_await"),
    ("broker/net/a.cpp", "void f() { auto x = co_await g(co_await h()); }\n", "co_await"),
    ("tests/unit/core/a.cpp", "void f() { std::this_thread::sleep_for(1s); }\n", "sleep"),
]

CLEAN = [
    ("protocol/frame_parser.cpp", '#include "protocol/frame.hpp"\n'),
    ("broker/core/queue.cpp", '#include "storage/store.hpp"\n#include "broker/routing/router.hpp"\n'
                              '#include "protocol/message.hpp"\n#include <atomic>\n'),
    ("broker/session/channel.cpp", '#include "protocol/methods/queue.hpp"\n#include "broker/auth/user.hpp"\n'),
    ("broker/net/connection.cpp", '#include <boost/asio/ip/tcp.hpp>\n#include <mutex>\n'
                                  '#include "broker/session/session.hpp"\n'),
    ("broker/broker.cpp", '#include "storage/rocksdb_store.hpp"\n#include "config/settings.hpp"\n'
                          '#include <boost/asio.hpp>\n'),
    ("storage/rocksdb/store.cpp", '#include <rocksdb/db.h>\nvoid f() { throw 1; }\n'),
    ("tests/unit/core/a.cpp", '#include "broker/core/queue.hpp"\n// never sleep_for(1s)\nauto s = "sleep_for(1)";\n'),
    ("protocol/error.hpp", HEADER + "[[noreturn]] inline void throw_exception_from_error(const Error& error) {\n"
                                    "    throw std::runtime_error(error.reply_text());\n}\n"),
    ("protocol/a.cpp", '// throw\n/* throw\n throw */ auto s = "throw"; auto n = 1\'000; char c = \'"\';\n'
                       'auto t = R"x(throw)x";\n'),
    ("broker/net/a.cpp", "void f() {\n    auto x = co_await h();\n    co_await h();\n    (void)co_await h();\n"
                         "    const auto [a, b] = co_await h([] { return 1; });\n    if (x > 0)\n"
                         "        co_await (r() || w());\n    else\n        co_await h(T{1, 2});\n}\n"),
    ("broker/core/queue.hpp", HEADER + "int x;\n" * 398),
]


def run(check_file):
    problems = 0
    for path, text, rule in VIOLATIONS:
        found = {violation[1] for violation in check_file(path, text)}
        if found != {rule}:
            print(f"{path}: expected '{rule}', found {sorted(found)} in {text[:80]!r}")
            problems += 1
    for path, text in CLEAN:
        for violation in check_file(path, text):
            print(f"{path}: found {violation} in clean code {text[:80]!r}")
            problems += 1
    print(f"{len(VIOLATIONS)} planted violations, {len(CLEAN)} clean files, {problems} mistakes")
    return 1 if problems else 0
