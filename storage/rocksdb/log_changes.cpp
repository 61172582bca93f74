#include "storage/rocksdb/log_changes.hpp"

#include "storage/sequence_range.hpp"

#include <algorithm>

namespace storage {

bool apply_change(const LogChange& change, LogNumber number, amqp::MessagePtr& message, YoungQueue queue) {
    switch (change.kind) {
    case LogChangeKind::append: {
        const EntryView& entry = change.entry;
        if (!entry.same_message)
            message = message_of(entry);
        if (message == nullptr || (!queue.young.empty() && entry.sequence <= queue.young.last()))
            return false;
        queue.last = std::max(queue.last, entry.sequence);
        queue.young.push({entry.sequence, entry.published_at_ms, entry.expires_at_ms, entry.delivery_count,
                          entry.redelivered, message},
                         number);
        return true;
    }
    case LogChangeKind::settled:
        queue.young.take(change.sequence, end_of_range(change.sequence, change.count), [](const YoungMessage&) {});
        return true;
    case LogChangeKind::redelivered:
        if (YoungMessage* young = queue.young.find(change.sequence)) {
            young->entry.redelivered = true;
            young->entry.delivery_count = static_cast<std::uint32_t>(change.count);
        }
        return true;
    case LogChangeKind::delivered:
        queue.delivered_up_to = std::max(queue.delivered_up_to, change.sequence);
        return true;
    }
    return false;
}

} // namespace storage
