#include "protocol/method_text.hpp"

#include <catch2/catch.hpp>

using namespace amqp;

TEST_CASE("method text: shows what is set", "[protocol][method]") {
    const std::string arguments = FieldTable{{"x-max-length", 5}}.encode();
    CHECK(to_text(queue::Declare{.queue = {"q"}, .durable = true, .arguments = {}}) ==
          "queue.declare{queue=q, durable=true}");
    CHECK(to_text(queue::Declare{.reserved_1 = 7, .arguments = {arguments}}) ==
          "queue.declare{arguments=[{<<\"x-max-length\">>,signedint,5}]}");
    CHECK(to_text(basic::Ack{.delivery_tag = 0}) == "basic.ack{delivery_tag=0}");
    CHECK(to_text(connection::Tune{.channel_max = 1, .frame_max = 2, .heartbeat = 3}) ==
          "connection.tune{channel_max=1, frame_max=2, heartbeat=3}");
    CHECK(to_text(tx::Select{}) == "tx.select{}");
    CHECK(to_text(connection::Open{.virtual_host = {"/"}, .reserved_1 = {"x"}, .reserved_2 = true}) ==
          "connection.open{virtual_host=/}");
}

TEST_CASE("method text: stays on one line and short", "[protocol][method]") {
    CHECK(to_text(queue::Purge{.queue = {"a\r\nb\x1b\x7f"}}) == "queue.purge{queue=a\\x0d\\x0ab\\x1b\\x7f}");
    const std::string name(200, 'n');
    CHECK(to_text(queue::Purge{.queue = {name}}) == "queue.purge{queue=" + name.substr(0, 128) + "...}");
}

TEST_CASE("method text: never shows a secret", "[protocol][method]") {
    CHECK(to_text(connection::StartOk{
              .client_properties = {}, .mechanism = {"PLAIN"}, .response = {"\0guest\0guest"}, .locale = {"en_US"}}) ==
          "connection.start-ok{mechanism=PLAIN, locale=en_US}");
    CHECK(
        to_text(connection::StartOk{.client_properties = {}, .mechanism = {}, .response = {"secret"}, .locale = {}}) ==
        "connection.start-ok{response=***}");
    CHECK(to_text(connection::SecureOk{.response = {"secret"}}) == "connection.secure-ok{response=***}");
    CHECK(to_text(connection::UpdateSecret{.new_secret = {"secret"}, .reason = {"expired"}}) ==
          "connection.update-secret{new_secret=***, reason=expired}");
}

TEST_CASE("method text: a table that was not checked is harmless", "[protocol][method]") {
    CHECK(to_text(queue::Declare{.arguments = {"nonsense"}}) == "queue.declare{arguments=malformed}");
}
