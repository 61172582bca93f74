#include "bench/prepared_message.hpp"

#include "protocol/frame_writer.hpp"
#include "protocol/methods.hpp"

namespace bench {

PreparedMessage::PreparedMessage(const Envelope& envelope, const std::string& routing_key, std::string body)
    : stamped_(body.size() >= stamp_size) {
    const auto message = amqp::Message::make(envelope.exchange, routing_key, envelope.properties, std::move(body));
    amqp::write_method(frames_, envelope.channel,
                       amqp::basic::Publish{0, {envelope.exchange}, {routing_key}, envelope.mandatory});
    const std::size_t content = frames_.size();
    amqp::write_content(frames_, envelope.channel, *message, envelope.frame_max);
    // The header frame, then the head of the first body frame, then the body.
    stamp_ = content + amqp::frame_overhead + 12 + envelope.properties.size() + amqp::frame_header_size;
}

} // namespace bench
