// The two small rows beside the pages. Both end with the crc32c of their key and of what is before it.
//
//   queue row = version:u8=1  head:u64  last:u64  messages:u64  body_bytes:u64  delivered_up_to:u64  crc32c:u32
//               There for every queue that has messages, in the write batch of the pages that it describes.
//   ack row   = version:u8=1  count:u16  settled:octet*ceil(count/8)
//               redelivered:varint  (index:varint delivery_count:varint)*redelivered  crc32c:u32
//               There for a page of which some messages, not all, are settled, or some were redelivered. Bit i, counted
//               from the lowest bit of the first octet, is message i of the page.
#pragma once

#include "protocol/error.hpp"
#include "storage/rocksdb/key_codec.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace storage {

struct PageAcks {
    std::vector<bool> settled;                          // empty when none is
    std::map<std::uint32_t, std::uint32_t> redelivered; // index in the page -> failed deliveries

    bool is_settled(std::size_t index) const { return !settled.empty() && settled[index]; }
};

std::string encode_queue_row(const QueueState& state);
amqp::Result<QueueState> decode_queue_row(QueueId queue, std::string_view value);

// `count` is the number of messages of the page.
std::string encode_ack_row(const PageKey& key, std::size_t count, const PageAcks& acks);
amqp::Result<PageAcks> decode_ack_row(const PageKey& key, std::size_t count, std::string_view value);

} // namespace storage
