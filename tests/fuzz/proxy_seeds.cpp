// Headers of the PROXY protocol, versions 1 and 2.
#include "tests/fuzz/seeds.hpp"

#include <string_view>

using namespace std::string_view_literals;

void add_proxy_seeds(const Corpus& corpus) {
    const auto add = [&](std::string_view name, std::string_view octets) { corpus.add("proxy_header", name, octets); };
    add("v1-tcp4", "PROXY TCP4 192.0.2.1 192.0.2.2 40000 5672\r\nAMQP");
    add("v1-tcp6", "PROXY TCP6 2001:db8::1 ::1 1 65535\r\n");
    add("v1-unknown", "PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n");
    add("v2-local", "\r\n\r\n\0\r\nQUIT\n\x20\0\0\0"sv);
    add("v2-tcp4", "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\2\1\xc0\0\2\2\x9c\x40\x16\x28"
                   "AMQP"sv);
    add("v2-tcp6-tlv", "\r\n\r\n\0\r\nQUIT\n\x21\x21\0\x27"
                       "\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\2\x9c\x40\x16\x28"
                       "\4\0\0"sv);
}
