// Frames for tests: built as a client sends them, and read back as text, one line per frame:
//     "1 basic.ack{delivery_tag=3, multiple=true}"   "1 header{5}"   "1 body{hello}"   "0 heartbeat"
#pragma once

#include "protocol/frame_parser.hpp"
#include "protocol/frame_writer.hpp"
#include "protocol/method_codec.hpp"
#include "protocol/method_text.hpp"
#include "protocol/properties.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace test {

using Lines = std::vector<std::string>;

template <amqp::Method M>
std::string frame(amqp::ChannelNumber channel, const M& method) {
    std::string out;
    amqp::write_method(out, channel, method);
    return out;
}

inline std::string raw_frame(unsigned type, amqp::ChannelNumber channel, std::string_view payload) {
    std::string out;
    amqp::write_frame_header(out, static_cast<amqp::FrameType>(type), channel,
                             static_cast<std::uint32_t>(payload.size()));
    out.append(payload).push_back(static_cast<char>(amqp::frame_end));
    return out;
}

inline std::string heartbeat_frame() {
    std::string out;
    amqp::write_heartbeat(out);
    return out;
}

inline std::string header_frame(amqp::ChannelNumber channel, const amqp::BasicProperties& properties,
                                std::uint64_t body_size) {
    std::string out;
    amqp::write_content_header(out, channel, properties.encode(), body_size);
    return out;
}

inline std::string body_frame(amqp::ChannelNumber channel, std::string_view body) {
    return raw_frame(3, channel, body);
}

inline std::string content_frames(amqp::ChannelNumber channel, std::string_view body,
                                  const amqp::BasicProperties& properties = {}) {
    std::string out = header_frame(channel, properties, body.size());
    if (!body.empty()) {
        out += body_frame(channel, body);
    }
    return out;
}

inline std::string publish_frames(amqp::ChannelNumber channel, std::string_view exchange, std::string_view key,
                                  std::string_view body, const amqp::BasicProperties& properties = {}) {
    return frame(channel, amqp::basic::Publish{.exchange = {exchange}, .routing_key = {key}}) +
           content_frames(channel, body, properties);
}

// A receiver of every method that only keeps its text.
struct MethodPrinter {
    std::string text;

    template <amqp::Method M>
    amqp::Result<> on(const M& method) {
        text = amqp::to_text(method);
        return {};
    }
};

// Text of a method frame's payload.
inline std::string method_text(std::string_view payload) {
    MethodPrinter printer;
    const amqp::Result<> printed = amqp::dispatch<amqp::AllMethods>(payload, printer);
    return printed ? printer.text : "undecodable";
}

inline std::string frame_text(const amqp::Frame& frame) {
    const std::string channel = std::to_string(frame.channel) + ' ';
    switch (frame.type) {
    case amqp::FrameType::method:
        return channel + method_text(frame.payload);
    case amqp::FrameType::header: {
        amqp::WireReader reader(frame.payload);
        reader.get<std::uint32_t>();
        return channel + "header{" + std::to_string(reader.get<std::uint64_t>()) + '}';
    }
    case amqp::FrameType::body:
        return channel + "body{" + std::string(frame.payload.substr(0, 32)) + '}';
    case amqp::FrameType::heartbeat:
        break;
    }
    return channel + "heartbeat";
}

// The frames in `bytes`, which must be complete.
template <class Visit>
void for_each_frame(std::string_view bytes, Visit&& visit) {
    const amqp::FrameParser parser(0);
    while (!bytes.empty()) {
        const auto parsed = parser.next(bytes);
        REQUIRE(parsed.has_value());
        REQUIRE(parsed->has_value());
        visit((*parsed)->frame);
        bytes.remove_prefix((*parsed)->size);
    }
}

inline Lines frame_lines(std::string_view bytes) {
    Lines lines;
    for_each_frame(bytes, [&](const amqp::Frame& frame) { lines.push_back(frame_text(frame)); });
    return lines;
}

} // namespace test
