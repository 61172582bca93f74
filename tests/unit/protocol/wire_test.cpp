#include "protocol/wire_reader.hpp"
#include "protocol/wire_writer.hpp"
#include "tests/unit/protocol/dies.hpp"
#include "tests/unit/protocol/octets.hpp"

#include <catch2/catch.hpp>

#include <limits>

using namespace amqp;

namespace {

template <class... Values>
std::string written(const Values&... values) {
    std::string out;
    {
        WireWriter writer(out);
        (writer.put(values), ...);
    }
    return hexadecimal(out);
}

} // namespace

TEST_CASE("wire: numbers are big-endian", "[protocol][wire]") {
    CHECK(written(std::uint8_t{0xA1}) == "a1");
    CHECK(written(std::uint16_t{0xA1B2}) == "a1 b2");
    CHECK(written(std::uint32_t{0xA1B2C3D4}) == "a1 b2 c3 d4");
    CHECK(written(std::uint64_t{0xA1B2C3D4E5F60718}) == "a1 b2 c3 d4 e5 f6 07 18");
    CHECK(written(std::int16_t{-2}) == "ff fe");
    CHECK(written(std::int64_t{-2}) == "ff ff ff ff ff ff ff fe");
    CHECK(written(1.5F) == "3f c0 00 00");
    CHECK(written(-2.0) == "c0 00 00 00 00 00 00 00");

    const std::string input = octets("a1 a1b2 a1b2c3d4 a1b2c3d4e5f60718 fffe 3fc00000 c000000000000000");
    WireReader reader(input);
    CHECK(reader.get<std::uint8_t>() == 0xA1);
    CHECK(reader.get<std::uint16_t>() == 0xA1B2);
    CHECK(reader.get<std::uint32_t>() == 0xA1B2C3D4);
    CHECK(reader.get<std::uint64_t>() == 0xA1B2C3D4E5F60718);
    CHECK(reader.get<std::int16_t>() == -2);
    CHECK(reader.get<float>() == 1.5F);
    CHECK(reader.get<double>() == -2.0);
    CHECK(reader.finished());
}

TEST_CASE("wire: consecutive bits share octets, lowest first", "[protocol][wire]") {
    const bool on = true;
    const bool off = false;
    CHECK(written(on) == "01");
    CHECK(written(off, on) == "02");
    CHECK(written(on, off, on, off, on, off, on, off) == "55");
    CHECK(written(off, off, off, off, off, off, off, on, on) == "80 01");
    CHECK(written(on, std::uint8_t{7}, off, on) == "01 07 02");
    CHECK(written(on, ShortString{""}, on) == "01 00 01");

    const std::string input = octets("80 01 07 02");
    WireReader reader(input);
    for (int bit = 0; bit < 7; ++bit) {
        CHECK_FALSE(reader.get<bool>());
    }
    CHECK(reader.get<bool>());
    CHECK(reader.get<bool>());
    CHECK(reader.get<std::uint8_t>() == 7);
    CHECK_FALSE(reader.get<bool>());
    CHECK(reader.get<bool>());
    CHECK(reader.finished());
}

TEST_CASE("wire: a reader never goes beyond its input", "[protocol][wire]") {
    struct Row {
        const char* name;
        std::string input;
        void (*read)(WireReader& reader);
    };
    const std::vector<Row> rows{
        {"octet of nothing", "", [](WireReader& reader) { reader.get<std::uint8_t>(); }},
        {"bit of nothing", "", [](WireReader& reader) { reader.get<bool>(); }},
        {"short of 1", octets("01"), [](WireReader& reader) { reader.get<std::uint16_t>(); }},
        {"long of 3", octets("010203"), [](WireReader& reader) { reader.get<std::uint32_t>(); }},
        {"long long of 7", octets("01020304050607"), [](WireReader& reader) { reader.get<std::uint64_t>(); }},
        {"short string without octets", octets("01"), [](WireReader& reader) { reader.get<ShortString>(); }},
        {"short string cut", octets("03 'ab'"), [](WireReader& reader) { reader.get<ShortString>(); }},
        {"long string cut", octets("00000003 'ab'"), [](WireReader& reader) { reader.get<LongString>(); }},
        {"long string of 4 GiB", octets("ffffffff 'ab'"), [](WireReader& reader) { reader.get<LongString>(); }},
        {"table cut", octets("00000001"), [](WireReader& reader) { reader.get<EncodedTable>(); }},
    };
    for (const Row& row : rows) {
        CAPTURE(row.name);
        WireReader reader(row.input);
        row.read(reader);
        CHECK(reader.failed());
        CHECK_FALSE(reader.finished());
    }
}

TEST_CASE("wire: failure is sticky and yields zeros", "[protocol][wire]") {
    const std::string input = octets("ff");
    WireReader reader(input);
    CHECK(reader.get<std::uint16_t>() == 0);
    CHECK(reader.get<std::uint8_t>() == 0);
    CHECK(reader.get<ShortString>().value.empty());
    CHECK(reader.at_end());
    CHECK(reader.failed());
}

TEST_CASE("wire: strings carry their length", "[protocol][wire]") {
    CHECK(written(ShortString{"abc"}) == "03 61 62 63");
    CHECK(written(LongString{"abc"}) == "00 00 00 03 61 62 63");
    CHECK(written(EncodedTable{}) == "00 00 00 00");
}

TEST_CASE("wire: a short string holds 255 octets, never 256", "[protocol][wire]") {
    const std::string fits(255, 'x');
    std::string out;
    {
        WireWriter writer(out);
        writer.put(ShortString{fits});
    }
    CHECK(out == '\xff' + fits);
    CHECK(dies([] {
        const std::string too_long(256, 'x');
        written(ShortString{too_long});
    }));
}

TEST_CASE("wire: a writer appends and leaves exactly what was put", "[protocol][wire]") {
    std::string out = "before";
    const std::string large(10'000, 'x');
    {
        WireWriter writer(out, 1);
        const std::size_t begin = writer.begin_length();
        writer.append(large);
        writer.end_length(begin);
    }
    CHECK(out == "before" + octets("00002710") + large);
    { WireWriter unused(out, 1'000); }
    CHECK(out.size() == 10'010);
}
