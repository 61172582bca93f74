// WebSocket's frames as clients send them.
#include "tests/fuzz/seeds.hpp"

#include <string_view>

using namespace std::string_view_literals;

void add_web_socket_seeds(const Corpus& corpus) {
    const auto add = [&](std::string_view name, std::string_view octets) { corpus.add("web_socket", name, octets); };
    add("binary", "\x82\x88\0\0\0\0AMQP\0\0\x09\x01"sv);
    add("masked", "\x82\x84\x01\x02\x03\x04\x40\x4f\x52\x54"sv);
    add("sixteen-bits", "\x82\xfe\0\x7e\0\0\0\0"sv);
    add("sixty-four-bits", "\x82\xff\0\0\0\0\0\1\0\0\0\0\0\0AMQP"sv);
    add("fragments", "\x02\x82\0\0\0\0AM\x89\x81\0\0\0\0!\x80\x82\0\0\0\0QP"sv);
    add("ping-pong", "\x89\x84\0\0\0\0ping\x8a\x84\0\0\0\0pong"sv);
    add("close", "\x88\x85\0\0\0\0\x03\xe8"
                 "bye"sv);
    add("text", "\x81\x84\0\0\0\0AMQP"sv);
}
