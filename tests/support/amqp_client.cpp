#include "tests/support/amqp_client.hpp"

#include "protocol/frame_parser.hpp"
#include "protocol/method_text.hpp"
#include "protocol/methods.hpp"
#include "protocol/properties.hpp"
#include "protocol/wire_reader.hpp"

#include <ostream>
#include <set>

namespace broker::test {
namespace {

template <class... Ms>
std::string method_text(amqp::MethodId id, amqp::Bytes arguments, amqp::MethodList<Ms...>) {
    std::string text = std::to_string(id.class_id) + "." + std::to_string(id.method_id);
    const auto try_one = [&]<class M>(const M*) {
        if (M::id == id) {
            const auto method = amqp::decode_method<M>(arguments);
            text = method ? amqp::to_text(*method) : std::string(M::name) + " (malformed)";
        }
    };
    (try_one(static_cast<const Ms*>(nullptr)), ...);
    return text;
}

template <class Close>
CloseReason reason_of(const Close& close) {
    return {close.reply_code, std::string(close.reply_text), {close.class_id, close.method_id}};
}

template <class Method>
Delivery delivery_of(const Method& method) {
    Delivery delivery;
    delivery.exchange = method.exchange;
    delivery.routing_key = method.routing_key;
    if constexpr (!std::same_as<Method, amqp::basic::Return>) {
        delivery.tag = method.delivery_tag;
        delivery.redelivered = method.redelivered;
    }
    return delivery;
}

} // namespace

std::string describe(const ReceivedFrame& frame) {
    std::string text = "channel " + std::to_string(frame.channel) + ": ";
    if (frame.type != amqp::FrameType::method) {
        return text + "frame of type " + std::to_string(static_cast<unsigned>(frame.type)) + ", " +
               std::to_string(frame.payload.size()) + " octets";
    }
    const auto id = amqp::method_id(frame.payload);
    return text + (id ? method_text(*id, amqp::Bytes(frame.payload).substr(4), amqp::AllMethods{}) : "no method");
}

std::ostream& operator<<(std::ostream& out, const CloseReason& reason) {
    return out << reason.code << " '" << reason.text << "' (" << reason.method.class_id << ','
               << reason.method.method_id << ')';
}

std::string persistent(std::optional<int> expiration_ms) {
    amqp::BasicProperties properties;
    properties.delivery_mode = 2;
    if (expiration_ms) {
        properties.expiration = std::to_string(*expiration_ms);
    }
    return properties.encode();
}

amqp::FieldTable ClientOptions::all_capabilities() {
    const amqp::FieldTable capabilities{{"authentication_failure_close", true},
                                        {"consumer_cancel_notify", true},
                                        {"connection.blocked", true},
                                        {"publisher_confirms", true},
                                        {"basic.nack", true}};
    return {{"product", "amqp_client"}, {"capabilities", capabilities}};
}

// --- the handshake
// ----------------------------------------------------------------------------------------------------

AmqpClient AmqpClient::open(std::uint16_t port, const ClientOptions& options) {
    AmqpClient client(port, options.receive_buffer_bytes);
    client.log_in(options);
    client.open_channel(1);
    return client;
}

void AmqpClient::log_in_until_tune(const ClientOptions& options) {
    send_octets(amqp::protocol_header);
    expect<amqp::connection::Start>(0);
    const std::string properties = options.client_properties.encode();
    const std::string response = '\0' + options.user + '\0' + options.password;
    send(amqp::connection::StartOk{{properties}, {"PLAIN"}, {response}, {"en_US"}}, 0);
}

void AmqpClient::log_in(const ClientOptions& options) {
    log_in_until_tune(options);
    expect<amqp::connection::Tune>(0);
    send(amqp::connection::TuneOk{options.channel_max, options.frame_max, options.heartbeat_s}, 0);
    call<amqp::connection::OpenOk>(amqp::connection::Open{{options.virtual_host}}, 0);
}

void AmqpClient::open_channel(amqp::ChannelNumber channel) {
    call<amqp::channel::OpenOk>(amqp::channel::Open{}, channel);
}

void AmqpClient::close() {
    send(amqp::connection::Close{200, {"bye"}}, 0);
    while (receive().channel != 0) { // what was on its way
    }
    expect_sent_to<amqp::connection::CloseOk>(frame_, 0);
}

// --- out
// --------------------------------------------------------------------------------------------------------------

void AmqpClient::publish(std::string_view exchange, std::string_view routing_key, std::string_view body,
                         Publishing how) {
    std::string frames;
    amqp::write_method(frames, how.channel, amqp::basic::Publish{0, {exchange}, {routing_key}, how.mandatory});
    const auto message = amqp::Message::make(exchange, routing_key, how.properties, body);
    amqp::write_content(frames, how.channel, *message, 131'072);
    send_octets(frames);
}

void AmqpClient::send_heartbeat() {
    std::string frame;
    amqp::write_heartbeat(frame);
    send_octets(frame);
}

// --- in
// ---------------------------------------------------------------------------------------------------------------

bool AmqpClient::receive_any(ReceivedFrame& frame) {
    const amqp::FrameParser parser(0);
    for (;;) {
        const auto parsed = parser.next(amqp::Bytes(input_).substr(used_)).value();
        if (parsed) {
            frame = {parsed->frame.type, parsed->frame.channel, std::string(parsed->frame.payload)};
            used_ += parsed->size;
            return true;
        }
        input_.erase(0, used_);
        used_ = 0;
        if (!socket_.receive(input_)) {
            return false;
        }
    }
}

const ReceivedFrame& AmqpClient::receive() {
    do {
        if (!receive_any(frame_)) {
            throw Unexpected("the broker has closed the connection");
        }
    } while (frame_.type == amqp::FrameType::heartbeat);
    return frame_;
}

void AmqpClient::expect_end() {
    while (receive_any(frame_)) {
        if (frame_.type != amqp::FrameType::heartbeat) {
            throw Unexpected("expected the end of the connection, got " + describe(frame_));
        }
    }
    if (!input_.empty()) {
        throw Unexpected("the connection ends in the middle of a frame");
    }
}

void AmqpClient::take_content(Delivery& delivery, amqp::ChannelNumber channel) {
    const ReceivedFrame& header = receive();
    if (header.type != amqp::FrameType::header || header.channel != channel) {
        throw Unexpected("expected a content header, got " + describe(header));
    }
    amqp::WireReader reader(header.payload);
    const auto class_id = reader.get<std::uint16_t>();
    const auto weight = reader.get<std::uint16_t>();
    const auto size = reader.get<std::uint64_t>();
    if (class_id != amqp::basic::Publish::id.class_id || weight != 0) {
        throw Unexpected("a content header of another class, or with a weight");
    }
    delivery.properties = reader.take(reader.remaining());
    while (delivery.body.size() < size) {
        const ReceivedFrame& body = receive();
        if (body.type != amqp::FrameType::body || body.channel != channel || body.payload.empty()) {
            throw Unexpected("expected a content body, got " + describe(body));
        }
        delivery.body += body.payload;
    }
    if (delivery.body.size() > size) {
        throw Unexpected("more body than announced");
    }
}

Delivery AmqpClient::expect_delivery(amqp::ChannelNumber channel) {
    const auto method = expect<amqp::basic::Deliver>(channel);
    Delivery delivery = delivery_of(method);
    delivery.consumer_tag = method.consumer_tag;
    take_content(delivery, channel);
    return delivery;
}

Delivery AmqpClient::expect_return(amqp::ChannelNumber channel) {
    const auto method = expect<amqp::basic::Return>(channel);
    if (method.reply_code != 312 || method.reply_text != amqp::ShortString{"NO_ROUTE"}) {
        throw Unexpected("expected 312 NO_ROUTE, got " + amqp::to_text(method));
    }
    Delivery delivery = delivery_of(method);
    take_content(delivery, channel);
    return delivery;
}

Delivery AmqpClient::expect_get_ok(amqp::ChannelNumber channel) {
    const auto method = expect<amqp::basic::GetOk>(channel);
    Delivery delivery = delivery_of(method);
    delivery.message_count = method.message_count;
    take_content(delivery, channel);
    return delivery;
}

Delivery AmqpClient::get(std::string_view queue, bool no_ack) {
    send(amqp::basic::Get{0, {queue}, no_ack});
    return expect_get_ok();
}

void AmqpClient::expect_confirms(amqp::DeliveryTag first, amqp::DeliveryTag last, amqp::ChannelNumber channel) {
    std::set<amqp::DeliveryTag> missing;
    for (amqp::DeliveryTag tag = first; tag <= last; ++tag) {
        missing.insert(missing.end(), tag);
    }
    while (!missing.empty()) {
        const auto ack = expect<amqp::basic::Ack>(channel);
        const auto one = missing.find(ack.delivery_tag);
        if (one == missing.end()) {
            throw Unexpected("confirmed twice or never published: " + amqp::to_text(ack));
        }
        missing.erase(ack.multiple ? missing.begin() : one, std::next(one));
    }
}

CloseReason AmqpClient::expect_channel_close(amqp::ChannelNumber channel) {
    const CloseReason reason = reason_of(expect<amqp::channel::Close>(channel));
    send(amqp::channel::CloseOk{}, channel);
    return reason;
}

CloseReason AmqpClient::expect_connection_close() {
    const CloseReason reason = reason_of(expect<amqp::connection::Close>(0));
    send(amqp::connection::CloseOk{}, 0);
    expect_end();
    return reason;
}

// --- in short
// ---------------------------------------------------------------------------------------------------------

std::string AmqpClient::declare(std::string_view queue, bool durable) {
    return std::string(call<amqp::queue::DeclareOk>(amqp::queue::Declare{.queue = {queue}, .durable = durable}).queue);
}

std::uint32_t AmqpClient::ready_messages(std::string_view queue) {
    return call<amqp::queue::DeclareOk>(amqp::queue::Declare{.queue = {queue}, .passive = true}).message_count;
}

void AmqpClient::confirm_select() {
    call<amqp::confirm::SelectOk>(amqp::confirm::Select{});
}

} // namespace broker::test
