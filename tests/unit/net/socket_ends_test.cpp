#include "broker/net/socket_ends.hpp"

#include <catch2/catch.hpp>

using namespace broker;

namespace {

SocketEnds proxy_at(const char* address) {
    return {{address, 40'000}, {"10.0.0.9", 5672}, PeerAddress::parse(address).value()};
}

ProxyHeader::Ends client_at(const char* address) {
    return {boost::asio::ip::make_address(address), boost::asio::ip::make_address("192.0.2.9"), 1234, 5671};
}

} // namespace

TEST_CASE("proxy: the client's address takes the place of the proxy's", "[net][proxy][P10]") {
    const SocketEnds ends = proxied_ends(proxy_at("10.0.0.1"), client_at("203.0.113.7"));
    CHECK(ends.name() == "203.0.113.7:1234 -> 192.0.2.9:5671");
    CHECK(ends.address == PeerAddress::parse("203.0.113.7"));
}

TEST_CASE("proxy: a proxy elsewhere makes nobody local", "[net][proxy][P18]") {
    for (const char* local : {"127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"}) {
        CAPTURE(local);
        CHECK_FALSE(proxied_ends(proxy_at("10.0.0.1"), client_at(local)).address.is_loopback());
        CHECK(proxied_ends(proxy_at("127.0.0.1"), client_at(local)).address.is_loopback());
    }
    CHECK_FALSE(proxied_ends(proxy_at("127.0.0.1"), client_at("10.0.0.1")).address.is_loopback());
}
