#include "storage/rocksdb/row_codec.hpp"

#include "storage/byte_codec.hpp"
#include "storage/crc32c.hpp"

namespace storage {
namespace {

constexpr std::uint8_t queue_row_version = 1;
constexpr std::uint8_t ack_row_version = 1;
constexpr std::size_t checksum_size = 4;

void put_checksum(const std::string& key, std::string& out) {
    put_little_endian(out, crc32c_extend(crc32c(key), out));
}

// The row without its checksum; empty when that is wrong.
std::string_view checked(const std::string& key, std::string_view value) {
    if (value.size() < checksum_size)
        return {};
    ByteReader checksum(value.substr(value.size() - checksum_size));
    value.remove_suffix(checksum_size);
    return crc32c_extend(crc32c(key), value) == checksum.little_endian<std::uint32_t>() ? value : std::string_view{};
}

} // namespace

std::string encode_queue_row(const QueueState& state) {
    std::string out{static_cast<char>(queue_row_version)};
    put_little_endian(out, state.head);
    put_little_endian(out, state.last);
    put_little_endian(out, state.messages);
    put_little_endian(out, state.body_bytes);
    put_little_endian(out, state.delivered_up_to);
    put_checksum(encode_key(state.queue), out);
    return out;
}

amqp::Result<QueueState> decode_queue_row(QueueId queue, std::string_view value) {
    ByteReader in(checked(encode_key(queue), value));
    if (in.remaining() == 0)
        return amqp::internal_error("queue row has a wrong checksum");
    if (const auto version = in.u8(); version != queue_row_version)
        return amqp::internal_error("queue row has version " + std::to_string(version));
    QueueState state{.queue = queue};
    state.head = in.little_endian<Sequence>();
    state.last = in.little_endian<Sequence>();
    state.messages = in.little_endian<std::uint64_t>();
    state.body_bytes = in.little_endian<std::uint64_t>();
    state.delivered_up_to = in.little_endian<Sequence>();
    if (!in.at_end())
        return amqp::internal_error("queue row is damaged");
    return state;
}

std::string encode_ack_row(const PageKey& key, std::size_t count, const PageAcks& acks) {
    std::string out{static_cast<char>(ack_row_version)};
    put_little_endian(out, static_cast<std::uint16_t>(count));
    const std::size_t bitmap = out.size();
    out.append((count + 7) / 8, '\0');
    for (std::size_t i = 0; i < acks.settled.size(); ++i)
        if (acks.settled[i])
            out[bitmap + i / 8] = static_cast<char>(out[bitmap + i / 8] | (1 << (i % 8)));
    put_varint(out, acks.redelivered.size());
    for (const auto& [index, delivery_count] : acks.redelivered) {
        put_varint(out, index);
        put_varint(out, delivery_count);
    }
    put_checksum(encode_key(key), out);
    return out;
}

amqp::Result<PageAcks> decode_ack_row(const PageKey& key, std::size_t count, std::string_view value) {
    ByteReader in(checked(encode_key(key), value));
    if (in.remaining() == 0)
        return amqp::internal_error("ack row has a wrong checksum");
    if (const auto version = in.u8(); version != ack_row_version)
        return amqp::internal_error("ack row has version " + std::to_string(version));
    if (in.little_endian<std::uint16_t>() != count)
        return amqp::internal_error("ack row does not fit its page");
    PageAcks acks;
    const auto bitmap = in.bytes((count + 7) / 8);
    if (bitmap.find_first_not_of('\0') != std::string_view::npos) {
        acks.settled.resize(count);
        for (std::size_t i = 0; i < count; ++i)
            acks.settled[i] = ((bitmap[i / 8] >> (i % 8)) & 1) != 0;
    }
    for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
        const std::uint64_t index = in.varint();
        const std::uint64_t delivery_count = in.varint();
        if (index >= count)
            in.fail();
        acks.redelivered[static_cast<std::uint32_t>(index)] = static_cast<std::uint32_t>(delivery_count);
    }
    if (!in.at_end())
        return amqp::internal_error("ack row is damaged");
    return acks;
}

} // namespace storage
