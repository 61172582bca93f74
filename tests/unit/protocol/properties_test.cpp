#include "protocol/properties.hpp"
#include "tests/unit/protocol/dies.hpp"
#include "tests/unit/protocol/octets.hpp"

#include <catch2/catch.hpp>

using namespace amqp;

namespace {

struct Row {
    const char* name;
    std::string encoded;
    BasicProperties properties;
};

template <class Set>
BasicProperties with(Set set) {
    BasicProperties properties;
    set(properties);
    return properties;
}

const std::vector<Row>& single_properties() {
    using P = BasicProperties;
    static const std::vector<Row> rows{
        {"none", octets("0000"), {}},
        {"content-type", octets("8000 01 'a'"), with([](P& p) { p.content_type = "a"; })},
        {"content-encoding", octets("4000 01 'b'"), with([](P& p) { p.content_encoding = "b"; })},
        {"headers", octets("2000 00000004 01 'k' 't' 01"), with([](P& p) {
             p.headers = FieldTable{{"k", true}};
         })},
        {"delivery-mode", octets("1000 02"), with([](P& p) { p.delivery_mode = std::uint8_t{2}; })},
        {"priority", octets("0800 09"), with([](P& p) { p.priority = std::uint8_t{9}; })},
        {"correlation-id", octets("0400 01 'c'"), with([](P& p) { p.correlation_id = "c"; })},
        {"reply-to", octets("0200 01 'd'"), with([](P& p) { p.reply_to = "d"; })},
        {"expiration", octets("0100 01 '5'"), with([](P& p) { p.expiration = "5"; })},
        {"message-id", octets("0080 01 'e'"), with([](P& p) { p.message_id = "e"; })},
        {"timestamp", octets("0040 0000000000000007"), with([](P& p) { p.timestamp = 7; })},
        {"type", octets("0020 01 'f'"), with([](P& p) { p.type = "f"; })},
        {"user-id", octets("0010 01 'g'"), with([](P& p) { p.user_id = "g"; })},
        {"app-id", octets("0008 01 'h'"), with([](P& p) { p.app_id = "h"; })},
        {"cluster-id", octets("0004 01 'i'"), with([](P& p) { p.cluster_id = "i"; })},
        {"an empty string is not an absent one", octets("8000 00"), with([](P& p) { p.content_type = ""; })},
    };
    return rows;
}

// All flags in one list, in the order of the wire.
Row all_properties() {
    Row all{"all", octets("fffc"), {}};
    for (const Row& row : single_properties()) {
        if (row.encoded != octets("8000 00")) {
            all.encoded += row.encoded.substr(2);
        }
    }
    all.properties = {.content_type = "a",
                      .content_encoding = "b",
                      .headers = FieldTable{{"k", true}},
                      .delivery_mode = std::uint8_t{2},
                      .priority = std::uint8_t{9},
                      .correlation_id = "c",
                      .reply_to = "d",
                      .expiration = "5",
                      .message_id = "e",
                      .timestamp = 7,
                      .type = "f",
                      .user_id = "g",
                      .app_id = "h",
                      .cluster_id = "i"};
    return all;
}

std::vector<Row> rows() {
    std::vector<Row> result = single_properties();
    result.push_back(all_properties());
    return result;
}

} // namespace

TEST_CASE("properties: each has its flag and its place", "[protocol][properties]") {
    for (const Row& row : rows()) {
        CAPTURE(row.name);
        CHECK(hexadecimal(row.properties.encode()) == hexadecimal(row.encoded));
        CHECK(BasicProperties::decode(row.encoded).value() == row.properties);
    }
}

TEST_CASE("properties: a list cut at any point is malformed", "[protocol][properties]") {
    for (const Row& row : rows()) {
        CAPTURE(row.name);
        for (std::size_t size = 0; size < row.encoded.size(); ++size) {
            CAPTURE(size);
            const auto cut = PropertiesView::decode(std::string_view(row.encoded).substr(0, size));
            CHECK(cut.error() == syntax_error("malformed properties"));
        }
    }
}

TEST_CASE("properties: malformed lists are refused", "[protocol][properties]") {
    for (const char* encoded : {"8000 01 'a' 00", "0000 00", "0001", "0002", "0001 0000", "2000 00000002 01 'k'",
                                "2000 00000003 01 'k' '?'"}) {
        CAPTURE(encoded);
        CHECK(PropertiesView::decode(octets(encoded)).error() == syntax_error("malformed properties"));
        CHECK(BasicProperties::decode(octets(encoded)).error() == syntax_error("malformed properties"));
    }
}

TEST_CASE("properties: a view points into the encoded list", "[protocol][properties]") {
    const Row all = all_properties();
    const PropertiesView view = PropertiesView::decode(all.encoded).value();
    CHECK(view.content_type->data() == all.encoded.data() + 3);
    CHECK(view.cluster_id->data() == all.encoded.data() + all.encoded.size() - 1);
    CHECK(view.headers == EncodedTable{octets("01 'k' 't' 01")});
    CHECK(view.delivery_mode == 2);
    CHECK(view.priority == 9);
    CHECK(view.timestamp == 7U);
}

TEST_CASE("properties: a text has 255 octets, never 256", "[protocol][properties]") {
    const BasicProperties properties{.app_id = std::string(255, 'x')};
    CHECK(BasicProperties::decode(properties.encode()).value() == properties);
    CHECK(dies([] { static_cast<void>(BasicProperties{.app_id = std::string(256, 'x')}.encode()); }));
}
