// Numbers of queues in the store: never given twice, and they say whose they are. Pure functions.
//
//   epoch of the store, 20 bits | shard of the virtual host, 16 | 1: does not survive a restart | rising number, 27
#pragma once

#include "storage/store.hpp"

#include <cstdint>

namespace broker {

constexpr storage::QueueId passing_queue = 1u << 27;

constexpr storage::QueueId make_queue_id(std::uint64_t epoch, storage::ShardId shard, std::uint64_t number,
                                         bool survives) {
    return (epoch << 44) | (std::uint64_t{shard} << 28) | (survives ? 0 : passing_queue) | number;
}

constexpr bool is_of_passing_queue(storage::QueueId id, storage::ShardId shard) {
    return (id & passing_queue) != 0 && ((id >> 28) & 0xffff) == shard;
}

} // namespace broker
