// leveret: the broker's executable. Reads the settings, starts a Broker, waits for a signal.
#include "broker/broker.hpp"
#include "broker/log.hpp"
#include "broker/version.hpp"
#include "config/command_line.hpp"

#include <malloc.h>

#include <spdlog/spdlog.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <pthread.h>
#include <variant>

namespace {

constexpr int exit_start_failed = 1;
constexpr int exit_store_failed = 74; // EX_IOERR

// Blocked in every thread from the start, so that only wait_for_signal sees them.
sigset_t termination_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    return signals;
}

int run(const config::Start& start) {
    broker::set_up_log(start.settings.log);
    for (const std::string& warning : start.warnings) {
        spdlog::warn("{}", warning);
    }
    const sigset_t signals = termination_signals();
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);

    // RocksDB's arenas come and go; keep them instead of returning them to the system each time (8 % of CPU per durable
    // message in the storage study).
    mallopt(M_MMAP_THRESHOLD, 32 << 20);
    mallopt(M_TRIM_THRESHOLD, 256 << 20);

    spdlog::info("Leveret {} starting, data in {}", broker::own_version, start.settings.data_dir);
    broker::Broker broker(start.settings, [] {
        spdlog::shutdown();
        std::_Exit(exit_store_failed);
    });
    broker.start();
    spdlog::info("Server startup complete"); // test containers wait for these words
    int signal = 0;
    sigwait(&signals, &signal);
    spdlog::info("{} received, stopping", signal == SIGINT ? "SIGINT" : "SIGTERM");
    broker.stop();
    spdlog::info("stopped");
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    const auto parsed = config::parse_command_line(argc, argv);
    if (const auto* exit = std::get_if<config::Exit>(&parsed)) {
        std::fputs(exit->text.c_str(), exit->code == 0 ? stdout : stderr);
        return exit->code;
    }
    try {
        return run(std::get<config::Start>(parsed));
    } catch (const std::exception& error) {
        std::fprintf(stderr, "leveret: %s\n", error.what());
        return exit_start_failed;
    }
}
