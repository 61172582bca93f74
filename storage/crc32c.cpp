#include "storage/crc32c.hpp"

#include <array>
#include <cstring>

namespace storage {
namespace {

constexpr std::uint32_t polynomial = 0x82f63b78; // reversed

// tables[k][b]: the checksum of octet b followed by k zero octets.
constexpr auto tables = [] {
    std::array<std::array<std::uint32_t, 256>, 8> result{};
    for (std::uint32_t octet = 0; octet < 256; ++octet) {
        std::uint32_t crc = octet;
        for (int bit = 0; bit < 8; ++bit)
            crc = (crc >> 1) ^ ((crc & 1) != 0 ? polynomial : 0);
        result[0][octet] = crc;
    }
    for (std::uint32_t octet = 0; octet < 256; ++octet)
        for (std::size_t k = 1; k < 8; ++k)
            result[k][octet] = (result[k - 1][octet] >> 8) ^ result[0][result[k - 1][octet] & 0xff];
    return result;
}();

std::uint64_t load_u64(const char* bytes) {
    std::uint64_t value;
    std::memcpy(&value, bytes, sizeof value);
    return value;
}

#if defined(__x86_64__)
[[gnu::target("sse4.2")]] std::uint32_t extend_sse42(std::uint32_t crc, std::string_view bytes) {
    std::uint64_t state = ~crc;
    const char* next = bytes.data();
    std::size_t left = bytes.size();
    for (; left >= 8; left -= 8, next += 8)
        state = __builtin_ia32_crc32di(state, load_u64(next));
    auto tail = static_cast<std::uint32_t>(state);
    for (; left > 0; --left, ++next)
        tail = __builtin_ia32_crc32qi(tail, static_cast<unsigned char>(*next));
    return ~tail;
}
const bool has_sse42 = __builtin_cpu_supports("sse4.2") != 0;
#endif

} // namespace

std::uint32_t crc32c_extend_portable(std::uint32_t crc, std::string_view bytes) {
    crc = ~crc;
    const char* next = bytes.data();
    std::size_t left = bytes.size();
    for (; left >= 8; left -= 8, next += 8) {
        const std::uint64_t word = load_u64(next) ^ crc;
        crc = 0;
        for (std::size_t k = 0; k < 8; ++k)
            crc ^= tables[7 - k][(word >> (8 * k)) & 0xff];
    }
    for (; left > 0; --left, ++next)
        crc = (crc >> 8) ^ tables[0][(crc ^ static_cast<unsigned char>(*next)) & 0xff];
    return ~crc;
}

std::uint32_t crc32c_extend(std::uint32_t crc, std::string_view bytes) {
#if defined(__x86_64__)
    if (has_sse42)
        return extend_sse42(crc, bytes);
#endif
    return crc32c_extend_portable(crc, bytes);
}

} // namespace storage
