#include "protocol/frame_parser.hpp"

#include <algorithm>
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

std::size_t FrameParser::needed(Bytes input) const {
    if (input.size() < frame_header_size) {
        return 0;
    }
    const std::size_t size = frame_overhead + read_header(input).payload_size;
    return frame_max_ == 0 ? size : std::min(size, frame_max_ + size_allowance);
}

} // namespace amqp
