#include "broker/net/address_range.hpp"

#include <catch2/catch.hpp>

using broker::AddressRange;
using broker::PeerAddress;

TEST_CASE("address range: has the addresses that begin alike, and no others", "[net][proxy]") {
    struct Row {
        const char *range, *address;
        bool inside;
    };
    const Row rows[] = {
        {"10.0.0.0/8", "10.255.0.1", true},
        {"10.0.0.0/8", "11.0.0.1", false},
        {"10.1.2.3", "10.1.2.3", true},
        {"10.1.2.3", "10.1.2.4", false},
        {"192.0.2.128/25", "192.0.2.200", true},
        {"192.0.2.128/25", "192.0.2.100", false},
        {"0.0.0.0/0", "203.0.113.9", true},
        {"0.0.0.0/0", "2001:db8::1", false},
        {"2001:db8::/33", "2001:db8:7fff::1", true},
        {"2001:db8::/33", "2001:db8:8000::1", false},
        {"10.0.0.0/8", "::ffff:10.0.0.1", true},
        {"::1", "::1", true},
        {"::/0", "2001:db8::1", true},
    };
    for (const Row& row : rows) {
        CAPTURE(row.range, row.address);
        CHECK(AddressRange::parse(row.range).value().contains(PeerAddress::parse(row.address).value()) == row.inside);
    }
}

TEST_CASE("address range: what is none is not parsed", "[net][proxy]") {
    for (const char* text : {"", "/", "10.0.0.0/", "10.0.0.0/33", "::/129", "10.0.0/8", "10.0.0.0/-1", "10.0.0.0/8 ",
                             "localhost", "10.0.0.0/8/8"}) {
        CAPTURE(text);
        CHECK_FALSE(AddressRange::parse(text).has_value());
    }
}
