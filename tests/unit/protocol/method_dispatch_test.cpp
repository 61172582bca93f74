#include "protocol/method_codec.hpp"
#include "tests/unit/protocol/octets.hpp"
#include "tests/unit/protocol/random_values.hpp"

#include <catch2/catch.hpp>

using namespace amqp;

namespace {

struct Recorder {
    std::string_view name;
    MethodId id;
    std::size_t calls = 0;

    template <Method M>
    Result<> on(const M&) {
        name = M::name;
        id = M::id;
        ++calls;
        return {};
    }
};

struct OnlyAck {
    Result<> on(const basic::Ack& ack) {
        return precondition_failed("unknown delivery tag " + std::to_string(ack.delivery_tag));
    }
};

using OnlyAckMethods = MethodList<basic::Ack>;

template <class List>
void check_dispatch_of_all() {
    std::size_t accepted = 0;
    Random random(1);
    boost::mp11::mp_for_each<AllMethods>([&]<class M>(M) {
        CAPTURE(M::name);
        std::string payload;
        encode_method(payload, random.method<M>());
        Recorder recorder;
        const Result<> result = dispatch<List>(payload, recorder);
        if constexpr (boost::mp11::mp_contains<List, M>::value) {
            CHECK(result.has_value());
            CHECK(recorder.name == M::name);
            CHECK(recorder.id == M::id);
            CHECK(recorder.calls == 1);
            ++accepted;
        } else {
            CHECK(result.error() == command_invalid("unimplemented method"));
            CHECK(recorder.calls == 0);
        }
    });
    CHECK(accepted == List::size);
}

} // namespace

TEST_CASE("dispatch: every method of the list reaches its handler, all others are refused", "[protocol][method]") {
    check_dispatch_of_all<AllMethods>();
    check_dispatch_of_all<ServerConnectionMethods>();
    check_dispatch_of_all<ServerChannelMethods>();
    check_dispatch_of_all<OnlyAckMethods>();
}

TEST_CASE("dispatch: an id that does not exist is an internal error", "[protocol][method][F9]") {
    const Error undecodable = make_error(ReplyCode::internal_error, Scope::connection, "");
    for (const char* payload : {"0000 0000", "003c 0029", "0028 0029", "ffff ffff", "003d 000a", "", "003c"}) {
        CAPTURE(payload);
        Recorder recorder;
        CHECK(dispatch<ServerChannelMethods>(octets(payload), recorder).error() == undecodable);
        CHECK(recorder.calls == 0);
    }
}

TEST_CASE("dispatch: undecodable arguments are an internal error", "[protocol][method][F9]") {
    Recorder recorder;
    for (const char* payload : {"003c 0050 00000000000000", "003c 0050 0000000000000001 01 00"}) {
        CHECK(dispatch<ServerChannelMethods>(octets(payload), recorder).error() ==
              make_error(ReplyCode::internal_error, Scope::connection, ""));
    }
    CHECK(recorder.calls == 0);
}

TEST_CASE("dispatch: hands on what the handler returns", "[protocol][method]") {
    CHECK(dispatch<OnlyAckMethods>(octets("003c 0050 0000000000000007 00"), OnlyAck{}).error() ==
          precondition_failed("unknown delivery tag 7"));
}

TEST_CASE("dispatch: a handler must know every method of the list", "[protocol][method]") {
    STATIC_REQUIRE(handles_all<Recorder, AllMethods>);
    STATIC_REQUIRE(handles_all<OnlyAck, OnlyAckMethods>);
    STATIC_REQUIRE_FALSE(handles_all<OnlyAck, ServerChannelMethods>);
}
