// leveret-perf: puts load on a broker and says what came of it.
#include "bench/flags.hpp"
#include "bench/load.hpp"

#include <sys/resource.h>

#include <csignal>
#include <cstdio>
#include <exception>

namespace {

void allow_many_connections() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

} // namespace

int main(int argc, char** argv) {
    try {
        const auto options = bench::parse_options(argc, argv);
        if (!options) {
            std::fputs(bench::usage().c_str(), stdout);
            return 0;
        }
        allow_many_connections();
        std::signal(SIGINT, [](int) { bench::Load::interrupt(); });
        std::signal(SIGTERM, [](int) { bench::Load::interrupt(); });
        std::signal(SIGPIPE, SIG_IGN); // TLS writes without MSG_NOSIGNAL
        bench::Load(*options).run();
        return 0;
    } catch (const std::exception& error) {
        std::fflush(stdout);
        std::fprintf(stderr, "leveret-perf: %s\n", error.what());
        return 1;
    }
}
