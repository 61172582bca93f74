// Structs to frames. Appends to a byte buffer that the caller owns and flushes.
#pragma once

#include "protocol/assert.hpp"
#include "protocol/frame.hpp"
#include "protocol/message.hpp"
#include "protocol/method_codec.hpp"
#include "protocol/wire_writer.hpp"

#include <array>
#include <cstdint>
#include <limits>
#include <string>

namespace amqp {

namespace detail {

inline constexpr std::size_t content_header_size = 12; // class-id(2) weight(2) body-size(8)

template <class Writer>
void put_frame_header(Writer& writer, FrameType type, ChannelNumber channel, std::size_t payload_size) {
    LEVERET_ASSERT(payload_size <= std::numeric_limits<std::uint32_t>::max());
    writer.put(static_cast<std::uint8_t>(type));
    writer.put(channel);
    writer.put(static_cast<std::uint32_t>(payload_size));
}

template <class Writer>
void put_content_header(Writer& writer, ChannelNumber channel, Bytes properties, std::uint64_t body_size) {
    put_frame_header(writer, FrameType::header, channel, content_header_size + properties.size());
    writer.put(basic::Publish::id.class_id);
    writer.put(std::uint16_t{0}); // weight, unused
    writer.put(body_size);
    writer.append(properties);
    writer.put(frame_end);
}

inline std::size_t largest_part(std::size_t frame_max) { // of a body
    return frame_max == 0 ? std::numeric_limits<std::size_t>::max() : frame_max - frame_overhead;
}

inline std::size_t content_bound(const Message& message, std::size_t frame_max) {
    const std::size_t parts = message.body_size() <= largest_part(frame_max) // most of them: nothing is divided
                                  ? 1
                                  : message.body_size() / largest_part(frame_max) + 1;
    return (1 + parts) * frame_overhead + content_header_size + message.properties().size() + message.body_size();
}

template <class Writer>
void put_content(Writer& writer, ChannelNumber channel, const Message& message, std::size_t frame_max) {
    put_content_header(writer, channel, message.properties(), message.body_size());
    for (Bytes rest = message.body(); !rest.empty();) {
        const Bytes part = rest.substr(0, largest_part(frame_max));
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

template <class Writer, Method M>
void put_frame(Writer& writer, ChannelNumber channel, const M& method) {
    writer.put(static_cast<std::uint8_t>(FrameType::method));
    writer.put(channel);
    const std::size_t begin = writer.begin_length();
    put_method(writer, method);
    writer.end_length(begin);
    writer.put(frame_end);
}

// Has put(writer) append at most `bound` octets. What is small is put together on the stack: in the string every octet
// would have to be cleared before it is written, and room be looked for at every field.
template <class Put>
void append(std::string& out, std::size_t bound, Put&& put) {
    constexpr std::size_t small = 2048;
    if (bound <= small) [[likely]] {
        std::array<char, small> octets;
        CountedWriter writer(octets.data());
        put(writer);
        LEVERET_ASSERT(writer.size() <= bound);
        out.append(octets.data(), writer.size());
    } else {
        WireWriter writer(out, bound);
        put(writer);
    }
}

} // namespace detail

// What follows is flattened: a writer whose address is given to no function lives in registers. Otherwise every octet
// that is written might change it.

// One method frame.
template <Method M>
[[gnu::flatten]] void write_method(std::string& out, ChannelNumber channel, const M& method) {
    detail::append(out, detail::frame_bound(method), [&](auto& writer) { detail::put_frame(writer, channel, method); });
}

// A method frame and the content that follows it, copied.
template <Method M>
[[gnu::flatten]] void write_method(std::string& out, ChannelNumber channel, const M& method, const Message& content,
                                   std::size_t frame_max) {
    detail::append(out, detail::frame_bound(method) + detail::content_bound(content, frame_max), [&](auto& writer) {
        detail::put_frame(writer, channel, method);
        detail::put_content(writer, channel, content, frame_max);
    });
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
