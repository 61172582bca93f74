// Frames [spec 4.2.3]:  type(1) channel(2) size(4) payload(size) frame-end(1)
#pragma once

#include "protocol/types.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace amqp {

enum class FrameType : std::uint8_t { method = 1, header = 2, body = 3, heartbeat = 8 };

inline constexpr std::uint8_t frame_end = 0xCE;
inline constexpr std::size_t frame_header_size = 7;
inline constexpr std::size_t frame_overhead = 8; // header and end octet
inline constexpr std::size_t frame_min_size = 4096;
inline constexpr std::string_view protocol_header{"AMQP\0\0\x09\x01", 8};

// A view of one frame inside a read buffer; valid while the buffer is.
struct Frame {
    FrameType type = FrameType::method;
    ChannelNumber channel = 0;
    Bytes payload;
};

} // namespace amqp
