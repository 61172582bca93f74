// Frames from any octets: reading in parts sees what reading at once sees, and what was read can be written again.
#include "protocol/frame_parser.hpp"

#include "protocol/assert.hpp"
#include "protocol/frame_writer.hpp"

#include <optional>
#include <string>
#include <vector>

using namespace amqp;

namespace {

struct Outcome {
    std::string written; // every frame that was read, written again
    std::optional<Error> error;
    bool operator==(const Outcome&) const = default;
};

Outcome parse(Bytes input, std::size_t part, const FrameParser& parser) {
    Outcome outcome;
    std::size_t read = 0; // octets that became frames
    for (std::size_t came = std::min(part, input.size());; came = std::min(came + part, input.size())) {
        while (!outcome.error) {
            const Bytes unread = input.substr(read, came - read);
            const auto begun = FrameParser::begun(unread);
            const auto parsed = parser.next(unread);
            if (!parsed) {
                outcome.error = parsed.error();
            } else if (!*parsed) {
                LEVERET_ASSERT(!begun || begun->payload_size <= parser.frame_max());
                break;
            } else {
                const auto& [frame, size] = **parsed;
                LEVERET_ASSERT(size <= unread.size() && size == frame_overhead + begun->payload_size);
                LEVERET_ASSERT(frame.type == begun->type && frame.channel == begun->channel);
                write_frame_header(outcome.written, frame.type, frame.channel,
                                   static_cast<std::uint32_t>(frame.payload.size()));
                outcome.written.append(frame.payload).push_back(static_cast<char>(frame_end));
                read += size;
            }
        }
        if (outcome.error || came == input.size()) {
            break;
        }
    }
    LEVERET_ASSERT(outcome.written == input.substr(0, read));
    return outcome;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const FrameParser parser(frame_min_size);
    const std::size_t part = 1 + data[0] % 32;
    const Bytes input(reinterpret_cast<const char*>(data) + 1, size - 1);
    LEVERET_ASSERT(parse(input, part, parser) == parse(input, size, parser));
    return 0;
}
