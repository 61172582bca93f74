// A page: the messages that one commit group brought for one queue, in order, as one value. Written once, never
// changed.
//
//   page = version:u8=1  0:u8  count:u16  base_time_ms:i64  (offset:varint entry)*count  crc32c:u32
//
// offset is sequence - first sequence of the page, rising from 0; entries are entry_codec.hpp's, none with flag 32.
// The checksum covers the key and everything before it, so that a value under a wrong key is found out as well.
#pragma once

#include "protocol/error.hpp"
#include "storage/rocksdb/entry_codec.hpp"
#include "storage/rocksdb/key_codec.hpp"

#include <span>
#include <string_view>
#include <vector>

namespace storage {

inline constexpr std::size_t max_page_messages = 1024;
inline constexpr std::size_t max_page_bytes = 256 * 1024; // of message text; a larger message is a page of its own

// How many of `entries`, from the first on, make the next page.
std::size_t next_page_size(std::span<const StoredMessage* const> entries);

// The pieces that encode() returns hold until the next call.
class PageEncoder {
 public:
    std::span<const std::string_view> encode(const PageKey& key, std::span<const StoredMessage* const> entries);

 private:
    PieceWriter out_;
};

amqp::Result<std::vector<EntryView>> decode_page(const PageKey& key, std::string_view value);

} // namespace storage
