#include "broker/session/content_assembler.hpp"

#include "protocol/assert.hpp"
#include "protocol/wire_reader.hpp"

#include <string>

namespace broker {

namespace {

constexpr std::uint16_t basic_class = amqp::basic::Publish::id.class_id;

std::string expected_header() {
    return "expected content header for class " + std::to_string(basic_class) + ", got ";
}

} // namespace

amqp::Error ContentAssembler::unexpected_method() const {
    return expected_ == Expected::header
               ? amqp::unexpected_frame(expected_header() + "non content header frame instead")
               : amqp::unexpected_frame("expected content body, got non content body frame instead");
}

void ContentAssembler::begin(const amqp::basic::Publish& publish) {
    LEVERET_ASSERT(!active());
    exchange_.assign(publish.exchange.value.data(), publish.exchange.value.size());
    routing_key_.assign(publish.routing_key.value.data(), publish.routing_key.value.size());
    mandatory_ = publish.mandatory;
    immediate_ = publish.immediate;
    expected_ = Expected::header;
}

amqp::Result<bool> ContentAssembler::on_header(amqp::Bytes payload) {
    if (expected_ == Expected::method) {
        return amqp::unexpected_frame("expected method frame, got non method frame instead");
    }
    if (expected_ == Expected::body) {
        return unexpected_method();
    }
    amqp::WireReader reader(payload);
    const auto class_id = reader.get<std::uint16_t>();
    reader.get<std::uint16_t>(); // weight, unused
    const auto size = reader.get<std::uint64_t>();
    if (reader.failed()) {
        return amqp::frame_error("content header is cut off");
    }
    if (class_id != basic_class) {
        return amqp::unexpected_frame(expected_header() + "one for class " + std::to_string(class_id) + " instead");
    }
    if (size > body_size_cap) {
        return amqp::frame_error("content body size " + std::to_string(size) + " exceeds maximum allowed size " +
                                 std::to_string(body_size_cap));
    }
    if (size > max_message_size_) {
        return amqp::precondition_failed("message size " + std::to_string(size) +
                                         " is larger than configured max size " + std::to_string(max_message_size_));
    }
    const amqp::Bytes properties = reader.take(reader.remaining());
    const amqp::Result<> begun = builder_.begin(view(exchange_), view(routing_key_), properties, size);
    if (!begun) {
        return begun.error();
    }
    expected_ = Expected::body;
    return size == 0;
}

amqp::Result<bool> ContentAssembler::on_body(amqp::Bytes payload) {
    if (expected_ == Expected::method) {
        return amqp::unexpected_frame("expected method frame, got non method frame instead");
    }
    if (expected_ == Expected::header) {
        return unexpected_method();
    }
    if (payload.size() > builder_.remaining()) {
        return amqp::frame_error("content body frame exceeds remaining content size");
    }
    builder_.append(payload);
    return builder_.remaining() == 0;
}

ContentAssembler::Content ContentAssembler::take() {
    expected_ = Expected::method;
    return {builder_.finish(), mandatory_, immediate_};
}

} // namespace broker
