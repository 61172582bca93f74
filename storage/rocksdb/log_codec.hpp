// A value of the commit log: what one commit group changed among the messages that are in the log, in order.
//
//   log value = version:u8=1  base_time_ms:i64  change*  crc32c:u32
//   change    = kind:u8  queue:zigzag  sequence:zigzag  rest
//     kind 0  append       rest = entry           (entry_codec.hpp)
//     kind 1  settled      rest = count:varint    from sequence on; or moved to pages: no longer in the log
//     kind 2  redelivered  rest = delivery_count:varint
//     kind 3  delivered    no rest                everything up to sequence may have been delivered
//
// queue and sequence are differences to the change before; the first one's to 0, and to the first sequence of the epoch
// that the number of the value is of. The checksum covers the key, which is that number (u64), and everything before.
#pragma once

#include "protocol/error.hpp"
#include "storage/rocksdb/entry_codec.hpp"

#include <span>
#include <string_view>
#include <vector>

namespace storage {

// Rising by one from first_sequence(epoch); never used again.
using LogNumber = std::uint64_t;

enum class LogChangeKind : std::uint8_t { append = 0, settled = 1, redelivered = 2, delivered = 3 };

struct LogChange {
    LogChangeKind kind = LogChangeKind::append;
    QueueId queue = 0;
    Sequence sequence = 0;
    std::uint64_t count = 0; // settled, or failed deliveries
    EntryView entry = {};    // of an append
};

// Encodes without copying large bodies: what finish() returns holds until the next begin().
class LogEncoder {
 public:
    void begin(LogNumber number, std::int64_t base_time_ms);
    void append(QueueId queue, const StoredMessage& entry);
    void settled(QueueId queue, Sequence first, std::uint64_t count);
    void redelivered(QueueId queue, Sequence sequence, std::uint32_t delivery_count);
    void delivered(QueueId queue, Sequence up_to);
    bool empty() const { return empty_; } // since begin
    std::size_t size() const { return out_.size(); }
    std::span<const std::string_view> finish();

 private:
    void begin_change(LogChangeKind kind, QueueId queue, Sequence sequence);

    PieceWriter out_;
    LogNumber number_ = 0;
    std::int64_t base_time_ms_ = 0;
    bool empty_ = true;
    QueueId queue_ = 0;
    Sequence sequence_ = 0;
    const amqp::Message* before_ = nullptr;
};

amqp::Result<std::vector<LogChange>> decode_log_value(LogNumber number, std::string_view value);

// What a damaged value seems to say, for saying what is lost; nothing of it may be used.
std::vector<LogChange> guess_log_changes(LogNumber number, std::string_view value);

} // namespace storage
