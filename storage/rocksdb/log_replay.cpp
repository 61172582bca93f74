// GroupBuilder: the commit log read back at start.
#include "storage/rocksdb/group_builder.hpp"
#include "storage/rocksdb/log_changes.hpp"

#include <stdexcept>

namespace storage {
namespace {

[[noreturn]] void fail(LogNumber number, const std::string& what) {
    throw std::runtime_error("the store is damaged: value " + std::to_string(number) +
                             " of the commit log: " + what);
}

} // namespace

void GroupBuilder::replay_log() {
    const auto at = database_.iterate(Family::log);
    for (at->SeekToFirst(); at->Valid(); at->Next()) {
        const auto number = decode_id_key(::storage::view(at->key()));
        if (!number)
            throw std::runtime_error("the store is damaged: a value of the commit log has no proper key");
        const auto changes = decode_log_value(*number, ::storage::view(at->value()));
        if (!changes)
            fail(*number, changes.error().text);
        log_.recovered(*number, at->value().size());
        replay(*number, *changes);
    }
    if (!at->status().ok())
        throw std::runtime_error("the commit log cannot be read: " + at->status().ToString());
    for (auto each = queues_.begin(); each != queues_.end();) {
        const Queue& queue = each->second;
        queue.young.for_each_from(0, [&](const YoungMessage& message) {
            log_.recovered_message(message.log, each->first);
            return true;
        });
        each = queue.young.empty() && queue.paged.empty() ? queues_.erase(each) : std::next(each);
    }
}

void GroupBuilder::replay(LogNumber number, const std::vector<LogChange>& changes) {
    amqp::MessagePtr message;
    for (const LogChange& change : changes) {
        Queue& queue = queues_.try_emplace(change.queue, QueueState{.queue = change.queue}, false).first->second;
        if (!apply_change(change, number, message, {queue.young, queue.last, queue.paged.state.delivered_up_to}))
            fail(number, "a message cannot be read");
    }
}

std::vector<QueueState> GroupBuilder::states() const {
    std::vector<QueueState> result;
    for (const auto& [id, queue] : queues_) {
        QueueState state = queue.paged.state;
        if (queue.paged.empty())
            state.head = queue.young.first();
        state.last = queue.last;
        state.messages += queue.young.size();
        state.body_bytes += queue.young.body_bytes();
        result.push_back(state);
    }
    return result;
}

} // namespace storage
