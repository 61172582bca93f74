// A programmer's mistake ends the process, also in release builds: a broker that goes on with a broken invariant loses
// messages.
#pragma once

#include <cstdio>
#include <cstdlib>

#define LEVERET_ASSERT(condition)                                                                                      \
    do {                                                                                                               \
        if (!(condition)) [[unlikely]] {                                                                               \
            std::fprintf(stderr, "%s:%d: assertion failed: %s\n", __FILE__, __LINE__, #condition);                     \
            std::abort();                                                                                              \
        }                                                                                                              \
    } while (false)
