#include "broker/admin/gzip.hpp"

#include "protocol/assert.hpp"

#include <zlib.h>

#include <algorithm>

namespace broker {

bool accepts_gzip(std::string_view accept_encoding) {
    while (!accept_encoding.empty()) {
        const std::size_t end = std::min(accept_encoding.find(','), accept_encoding.size());
        std::string_view coding = accept_encoding.substr(0, end);
        coding.remove_prefix(std::min(coding.find_first_not_of(' '), coding.size()));
        if (coding.starts_with("gzip")) {
            return coding.find("q=0") == std::string_view::npos || coding.find("q=0.") != std::string_view::npos;
        }
        accept_encoding.remove_prefix(std::min(end + 1, accept_encoding.size()));
    }
    return false;
}

std::string gzip(std::string_view text) {
    constexpr int window_bits = 15, gzip_format = 16, memory_level = 8;
    z_stream stream{};
    LEVERET_ASSERT(deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, window_bits + gzip_format, memory_level,
                                Z_DEFAULT_STRATEGY) == Z_OK);
    std::string compressed(deflateBound(&stream, text.size()), '\0');
    std::string input(text); // zlib wants it writable
    stream.next_in = reinterpret_cast<Bytef*>(input.data());
    stream.avail_in = static_cast<uInt>(input.size());
    stream.next_out = reinterpret_cast<Bytef*>(compressed.data());
    stream.avail_out = static_cast<uInt>(compressed.size());
    LEVERET_ASSERT(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    compressed.resize(stream.total_out);
    deflateEnd(&stream);
    return compressed;
}

} // namespace broker
