// Structs to frames. Appends to a byte buffer that the caller owns and flushes.
#pragma once

#include "protocol/frame.hpp"
#include "protocol/message.hpp"
#include "protocol/method_codec.hpp"
#include "protocol/wire_writer.hpp"

#include <cstdint>
#include <string>

namespace amqp {

// One method frame.
template <Method M>
void write_method(std::string& out, ChannelNumber channel, const M& method) {
    WireWriter writer(out, frame_overhead + detail::encoded_bound(method));
    writer.put(static_cast<std::uint8_t>(FrameType::method));
    writer.put(channel);
    const std::size_t begin = writer.begin_length();
    detail::put_method(writer, method);
    writer.end_length(begin);
    writer.put(frame_end);
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
