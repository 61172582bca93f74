#include "broker/core/delayed_messages.hpp"

#include "protocol/assert.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace broker {

DelayedMessages::DelayedMessages(storage::QueueId queue, storage::Sequence first_sequence, MemoryBudget& memory)
    : queue_(queue),
      memory_(memory),
      next_sequence_(first_sequence) {}

DelayedMessages::~DelayedMessages() {
    for (const auto& [sequence, message] : messages_) {
        memory_.give_back(weight(*message));
    }
}

std::uint64_t DelayedMessages::weight(const amqp::Message& message) {
    constexpr std::uint64_t places = 48; // in the heap and in the table
    return message.footprint() + places;
}

void DelayedMessages::push(Entry entry) {
    waiting_.push_back(entry);
    std::push_heap(waiting_.begin(), waiting_.end(), std::greater<>());
}

DelayedMessages::Entry DelayedMessages::pop() {
    std::pop_heap(waiting_.begin(), waiting_.end(), std::greater<>());
    const Entry entry = waiting_.back();
    waiting_.pop_back();
    return entry;
}

storage::Sequence DelayedMessages::add_stored(std::int64_t due_ms) {
    push({due_ms, next_sequence_});
    return next_sequence_++;
}

bool DelayedMessages::add_in_memory(std::int64_t due_ms, const amqp::MessagePtr& message) {
    if (!memory_.take(weight(*message))) {
        return false;
    }
    messages_.emplace(next_in_memory_, message);
    push({due_ms, next_in_memory_++});
    return true;
}

// --- after a restart
// --------------------------------------------------------------------------------------------------

void DelayedMessages::recover(const storage::QueueState& state) {
    scan_from_ = state.head;
    scan_up_to_ = state.messages > 0 ? state.last : 0;
    next_sequence_ = std::max(next_sequence_, state.last + 1);
}

std::optional<storage::Sequence> DelayedMessages::scan_from() const {
    return scan_up_to_ != 0 ? std::optional(scan_from_) : std::nullopt;
}

void DelayedMessages::on_scanned(const storage::Store::Page& page) {
    for (const storage::StoredMessage& stored : page.messages) {
        if (stored.sequence <= scan_up_to_) { // else: of this life, and known
            push({stored.expires_at_ms, stored.sequence});
        }
    }
    if (page.end || !page.ok || page.messages.empty() || page.messages.back().sequence >= scan_up_to_) {
        scan_up_to_ = 0;
    } else {
        scan_from_ = page.messages.back().sequence + 1;
    }
}

// --- administration
// -----------------------------------------------------------------------------------------------------

std::vector<DelayedMessages::Waiting> DelayedMessages::waiting() const {
    std::vector<Waiting> all;
    all.reserve(waiting_.size());
    for (const Entry& entry : waiting_) {
        all.push_back({entry.due_ms, entry.sequence});
    }
    return all;
}

amqp::MessagePtr DelayedMessages::find_in_memory(storage::Sequence id) const {
    const auto found = messages_.find(id);
    return found != messages_.end() ? found->second : nullptr;
}

std::deque<DelayedMessages::Entry>::iterator DelayedMessages::find(storage::Sequence id) {
    return std::find_if(waiting_.begin(), waiting_.end(), [&](const Entry& entry) { return entry.sequence == id; });
}

bool DelayedMessages::cancel(storage::Sequence id) {
    const auto found = find(id);
    if (found == waiting_.end()) {
        return false;
    }
    if (const auto message = messages_.find(id); message != messages_.end()) {
        memory_.give_back(weight(*message->second));
        messages_.erase(message);
    }
    *found = waiting_.back();
    waiting_.pop_back();
    restore_heap();
    return true;
}

bool DelayedMessages::hasten(storage::Sequence id, std::int64_t now_ms) {
    const auto found = find(id);
    if (found == waiting_.end()) {
        return false;
    }
    found->due_ms = std::min(found->due_ms, now_ms);
    restore_heap();
    return true;
}

void DelayedMessages::restore_heap() {
    std::make_heap(waiting_.begin(), waiting_.end(), std::greater<>());
}

// --- what is due
// ------------------------------------------------------------------------------------------------------

std::optional<std::int64_t> DelayedMessages::next_due() const {
    return waiting_.empty() || !batch_.empty() ? std::nullopt : std::optional(waiting_.front().due_ms);
}

bool DelayedMessages::begin(std::int64_t now_ms) {
    const auto next = next_due();
    if (!next || *next > now_ms) {
        return false;
    }
    while (!waiting_.empty() && waiting_.front().due_ms <= now_ms && batch_.size() < batch_messages) {
        Item item{pop(), nullptr};
        if (const auto found = messages_.find(item.entry.sequence); found != messages_.end()) {
            item.message = std::move(found->second);
            messages_.erase(found);
            memory_.give_back(weight(*item.message));
        } else {
            unread_.push_back(batch_.size());
        }
        batch_.push_back(std::move(item));
    }
    std::sort(unread_.begin(), unread_.end(),
              [this](std::size_t a, std::size_t b) { return batch_[a].entry.sequence < batch_[b].entry.sequence; });
    return true;
}

std::size_t DelayedMessages::end_of_run() const {
    const auto place = [this](std::size_t i) { return batch_[unread_[i]].entry.sequence; };
    std::size_t end = next_unread_ + 1;
    while (end < unread_.size() && place(end) - place(end - 1) <= max_gap) {
        ++end;
    }
    return end;
}

std::optional<DelayedMessages::Read> DelayedMessages::next_read() const {
    if (next_unread_ == unread_.size() || bytes_read_ > batch_bytes) {
        return std::nullopt;
    }
    const storage::Sequence from = batch_[unread_[next_unread_]].entry.sequence;
    const storage::Sequence last = batch_[unread_[end_of_run() - 1]].entry.sequence;
    return Read{from, static_cast<std::size_t>(last - from + 1)};
}

void DelayedMessages::on_page(storage::Store::Page page) {
    const std::size_t end = end_of_run();
    for (storage::StoredMessage& stored : page.messages) {
        while (next_unread_ < end && batch_[unread_[next_unread_]].entry.sequence < stored.sequence) {
            ++next_unread_; // is not there
        }
        if (next_unread_ < end && batch_[unread_[next_unread_]].entry.sequence == stored.sequence) {
            bytes_read_ += stored.message->body_size();
            batch_[unread_[next_unread_++]].message = std::move(stored.message);
        }
    }
    if (page.end || !page.ok || page.messages.empty()) {
        next_unread_ = end;
    }
}

std::vector<DelayedMessages::Due> DelayedMessages::finish() {
    for (std::size_t i = next_unread_; i < unread_.size(); ++i) {
        push(batch_[unread_[i]].entry); // the batch is large enough without it
    }
    std::vector<Due> result;
    for (Item& item : batch_) {
        if (item.message != nullptr) {
            result.push_back(
                {(item.entry.sequence & in_memory) != 0 ? 0 : item.entry.sequence, std::move(item.message)});
        }
    }
    batch_.clear();
    unread_.clear();
    next_unread_ = 0;
    bytes_read_ = 0;
    return result;
}

} // namespace broker
