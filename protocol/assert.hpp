// A programmer's mistake ends the process, also in release builds: a broker that goes on with a broken invariant loses
// messages.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace amqp {

// A function, so that the side which no test can take is one branch, not one for each assertion.
[[gnu::always_inline]] inline void check_assertion(bool holds, const char* file, int line, const char* condition) {
    if (!holds) [[unlikely]] {
        std::fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, condition);
        std::abort();
    }
}

} // namespace amqp

#define LEVERET_ASSERT(condition) ::amqp::check_assertion(static_cast<bool>(condition), __FILE__, __LINE__, #condition)
