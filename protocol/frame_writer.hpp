// Structs to frames. Appends to a byte buffer that the caller owns and flushes.
#pragma once

#include "protocol/assert.hpp"
#include "protocol/frame.hpp"
#include "protocol/message.hpp"
#include "protocol/method_codec.hpp"
#include "protocol/wire_writer.hpp"

#include <cstdint>
#include <limits>
#include <string>

namespace amqp {

namespace detail {

inline constexpr std::size_t content_header_size = 12; // class-id(2) weight(2) body-size(8)

inline void put_frame_header(WireWriter& writer, FrameType type, ChannelNumber channel, std::size_t payload_size) {
    LEVERET_ASSERT(payload_size <= std::numeric_limits<std::uint32_t>::max());
    writer.put(static_cast<std::uint8_t>(type));
    writer.put(channel);
    writer.put(static_cast<std::uint32_t>(payload_size));
}

inline void put_content_header(WireWriter& writer, ChannelNumber channel, Bytes properties, std::uint64_t body_size) {
    put_frame_header(writer, FrameType::header, channel, content_header_size + properties.size());
    writer.put(basic::Publish::id.class_id);
    writer.put(std::uint16_t{0}); // weight, unused
    writer.put(body_size);
    writer.append(properties);
    writer.put(frame_end);
}

// If the body is one frame: most are.
inline std::size_t usual_content_size(const Message& message) {
    return 2 * frame_overhead + content_header_size + message.properties().size() + message.body_size();
}

inline void put_content(WireWriter& writer, ChannelNumber channel, const Message& message, std::size_t frame_max) {
    put_content_header(writer, channel, message.properties(), message.body_size());
    const std::size_t limit = frame_max == 0 ? message.body_size() : frame_max - frame_overhead;
    for (Bytes rest = message.body(); !rest.empty();) {
        const Bytes part = rest.substr(0, limit);
        put_frame_header(writer, FrameType::body, channel, part.size());
        writer.append(part);
        writer.put(frame_end);
        rest.remove_prefix(part.size());
    }
}

template <Method M>
std::size_t frame_bound(const M& method) {
    return frame_overhead + encoded_bound(method);
}

template <Method M>
void put_frame(WireWriter& writer, ChannelNumber channel, const M& method) {
    writer.put(static_cast<std::uint8_t>(FrameType::method));
    writer.put(channel);
    const std::size_t begin = writer.begin_length();
    put_method(writer, method);
    writer.end_length(begin);
    writer.put(frame_end);
}

} // namespace detail

// What follows is flattened: a writer whose address is given to no function lives in registers. Otherwise every octet
// that is written might change it; a delivery of 16 B took 600 instructions to write instead of 425.

// One method frame.
template <Method M>
[[gnu::flatten]] void write_method(std::string& out, ChannelNumber channel, const M& method) {
    WireWriter writer(out, detail::frame_bound(method));
    detail::put_frame(writer, channel, method);
}

// A method frame and the content that follows it, copied.
template <Method M>
[[gnu::flatten]] void write_method(std::string& out, ChannelNumber channel, const M& method, const Message& content,
                                   std::size_t frame_max) {
    WireWriter writer(out, detail::frame_bound(method) + detail::usual_content_size(content));
    detail::put_frame(writer, channel, method);
    detail::put_content(writer, channel, content, frame_max);
}

// The content header frame of class 60 and the frame headers of the body are written by the caller's choice of:
//  - write_content: everything copied into `out`;
//  - write_content_header + body frames by hand, for a gathered write of large bodies (see session/outbox).
// The body is cut into frames of at most frame_max - 8 octets; an empty body has no body frame.
void write_content(std::string& out, ChannelNumber channel, const Message& message, std::size_t frame_max);
void write_content_header(std::string& out, ChannelNumber channel, Bytes properties, std::uint64_t body_size);
void write_frame_header(std::string& out, FrameType type, ChannelNumber channel, std::uint32_t payload_size);
void write_heartbeat(std::string& out);

} // namespace amqp
