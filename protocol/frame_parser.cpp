#include "protocol/frame_parser.hpp"

#include "protocol/wire_reader.hpp"

#include <string>

namespace amqp {

namespace {

constexpr std::size_t size_allowance = 8; // for clients that count only the payload
constexpr std::size_t snippet_size = 16;

struct FrameHeader {
    std::uint8_t type;
    ChannelNumber channel;
    std::uint32_t payload_size;
};

FrameHeader read_header(Bytes input) {
    WireReader reader(input);
    const auto type = reader.get<std::uint8_t>();
    const auto channel = reader.get<ChannelNumber>();
    return {type, channel, reader.get<std::uint32_t>()};
}

bool is_frame_type(std::uint8_t type) {
    switch (static_cast<FrameType>(type)) {
    case FrameType::method:
    case FrameType::header:
    case FrameType::body:
    case FrameType::heartbeat:
        return true;
    }
    return false;
}

// RabbitMQ's text:  type 3, first 16 octets = <<1,2,...>>: {invalid_frame_end_marker,0}
Error bad_frame(std::uint8_t type, Bytes payload, const std::string& reason) {
    std::string text = "type " + std::to_string(type);
    text += payload.size() <= snippet_size ? ", all octets = <<" : ", first 16 octets = <<";
    std::string_view separator;
    for (const char octet : payload.substr(0, snippet_size)) {
        text.append(separator).append(std::to_string(static_cast<unsigned char>(octet)));
        separator = ",";
    }
    return frame_error(text + ">>: " + reason);
}

} // namespace

Result<std::optional<FrameParser::Parsed>> FrameParser::next(Bytes input) const {
    if (input.size() < frame_header_size) {
        return std::optional<Parsed>();
    }
    const FrameHeader header = read_header(input);
    if (frame_max_ != 0 && header.payload_size > frame_max_ - frame_overhead + size_allowance) [[unlikely]] {
        return bad_frame(header.type, {},
                         "{frame_too_large," + std::to_string(header.payload_size) + ',' +
                             std::to_string(frame_max_ - frame_overhead) + '}');
    }
    const std::size_t size = frame_overhead + header.payload_size;
    if (input.size() < size) {
        return std::optional<Parsed>();
    }
    const Bytes payload = input.substr(frame_header_size, header.payload_size);
    const auto end = static_cast<std::uint8_t>(input[size - 1]);
    if (end != frame_end) [[unlikely]] {
        return bad_frame(header.type, payload, "{invalid_frame_end_marker," + std::to_string(end) + '}');
    }
    if (!is_frame_type(header.type)) [[unlikely]] {
        return bad_frame(header.type, payload, "unknown_frame");
    }
    return std::optional(Parsed{{static_cast<FrameType>(header.type), header.channel, payload}, size});
}

std::size_t FrameParser::needed(Bytes input) const {
    if (input.size() < frame_header_size) {
        return 0;
    }
    const std::size_t size = frame_overhead + read_header(input).payload_size;
    return frame_max_ == 0 ? size : std::min(size, frame_max_ + size_allowance);
}

} // namespace amqp
