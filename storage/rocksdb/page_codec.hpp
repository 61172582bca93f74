// A page: the messages that one commit group brought for one queue, in order, as one value. Written once, never
// changed.
//
//   page  = version:u8=1  0:u8  count:u16  base_time_ms:i64  entry*count  crc32c:u32
//   entry = offset:varint                     sequence - first sequence of the page, rising
//           flags:u8                          1 redelivered, 2 expires, 4 delivery count, 8 route as in the entry
//           before,
//                                             16 deaths
//           time:zigzag                       published_at_ms - base_time_ms
//           [expires:zigzag]                  expires_at_ms - published_at_ms
//           [delivery_count:varint]
//           [deaths:varint]                   Message::deaths
//           [exchange:string routing_key:string]
//           properties:string  body:string
//
// The checksum covers the key and everything before it, so that a value under a wrong key is found out as well.
#pragma once

#include "protocol/error.hpp"
#include "storage/rocksdb/key_codec.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace storage {

inline constexpr std::size_t max_page_messages = 1024;
inline constexpr std::size_t max_page_bytes = 256 * 1024; // of message text; a larger message is a page of its own

// One message of a page, as views into the value.
struct PageEntry {
    Sequence sequence = 0;
    std::int64_t published_at_ms = 0;
    std::int64_t expires_at_ms = StoredMessage::no_expiry;
    std::uint32_t delivery_count = 0;
    std::uint16_t deaths = 0;
    bool redelivered = false;
    std::string_view exchange, routing_key, properties, body;
};

// How many of `entries`, from the first on, make the next page.
std::size_t next_page_size(std::span<const StoredMessage* const> entries);

// Encodes pages without copying large bodies. The pieces that encode() returns point into the messages and into this
// object: they hold until the next call.
class PageEncoder {
 public:
    std::span<const std::string_view> encode(const PageKey& key, std::span<const StoredMessage* const> entries);

 private:
    void append_entry(Sequence first, std::int64_t base_time_ms, const StoredMessage& entry,
                      const StoredMessage* before);
    void append_text(std::string_view text);
    void end_piece();

    std::string text_;
    std::size_t piece_start_ = 0;
    std::vector<std::string_view> pieces_;
};

amqp::Result<std::vector<PageEntry>> decode_page(const PageKey& key, std::string_view value);

} // namespace storage
