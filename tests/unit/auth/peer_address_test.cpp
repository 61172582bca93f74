#include "broker/auth/peer_address.hpp"

#include <catch2/catch.hpp>

#include <string>

using broker::PeerAddress;

TEST_CASE("peer address: only this machine's own addresses are loopback", "[auth][P18]") {
    struct Row {
        std::string address;
        bool loopback;
    };
    const auto row = GENERATE(values<Row>({
        {"127.0.0.1", true},
        {"127.0.0.2", true},
        {"127.255.255.255", true},
        {"::1", true},
        {"::ffff:127.0.0.1", true},
        {"::ffff:127.9.9.9", true},
        {"0.0.0.0", false},
        {"126.255.255.255", false},
        {"128.0.0.1", false},
        {"10.127.0.1", false},
        {"::", false},
        {"::2", false},
        {"::ffff:10.0.0.1", false},
        {"::127.0.0.1", false},
        {"64:ff9b::7f00:1", false},
        {"fe80::1", false},
        {"7f00::1", false},
    }));
    INFO(row.address);
    const auto address = PeerAddress::parse(row.address);
    REQUIRE(address);
    CHECK(address->is_loopback() == row.loopback);
}

TEST_CASE("peer address: IPv4 and its mapped form are one address", "[auth]") {
    CHECK(PeerAddress::parse("10.1.2.3") == PeerAddress::parse("::ffff:10.1.2.3"));
    CHECK(PeerAddress(PeerAddress::V4{10, 1, 2, 3}) == PeerAddress::parse("10.1.2.3"));
    CHECK_FALSE(PeerAddress().is_loopback());
}

TEST_CASE("peer address: what is no address is not parsed", "[auth]") {
    const auto text = GENERATE(values<std::string>({"", "localhost", "127.0.0.1:5672", "127.1", "[::1]", "127.0.0.1 ",
                                                    std::string("::1\0", 4) + "x", std::string(1000, '1')}));
    INFO(text);
    CHECK_FALSE(PeerAddress::parse(text).has_value());
}
