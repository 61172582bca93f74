#include "broker/session/names.hpp"
#include "tests/support/session_twins.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>

TEST_CASE("server name: prefix and 22 characters of base64url", "[session][names][C1]") {
    test::CountingRandom random;
    // Octets 0..15 in base64url without padding.
    CHECK(broker::make_name("amq.gen", random) == "amq.gen-AAECAwQFBgcICQoLDA0ODw");
    CHECK(broker::make_name("amq.ctag", random) == "amq.ctag-EBESExQVFhcYGRobHB0eHw");
}

TEST_CASE("server name: the last two bits are kept", "[session][names][C1]") {
    struct Ones : broker::RandomSource {
        void fill(std::span<std::byte> octets) override { std::ranges::fill(octets, std::byte{0xFF}); }
    } random;
    CHECK(broker::make_name("a", random) == "a-_____________________w");
}

TEST_CASE("name: carriage returns and line feeds are stripped, nothing else", "[session][names][C1]") {
    CHECK(broker::clean_name("a\r\nb\n") == "ab");
    CHECK(broker::clean_name(" a\tb\\ ") == " a\tb\\ ");
    CHECK(broker::clean_name("\r\n").empty());
}
