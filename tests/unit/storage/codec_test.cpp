// What stands on disk: pages, rows and keys survive the way there and back, and no damage goes unnoticed.
#include "storage/byte_codec.hpp"
#include "storage/crc32c.hpp"
#include "storage/rocksdb/library_crc32c.hpp"
#include "storage/rocksdb/page_codec.hpp"
#include "storage/rocksdb/row_codec.hpp"
#include "tests/unit/storage/store_under_test.hpp"

#include <catch2/catch.hpp>
#include <dlfcn.h>

#include <limits>

namespace storage::test {
namespace {

std::string encode(const PageKey& key, const std::vector<StoredMessage>& messages) {
    std::vector<const StoredMessage*> entries;
    for (const auto& each : messages)
        entries.push_back(&each);
    std::string value;
    PageEncoder encoder;
    for (const auto piece : encoder.encode(key, entries))
        value.append(piece);
    return value;
}

template <class Decode>
void check_every_damage_is_found(const std::string& value, const Decode& decode) {
    REQUIRE(decode(value));
    for (std::size_t size = 0; size < value.size(); ++size) {
        CAPTURE(size);
        CHECK_FALSE(decode(value.substr(0, size)));
    }
    for (std::size_t bit = 0; bit < value.size() * 8; ++bit) {
        std::string flipped = value;
        flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
        CAPTURE(bit);
        CHECK_FALSE(decode(flipped));
    }
    CHECK_FALSE(decode(value + '\0'));
}

std::vector<StoredMessage> three_messages() {
    std::vector<StoredMessage> messages{message(100, "first"), message(101, ""), message(1000, std::string(600, 'x'))};
    messages[0].expires_at_ms = std::numeric_limits<std::int64_t>::max();
    messages[0].redelivered = true;
    messages[1].published_at_ms = std::numeric_limits<std::int64_t>::min();
    messages[1].expires_at_ms = 0;
    messages[1].delivery_count = std::numeric_limits<std::uint32_t>::max();
    messages[2].message =
        amqp::Message::make(std::string(255, 'e'), std::string(255, 'r'), std::string(2, '\0'), "body");
    return messages;
}

TEST_CASE("page: messages come back as they were", "[storage][codec]") {
    const PageKey key{7, 100};
    const auto messages = three_messages();
    const std::string value = encode(key, messages);
    const auto entries = decode_page(key, value);
    REQUIRE(entries.has_value());
    REQUIRE(entries->size() == 3);
    for (std::size_t i = 0; i < 3; ++i) {
        const EntryView& entry = (*entries)[i];
        CHECK(entry.sequence == messages[i].sequence);
        CHECK(entry.published_at_ms == messages[i].published_at_ms);
        CHECK(entry.expires_at_ms == messages[i].expires_at_ms);
        CHECK(entry.delivery_count == messages[i].delivery_count);
        CHECK(entry.redelivered == messages[i].redelivered);
        CHECK(entry.exchange == messages[i].message->exchange());
        CHECK(entry.routing_key == messages[i].message->routing_key());
        CHECK(entry.properties == messages[i].message->properties());
        CHECK(entry.body == messages[i].message->body());
    }
}

TEST_CASE("page: damage anywhere is found, and so is a value under another key", "[storage][codec]") {
    const PageKey key{7, 100};
    const std::string value = encode(key, three_messages());
    check_every_damage_is_found(value, [&](const std::string& bytes) { return decode_page(key, bytes).has_value(); });
    CHECK_FALSE(decode_page({8, 100}, value).has_value());
    CHECK_FALSE(decode_page({7, 101}, value).has_value());
}

TEST_CASE("page: a value with a proper checksum is still not trusted", "[storage][codec]") {
    const PageKey key{7, 100};
    std::string header("\x01\x00\x01\x00", 4);
    header.append(8, '\0');
    struct Row {
        const char* name;
        std::string value;
    };
    const std::string other_version = std::string("\x02\x00\x01\x00", 4) + std::string(8, '\0');
    const std::string no_messages = std::string("\x01\x00\x00\x00", 4) + std::string(8, '\0');
    const std::string too_many = std::string("\x01\x00\x01\x04", 4) + std::string(8, '\0');
    const Row rows[] = {
        {"unknown version", other_version + std::string(7, '\0')},
        {"no messages", no_messages},
        {"more messages than a page holds", too_many + std::string(7 * 1025, '\0')},
        {"first message not the key's", header + std::string("\x01\x00\x00\x00\x00\x00\x00", 7)},
        {"unknown flag", header + std::string("\x00\x20\x00\x00\x00\x00\x00", 7)},
        {"body longer than the page", header + std::string("\x00\x00\x00\x00\x00\x00\x7f", 7)},
        {"octets behind the last message", header + std::string("\x00\x00\x00\x00\x00\x00\x00\x00", 8)},
    };
    const auto with_checksum = [&](std::string value) {
        put_little_endian(value, crc32c_extend(crc32c(encode_key(key)), value));
        return value;
    };
    for (const Row& row : rows) {
        CAPTURE(row.name);
        CHECK_FALSE(decode_page(key, with_checksum(row.value)).has_value());
    }
    CHECK(decode_page(key, with_checksum(header + std::string(7, '\0'))).has_value());
}

TEST_CASE("page: ends at 1024 messages or 256 KiB; a larger message is a page of its own", "[storage][codec]") {
    const auto size_of_page = [](std::size_t count, std::size_t body, std::size_t first_body) {
        std::vector<StoredMessage> messages;
        std::vector<const StoredMessage*> entries;
        for (Sequence sequence = 1; sequence <= count; ++sequence)
            messages.push_back(message(sequence, std::string(sequence == 1 ? first_body : body, 'x')));
        for (const auto& each : messages)
            entries.push_back(&each);
        return next_page_size(entries);
    };
    CHECK(size_of_page(1, 0, 0) == 1);
    CHECK(size_of_page(2000, 10, 10) == 1024);
    CHECK(size_of_page(2000, 1024, 1024) == 250); // with exchange, key and properties
    CHECK(size_of_page(3, 10, 1'000'000) == 1);
    CHECK(size_of_page(3, 1'000'000, 10) == 1);
}

TEST_CASE("queue row: survives, and no damage goes unnoticed", "[storage][codec]") {
    const QueueState state{7, 100, 2000, 12, 345, 150};
    const std::string row = encode_queue_row(state);
    const auto decoded = decode_queue_row(7, row);
    REQUIRE(decoded.has_value());
    CHECK(encode_queue_row(*decoded) == row);
    CHECK(decoded->head == 100);
    CHECK(decoded->last == 2000);
    CHECK(decoded->messages == 12);
    CHECK(decoded->body_bytes == 345);
    CHECK(decoded->delivered_up_to == 150);
    check_every_damage_is_found(row, [](const std::string& bytes) { return decode_queue_row(7, bytes).has_value(); });
    CHECK_FALSE(decode_queue_row(8, row).has_value());
}

TEST_CASE("ack row: survives, and no damage goes unnoticed", "[storage][codec]") {
    const PageKey key{7, 100};
    PageAcks acks;
    acks.settled.resize(19);
    acks.settled[0] = acks.settled[8] = acks.settled[18] = true;
    acks.redelivered = {{1, 0}, {17, 4'000'000'000}};
    const std::string row = encode_ack_row(key, 19, acks);
    const auto decoded = decode_ack_row(key, 19, row);
    REQUIRE(decoded.has_value());
    CHECK(decoded->settled == acks.settled);
    CHECK(decoded->redelivered == acks.redelivered);
    check_every_damage_is_found(row,
                                [&](const std::string& bytes) { return decode_ack_row(key, 19, bytes).has_value(); });
    CHECK_FALSE(decode_ack_row(key, 20, row).has_value());

    const auto only_redelivered = decode_ack_row(key, 3, encode_ack_row(key, 3, {{}, {{2, 1}}}));
    REQUIRE(only_redelivered.has_value());
    CHECK(only_redelivered->settled.empty());
    CHECK_FALSE(decode_ack_row(key, 2, encode_ack_row(key, 2, {{}, {{2, 1}}})).has_value());
}

TEST_CASE("keys: sort as their numbers do and come back", "[storage][codec]") {
    const PageKey keys[] = {{0, 0},  {0, 255}, {0, 256}, {1, 0}, {1, first_sequence(1)}, {1, first_sequence(2)},
                            {256, 1}};
    for (std::size_t i = 0; i < std::size(keys); ++i) {
        CHECK(decode_page_key(encode_key(keys[i])) == keys[i]);
        if (i > 0)
            CHECK(encode_key(keys[i - 1]) < encode_key(keys[i]));
    }
    CHECK_FALSE(decode_page_key(std::string(15, 'x')));
    CHECK_FALSE(decode_page_key(std::string(17, 'x')));
    const RecordKey record{RecordType::binding, std::string("a\0b", 3)};
    const auto decoded = decode_record_key(encode_key(ShardId{300}, record));
    REQUIRE(decoded);
    CHECK(decoded->shard == 300);
    CHECK(decoded->key == record);
    CHECK_FALSE(decode_record_key("abcd"));
}

TEST_CASE("crc32c: known vectors, by table and by instruction", "[storage][codec]") {
    std::string rising;
    for (int i = 0; i < 32; ++i)
        rising.push_back(static_cast<char>(i));
    for (const auto extend : {crc32c_extend, crc32c_extend_portable}) { // the vectors of RFC 3720, B.4
        CHECK(extend(0, "") == 0);
        CHECK(extend(0, std::string(32, '\0')) == 0x8a9136aa);
        CHECK(extend(0, std::string(32, '\xff')) == 0x62a8ab43);
        CHECK(extend(0, rising) == 0x46dd794e);
        CHECK(extend(0, "123456789") == 0xe3069283);
        CHECK(extend(extend(0, "12345"), "6789") == 0xe3069283);
    }
}

TEST_CASE("crc32c: RocksDB computes it with the processor's instruction", "[storage][codec]") {
    CHECK(library_crc32c_is_right());
    const void* const first = dlsym(RTLD_DEFAULT, "_ZN7rocksdb6crc32c6ExtendEjPKcm"); // what its calls find
    Dl_info found{};
    Dl_info ours{};
    REQUIRE(dladdr(first, &found) != 0);
    REQUIRE(dladdr(reinterpret_cast<const void*>(&crc32c_extend), &ours) != 0);
    CHECK(found.dli_fbase == ours.dli_fbase); // in the executable, not in the library
}

TEST_CASE("varint: every length survives", "[storage][codec]") {
    for (unsigned shift = 0; shift < 64; ++shift)
        for (const std::uint64_t value :
             {std::uint64_t{1} << shift, (std::uint64_t{1} << shift) - 1, ~std::uint64_t{0} >> shift}) {
            std::string bytes;
            put_varint(bytes, value);
            put_zigzag(bytes, static_cast<std::int64_t>(value));
            ByteReader in(bytes);
            CHECK(in.varint() == value);
            CHECK(in.zigzag() == static_cast<std::int64_t>(value));
            CHECK(in.at_end());
        }
    ByteReader eleven(std::string_view("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", 11));
    CHECK(eleven.varint() == 0);
    CHECK_FALSE(eleven.ok());
    ByteReader too_large(std::string_view("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10));
    too_large.varint();
    CHECK_FALSE(too_large.ok());
}

} // namespace
} // namespace storage::test
