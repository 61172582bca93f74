// CRC32C (Castagnoli), the checksum of every stored page and row; with the processor's instruction where there is one.
#pragma once

#include <cstdint>
#include <string_view>

namespace storage {

// Continues `crc` (0 at the start) over `bytes`.
std::uint32_t crc32c_extend(std::uint32_t crc, std::string_view bytes);

inline std::uint32_t crc32c(std::string_view bytes) {
    return crc32c_extend(0, bytes);
}

std::uint32_t crc32c_extend_portable(std::uint32_t crc, std::string_view bytes); // by table; public for its test

} // namespace storage
