#include "storage/rocksdb/entry_codec.hpp"

namespace storage {
namespace {

enum EntryFlags : std::uint8_t {
    redelivered = 1,
    expires = 2,
    delivery_count = 4,
    same_route = 8,
    deaths = 16,
    same_message = 32,
};
constexpr std::uint8_t known_flags = 31;

// Differences wrap around: what was written is what is read back, whatever the clock said.
std::int64_t difference(std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}
std::int64_t sum(std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

std::uint8_t flags_of(const StoredMessage& entry, const amqp::Message* before, Sharing sharing) {
    const auto& message = *entry.message;
    std::uint8_t flags = 0;
    if (entry.redelivered)
        flags |= redelivered;
    if (entry.expires_at_ms != StoredMessage::no_expiry)
        flags |= expires;
    if (entry.delivery_count != 0)
        flags |= delivery_count;
    if (sharing == Sharing::allowed && before == &message)
        return flags | same_message;
    if (message.deaths() != 0)
        flags |= deaths;
    if (before != nullptr && before->exchange() == message.exchange() && before->routing_key() == message.routing_key())
        flags |= same_route;
    return flags;
}

void read_text(ByteReader& in, std::uint8_t flags, const EntryView* before, EntryView& entry) {
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
}

} // namespace

std::size_t text_size(const amqp::Message& message) {
    return message.exchange().size() + message.routing_key().size() + message.properties().size() + message.body_size();
}

void put_entry(PieceWriter& out, std::int64_t base_time_ms, const StoredMessage& entry, const amqp::Message* before,
               Sharing sharing) {
    const auto& message = *entry.message;
    const std::uint8_t flags = flags_of(entry, before, sharing);
    std::string& text = out.text();
    text.push_back(static_cast<char>(flags));
    put_zigzag(text, difference(entry.published_at_ms, base_time_ms));
    if (flags & expires)
        put_zigzag(text, difference(entry.expires_at_ms, entry.published_at_ms));
    if (flags & delivery_count)
        put_varint(text, entry.delivery_count);
    if (flags & same_message)
        return;
    if (flags & deaths)
        put_varint(text, message.deaths());
    if (!(flags & same_route)) {
        put_string(text, message.exchange());
        put_string(text, message.routing_key());
    }
    put_varint(text, message.properties().size());
    out.put_text(message.properties());
    put_varint(text, message.body_size());
    out.put_text(message.body());
}

bool read_entry(ByteReader& in, std::int64_t base_time_ms, const EntryView* before, Sharing sharing, EntryView& entry) {
    const std::uint8_t flags = in.u8();
    entry.published_at_ms = sum(base_time_ms, in.zigzag());
    entry.redelivered = (flags & redelivered) != 0;
    if (flags & expires)
        entry.expires_at_ms = sum(entry.published_at_ms, in.zigzag());
    if (flags & delivery_count)
        entry.delivery_count = static_cast<std::uint32_t>(in.varint());
    entry.same_message = (flags & same_message) != 0;
    if (entry.same_message) {
        if (sharing == Sharing::no || before == nullptr || (flags & (deaths | same_route)) != 0)
            return false;
        entry.deaths = before->deaths;
        entry.exchange = before->exchange;
        entry.routing_key = before->routing_key;
        entry.properties = before->properties;
        entry.body = before->body;
    } else {
        read_text(in, flags, before, entry);
    }
    return in.ok() && flags <= (known_flags | same_message) && entry.exchange.size() <= amqp::ShortString::max_size &&
           entry.routing_key.size() <= amqp::ShortString::max_size;
}

amqp::MessagePtr message_of(const EntryView& entry) {
    amqp::MessageBuilder builder;
    if (!builder.begin(entry.exchange, entry.routing_key, entry.properties, entry.body.size()))
        return nullptr;
    builder.set_deaths(entry.deaths);
    builder.append(entry.body);
    return builder.finish();
}

} // namespace storage
