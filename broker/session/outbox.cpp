#include "broker/session/outbox.hpp"

#include "protocol/assert.hpp"

#include <algorithm>

namespace broker {

namespace {

constexpr std::size_t compaction_threshold = 64 * 1024;

} // namespace

void Outbox::write_content(amqp::ChannelNumber channel, const amqp::MessagePtr& message, std::size_t frame_max) {
    if (message->body_size() < reference_threshold) {
        amqp::write_content(buffer_, channel, *message, frame_max);
        return;
    }
    amqp::write_content_header(buffer_, channel, message->properties(), message->body_size());
    const std::size_t limit = frame_max == 0 ? message->body_size() : frame_max - amqp::frame_overhead;
    for (amqp::Bytes rest = message->body(); !rest.empty();) {
        const amqp::Bytes part = rest.substr(0, limit);
        amqp::write_frame_header(buffer_, amqp::FrameType::body, channel, static_cast<std::uint32_t>(part.size()));
        append_body(message, part);
        buffer_.push_back(static_cast<char>(amqp::frame_end));
        rest.remove_prefix(part.size());
    }
}

void Outbox::append_body(const amqp::MessagePtr& message, amqp::Bytes octets) {
    bodies_.push_back({buffer_.size(), message, octets});
    body_octets_ += octets.size();
}

std::size_t Outbox::fill(std::span<iovec> pieces) const {
    std::size_t count = 0;
    const auto add = [&](const char* octets, std::size_t size) {
        if (size != 0 && count < pieces.size()) {
            pieces[count++] = {const_cast<char*>(octets), size};
        }
    };
    std::size_t position = head_;
    for (const Body& body : bodies_) {
        if (count == pieces.size()) {
            return count;
        }
        add(buffer_.data() + position, body.position - position);
        add(body.octets.data(), body.octets.size());
        position = body.position;
    }
    add(buffer_.data() + position, buffer_.size() - position);
    return count;
}

void Outbox::consume(std::size_t octets) {
    LEVERET_ASSERT(octets <= bytes());
    written_ += octets;
    while (octets != 0) {
        const std::size_t end = bodies_.empty() ? buffer_.size() : bodies_.front().position;
        const std::size_t frames = std::min(octets, end - head_);
        head_ += frames;
        octets -= frames;
        if (octets == 0) {
            break;
        }
        Body& body = bodies_.front();
        const std::size_t part = std::min(octets, body.octets.size());
        body.octets.remove_prefix(part);
        body_octets_ -= part;
        octets -= part;
        if (body.octets.empty()) {
            bodies_.pop_front();
        }
    }
    drop_consumed();
}

void Outbox::drop_consumed() {
    if (empty()) {
        buffer_.clear();
        head_ = 0;
    } else if (head_ >= compaction_threshold && head_ >= buffer_.size() / 2) {
        buffer_.erase(0, head_);
        for (Body& body : bodies_) {
            body.position -= head_;
        }
        head_ = 0;
    }
}

void Outbox::discard() {
    buffer_.clear();
    bodies_.clear();
    head_ = 0;
    body_octets_ = 0;
}

void Outbox::release_memory() {
    const bool used = buffer_.capacity() > std::string().capacity(); // bodies have frames around them
    if (used && empty()) {
        buffer_ = {};
        bodies_ = {};
    }
}

} // namespace broker
