// One message as it stands in a page and in the commit log:
//
//   entry = flags:u8                1 redelivered, 2 expires, 4 delivery count,
//                                   8 exchange and key as in the entry before, 16 deaths,
//                                   32 the message is the one of the entry before (in the commit log only)
//           time:zigzag             published_at_ms - base_time_ms
//           [expires:zigzag]        expires_at_ms - published_at_ms
//           [delivery_count:varint]
//           and without flag 32:
//           [deaths:varint]         Message::deaths
//           [exchange:string routing_key:string]
//           properties:string  body:string
#pragma once

#include "storage/byte_codec.hpp"
#include "storage/rocksdb/piece_writer.hpp"
#include "storage/store.hpp"

namespace storage {

// As views into the value.
struct EntryView {
    Sequence sequence = 0;
    std::int64_t published_at_ms = 0;
    std::int64_t expires_at_ms = StoredMessage::no_expiry;
    std::uint32_t delivery_count = 0;
    std::uint16_t deaths = 0;
    bool redelivered = false;
    bool same_message = false; // as the entry before; the texts are that one's
    std::string_view exchange, routing_key, properties, body;
};

enum class Sharing : std::uint8_t { no, allowed }; // of a message by an entry and the one before it

std::size_t text_size(const amqp::Message& message);

// `before` is the message of the entry before; null for the first.
void put_entry(PieceWriter& out, std::int64_t base_time_ms, const StoredMessage& entry, const amqp::Message* before,
               Sharing sharing);

// All but the sequence. False when it is damaged.
bool read_entry(ByteReader& in, std::int64_t base_time_ms, const EntryView* before, Sharing sharing, EntryView& entry);

// The message that a view stands for; null when its properties are malformed.
amqp::MessagePtr message_of(const EntryView& entry);

} // namespace storage
