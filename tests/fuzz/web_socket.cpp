// WebSocket's frames from any octets: however they are cut, the same payload, the same end, the same good-bye.
#include "broker/net/web_socket_framing.hpp"
#include "protocol/assert.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

using broker::WebSocketFraming;

namespace {

struct Outcome {
    std::string payload, failure, answers;
    bool ended = false;
    bool operator==(const Outcome&) const = default;
};

Outcome play(std::string_view input, std::size_t step) {
    WebSocketFraming framing;
    Outcome outcome;
    for (std::size_t at = 0; at < input.size(); at += step) {
        std::string part(input.substr(at, step));
        const std::size_t payload = framing.unwrap(part);
        LEVERET_ASSERT(payload <= part.size());
        outcome.payload.append(part, 0, payload);
    }
    outcome.ended = framing.ended();
    outcome.failure = framing.failure();
    for (const bool at_end : {false, true}) {
        if (at_end) {
            framing.close();
        }
        LEVERET_ASSERT(framing.has_output() || !at_end);
        std::array<iovec, 1> framed;
        const std::size_t count = framing.wrap({}, framed);
        if (count != 0) {
            outcome.answers.append(static_cast<const char*>(framed[0].iov_base), framed[0].iov_len);
            LEVERET_ASSERT(framed[0].iov_len <= 127);
            LEVERET_ASSERT(framing.sent(framed[0].iov_len) == 0);
        }
    }
    LEVERET_ASSERT(!framing.has_output());
    return outcome;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const Outcome whole = play(input, std::max<std::size_t>(size, 1));
    LEVERET_ASSERT(whole.failure.empty() || whole.ended);
    for (const std::size_t step : {1u, 3u, 7u}) {
        LEVERET_ASSERT(play(input, step) == whole);
    }
    return 0;
}
