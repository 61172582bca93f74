#include "protocol/frame_parser.hpp"

#include <string>

namespace amqp {

namespace {

constexpr std::size_t snippet_size = 16;

// RabbitMQ's text:  type 3, first 16 octets = <<1,2,...>>: {invalid_frame_end_marker,0}
Error refused(std::uint8_t type, Bytes payload, const std::string& reason) {
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

Error FrameParser::too_large(const Header& header) const {
    return refused(header.type, {},
                   "{frame_too_large," + std::to_string(header.payload_size) + ',' +
                       std::to_string(frame_max_ - frame_overhead) + '}');
}

Error FrameParser::bad_frame(const Header& header, Bytes payload, char end) {
    const auto octet = static_cast<std::uint8_t>(end);
    return refused(header.type, payload,
                   octet == frame_end ? "unknown_frame" : "{invalid_frame_end_marker," + std::to_string(octet) + '}');
}

std::optional<FrameParser::Begun> FrameParser::begun(Bytes input) {
    if (input.size() < frame_header_size) {
        return std::nullopt;
    }
    const Header header = read_header(input);
    return Begun{static_cast<FrameType>(header.type), header.channel, header.payload_size};
}

} // namespace amqp
