// leveret-perf: puts load on a broker and says what came of it.
#include "bench/load.hpp"

#include <csignal>
#include <cstdio>
#include <exception>

int main(int argc, char** argv) {
    try {
        const auto options = bench::parse_options(argc, argv);
        if (!options) {
            std::fputs(bench::usage, stdout);
            return 0;
        }
        std::signal(SIGINT, [](int) { bench::Load::interrupt(); });
        std::signal(SIGTERM, [](int) { bench::Load::interrupt(); });
        bench::Load(*options).run();
        return 0;
    } catch (const std::exception& error) {
        std::fflush(stdout);
        std::fprintf(stderr, "leveret-perf: %s\n", error.what());
        return 1;
    }
}
