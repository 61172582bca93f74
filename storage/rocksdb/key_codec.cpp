#include "storage/rocksdb/key_codec.hpp"

#include "storage/byte_codec.hpp"

namespace storage {

std::string encode_key(const PageKey& key) {
    std::string out;
    out.reserve(16);
    put_big_endian(out, key.queue);
    put_big_endian(out, key.first);
    return out;
}

std::string encode_key(std::uint64_t id) {
    std::string out;
    put_big_endian(out, id);
    return out;
}

std::string encode_key(ShardId shard, const RecordKey& key) {
    std::string out;
    out.reserve(5 + key.name.size());
    put_big_endian(out, shard);
    out.push_back(static_cast<char>(key.type));
    out.append(key.name);
    return out;
}

std::string encode_shard_row_key(ShardId shard) {
    std::string out = "s";
    put_big_endian(out, shard);
    return out;
}

std::optional<PageKey> decode_page_key(std::string_view key) {
    ByteReader in(key);
    PageKey result;
    result.queue = in.big_endian<QueueId>();
    result.first = in.big_endian<Sequence>();
    return in.at_end() ? std::optional(result) : std::nullopt;
}

std::optional<std::uint64_t> decode_id_key(std::string_view key) {
    ByteReader in(key);
    const auto id = in.big_endian<std::uint64_t>();
    return in.at_end() ? std::optional(id) : std::nullopt;
}

std::optional<ShardRecordKey> decode_record_key(std::string_view key) {
    ByteReader in(key);
    const auto shard = in.big_endian<ShardId>();
    const auto type = static_cast<RecordType>(in.u8());
    if (!in.ok())
        return std::nullopt;
    return ShardRecordKey{shard, {type, std::string(in.bytes(in.remaining()))}};
}

} // namespace storage
