// Octets that are no frames, and frames that are out of place. All end the connection with a code that says why.
#include "tests/support/amqp_client.hpp"
#include "tests/support/running_broker.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

namespace broker::test {
namespace {

using namespace amqp;

std::string frame(int type, ChannelNumber channel, std::uint32_t size, Bytes payload, std::uint8_t end = frame_end) {
    std::string octets;
    write_frame_header(octets, static_cast<FrameType>(type), channel, size);
    return octets.append(payload) + static_cast<char>(end);
}

std::string frame(int type, ChannelNumber channel, Bytes payload) {
    return frame(type, channel, static_cast<std::uint32_t>(payload.size()), payload);
}

std::string publish_method() {
    std::string octets;
    write_method(octets, 1, basic::Publish{.routing_key = {"q"}});
    return octets;
}

std::string content_header(std::uint64_t size, std::uint16_t class_id = 60) {
    std::string octets;
    write_content_header(octets, 1, std::string(2, '\0'), size);
    octets[frame_header_size] = static_cast<char>(class_id >> 8);
    octets[frame_header_size + 1] = static_cast<char>(class_id);
    return octets.substr(frame_header_size, octets.size() - frame_overhead);
}

struct Row {
    const char* what;
    std::string octets;
    std::uint16_t code;
    std::string text; // "": not looked at
};

// All at once, as after some mistakes the broker waits for some seconds.
void check_refused(const RunningBroker& broker, const std::vector<Row>& rows) {
    std::vector<AmqpClient> clients;
    for (const Row& row : rows) {
        clients.push_back(AmqpClient::open(broker.port()));
        clients.back().send_octets(row.octets);
    }
    for (std::size_t i = 0; i < rows.size(); ++i) {
        INFO(rows[i].what);
        const CloseReason reason = clients[i].expect_connection_close();
        CHECK(reason.code == rows[i].code);
        if (!rows[i].text.empty()) {
            CHECK(reason.text == rows[i].text);
        }
    }
}

} // namespace

TEST_CASE("framing: what is no frame is a FRAME_ERROR", "[integration][F2][F3][F4][R.501]") {
    const RunningBroker broker;
    const std::string one(1, 'x');
    check_refused(broker, {
                              {"a size beyond the limit", frame(3, 1, 131'073, one), 501, ""},
                              {"the largest size", frame(1, 1, 0xFFFF'FFFF, one), 501, ""},
                              {"a wrong end octet", frame(1, 1, 1, one, 0xCD), 501, ""},
                              {"an unknown type", frame(9, 1, one), 501, ""},
                              {"type 0", frame(0, 0, one), 501, ""},
                          });
}

TEST_CASE("framing: a frame may be 8 octets larger than negotiated", "[integration][F2]") {
    const RunningBroker broker;
    AmqpClient client = AmqpClient::open(broker.port());
    client.declare("large");
    const std::string body(131'072, 'b');
    client.send_octets(publish_method());
    client.send_octets(frame(2, 1, content_header(body.size())) + frame(3, 1, body));
    client.confirm_select(); // the channel has survived
}

TEST_CASE("framing: a frame where it does not belong is an UNEXPECTED_FRAME", "[integration][F4][F5][R.505]") {
    const RunningBroker broker;
    std::string get;
    write_method(get, 1, basic::Get{0, {"q"}, true});
    const std::string expected_method = "UNEXPECTED_FRAME - expected method frame, got non method frame instead";
    const std::string expected_body = "UNEXPECTED_FRAME - expected content body, got non content body frame instead";
    const std::string header_1 = frame(2, 1, content_header(1));
    check_refused(broker,
                  {
                      {"a heartbeat on a channel", frame(8, 1, ""), 505, ""},
                      {"a content header on channel 0", frame(2, 0, content_header(1)), 505, ""},
                      {"a body on channel 0", frame(3, 0, "x"), 505, ""},
                      {"a header without publish", header_1, 505, expected_method},
                      {"a body without publish", frame(3, 1, "x"), 505, expected_method},
                      {"a body on a channel that is not open", frame(3, 9, "x"), 505, expected_method},
                      {"a method instead of a header", publish_method() + get, 505,
                       "UNEXPECTED_FRAME - expected content header for class 60, got non content header frame instead"},
                      {"a body instead of a header", publish_method() + frame(3, 1, "x"), 505,
                       "UNEXPECTED_FRAME - expected content header for class 60, got non content header frame instead"},
                      {"a header of another class", publish_method() + frame(2, 1, content_header(1, 50)), 505,
                       "UNEXPECTED_FRAME - expected content header for class 60, got one for class 50 instead"},
                      {"a method instead of a body", publish_method() + header_1 + get, 505, expected_body},
                      {"a second header", publish_method() + header_1 + header_1, 505, expected_body},
                  });
}

TEST_CASE("framing: a body of an impossible size is refused at its header", "[integration][F5a]") {
    const RunningBroker broker;
    const auto announce = [](std::uint64_t size) { return publish_method() + frame(2, 1, content_header(size)); };
    const std::string text = "FRAME_ERROR - content body size ";
    const std::string limit = " exceeds maximum allowed size 536870912";
    check_refused(broker, {
                              {"all ones", announce(0xFFFF'FFFF'FFFF'FFFF), 501, text + "18446744073709551615" + limit},
                              {"one more than the cap", announce(536'870'913), 501, text + "536870913" + limit},
                              {"more body than announced", announce(1) + frame(3, 1, "xy"), 501,
                               "FRAME_ERROR - content body frame exceeds remaining content size"},
                          });
}

TEST_CASE("framing: contents of different channels may interleave", "[integration][F5]") {
    const RunningBroker broker;
    AmqpClient client = AmqpClient::open(broker.port());
    client.open_channel(2);
    client.declare("q");
    std::string octets;
    write_method(octets, 1, basic::Publish{.routing_key = {"q"}});
    write_method(octets, 2, basic::Publish{.routing_key = {"q"}});
    octets += frame(2, 2, content_header(4)) + frame(2, 1, content_header(4));
    octets += frame(3, 1, "on") + frame(3, 2, "tw") + frame(3, 2, "o2") + frame(3, 1, "e1");
    client.send_octets(octets);
    client.call<channel::CloseOk>(channel::Close{}, 2);
    CHECK(client.get("q").body == "two2");
    CHECK(client.get("q").body == "one1");
}

TEST_CASE("framing: bodies go out in frames of at most frame_max", "[integration][F6]") {
    const RunningBroker broker;
    ClientOptions options;
    options.frame_max = 4096;
    AmqpClient client = AmqpClient::open(broker.port(), options);
    client.declare("split");
    for (const std::size_t size : {0u, 1u, 4088u, 4089u, 100'000u}) {
        // More than 4096 octets a frame is what this client must not send either.
        std::string octets;
        write_method(octets, 1, basic::Publish{.routing_key = {"split"}});
        write_content(octets, 1, *Message::make("", "split", std::string(2, '\0'), std::string(size, 's')), 4096);
        client.send_octets(octets);
        client.send(basic::Get{0, {"split"}, true});
        client.expect<basic::GetOk>();
        CHECK(client.receive().type == FrameType::header);
        for (std::size_t left = size; left > 0;) {
            const ReceivedFrame& body = client.receive();
            REQUIRE(body.type == FrameType::body);
            REQUIRE(body.payload.size() == std::min<std::size_t>(left, 4088));
            left -= body.payload.size();
        }
        client.call<basic::GetEmpty>(basic::Get{0, {"split"}, true}); // no empty body frame either
    }
}

} // namespace broker::test
