// Bytes to frames: incremental and without copying. The parser keeps no bytes itself; its caller keeps the unread rest.
#pragma once

#include "protocol/error.hpp"
#include "protocol/frame.hpp"

#include <cstddef>
#include <optional>

namespace amqp {

class FrameParser {
 public:
    // `frame_max` is the whole frame's size as negotiated; clients may exceed it by 8 octets (RabbitMQ's allowance for
    // clients that count only the payload). 0 is no limit and must not be used before tune.
    explicit FrameParser(std::size_t frame_max) : frame_max_(frame_max) {}

    void set_frame_max(std::size_t frame_max) { frame_max_ = frame_max; }
    std::size_t frame_max() const { return frame_max_; }

    struct Parsed {
        Frame frame;
        std::size_t size = 0; // octets used from the input
    };

    // The frame at the start of `input`, or nothing when it is not complete yet. Errors, all FRAME_ERROR:
    // unknown type, payload larger than allowed (as soon as the size octets are there), bad end octet.
    Result<std::optional<Parsed>> next(Bytes input) const;

    // How many octets the frame at the start of `input` needs in all (0 when its header is not complete): lets the
    // reader size its buffer. Never more than frame_max + 16.
    std::size_t needed(Bytes input) const;

 private:
    std::size_t frame_max_;
};

} // namespace amqp
