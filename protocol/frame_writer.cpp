#include "protocol/frame_writer.hpp"

namespace amqp {

void write_frame_header(std::string& out, FrameType type, ChannelNumber channel, std::uint32_t payload_size) {
    WireWriter writer(out, frame_header_size);
    detail::put_frame_header(writer, type, channel, payload_size);
}

void write_content_header(std::string& out, ChannelNumber channel, Bytes properties, std::uint64_t body_size) {
    WireWriter writer(out, frame_overhead + detail::content_header_size + properties.size());
    detail::put_content_header(writer, channel, properties, body_size);
}

void write_content(std::string& out, ChannelNumber channel, const Message& message, std::size_t frame_max) {
    WireWriter writer(out, detail::content_bound(message, frame_max));
    detail::put_content(writer, channel, message, frame_max);
}

void write_heartbeat(std::string& out) {
    write_frame_header(out, FrameType::heartbeat, 0, 0);
    out.push_back(static_cast<char>(frame_end));
}

} // namespace amqp
