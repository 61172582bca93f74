#include "broker/net/proxy_header.hpp"

#include <catch2/catch.hpp>

#include <string>

using broker::parse_proxy_header;
using broker::ProxyHeader;
using Status = ProxyHeader::Status;

namespace {

const std::string signature("\r\n\r\n\0\r\nQUIT\n", 12);
const std::string tcp4_addresses("\xc0\0\2\1\xc0\0\2\2\x9c\x40\x16\x28", 12);

std::string binary(unsigned command, unsigned family, const std::string& rest) {
    std::string header = signature;
    for (const std::size_t octet : {std::size_t{command}, std::size_t{family}, rest.size() >> 8, rest.size() & 255}) {
        header.push_back(static_cast<char>(octet));
    }
    return header + rest;
}

std::string ends_text(const ProxyHeader& header) {
    if (!header.ends) {
        return "its own";
    }
    const auto& ends = *header.ends;
    return ends.source.to_string() + " " + std::to_string(ends.source_port) + " " + ends.destination.to_string() + " " +
           std::to_string(ends.destination_port);
}

struct Good {
    std::string name, octets, ends;
};

std::vector<Good> good_headers() {
    const std::string tcp6_addresses = std::string("\x20\1\x0d\xb8", 4) + std::string(11, '\0') + "\1" +
                                       std::string(15, '\0') + "\1" + std::string("\x9c\x40\x16\x28", 4);
    return {
        {"TCP4 as text", "PROXY TCP4 192.0.2.1 192.0.2.2 40000 5672\r\n", "192.0.2.1 40000 192.0.2.2 5672"},
        {"TCP6 as text", "PROXY TCP6 2001:db8::1 ::1 0 65535\r\n", "2001:db8::1 0 ::1 65535"},
        {"unknown", "PROXY UNKNOWN\r\n", "its own"},
        {"unknown, with anything", "PROXY UNKNOWN ::1 ::2 1 2\r\n", "its own"},
        {"TCP4", binary(0x21, 0x11, tcp4_addresses), "192.0.2.1 40000 192.0.2.2 5672"},
        {"TCP6", binary(0x21, 0x21, tcp6_addresses), "2001:db8::1 40000 ::1 5672"},
        {"TCP4 with extensions", binary(0x21, 0x11, tcp4_addresses + "\4" + std::string(300, '\0')),
         "192.0.2.1 40000 192.0.2.2 5672"},
        {"the proxy itself", binary(0x20, 0x11, tcp4_addresses), "its own"},
        {"without addresses", binary(0x21, 0, ""), "its own"},
        {"a UNIX socket before the proxy", binary(0x21, 0x31, std::string(216, 'x')), "its own"},
        {"the largest", binary(0x20, 0, std::string(ProxyHeader::max_size - 16, 'x')), "its own"},
    };
}

} // namespace

TEST_CASE("proxy header: both versions are read, and nothing behind them", "[net][proxy]") {
    for (const Good& good : good_headers()) {
        for (const std::string_view behind : {"", "AMQP", "\r\n", "PROXY "}) {
            CAPTURE(good.name, behind);
            const ProxyHeader header = parse_proxy_header(good.octets + std::string(behind));
            REQUIRE(header.status == Status::complete);
            CHECK(header.size == good.octets.size());
            CHECK(ends_text(header) == good.ends);
        }
    }
}

TEST_CASE("proxy header: one that is cut anywhere is waited for", "[net][proxy]") {
    for (const Good& good : good_headers()) {
        CAPTURE(good.name);
        for (std::size_t size = 0; size < good.octets.size(); ++size) {
            CHECK(parse_proxy_header(good.octets.substr(0, size)).status == Status::incomplete);
        }
    }
}

TEST_CASE("proxy header: everything else is refused", "[net][proxy]") {
    const std::string line = "PROXY TCP4 192.0.2.1 192.0.2.2 1 2";
    const std::string bad[] = {
        "AMQP",
        "GET / HTTP/1.1\r\n",
        "\x16\x03\x01",
        "PROXYTCP4",
        "proxy TCP4 192.0.2.1 192.0.2.2 1 2\r\n",
        "PROXY UDP4 192.0.2.1 192.0.2.2 1 2\r\n",
        "PROXY TCP4 2001:db8::1 ::1 1 2\r\n",
        "PROXY TCP6 192.0.2.1 192.0.2.2 1 2\r\n",
        "PROXY TCP4 192.0.2.1 192.0.2.2 1 65536\r\n",
        "PROXY TCP4 192.0.2.1 192.0.2.2 01 2\r\n",
        "PROXY TCP4 192.0.2.1 192.0.2.2 -1 2\r\n",
        "PROXY TCP4 192.0.2.1 192.0.2.2 1\r\n",
        "PROXY TCP4 192.0.2.1 192.0.2.2 1 2 3\r\n",
        "PROXY TCP4  192.0.2.1 192.0.2.2 1 2\r\n",
        "PROXY TCP4 192.0.2.1 192.0.2.2 1 2 \r\n",
        "PROXY TCP4 192.0.2.1\n192.0.2.2 1 2\r\n",
        "PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n",
        "PROXY TCP4 \r\n",
        line + std::string(107, ' '),
        "PROXY UNKNOWN " + std::string(100, 'x') + "\r\n",
        binary(0x11, 0x11, tcp4_addresses),                            // version 1 in binary
        binary(0x22, 0x11, tcp4_addresses),                            // no such command
        binary(0x21, 0x12, tcp4_addresses),                            // UDP
        binary(0x21, 0x11, tcp4_addresses.substr(1)),                  // too short for its family
        binary(0x21, 0x21, tcp4_addresses),                            // as above
        binary(0x20, 0, std::string(ProxyHeader::max_size - 15, 'x')), // too large
        binary(0x21, 0x11, std::string(65'535, 'x')).substr(0, 16),    // announces too much
    };
    for (const std::string& octets : bad) {
        CAPTURE(octets);
        CHECK(parse_proxy_header(octets).status == Status::malformed);
    }
}
