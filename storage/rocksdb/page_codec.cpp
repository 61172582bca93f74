#include "storage/rocksdb/page_codec.hpp"

#include "protocol/assert.hpp"
#include "storage/byte_codec.hpp"
#include "storage/crc32c.hpp"

#include <limits>

namespace storage {
namespace {

constexpr std::uint8_t page_version = 1;
constexpr std::size_t header_size = 12;
constexpr std::size_t checksum_size = 4;
constexpr std::size_t max_entry_overhead = 10 + 1 + 10 + 10 + 5 + 3 + 2 + 2 + 10 + 10; // every field at its longest
constexpr std::size_t copy_below = 512; // shorter texts are cheaper to copy than to be a piece of their own

enum EntryFlags : std::uint8_t {
    redelivered = 1,
    expires = 2,
    delivery_count = 4,
    same_route = 8,
    deaths = 16,
    known_flags = 31,
};

std::size_t text_size(const StoredMessage& entry) {
    const auto& message = *entry.message;
    return message.exchange().size() + message.routing_key().size() + message.properties().size() + message.body_size();
}

// Differences wrap around: what was written is what is read back, whatever the clock said.
std::int64_t difference(std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}
std::int64_t sum(std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

} // namespace

std::size_t next_page_size(std::span<const StoredMessage* const> entries) {
    std::size_t count = 0;
    std::size_t bytes = 0;
    for (const StoredMessage* entry : entries) {
        bytes += text_size(*entry);
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
    std::size_t most = header_size + checksum_size;
    for (const StoredMessage* entry : entries) {
        const std::size_t text = text_size(*entry);
        most += max_entry_overhead + (text < max_page_bytes ? text : 1024 + entry->message->properties().size());
    }
    text_.clear();
    text_.reserve(most); // the pieces point into it
    pieces_.clear();
    piece_start_ = 0;

    const std::int64_t base_time_ms = entries.front()->published_at_ms;
    text_.push_back(static_cast<char>(page_version));
    text_.push_back(0);
    put_little_endian(text_, static_cast<std::uint16_t>(entries.size()));
    put_little_endian(text_, base_time_ms);
    const StoredMessage* before = nullptr;
    for (const StoredMessage* entry : entries) {
        append_entry(key.first, base_time_ms, *entry, before);
        before = entry;
    }
    end_piece();

    std::uint32_t checksum = crc32c(encode_key(key));
    for (const std::string_view piece : pieces_)
        checksum = crc32c_extend(checksum, piece);
    put_little_endian(text_, checksum);
    end_piece();
    LEVERET_ASSERT(text_.size() <= most);
    return pieces_;
}

void PageEncoder::append_entry(Sequence first, std::int64_t base_time_ms, const StoredMessage& entry,
                               const StoredMessage* before) {
    const auto& message = *entry.message;
    std::uint8_t flags = 0;
    if (entry.redelivered)
        flags |= redelivered;
    if (entry.expires_at_ms != StoredMessage::no_expiry)
        flags |= expires;
    if (entry.delivery_count != 0)
        flags |= delivery_count;
    if (message.deaths() != 0)
        flags |= deaths;
    if (before != nullptr && before->message->exchange() == message.exchange() &&
        before->message->routing_key() == message.routing_key())
        flags |= same_route;

    put_varint(text_, entry.sequence - first);
    text_.push_back(static_cast<char>(flags));
    put_zigzag(text_, difference(entry.published_at_ms, base_time_ms));
    if (flags & expires)
        put_zigzag(text_, difference(entry.expires_at_ms, entry.published_at_ms));
    if (flags & delivery_count)
        put_varint(text_, entry.delivery_count);
    if (flags & deaths)
        put_varint(text_, message.deaths());
    if (!(flags & same_route)) {
        put_string(text_, message.exchange());
        put_string(text_, message.routing_key());
    }
    put_string(text_, message.properties());
    put_varint(text_, message.body_size());
    append_text(message.body());
}

void PageEncoder::append_text(std::string_view text) {
    if (text.size() < copy_below) {
        text_.append(text);
        return;
    }
    end_piece();
    pieces_.push_back(text);
}

void PageEncoder::end_piece() {
    if (text_.size() > piece_start_)
        pieces_.push_back(std::string_view(text_).substr(piece_start_));
    piece_start_ = text_.size();
}

amqp::Result<std::vector<PageEntry>> decode_page(const PageKey& key, std::string_view value) {
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

    std::vector<PageEntry> entries(count);
    const PageEntry* before = nullptr;
    for (PageEntry& entry : entries) {
        const std::uint64_t offset = in.varint();
        const std::uint8_t flags = in.u8();
        entry.sequence = key.first + offset;
        entry.published_at_ms = sum(base_time_ms, in.zigzag());
        entry.redelivered = (flags & redelivered) != 0;
        if (flags & expires)
            entry.expires_at_ms = sum(entry.published_at_ms, in.zigzag());
        if (flags & delivery_count)
            entry.delivery_count = static_cast<std::uint32_t>(in.varint());
        if (flags & deaths)
            entry.deaths = static_cast<std::uint16_t>(in.varint());
        if (!(flags & same_route)) {
            entry.exchange = in.string();
            entry.routing_key = in.string();
        } else if (before != nullptr) {
            entry.exchange = before->exchange;
            entry.routing_key = before->routing_key;
        }
        entry.properties = in.string();
        entry.body = in.string();
        const bool rising = before == nullptr ? offset == 0 : entry.sequence > before->sequence;
        if (!in.ok() || !rising || offset > std::numeric_limits<std::uint32_t>::max() || flags > known_flags ||
            entry.exchange.size() > amqp::ShortString::max_size ||
            entry.routing_key.size() > amqp::ShortString::max_size)
            return amqp::internal_error("page is damaged");
        before = &entry;
    }
    if (!in.at_end())
        return amqp::internal_error("page is damaged");
    return entries;
}

} // namespace storage
