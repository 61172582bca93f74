// Compression of answers for those who ask for it. Pure functions.
#pragma once

#include <string>
#include <string_view>

namespace broker {

bool accepts_gzip(std::string_view accept_encoding); // the header of the request
std::string gzip(std::string_view text);             // fast rather than small

// Below this it is not worth the trouble.
inline constexpr std::size_t min_gzip_size = 1'400;

} // namespace broker
