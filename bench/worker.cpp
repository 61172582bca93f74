#include "bench/worker.hpp"

#include "bench/clock.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace bench {
namespace {

constexpr std::uint64_t longest_wait_ns = 50'000'000; // to notice stop()

} // namespace

Worker::Worker() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {}

Worker::~Worker() {
    stop();
    ::close(epoll_);
}

void Worker::add(std::unique_ptr<Link> link) {
    entries_.push_back({std::move(link)});
}

void Worker::begin() {
    const std::uint64_t now = now_ns();
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        entries_[i].link->begin(now);
        epoll_event event{};
        event.events = EPOLLIN | EPOLLOUT | EPOLLET;
        event.data.u64 = i;
        epoll_ctl(epoll_, EPOLL_CTL_ADD, entries_[i].link->connection().descriptor(), &event);
    }
}

bool Worker::turn() {
    const std::uint64_t now = now_ns();
    std::uint64_t next = now + longest_wait_ns;
    for (Entry& entry : entries_) {
        if (entry.due <= now) {
            work(entry, now);
        }
        next = std::min(next, entry.due);
    }
    if (finished_ == entries_.size()) {
        return false;
    }
    wait(next, now);
    return true;
}

void Worker::work(Entry& entry, std::uint64_t now) {
    entry.due = entry.link->work(now);
    const bool finished = entry.link->finished();
    finished_ += finished && !entry.finished ? 1 : 0;
    entry.finished = entry.finished || finished;
}

void Worker::wait(std::uint64_t until, std::uint64_t now) {
    const std::uint64_t left = until > now ? until - now : 0;
    const timespec timeout{static_cast<time_t>(left / 1'000'000'000), static_cast<long>(left % 1'000'000'000)};
    std::array<epoll_event, 256> events;
    const int count = epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &timeout, nullptr);
    for (int i = 0; i < count; ++i) {
        const epoll_event& event = events[static_cast<std::size_t>(i)];
        Entry& entry = entries_[static_cast<std::size_t>(event.data.u64)];
        entry.due = 0;
        if ((event.events & ~static_cast<unsigned>(EPOLLOUT)) != 0) {
            entry.link->note_readable();
        }
        if ((event.events & EPOLLOUT) != 0) {
            entry.link->note_writable();
        }
    }
}

} // namespace bench
