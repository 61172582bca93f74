// How much all connections together may still read from their sockets before memory is looked at again. However fast
// they are, and however late the look comes: between two of them memory grows by a share of what was left. Owned by the
// Broker; the ResourceMonitor grants, network threads use it up, once per read. Who finds it used up waits for the next
// look, which is asked for when half is used.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <utility>

namespace broker {

class ReadAllowance {
 public:
    static constexpr std::uint64_t unlimited = std::numeric_limits<std::int64_t>::max();

    // `on_half_used` is called on the thread that reads, once for each grant.
    explicit ReadAllowance(std::function<void()> on_half_used) : on_half_used_(std::move(on_half_used)) {}

    bool used_up() const { return left_.load(std::memory_order_relaxed) <= 0; }

    void use(std::size_t octets) {
        const auto used = static_cast<std::int64_t>(octets);
        const std::int64_t before = left_.fetch_sub(used, std::memory_order_acquire);
        const std::int64_t half = half_.load(std::memory_order_relaxed);
        if (before > half && before - used <= half) [[unlikely]] {
            on_half_used_();
        }
    }

    // What is left of an earlier one is forfeited.
    void grant(std::uint64_t octets) {
        half_.store(static_cast<std::int64_t>(octets / 2), std::memory_order_relaxed);
        left_.store(static_cast<std::int64_t>(octets), std::memory_order_release); // who sees it sees its half
    }

 private:
    const std::function<void()> on_half_used_;
    std::atomic<std::int64_t> left_{unlimited};
    std::atomic<std::int64_t> half_{unlimited / 2};
};

} // namespace broker
