#include "broker/core/expiry_index.hpp"

#include <algorithm>
#include <utility>

namespace broker {
namespace {

constexpr std::size_t worth_sweeping = 1024;

bool is_later(const ExpiryIndex::Entry& a, const ExpiryIndex::Entry& b) {
    return std::pair(a.at_ms, a.sequence) > std::pair(b.at_ms, b.sequence);
}

} // namespace

void ExpiryIndex::add(const ReadyMessage& message) {
    heap_.push_back({message.expires_at_ms, message.sequence, message.message->priority()});
    std::push_heap(heap_.begin(), heap_.end(), is_later);
}

ExpiryIndex::Entry ExpiryIndex::pop() {
    std::pop_heap(heap_.begin(), heap_.end(), is_later);
    const Entry entry = heap_.back();
    heap_.pop_back();
    return entry;
}

void ExpiryIndex::sweep(const ReadyList& list) {
    if (heap_.size() < worth_sweeping + list.size() || heap_.size() < 2 * list.expiring()) {
        return;
    }
    heap_.clear();
    list.for_each([&](const ReadyMessage& message) {
        if (message.expires_at_ms != storage::StoredMessage::no_expiry) {
            heap_.push_back({message.expires_at_ms, message.sequence, message.message->priority()});
        }
    });
    std::make_heap(heap_.begin(), heap_.end(), is_later);
    if (heap_.capacity() > 4 * heap_.size() + worth_sweeping) {
        heap_.shrink_to_fit();
    }
}

} // namespace broker
