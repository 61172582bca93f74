// Methods that do not exist, and arguments that cannot be read.
#include "protocol/wire_writer.hpp"
#include "tests/support/amqp_client.hpp"
#include "tests/support/running_broker.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace broker::test {
namespace {

using namespace amqp;

std::string method_frame(ChannelNumber channel, Bytes payload) {
    std::string octets;
    write_frame_header(octets, FrameType::method, channel, static_cast<std::uint32_t>(payload.size()));
    octets += payload;
    octets += static_cast<char>(frame_end);
    return octets;
}

std::string method_frame(ChannelNumber channel, MethodId id, Bytes arguments = {}) {
    std::string payload;
    WireWriter(payload).put(id.class_id);
    WireWriter(payload).put(id.method_id);
    return method_frame(channel, payload.append(arguments));
}

// queue.declare with whatever stands for its table of arguments, length octets included.
std::string declare_with(Bytes table) {
    using namespace std::string_literals;
    return method_frame(1, queue::Declare::id, "\0\0\1q\0"s + std::string(table));
}

std::string long_string(Bytes octets) {
    std::string result;
    WireWriter(result).put(LongString{octets});
    return result;
}

std::string nested_table(int depth) {
    using namespace std::string_literals;
    std::string octets;
    for (int i = 1; i < depth; ++i) {
        octets = "\1kF"s + long_string(octets);
    }
    return octets;
}

CloseReason answer_to(const RunningBroker& broker, Bytes octets) {
    AmqpClient client = AmqpClient::open(broker.port());
    client.send_octets(octets);
    return client.expect_connection_close();
}

const CloseReason undecodable{541, "INTERNAL_ERROR", {}};

} // namespace

TEST_CASE("malformed: a method that does not exist ends the connection", "[integration][F9][R.541]") {
    const RunningBroker broker;
    CHECK(answer_to(broker, method_frame(1, MethodId{99, 1})) == undecodable);
    CHECK(answer_to(broker, method_frame(1, MethodId{50, 99})) == undecodable);
    CHECK(answer_to(broker, method_frame(0, MethodId{10, 999})) == undecodable);
    CHECK(answer_to(broker, method_frame(1, Bytes())) == undecodable);
    CHECK(answer_to(broker, method_frame(1, Bytes("\0\x32\0", 3))) == undecodable);
}

TEST_CASE("malformed: a method of the server is not taken from a client", "[integration][R.503]") {
    const RunningBroker broker;
    const auto refused = [](MethodId id) { return CloseReason{503, "COMMAND_INVALID - unimplemented method", id}; };
    const std::string get_empty = method_frame(1, basic::GetEmpty::id, Bytes("\0", 1));
    CHECK(answer_to(broker, get_empty) == refused(basic::GetEmpty::id));
    CHECK(answer_to(broker, method_frame(1, channel::OpenOk::id, Bytes("\0\0\0\0", 4))) ==
          refused(channel::OpenOk::id));
}

TEST_CASE("malformed: arguments that cannot be read end the connection", "[integration][F9]") {
    using namespace std::string_literals;
    const RunningBroker broker;
    for (const std::string& table : {
             ""s,                                           // no table at all
             "\xff\xff\xff\xff\1k"s,                        // longer than its frame
             long_string("\5ab"),                           // cut in a key
             long_string("\1kI\0\0"s),                      // cut in a value
             long_string("\1k"),                            // a key without a type
             long_string("\1k?\0"s),                        // an unknown type
             long_string("\1kS\xff\xff\xff\xff"s + "abc"s), // a string longer than its table
             long_string("\1kA\x7f\xff\xff\xffV"s),         // an array longer than its table
             long_string("\1kF\0\0\0\x09\1"s),              // a table longer than its table
             long_string("\1kt\1"s) + "more"s,              // octets behind the last argument
         }) {
        CHECK(answer_to(broker, declare_with(table)) == undecodable);
    }
}

TEST_CASE("malformed: tables may be deep, but not bottomless", "[integration]") {
    const RunningBroker broker;
    AmqpClient client = AmqpClient::open(broker.port());
    client.send_octets(declare_with(long_string(nested_table(static_cast<int>(max_table_depth)))));
    CHECK(client.expect<queue::DeclareOk>().queue == ShortString{"q"});
    for (const int depth : {static_cast<int>(max_table_depth) + 1, 10'000}) {
        CHECK(answer_to(broker, declare_with(long_string(nested_table(depth)))) == undecodable);
    }
}

TEST_CASE("malformed: a table of too many elements is refused", "[integration]") {
    const RunningBroker broker;
    std::string octets;
    for (std::size_t i = 0; i <= max_table_elements; ++i) {
        octets += "\1kV";
    }
    CHECK(answer_to(broker, declare_with(long_string(octets))) == undecodable);
}

TEST_CASE("malformed: properties that cannot be read end the connection", "[integration][F9]") {
    using namespace std::string_literals;
    const RunningBroker broker;
    for (const std::string& properties : {"\x80\0\x20text"s,               // a content-type cut short
                                          "\x20\0\xff\xff\xff\xff\1k"s}) { // headers longer than the frame
        std::string octets;
        write_method(octets, 1, basic::Publish{.routing_key = {"q"}});
        write_content_header(octets, 1, properties, 0);
        const CloseReason reason = answer_to(broker, octets);
        CHECK(reason.code >= 501);
    }
}

} // namespace broker::test
