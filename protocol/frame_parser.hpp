// Bytes to frames: incremental and without copying. The parser keeps no bytes itself; its caller keeps the unread rest.
#pragma once

#include "protocol/error.hpp"
#include "protocol/frame.hpp"
#include "protocol/wire_reader.hpp"

#include <cstddef>
#include <cstdint>
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
    // Inlined, as it is called three times for every message: its result is three words then, and not written out.
    [[gnu::always_inline]] Result<std::optional<Parsed>> next(Bytes input) const {
        if (input.size() < frame_header_size) {
            return std::optional<Parsed>();
        }
        const Header header = read_header(input);
        if (frame_max_ != 0 && header.payload_size > frame_max_ - frame_overhead + size_allowance) [[unlikely]] {
            return too_large(header);
        }
        const std::size_t size = frame_overhead + header.payload_size;
        if (input.size() < size) {
            return std::optional<Parsed>();
        }
        const Bytes payload(input.data() + frame_header_size, header.payload_size);
        if (static_cast<std::uint8_t>(input[size - 1]) != frame_end || !is_frame_type(header.type)) [[unlikely]] {
            return bad_frame(header, payload, input[size - 1]);
        }
        return std::optional(Parsed{{static_cast<FrameType>(header.type), header.channel, payload}, size});
    }

    // What the frame at the start of `input` will be, of which not all has come: next() found nothing wrong yet.
    // Nothing while its first seven octets are not there.
    struct Begun {
        FrameType type; // perhaps none that exists
        ChannelNumber channel = 0;
        std::size_t payload_size = 0;
    };
    static std::optional<Begun> begun(Bytes input);
    // For who takes the payload of such a frame as it comes: what next() says of a frame with a wrong end octet.
    static Error bad_end(FrameType type, Bytes payload, char end) {
        return bad_frame({static_cast<std::uint8_t>(type), 0, 0}, payload, end);
    }

 private:
    struct Header {
        std::uint8_t type;
        ChannelNumber channel;
        std::uint32_t payload_size;
    };
    static constexpr std::size_t size_allowance = 8; // for clients that count only the payload

    static Header read_header(Bytes input) {
        WireReader reader(input);
        const auto type = reader.get<std::uint8_t>();
        const auto channel = reader.get<ChannelNumber>();
        return {type, channel, reader.get<std::uint32_t>()};
    }
    static bool is_frame_type(std::uint8_t type) {
        switch (static_cast<FrameType>(type)) {
        case FrameType::method:
        case FrameType::header:
        case FrameType::body:
        case FrameType::heartbeat:
            return true;
        }
        return false;
    }
    Error too_large(const Header& header) const;
    static Error bad_frame(const Header& header, Bytes payload, char end);

    std::size_t frame_max_;
};

} // namespace amqp
