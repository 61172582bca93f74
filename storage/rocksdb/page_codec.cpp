#include "storage/rocksdb/page_codec.hpp"

#include "protocol/assert.hpp"
#include "storage/crc32c.hpp"

#include <limits>

namespace storage {
namespace {

constexpr std::uint8_t page_version = 1;
constexpr std::size_t header_size = 12;
constexpr std::size_t checksum_size = 4;

} // namespace

std::size_t next_page_size(std::span<const StoredMessage* const> entries) {
    std::size_t count = 0;
    std::size_t bytes = 0;
    for (const StoredMessage* entry : entries) {
        bytes += text_size(*entry->message);
        const bool fits = count < max_page_messages && bytes <= max_page_bytes &&
                          entry->sequence - entries.front()->sequence <= std::numeric_limits<std::uint32_t>::max();
        if (count > 0 && !fits)
            break;
        ++count;
    }
    return count;
}

std::span<const std::string_view> PageEncoder::encode(const PageKey& key,
                                                      std::span<const StoredMessage* const> entries) {
    LEVERET_ASSERT(!entries.empty() && entries.size() <= max_page_messages);
    const std::int64_t base_time_ms = entries.front()->published_at_ms;
    out_.clear();
    out_.text().push_back(static_cast<char>(page_version));
    out_.text().push_back(0);
    put_little_endian(out_.text(), static_cast<std::uint16_t>(entries.size()));
    put_little_endian(out_.text(), base_time_ms);
    const amqp::Message* before = nullptr;
    for (const StoredMessage* entry : entries) {
        put_varint(out_.text(), entry->sequence - key.first);
        put_entry(out_, base_time_ms, *entry, before, Sharing::no);
        before = entry->message.get();
    }
    return out_.finish(encode_key(key));
}

amqp::Result<std::vector<EntryView>> decode_page(const PageKey& key, std::string_view value) {
    if (value.size() < header_size + checksum_size)
        return amqp::internal_error("page is cut short");
    ByteReader checksum(value.substr(value.size() - checksum_size));
    value.remove_suffix(checksum_size);
    if (crc32c_extend(crc32c(encode_key(key)), value) != checksum.little_endian<std::uint32_t>())
        return amqp::internal_error("page has a wrong checksum");

    ByteReader in(value);
    if (const auto version = in.u8(); version != page_version)
        return amqp::internal_error("page has version " + std::to_string(version));
    in.u8();
    const auto count = in.little_endian<std::uint16_t>();
    const auto base_time_ms = in.little_endian<std::int64_t>();
    if (count == 0 || count > max_page_messages)
        return amqp::internal_error("page is damaged");

    std::vector<EntryView> entries(count);
    const EntryView* before = nullptr;
    for (EntryView& entry : entries) {
        const std::uint64_t offset = in.varint();
        entry.sequence = key.first + offset;
        const bool rising = before == nullptr ? offset == 0 : entry.sequence > before->sequence;
        if (!read_entry(in, base_time_ms, before, Sharing::no, entry) || !rising ||
            offset > std::numeric_limits<std::uint32_t>::max())
            return amqp::internal_error("page is damaged");
        before = &entry;
    }
    if (!in.at_end())
        return amqp::internal_error("page is damaged");
    return entries;
}

} // namespace storage
