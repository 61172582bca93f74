// Pages, rows and values of the commit log under a checksum that is right: what damage or a crafted file could hold.
// The first octet says which of them the rest is.
#include "protocol/assert.hpp"
#include "storage/byte_codec.hpp"
#include "storage/crc32c.hpp"
#include "storage/rocksdb/log_codec.hpp"
#include "storage/rocksdb/page_codec.hpp"
#include "storage/rocksdb/row_codec.hpp"
#include "tests/fuzz/input.hpp"

#include <string>

using namespace storage;

namespace {

constexpr PageKey page_key{7, 100};
constexpr LogNumber log_number = first_sequence(3) + 5;
constexpr std::size_t acks_of_page = 19;

std::string with_checksum(std::string_view key, std::string_view octets) {
    std::string value(octets);
    put_little_endian(value, crc32c_extend(crc32c(key), octets));
    return value;
}

// An entry that reads well is a message, or its properties are what a publisher may not send either.
void check(const EntryView& entry) {
    const amqp::MessagePtr message = message_of(entry);
    if (message != nullptr) {
        LEVERET_ASSERT(message->body() == entry.body && message->routing_key() == entry.routing_key);
    }
}

void page(std::string_view octets) {
    const std::string value = with_checksum(encode_key(page_key), octets);
    const auto entries = decode_page(page_key, value);
    if (!entries) {
        return;
    }
    LEVERET_ASSERT(!entries->empty() && entries->size() <= max_page_messages);
    Sequence last = page_key.first;
    for (const EntryView& entry : *entries) {
        LEVERET_ASSERT(entry.sequence >= last);
        last = entry.sequence;
        check(entry);
    }
}

void log_value(std::string_view octets) {
    const std::string value = with_checksum(encode_key(log_number), octets);
    const auto changes = decode_log_value(log_number, value);
    if (!changes) {
        return;
    }
    for (const LogChange& change : *changes) {
        if (change.kind == LogChangeKind::append) {
            check(change.entry);
        }
    }
}

void queue_row(std::string_view octets) {
    const auto state = decode_queue_row(7, with_checksum(encode_key(7), octets));
    if (state) {
        LEVERET_ASSERT(decode_queue_row(7, encode_queue_row(*state)).has_value());
    }
}

void ack_row(std::string_view octets) {
    const auto acks = decode_ack_row(page_key, acks_of_page, with_checksum(encode_key(page_key), octets));
    if (!acks) {
        return;
    }
    const auto again = decode_ack_row(page_key, acks_of_page, encode_ack_row(page_key, acks_of_page, *acks));
    LEVERET_ASSERT(again.has_value() && again->redelivered == acks->redelivered);
    for (std::size_t i = 0; i < acks_of_page; ++i) {
        LEVERET_ASSERT(again->is_settled(i) == acks->is_settled(i));
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, size);
    constexpr decltype(&page) readers[] = {page, log_value, queue_row, ack_row};
    readers[input.octet() % std::size(readers)](input.rest());
    static_cast<void>(decode_page_key(input.rest()));
    static_cast<void>(decode_page(page_key, input.rest()));
    return 0;
}
