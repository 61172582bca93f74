#include "protocol/field_table.hpp"
#include "tests/unit/protocol/dies.hpp"
#include "tests/unit/protocol/octets.hpp"

#include <catch2/catch.hpp>

#include <limits>

using namespace amqp;

namespace {

std::string as_table(std::string_view value) {
    return octets("01 'k'") + std::string(value);
}

std::string length(std::size_t size) {
    std::string out;
    for (int shift = 24; shift >= 0; shift -= 8) {
        out += static_cast<char>(size >> shift);
    }
    return out;
}

// A table in a table (letter F) or arrays (letter A), `depth` levels in all.
std::string nested_tables(std::size_t depth) {
    std::string body;
    for (std::size_t level = 1; level < depth; ++level) {
        body = octets("01 'k' 'F'") + length(body.size()) + body;
    }
    return body;
}

std::string nested_arrays(std::size_t depth) {
    std::string body;
    for (std::size_t level = 1; level + 1 < depth; ++level) {
        body = 'A' + length(body.size()) + body;
    }
    return octets("01 'k' 'A'") + length(body.size()) + body;
}

struct Row {
    const char* name;
    std::string encoded; // a value with its letter
    FieldValue value;
};

const std::vector<Row>& values() {
    static const std::vector<Row> rows{
        {"true", octets("'t' 01"), true},
        {"false", octets("'t' 00"), false},
        {"byte", octets("'b' 80"), std::int8_t{-128}},
        {"unsigned byte", octets("'B' 80"), std::uint8_t{128}},
        {"short", octets("'s' 8000"), std::int16_t{-32768}},
        {"unsigned short", octets("'u' 8000"), std::uint16_t{32768}},
        {"int", octets("'I' 80000000"), std::numeric_limits<std::int32_t>::min()},
        {"unsigned int", octets("'i' 80000000"), std::uint32_t{0x80000000}},
        {"long", octets("'l' 8000000000000000"), std::numeric_limits<std::int64_t>::min()},
        {"float", octets("'f' 3fc00000"), 1.5F},
        {"double", octets("'d' 3ff8000000000000"), 1.5},
        {"decimal", octets("'D' 02 0000007b"), Decimal{2, 123}},
        {"long string", octets("'S' 00000002 'ab'"), "ab"},
        {"empty string", octets("'S' 00000000"), ""},
        {"byte array", octets("'x' 00000002 00ff"), ByteArray{std::string("\0\xff", 2)}},
        {"array", octets("'A' 00000009 't' 01 'S' 00000002 'ab'"), Array{true, "ab"}},
        {"empty array", octets("'A' 00000000"), Array{}},
        {"timestamp", octets("'T' 00000000ffffffff"), Timestamp{0xFFFFFFFF}},
        {"table", octets("'F' 00000004 01 'x' 't' 00"), FieldTable{{"x", false}}},
        {"empty table", octets("'F' 00000000"), FieldTable{}},
        {"void", octets("'V'"), Void{}},
    };
    return rows;
}

} // namespace

TEST_CASE("field table: every type has RabbitMQ's letter", "[protocol][table][T1]") {
    for (const Row& row : values()) {
        CAPTURE(row.name);
        const std::string encoded = as_table(row.encoded);
        const FieldTable table{{"k", row.value}};
        CHECK(hexadecimal(table.encode()) == hexadecimal(encoded));
        CHECK(is_well_formed({encoded}));
        CHECK(FieldTable::decode({encoded}).value() == table);
    }
}

TEST_CASE("field table: a value cut at any point is malformed", "[protocol][table]") {
    for (const Row& row : values()) {
        CAPTURE(row.name);
        const std::string encoded = as_table(row.encoded);
        for (std::size_t size = 1; size < encoded.size(); ++size) {
            CAPTURE(size);
            const EncodedTable cut{std::string_view(encoded).substr(0, size)};
            CHECK_FALSE(is_well_formed(cut));
            CHECK(FieldTable::decode(cut).error() == syntax_error("malformed field table"));
        }
    }
}

TEST_CASE("field table: what is read and not written as it came", "[protocol][table]") {
    const std::string unsigned_long = as_table(octets("'L' ffffffffffffffff"));
    CHECK(FieldTable::decode({unsigned_long}).value() == FieldTable{{"k", std::int64_t{-1}}});
    CHECK(FieldTable::decode({unsigned_long})->encode() == as_table(octets("'l' ffffffffffffffff")));

    const std::string odd_true = as_table(octets("'t' 02"));
    CHECK(FieldTable::decode({odd_true}).value() == FieldTable{{"k", true}});
}

TEST_CASE("field table: malformed tables are refused", "[protocol][table][F9]") {
    struct Malformed {
        const char* name;
        std::string encoded;
    };
    std::vector<Malformed> rows{
        {"key only", octets("01 'k'")},
        {"inner table longer than the outer", as_table(octets("'F' 00000005 01 'x' 't' 00"))},
        {"inner table with a rest", as_table(octets("'F' 00000005 01 'x' 't' 00 01"))},
        {"array of 4 GiB", as_table(octets("'A' ffffffff"))},
        {"array with a rest", as_table(octets("'A' 00000003 't' 01 's'"))},
        {"not a number", as_table(octets("'d' 7ff8000000000000"))},
        {"infinity", as_table(octets("'f' 7f800000"))},
    };
    const std::string letters = "tbBsuIilLfdDSxATFV";
    for (int letter = 0; letter < 256; ++letter) {
        if (letters.find(static_cast<char>(letter)) == std::string::npos) {
            rows.push_back({"unknown letter", as_table(static_cast<char>(letter) + std::string(8, '\0'))});
        }
    }
    for (const Malformed& row : rows) {
        CAPTURE(row.name, hexadecimal(row.encoded));
        CHECK_FALSE(is_well_formed({row.encoded}));
        CHECK(FieldTable::decode({row.encoded}).has_error());
    }
}

TEST_CASE("field table: tables and arrays nest 32 deep, not 33", "[protocol][table]") {
    CHECK(is_well_formed({nested_tables(max_table_depth)}));
    CHECK_FALSE(is_well_formed({nested_tables(max_table_depth + 1)}));
    CHECK(is_well_formed({nested_arrays(max_table_depth)}));
    CHECK_FALSE(is_well_formed({nested_arrays(max_table_depth + 1)}));
    CHECK_FALSE(is_well_formed({nested_arrays(10'000)}));
}

TEST_CASE("field table: depth counts what is open, not what there was", "[protocol][table]") {
    std::string encoded;
    for (std::size_t entry = 0; entry < 2 * max_table_depth; ++entry) {
        encoded += octets("01 'k' 'A' 00000000 01 'k' 'F' 00000000");
    }
    CHECK(is_well_formed({encoded}));
}

TEST_CASE("field table: a tree has 8192 elements, not 8193", "[protocol][table]") {
    const auto flat = [](std::size_t elements) {
        std::string encoded;
        for (std::size_t i = 0; i < elements; ++i) {
            encoded += octets("00 'V'");
        }
        return encoded;
    };
    CHECK(is_well_formed({flat(max_table_elements)}));
    CHECK_FALSE(is_well_formed({flat(max_table_elements + 1)}));

    const auto array = [](std::size_t elements) { // one entry and its elements
        return as_table('A' + length(elements) + std::string(elements, 'V'));
    };
    CHECK(is_well_formed({array(max_table_elements - 1)}));
    CHECK_FALSE(is_well_formed({array(max_table_elements)}));
}

TEST_CASE("field table: order and repeated names are kept, the first is found", "[protocol][table]") {
    const std::string encoded = octets("01 'b' 'B' 01  01 'a' 'B' 02  01 'b' 'B' 03");
    FieldTable table = FieldTable::decode({encoded}).value();
    CHECK(table.encode() == encoded);
    CHECK(*table.find("b") == FieldValue(std::uint8_t{1}));
    CHECK(table.find("c") == nullptr);

    SECTION("sorting is stable") {
        table.sort_by_key();
        CHECK(table.encode() == octets("01 'a' 'B' 02  01 'b' 'B' 01  01 'b' 'B' 03"));
    }
    SECTION("set replaces the first or appends") {
        table.set("b", true);
        table.set("c", false);
        CHECK(table.encode() == octets("01 'b' 't' 01  01 'a' 'B' 02  01 'b' 'B' 03  01 'c' 't' 00"));
    }
    SECTION("append adds one more") {
        table.append("a", Void{});
        CHECK(table.size() == 4);
        CHECK(*table.find("a") == FieldValue(std::uint8_t{2}));
    }
    SECTION("erase removes all of that name") {
        CHECK(table.erase("b"));
        CHECK_FALSE(table.erase("b"));
        CHECK(table.encode() == octets("01 'a' 'B' 02"));
    }
}

TEST_CASE("field table: a key has 255 octets, never 256", "[protocol][table]") {
    const FieldTable table{{std::string(255, 'k'), true}};
    CHECK(FieldTable::decode({table.encode()}).value() == table);
    CHECK(dies([] { static_cast<void>(FieldTable{{std::string(256, 'k'), true}}.encode()); }));
}
