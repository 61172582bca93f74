#include "bench/worker.hpp"

#include "bench/clock.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <exception>

namespace bench {
namespace {

constexpr std::uint64_t longest_wait_ns = 50'000'000; // to notice stop()

} // namespace

Worker::Worker() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {}

Worker::~Worker() {
    stop();
    ::close(epoll_);
}

void Worker::add(std::unique_ptr<Agent> agent) {
    agents_.push_back(std::move(agent));
}

void Worker::start() {
    for (const auto& agent : agents_) {
        agent->connection().begin();
        epoll_event event{};
        event.events = EPOLLIN | EPOLLOUT | EPOLLET;
        event.data.ptr = agent.get();
        epoll_ctl(epoll_, EPOLL_CTL_ADD, agent->connection().descriptor(), &event);
    }
    thread_ = std::thread([this] { run(); });
}

void Worker::stop() {
    stopping_ = true;
    if (thread_.joinable()) {
        thread_.join();
    }
}

void Worker::run() {
    try {
        while (!stopping_.load(std::memory_order_relaxed)) {
            turn();
        }
    } catch (const std::exception& error) {
        error_ = error.what();
    }
    ended_.store(true, std::memory_order_release);
}

void Worker::turn() {
    const std::uint64_t now = now_ns();
    std::uint64_t next = now + longest_wait_ns;
    bool all_finished = true;
    for (const auto& agent : agents_) {
        next = std::min(next, agent->work(now));
        all_finished = all_finished && agent->finished();
    }
    if (all_finished) {
        stopping_ = true;
    } else {
        wait(next, now);
    }
}

void Worker::wait(std::uint64_t until, std::uint64_t now) {
    const std::uint64_t left = until > now ? until - now : 0;
    const timespec timeout{static_cast<time_t>(left / 1'000'000'000), static_cast<long>(left % 1'000'000'000)};
    std::array<epoll_event, 256> events;
    const int count = epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &timeout, nullptr);
    for (int i = 0; i < count; ++i) {
        auto& agent = *static_cast<Agent*>(events[static_cast<std::size_t>(i)].data.ptr);
        if ((events[static_cast<std::size_t>(i)].events & ~static_cast<unsigned>(EPOLLOUT)) != 0) {
            agent.note_readable();
        }
        if ((events[static_cast<std::size_t>(i)].events & EPOLLOUT) != 0) {
            agent.note_writable();
        }
    }
}

} // namespace bench
