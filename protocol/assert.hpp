// A programmer's mistake ends the process, also in release builds: a broker that goes on with a broken invariant loses
// messages.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace amqp {

[[noreturn, gnu::cold]] inline void fail_assertion(const char* file, int line, const char* what) {
    std::fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, what);
    std::abort();
}

// A function, so that the side which no test can take is one branch, not one for each assertion.
[[gnu::always_inline]] constexpr void check_assertion(bool holds, const char* file, int line, const char* condition) {
    if (!holds) [[unlikely]] {
        fail_assertion(file, line, condition);
    }
}

} // namespace amqp

#define LEVERET_ASSERT(condition) ::amqp::check_assertion(static_cast<bool>(condition), __FILE__, __LINE__, #condition)
#define LEVERET_UNREACHABLE(what) ::amqp::fail_assertion(__FILE__, __LINE__, what)
