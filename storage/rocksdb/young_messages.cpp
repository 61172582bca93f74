#include "storage/rocksdb/young_messages.hpp"

#include <algorithm>

namespace storage {

// What is asked for is mostly at the front, where messages are settled, or at the back, where the group being built
// adds them: from there on in growing steps. Of a long queue that leaves the middle alone, which no cache has.
std::size_t YoungMessages::index_from(Sequence at_least) const {
    const auto before = [this, at_least](std::size_t index) { return messages_[index].entry.sequence < at_least; };
    if (begin_ == messages_.size() || !before(begin_))
        return begin_;
    std::size_t end = messages_.size(); // nothing from here on is before it
    std::size_t step = 1;
    while (step < end - begin_ && !before(end - step)) {
        end -= step;
        step *= 2;
    }
    const auto first = messages_.begin() + static_cast<std::ptrdiff_t>(step < end - begin_ ? end - step : begin_);
    const auto found = std::lower_bound(
        first, messages_.begin() + static_cast<std::ptrdiff_t>(end), at_least,
        [](const YoungMessage& message, Sequence sequence) { return message.entry.sequence < sequence; });
    return static_cast<std::size_t>(found - messages_.begin());
}

void YoungMessages::push(StoredMessage entry, LogNumber log, std::uint32_t batch) {
    live_ += 1;
    body_bytes_ += entry.message->body_size();
    messages_.push_back({std::move(entry), log, batch});
}

const YoungMessage* YoungMessages::find(Sequence sequence) const {
    // The group being built asks for what it has just added. Of a queue that got one message nothing else is touched.
    const bool newest = !messages_.empty() && messages_.back().entry.sequence == sequence;
    const std::size_t index = newest ? messages_.size() - 1 : index_from(sequence);
    if (index == messages_.size() || messages_[index].entry.sequence != sequence || messages_[index].gone())
        return nullptr;
    return &messages_[index];
}

void YoungMessages::clear() {
    messages_.clear();
    begin_ = 0;
    live_ = 0;
    body_bytes_ = 0;
}

void YoungMessages::forget(YoungMessage& message) {
    live_ -= 1;
    body_bytes_ -= message.entry.message->body_size();
    message.entry.message.reset();
}

void YoungMessages::drop_gone() {
    while (begin_ < messages_.size() && messages_[begin_].gone())
        ++begin_;
    if (begin_ == messages_.size()) {
        clear();
    } else if (begin_ > 64 && begin_ > messages_.size() / 2) { // seldom enough to cost nothing per message
        messages_.erase(messages_.begin(), messages_.begin() + static_cast<std::ptrdiff_t>(begin_));
        begin_ = 0;
    }
}

} // namespace storage
