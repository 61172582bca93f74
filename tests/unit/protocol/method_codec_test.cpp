#include "protocol/method_codec.hpp"
#include "tests/unit/protocol/dies.hpp"
#include "tests/unit/protocol/octets.hpp"
#include "tests/unit/protocol/random_values.hpp"

#include <catch2/catch.hpp>

using namespace amqp;

namespace {

template <Method M>
std::string encoded(const M& method) {
    std::string out;
    encode_method(out, method);
    return out;
}

} // namespace

TEST_CASE("method codec: octets of some methods", "[protocol][method]") {
    CHECK(encoded(connection::Tune{.channel_max = 2047, .frame_max = 131072, .heartbeat = 60}) ==
          octets("000a 001e 07ff 00020000 003c"));
    CHECK(encoded(connection::CloseOk{}) == octets("000a 0033"));
    CHECK(encoded(queue::Declare{.queue = {"q"}, .durable = true, .auto_delete = true, .arguments = {}}) ==
          octets("0032 000a 0000 01 'q' 0a 00000000"));
    CHECK(encoded(basic::Publish{.exchange = {"e"}, .routing_key = {"k"}, .mandatory = true}) ==
          octets("003c 0028 0000 01 'e' 01 'k' 01"));
    CHECK(encoded(basic::Deliver{.consumer_tag = {"t"},
                                 .delivery_tag = 258,
                                 .redelivered = true,
                                 .exchange = {"e"},
                                 .routing_key = {"k"}}) ==
          octets("003c 003c 01 't' 0000000000000102 01 01 'e' 01 'k'"));
    CHECK(encoded(basic::Nack{.delivery_tag = 1, .multiple = false, .requeue = true}) ==
          octets("003c 0078 0000000000000001 02"));
    CHECK(encoded(exchange::UnbindOk{}) == octets("0028 0033"));
}

TEST_CASE("method codec: decoded strings are views into the payload", "[protocol][method]") {
    const std::string payload = octets("0000 01 'e' 01 'k' 02");
    const auto publish = decode_method<basic::Publish>(payload).value();
    CHECK(publish.exchange.value.data() == payload.data() + 3);
    CHECK(publish.exchange == ShortString{"e"});
    CHECK(publish.routing_key == ShortString{"k"});
    CHECK_FALSE(publish.mandatory);
    CHECK(publish.immediate);
}

TEST_CASE("method codec: arguments cut at any point or too long are undecodable", "[protocol][method][F9]") {
    const Error undecodable = make_error(ReplyCode::internal_error, Scope::connection, "");
    Random random(1);
    boost::mp11::mp_for_each<AllMethods>([&]<class M>(M) {
        CAPTURE(M::name);
        const std::string payload = encoded(random.method<M>());
        const Bytes arguments = Bytes(payload).substr(4);
        REQUIRE(decode_method<M>(arguments).has_value());
        for (std::size_t size = 0; size < arguments.size(); ++size) {
            CAPTURE(size);
            REQUIRE(decode_method<M>(arguments.substr(0, size)).error() == undecodable);
        }
        CHECK(decode_method<M>(std::string(arguments) + '\0').error() == undecodable);
    });
}

TEST_CASE("method codec: a malformed table makes its method undecodable", "[protocol][method][F9]") {
    const std::string good = octets("0000 01 'q' 00 00000003 01 'k' 'V'");
    const std::string bad = octets("0000 01 'q' 00 00000003 01 'k' '?'");
    CHECK(decode_method<queue::Declare>(good).has_value());
    CHECK(decode_method<queue::Declare>(bad).error().code == ReplyCode::internal_error);
}

TEST_CASE("method codec: a short string holds 255 octets, never 256", "[protocol][method]") {
    const std::string name(255, 'q');
    const std::string payload = encoded(queue::DeclareOk{.queue = {name}});
    CHECK(decode_method<queue::DeclareOk>(Bytes(payload).substr(4))->queue.value == name);
    CHECK(dies([] {
        const std::string too_long(256, 'q');
        encoded(queue::DeclareOk{.queue = {too_long}});
    }));
}

TEST_CASE("method codec: unused bits do not matter", "[protocol][method]") {
    const auto ack = decode_method<basic::Ack>(octets("0000000000000001 fe")).value();
    CHECK_FALSE(ack.multiple);
}

TEST_CASE("method codec: a payload without a whole id is undecodable", "[protocol][method][F9]") {
    CHECK(method_id(octets("000a 000b")).value() == MethodId{10, 11});
    for (const char* payload : {"", "00", "000a", "000a00"}) {
        CHECK(method_id(octets(payload)).error() == make_error(ReplyCode::internal_error, Scope::connection, ""));
    }
}
