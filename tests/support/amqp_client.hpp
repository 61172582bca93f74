// A raw, blocking AMQP client for tests: sends what it is told to, frame by frame or octet by octet, and expects exact
// answers. It has no opinion of its own: nothing is sent or answered unasked, only heartbeats are passed over. Used by
// one thread. Everything that does not come as expected is an exception that says what came instead.
#pragma once

#include "protocol/field_table.hpp"
#include "protocol/frame.hpp"
#include "protocol/frame_writer.hpp"
#include "protocol/method_codec.hpp"
#include "tests/support/client_socket.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace broker::test {

struct Unexpected : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct ReceivedFrame {
    amqp::FrameType type = amqp::FrameType::method;
    amqp::ChannelNumber channel = 0;
    std::string payload;
};

std::string describe(const ReceivedFrame& frame);

// channel.close or connection.close.
struct CloseReason {
    std::uint16_t code = 0;
    std::string text;
    amqp::MethodId method;

    bool operator==(const CloseReason&) const = default;
};
std::ostream& operator<<(std::ostream& out, const CloseReason& reason);

// basic.deliver, get-ok or return with its content.
struct Delivery {
    std::string consumer_tag;
    amqp::DeliveryTag tag = 0;
    bool redelivered = false;
    std::string exchange;
    std::string routing_key;
    std::uint32_t message_count = 0; // of get-ok
    std::string properties;          // as encoded
    std::string body;
};

struct Publishing {
    std::string properties = std::string(2, '\0');
    bool mandatory = false;
    amqp::ChannelNumber channel = 1;
};

std::string persistent(std::optional<int> expiration_ms = {}); // properties

struct ClientOptions {
    std::string user = "guest";
    std::string password = "guest";
    std::string virtual_host = "/";
    amqp::FieldTable client_properties = all_capabilities();
    std::uint16_t channel_max = 2047;
    std::uint32_t frame_max = 131'072;
    std::uint16_t heartbeat_s = 0;
    int receive_buffer_bytes = 0; // 0: the system's choice

    static amqp::FieldTable all_capabilities();
};

class AmqpClient {
 public:
    explicit AmqpClient(std::uint16_t port, int receive_buffer_bytes = 0) : socket_(port, receive_buffer_bytes) {}
    explicit AmqpClient(const std::string& path) : socket_(path) {} // UNIX

    // Logged in, with channel 1 open.
    static AmqpClient open(std::uint16_t port, const ClientOptions& options = {});
    void log_in(const ClientOptions& options = {}); // from the protocol header to connection.open-ok
    void log_in_until_tune(const ClientOptions& options = {});
    void open_channel(amqp::ChannelNumber channel);
    void close(); // the connection, politely

    // --- out ---
    ClientSocket& socket() { return socket_; }
    void send_octets(amqp::Bytes octets) { socket_.send(octets); }
    template <amqp::Method M>
    void send(const M& method, amqp::ChannelNumber channel = 1) {
        std::string frame;
        amqp::write_method(frame, channel, method);
        send_octets(frame);
    }
    void publish(std::string_view exchange, std::string_view routing_key, std::string_view body, Publishing how = {});
    void send_heartbeat();

    // --- in ---
    bool receive_any(ReceivedFrame& frame); // heartbeats, too; false: the broker has closed its end
    const ReceivedFrame& receive();         // throws Unexpected when it has
    void expect_end();                      // nothing more comes, the broker closes its end
    // The strings of what is returned live until the next frame is received.
    template <amqp::Method M>
    M expect(amqp::ChannelNumber channel = 1) {
        return expect_sent_to<M>(receive(), channel);
    }
    template <amqp::Method Answer, amqp::Method M>
    Answer call(const M& method, amqp::ChannelNumber channel = 1) {
        send(method, channel);
        return expect<Answer>(channel);
    }
    Delivery expect_delivery(amqp::ChannelNumber channel = 1);
    Delivery expect_return(amqp::ChannelNumber channel = 1);
    Delivery expect_get_ok(amqp::ChannelNumber channel = 1);
    Delivery get(std::string_view queue, bool no_ack = true);
    void expect_confirms(amqp::DeliveryTag first, amqp::DeliveryTag last, amqp::ChannelNumber channel = 1); // acks
    CloseReason expect_channel_close(amqp::ChannelNumber channel = 1); // answers it
    CloseReason expect_connection_close(); // answers it and expects the end of the connection

    // --- in short ---
    std::string declare(std::string_view queue, bool durable = false); // queue.declare-ok's name
    std::uint32_t ready_messages(std::string_view queue);
    void confirm_select();

 private:
    template <amqp::Method M>
    static M expect_sent_to(const ReceivedFrame& frame, amqp::ChannelNumber channel) {
        const auto id = frame.type == amqp::FrameType::method ? amqp::method_id(frame.payload) : amqp::MethodId{};
        if (frame.channel == channel && id && *id == M::id) {
            return amqp::decode_method<M>(amqp::Bytes(frame.payload).substr(4)).value();
        }
        throw Unexpected("expected " + std::string(M::name) + " on channel " + std::to_string(channel) + ", got " +
                         describe(frame));
    }
    void take_content(Delivery& delivery, amqp::ChannelNumber channel);

    ClientSocket socket_;
    std::string input_;
    std::size_t used_ = 0; // of input_
    ReceivedFrame frame_;
};

} // namespace broker::test
