#include "storage/rocksdb/young_messages.hpp"

#include <algorithm>

namespace storage {

std::size_t YoungMessages::index_from(Sequence at_least) const {
    const auto begin = messages_.begin() + static_cast<std::ptrdiff_t>(begin_);
    if (begin == messages_.end() || begin->entry.sequence >= at_least)
        return begin_;
    const auto found = std::lower_bound(
        begin, messages_.end(), at_least,
        [](const YoungMessage& message, Sequence sequence) { return message.entry.sequence < sequence; });
    return static_cast<std::size_t>(found - messages_.begin());
}

void YoungMessages::push(StoredMessage entry, LogNumber log) {
    live_ += 1;
    body_bytes_ += entry.message->body_size();
    messages_.push_back({std::move(entry), log});
}

const YoungMessage* YoungMessages::find(Sequence sequence) const {
    const std::size_t index = index_from(sequence);
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
