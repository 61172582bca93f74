#include "broker/core/ready_list.hpp"

#include "protocol/assert.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace broker {

std::size_t ReadyList::level_of(const ReadyMessage& message) const {
    return std::min<std::size_t>(message.message->priority(), levels_.size() - 1);
}

void ReadyList::note_added(std::size_t level, const ReadyMessage& message) {
    occupied_[level / 64] |= std::uint64_t{1} << (level % 64);
    ++size_;
    body_bytes_ += message.message->body_size();
    footprint_ += message.message->footprint();
}

void ReadyList::push_back(ReadyMessage message) {
    const std::size_t level = level_of(message);
    note_added(level, message);
    levels_[level].fresh.push_back(std::move(message));
}

void ReadyList::put_back(ReadyMessage message) {
    const std::size_t level = level_of(message);
    note_added(level, message);
    auto& [returned, fresh] = levels_[level];
    const storage::Sequence sequence = message.sequence;
    if (!fresh.empty() && fresh.front().sequence < sequence) {
        // A page from disk may bring messages from between those in memory.
        const auto at = std::upper_bound(fresh.begin(), fresh.end(), sequence,
                                         [](storage::Sequence s, const ReadyMessage& m) { return s < m.sequence; });
        fresh.insert(at, std::move(message));
    } else {
        returned.emplace(sequence, std::move(message));
    }
}

std::size_t ReadyList::highest() const {
    for (std::size_t word = occupied_.size(); word-- > 0;) {
        if (occupied_[word] != 0) {
            return word * 64 + 63 - static_cast<std::size_t>(std::countl_zero(occupied_[word]));
        }
    }
    LEVERET_ASSERT(!"empty list");
    return 0;
}

const ReadyMessage& ReadyList::front() const {
    const Level& level = levels_[highest()];
    return level.returned.empty() ? level.fresh.front() : level.returned.begin()->second;
}

ReadyMessage ReadyList::pop_front() {
    const std::size_t index = highest();
    Level& level = levels_[index];
    ReadyMessage message;
    if (level.returned.empty()) {
        message = std::move(level.fresh.front());
        level.fresh.pop_front();
    } else {
        message = std::move(level.returned.begin()->second);
        level.returned.erase(level.returned.begin());
    }
    if (level.empty()) {
        occupied_[index / 64] &= ~(std::uint64_t{1} << (index % 64));
    }
    --size_;
    body_bytes_ -= message.message->body_size();
    footprint_ -= message.message->footprint();
    return message;
}

void ReadyList::clear() {
    const std::size_t levels = levels_.size();
    levels_.clear();
    levels_.resize(levels);
    occupied_.fill(0);
    size_ = 0;
    body_bytes_ = 0;
    footprint_ = 0;
}

} // namespace broker
