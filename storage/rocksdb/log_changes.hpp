// What a change of the commit log does to what the log has of its queue; for the start and for the tools.
#pragma once

#include "storage/rocksdb/young_messages.hpp"

namespace storage {

struct YoungQueue {
    YoungMessages& young;
    Sequence& last;            // no message is above it
    Sequence& delivered_up_to; // messages up to here may have been delivered
};

// In the order of the changes. `message` is the one of the append before, in the same value. False when a message
// cannot be read, or comes in the wrong order.
bool apply_change(const LogChange& change, LogNumber number, amqp::MessagePtr& message, YoungQueue queue);

} // namespace storage
