// leveret: the broker's executable. Reads the settings, starts a Broker, waits for signals: SIGINT and SIGTERM end it,
// SIGHUP has the settings read again. With a tool's name it looks after a data directory instead.
#include "broker/broker.hpp"
#include "broker/log.hpp"
#include "broker/service_manager.hpp"
#include "broker/store_tools.hpp"
#include "broker/version.hpp"
#include "config/changes.hpp"
#include "config/command_line.hpp"
#include "config/effective_config.hpp"

#include <fmt/ranges.h>
#include <link.h>
#include <pthread.h>
#include <spdlog/spdlog.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <future>
#include <string_view>
#include <variant>

namespace {

constexpr int exit_start_failed = 1;
constexpr int exit_stop_overdue = 75; // EX_TEMPFAIL
constexpr int exit_store_failed = 74; // EX_IOERR

// For everything but the clients' answers, which have a limit of their own.
constexpr std::chrono::seconds stop_limit{30};

// Blocked in every thread from the start, so that only wait_for_end sees them.
sigset_t awaited_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
        sigaddset(&signals, signal);
    }
    return signals;
}

// One line, whatever comes of it. Settings that are wrong anywhere change nothing.
void read_settings_again(int argc, char** argv, const config::Start& start, broker::Broker& broker) {
    const auto parsed = config::parse_command_line(argc, argv);
    const auto* now = std::get_if<config::Start>(&parsed);
    if (now == nullptr) {
        std::string_view text = std::get<config::Exit>(parsed).text;
        text = text.substr(0, text.find_last_not_of('\n') + 1);
        spdlog::error("SIGHUP: the settings stay as they are: {}", text);
        return;
    }
    broker::change_log(now->settings.log);
    broker.reload(now->settings);
    broker.show_settings(config::print_effective_config(config::followed(start.assigned, now->assigned)));
    const config::Changes changes = config::changes_between(start.assigned, now->assigned);
    spdlog::info("SIGHUP: settings read again; different since the start: {}; needing a restart: {}",
                 changes.live.empty() ? "nothing" : fmt::format("{}", fmt::join(changes.live, ", ")),
                 changes.at_restart.empty() ? "nothing" : fmt::format("{}", fmt::join(changes.at_restart, ", ")));
}

// The next signal; meanwhile the service manager hears that the broker is alive, as long as it is.
int next_signal(const sigset_t& signals, const broker::ServiceManager& manager, broker::Broker& broker) {
    const auto interval = manager.watchdog_interval();
    if (!interval) {
        int signal = 0;
        return sigwait(&signals, &signal) == 0 ? signal : SIGTERM;
    }
    const timespec wait{.tv_sec = interval->count() / 1'000, .tv_nsec = interval->count() % 1'000 * 1'000'000};
    for (;;) {
        const int signal = sigtimedwait(&signals, nullptr, &wait);
        if (signal > 0) {
            return signal;
        }
        if (errno == EAGAIN && broker.responsive()) {
            manager.alive();
        }
    }
}

// The signal that ends the broker.
int wait_for_end(const sigset_t& signals, int argc, char** argv, const config::Start& start,
                 const broker::ServiceManager& manager, broker::Broker& broker) {
    for (;;) {
        const int signal = next_signal(signals, manager, broker);
        if (signal != SIGHUP) {
            return signal;
        }
        manager.reloading();
        read_settings_again(argc, argv, start, broker);
        manager.ready();
    }
}

// Whatever hangs, the process ends: what was confirmed is on disk, so this is no worse than a crash.
void stop_in_time(broker::Broker& broker, std::chrono::milliseconds drain_timeout) {
    auto stopped = std::async(std::launch::async, [&broker] { broker.stop(); });
    if (stopped.wait_for(drain_timeout + stop_limit) == std::future_status::timeout) {
        spdlog::critical("stopping takes too long: the broker ends as it is");
        spdlog::shutdown();
        std::_Exit(exit_stop_overdue);
    }
    stopped.get();
}

// A start runs through much code that is never needed again; its pages stay in the page cache, but need not count as
// ours (resident memory of an idle broker: 24 -> 14 MiB). Only code: nothing was ever written there.
void give_back_start_up_pages() {
    const auto give_back = [](dl_phdr_info* object, std::size_t, void*) {
        const auto page = static_cast<ElfW(Addr)>(sysconf(_SC_PAGESIZE));
        for (int i = 0; i < object->dlpi_phnum; ++i) {
            const ElfW(Phdr)& segment = object->dlpi_phdr[i];
            const bool code = (segment.p_flags & PF_X) != 0 && (segment.p_flags & PF_W) == 0;
            const ElfW(Addr) begin = (object->dlpi_addr + segment.p_vaddr + page - 1) / page * page;
            const ElfW(Addr) end = (object->dlpi_addr + segment.p_vaddr + segment.p_memsz) / page * page;
            if (segment.p_type == PT_LOAD && code && begin < end) {
                madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
            }
        }
        return 0;
    };
    dl_iterate_phdr(give_back, nullptr);
}

int run(const config::Start& start, int argc, char** argv) {
    umask(077); // log, data and what RocksDB makes are for this user only
    broker::set_up_log(start.settings.log);
    for (const std::string& warning : start.warnings) {
        spdlog::warn("{}", warning);
    }
    const sigset_t signals = awaited_signals();
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);

    spdlog::info("Leveret {} starting, data in {}", broker::own_version, start.settings.data_dir);
    broker::Broker broker(start.settings, [] {
        spdlog::shutdown();
        std::_Exit(exit_store_failed);
    });
    broker.show_settings(config::print_effective_config(start.assigned));
    broker.start();
    give_back_start_up_pages();
    spdlog::info("Server startup complete"); // test containers wait for these words
    const broker::ServiceManager manager;
    manager.ready();
    const int signal = wait_for_end(signals, argc, argv, start, manager, broker);
    manager.stopping();
    spdlog::info("{} received, stopping", signal == SIGINT ? "SIGINT" : "SIGTERM");
    stop_in_time(broker, std::chrono::milliseconds(start.settings.drain_timeout_ms));
    spdlog::info("stopped");
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    if (const auto code = broker::run_store_tool(argc, argv)) {
        return *code;
    }
    const auto parsed = config::parse_command_line(argc, argv);
    if (const auto* exit = std::get_if<config::Exit>(&parsed)) {
        std::fputs(exit->text.c_str(), exit->code == 0 ? stdout : stderr);
        return exit->code;
    }
    try {
        return run(std::get<config::Start>(parsed), argc, argv);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "leveret: %s\n", error.what());
        return exit_start_failed;
    }
}
