#include "broker/core/ready_list.hpp"

#include "protocol/assert.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace broker {
namespace {

bool comes_before(const ReadyMessage& message, storage::Sequence sequence) {
    return message.sequence < sequence;
}

} // namespace

std::size_t ReadyList::level_of(std::uint8_t priority) const {
    return std::min<std::size_t>(priority, levels_.size() - 1);
}

void ReadyList::note_added(std::size_t level, const ReadyMessage& message) {
    occupied_[level / 64] |= std::uint64_t{1} << (level % 64);
    ++size_;
    body_bytes_ += message.message->body_size();
    footprint_ += message.message->footprint();
    expiring_ += message.expires_at_ms != storage::StoredMessage::no_expiry ? 1 : 0;
}

void ReadyList::note_removed(std::size_t level, const ReadyMessage& message) {
    if (levels_[level].empty()) {
        occupied_[level / 64] &= ~(std::uint64_t{1} << (level % 64));
    }
    --size_;
    body_bytes_ -= message.message->body_size();
    footprint_ -= message.message->footprint();
    expiring_ -= message.expires_at_ms != storage::StoredMessage::no_expiry ? 1 : 0;
}

void ReadyList::push_back(ReadyMessage message) {
    const std::size_t level = level_of(message.message->priority());
    note_added(level, message);
    levels_[level].fresh.push_back(std::move(message));
}

void ReadyList::put_back(ReadyMessage message) {
    const std::size_t level = level_of(message.message->priority());
    note_added(level, message);
    auto& [returned, fresh, holes] = levels_[level];
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
    if (levels_.size() == 1) { // most queues have no priorities
        return 0;
    }
    for (std::size_t word = occupied_.size(); word-- > 0;) {
        if (occupied_[word] != 0) {
            return word * 64 + 63 - static_cast<std::size_t>(std::countl_zero(occupied_[word]));
        }
    }
    LEVERET_UNREACHABLE("empty list");
    return 0;
}

const ReadyMessage& ReadyList::front() const {
    const Level& level = levels_[highest()];
    return level.returned.empty() ? level.fresh.front() : level.returned.begin()->second;
}

std::size_t ReadyList::lowest() const {
    for (std::size_t word = 0; word < occupied_.size(); ++word) {
        if (occupied_[word] != 0) {
            return word * 64 + static_cast<std::size_t>(std::countr_zero(occupied_[word]));
        }
    }
    LEVERET_UNREACHABLE("empty list");
    return 0;
}

ReadyMessage ReadyList::pop_front() {
    return pop(highest());
}

ReadyMessage ReadyList::pop_lowest() {
    return pop(lowest());
}

ReadyMessage ReadyList::pop(std::size_t index) {
    Level& level = levels_[index];
    ReadyMessage message;
    if (level.returned.empty()) {
        message = std::move(level.fresh.front());
        level.fresh.pop_front();
        if (level.holes > 0) {
            drop_holes(level);
        }
    } else {
        message = std::move(level.returned.begin()->second);
        level.returned.erase(level.returned.begin());
    }
    note_removed(index, message);
    return message;
}

bool ReadyList::contains(storage::Sequence sequence, std::uint8_t priority) const {
    const Level& level = levels_[level_of(priority)];
    const auto found = std::lower_bound(level.fresh.begin(), level.fresh.end(), sequence, comes_before);
    return level.returned.contains(sequence) ||
           (found != level.fresh.end() && found->sequence == sequence && found->message != nullptr);
}

std::optional<ReadyMessage> ReadyList::take(storage::Sequence sequence, std::uint8_t priority) {
    const std::size_t index = level_of(priority);
    Level& level = levels_[index];
    if (auto returned = level.returned.extract(sequence)) {
        note_removed(index, returned.mapped());
        return std::move(returned.mapped());
    }
    const auto found = std::lower_bound(level.fresh.begin(), level.fresh.end(), sequence, comes_before);
    if (found == level.fresh.end() || found->sequence != sequence || found->message == nullptr) {
        return std::nullopt;
    }
    ReadyMessage message = *found;
    found->message.reset();
    ++level.holes;
    drop_holes(level);
    note_removed(index, message);
    return message;
}

// Those in front at once; all of them when they are more than the messages between them.
void ReadyList::drop_holes(Level& level) {
    constexpr std::size_t worth_sweeping = 64;
    while (!level.fresh.empty() && level.fresh.front().message == nullptr) {
        level.fresh.pop_front();
        --level.holes;
    }
    if (level.holes > worth_sweeping && level.holes > level.fresh.size() / 2) {
        const auto is_hole = [](const ReadyMessage& message) { return message.message == nullptr; };
        level.fresh.erase(std::remove_if(level.fresh.begin(), level.fresh.end(), is_hole), level.fresh.end());
        level.holes = 0;
    }
}

void ReadyList::expire_by(std::int64_t latest_ms) {
    const auto shorten = [&](ReadyMessage& message) {
        const bool expires = message.expires_at_ms != storage::StoredMessage::no_expiry;
        message.expires_at_ms = expires ? std::min(message.expires_at_ms, latest_ms) : latest_ms;
    };
    for (Level& level : levels_) {
        for (auto& [sequence, message] : level.returned) {
            shorten(message);
        }
        std::for_each(level.fresh.begin(), level.fresh.end(), shorten);
    }
    expiring_ = size_;
}

void ReadyList::set_max_priority(unsigned max_priority) {
    std::vector<ReadyMessage> messages;
    messages.reserve(size_);
    for_each([&](const ReadyMessage& message) { messages.push_back(message); });
    std::ranges::sort(messages, {}, &ReadyMessage::sequence);
    *this = ReadyList(max_priority);
    for (ReadyMessage& message : messages) {
        push_back(std::move(message));
    }
}

} // namespace broker
