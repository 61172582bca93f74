#include "protocol/frame_writer.hpp"

#include "protocol/assert.hpp"
#include "protocol/methods/basic.hpp"

#include <algorithm>
#include <limits>

namespace amqp {

namespace {

constexpr std::size_t content_header_size = 12; // class-id(2) weight(2) body-size(8)

std::uint32_t payload_size(std::size_t size) {
    LEVERET_ASSERT(size <= std::numeric_limits<std::uint32_t>::max());
    return static_cast<std::uint32_t>(size);
}

void put_frame_header(WireWriter& writer, FrameType type, ChannelNumber channel, std::uint32_t size) {
    writer.put(static_cast<std::uint8_t>(type));
    writer.put(channel);
    writer.put(size);
}

void put_content_header(WireWriter& writer, ChannelNumber channel, Bytes properties, std::uint64_t body_size) {
    put_frame_header(writer, FrameType::header, channel, payload_size(content_header_size + properties.size()));
    writer.put(basic::Publish::id.class_id);
    writer.put(std::uint16_t{0}); // weight, unused
    writer.put(body_size);
    writer.append(properties);
    writer.put(frame_end);
}

} // namespace

void write_frame_header(std::string& out, FrameType type, ChannelNumber channel, std::uint32_t payload_size) {
    WireWriter writer(out, frame_header_size);
    put_frame_header(writer, type, channel, payload_size);
}

void write_content_header(std::string& out, ChannelNumber channel, Bytes properties, std::uint64_t body_size) {
    WireWriter writer(out, frame_overhead + content_header_size + properties.size());
    put_content_header(writer, channel, properties, body_size);
}

void write_content(std::string& out, ChannelNumber channel, const Message& message, std::size_t frame_max) {
    const Bytes properties = message.properties();
    const std::size_t limit = frame_max == 0 ? message.body_size() : frame_max - frame_overhead;
    // Room for all of it is taken at once, if the body is one frame: most are.
    WireWriter writer(out, 2 * frame_overhead + content_header_size + properties.size() + message.body_size());
    put_content_header(writer, channel, properties, message.body_size());
    for (Bytes rest = message.body(); !rest.empty();) {
        const Bytes part = rest.substr(0, limit);
        put_frame_header(writer, FrameType::body, channel, payload_size(part.size()));
        writer.append(part);
        writer.put(frame_end);
        rest.remove_prefix(part.size());
    }
}

void write_heartbeat(std::string& out) {
    write_frame_header(out, FrameType::heartbeat, 0, 0);
    out.push_back(static_cast<char>(frame_end));
}

} // namespace amqp
