// What a channel has published and nobody has confirmed yet: times by tag, modulo the size of the rings. Owned by a
// Producer; never allocates after it was made.
#pragma once

#include "bench/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

namespace bench {

class ConfirmWindow {
 public:
    explicit ConfirmWindow(std::size_t window)
        : window_(window),
          sent_at_(std::bit_ceil(4 * window)),
          confirmed_(sent_at_.size()) {}

    // How many more may be published: at most the window unconfirmed, and none that laps the oldest.
    std::uint64_t room() const {
        return std::min<std::uint64_t>(window_ - unconfirmed_, sent_at_.size() - (next_ - lowest_));
    }
    void sent(std::uint64_t time) {
        sent_at_[place(next_)] = time;
        confirmed_[place(next_++)] = false;
        ++unconfirmed_;
    }
    // How many this confirms; their latencies are recorded.
    std::uint64_t settle(std::uint64_t tag, bool multiple, std::uint64_t now, Histogram& latency) {
        const std::uint64_t before = unconfirmed_;
        for (std::uint64_t one = multiple ? lowest_ : std::max(tag, lowest_); one <= tag && one < next_; ++one) {
            if (!confirmed_[place(one)]) {
                confirmed_[place(one)] = true;
                --unconfirmed_;
                latency.record(now > sent_at_[place(one)] ? now - sent_at_[place(one)] : 0);
            }
        }
        while (lowest_ < next_ && confirmed_[place(lowest_)]) {
            ++lowest_;
        }
        return before - unconfirmed_;
    }
    std::uint64_t unconfirmed() const { return unconfirmed_; }
    std::uint64_t oldest() const { return sent_at_[place(lowest_)]; } // when it was sent, if any is unconfirmed

 private:
    std::size_t place(std::uint64_t tag) const { return static_cast<std::size_t>(tag) & (sent_at_.size() - 1); }

    std::size_t window_;
    std::uint64_t next_ = 1;   // tag
    std::uint64_t lowest_ = 1; // unconfirmed
    std::uint64_t unconfirmed_ = 0;
    std::vector<std::uint64_t> sent_at_;
    std::vector<bool> confirmed_;
};

} // namespace bench
