// Keys, all big-endian so that they sort as their numbers do:
//   page, ack row   queue:u64  first sequence:u64
//   queue row       queue:u64
//   log value       number:u64
//   record          shard:u32  type:u8  name:octet*
//   shard row       "s"  shard:u32               (the other rows of the node column family have names, see node_rows)
#pragma once

#include "storage/store.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace storage {

struct PageKey {
    QueueId queue = 0;
    Sequence first = 0;
    auto operator<=>(const PageKey&) const = default;
};

std::string encode_key(const PageKey& key);
std::string encode_key(std::uint64_t id); // of a queue, or the number of a log value
std::string encode_key(ShardId shard, const RecordKey& key);
std::string encode_shard_row_key(ShardId shard);

std::optional<PageKey> decode_page_key(std::string_view key);
std::optional<std::uint64_t> decode_id_key(std::string_view key);

struct ShardRecordKey {
    ShardId shard;
    RecordKey key;
};
std::optional<ShardRecordKey> decode_record_key(std::string_view key);

namespace node_rows {
inline constexpr std::string_view format = "format"; // u32: version of the whole layout
inline constexpr std::string_view epoch = "epoch";   // u64: of the latest open
inline constexpr std::string_view clean = "clean";   // u64: the epoch that was closed cleanly; absent while open
inline constexpr std::string_view unclean = "unclean"; // u64: latest epoch that was not; it may have delivered all
} // namespace node_rows

} // namespace storage
