#include "broker/auth/sasl.hpp"
#include "protocol/field_table.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace broker;
using namespace std::string_literals;

namespace {

std::string amqplain(amqp::FieldValue login, amqp::FieldValue password) {
    return amqp::FieldTable{{"LOGIN", std::move(login)}, {"PASSWORD", std::move(password)}}.encode();
}

} // namespace

TEST_CASE("PLAIN: user and password stand behind one NUL each", "[auth][sasl][P11]") {
    struct Row {
        std::string response, user, password;
    };
    const auto row = GENERATE(values<Row>({
        {"\0guest\0guest"s, "guest", "guest"},
        {"\0u\0"s, "u", ""},
        {"\0\0p"s, "", "p"},
        {"\0\0"s, "", ""},
        {"\0us er\0p\xc3\xa4ss"s, "us er", "p\xc3\xa4ss"},
    }));
    const Credentials credentials = parse_plain(row.response).value();
    CHECK(credentials.user == row.user);
    CHECK(credentials.password == row.password);
}

TEST_CASE("PLAIN: everything else is invalid, and the log does not show it", "[auth][sasl][P11]") {
    const auto response = GENERATE(values<std::string>({
        ""s,
        "\0"s,
        "\0user"s,
        "guest"s,
        "guest\0guest"s,
        "authzid\0guest\0guest"s,
        "\0guest\0guest\0"s,
        "\0guest\0gu\0est"s,
        "\0guest\0"s + std::string(5000, 'x'),
    }));
    const auto parsed = parse_plain(response);
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().text == "PLAIN response is invalid");
}

TEST_CASE("PLAIN: truncated at any octet it is invalid or a shorter password", "[auth][sasl]") {
    const std::string whole = "\0guest\0secret"s;
    for (std::size_t size = 0; size < whole.size(); ++size) {
        INFO(size);
        const auto parsed = parse_plain(std::string_view(whole).substr(0, size));
        CHECK(parsed.has_value() == (size >= 7));
    }
}

TEST_CASE("AMQPLAIN: the table has LOGIN and PASSWORD as long strings or binaries", "[auth][sasl][P12]") {
    const auto response = GENERATE(values<std::string>({
        amqplain("guest", "secret"),
        amqplain(amqp::ByteArray{"guest"}, amqp::ByteArray{"secret"}),
        amqp::FieldTable{{"x", 1}, {"PASSWORD", "secret"}, {"LOGIN", "guest"}, {"LOGIN", "other"}}.encode(),
    }));
    const Credentials credentials = parse_amqplain(response).value();
    CHECK(credentials.user == "guest");
    CHECK(credentials.password == "secret");
}

TEST_CASE("AMQPLAIN: a missing field or one of another type is named in the log", "[auth][sasl][P12]") {
    const auto response = GENERATE(values<std::string>({
        ""s,
        amqp::FieldTable{{"LOGIN", "guest"}}.encode(),
        amqp::FieldTable{{"PASSWORD", "guest"}}.encode(),
        amqp::FieldTable{{"login", "guest"}, {"password", "guest"}}.encode(),
        amqplain(7, "secret"),
        amqplain("guest", amqp::FieldTable{{"x", 1}}),
    }));
    const auto parsed = parse_amqplain(response);
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().text == "AMQPLAIN auth info is missing LOGIN or PASSWORD field");
}

TEST_CASE("AMQPLAIN: truncated at any octet it is refused", "[auth][sasl]") {
    const std::string whole = amqplain("guest", "secret");
    REQUIRE(parse_amqplain(whole).has_value());
    for (std::size_t size = 0; size < whole.size(); ++size) {
        INFO(size);
        CHECK_FALSE(parse_amqplain(std::string_view(whole).substr(0, size)).has_value());
    }
}

TEST_CASE("AMQPLAIN: hostile bytes are refused", "[auth][sasl]") {
    std::string nested;
    for (int depth = 0; depth < 200; ++depth) { // arrays in arrays, lengths beyond the end
        nested += "A\xff\xff\xff\xff"s;
    }
    const auto response = GENERATE_COPY(values<std::string>({
        "\xff"s,
        "\x05LOGINS\xff\xff\xff\xff"s,
        "\x05LOGINS\x00\x00\x00\x05gues"s,
        "\x05LOGIN?\x00\x00\x00\x05guest"s,
        "\x01x"s + nested,
        "\0guest\0guest"s,
        "\x00\x00\x00\x22"s + amqplain("guest", "secret"), // with the length that must not be there
        amqplain("guest", std::string(5000, 'x')),
    }));
    CHECK_FALSE(parse_amqplain(response).has_value());
}

TEST_CASE("SASL: a mechanism without a parser is unknown", "[auth][sasl][P16]") {
    CHECK(parse_sasl_response("PLAIN", "\0u\0p"s).has_value());
    CHECK(parse_sasl_response("AMQPLAIN", amqplain("u", "p")).has_value());
    const auto mechanism = GENERATE(values<std::string>({"", "plain", "PLAIN ", "ANONYMOUS", "EXTERNAL", "SCRAM"}));
    const auto parsed = parse_sasl_response(mechanism, "\0u\0p"s);
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().code == amqp::ReplyCode::command_invalid);
    CHECK(parsed.error().text == "unknown authentication mechanism '" + mechanism + "'");
}

TEST_CASE("SASL: no run of octets breaks the parsers", "[auth][sasl]") {
    // A walk over responses made from the octets that mean something to either parser.
    const std::string octets = "\0\x05SFAxtLOGIN\xff"s;
    std::uint32_t state = 12345;
    for (int round = 0; round < 20'000; ++round) {
        std::string response;
        for (state = state * 1664525 + 1013904223; response.size() < (state >> 8) % 40;) {
            response += octets[(state >> (response.size() % 24)) % octets.size()];
        }
        if (const auto parsed = parse_plain(response)) {
            CHECK(parsed->user.size() + parsed->password.size() + 2 == response.size());
        }
        if (const auto parsed = parse_amqplain(response)) {
            CHECK(parsed->user.size() + parsed->password.size() < response.size());
        }
    }
}
