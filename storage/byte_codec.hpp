// How integers and strings stand in our stored values: little-endian fixed widths, LEB128 varints, strings behind a
// varint length; big-endian in keys, so that they sort. Reading never goes beyond the given bytes and never allocates.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace storage {

template <class Integer>
void put_little_endian(std::string& out, Integer value) {
    static_assert(std::endian::native == std::endian::little);
    char raw[sizeof value];
    std::memcpy(raw, &value, sizeof value);
    out.append(raw, sizeof raw);
}

template <class Integer>
void put_big_endian(std::string& out, Integer value) {
    for (int shift = static_cast<int>(sizeof value) * 8 - 8; shift >= 0; shift -= 8)
        out.push_back(static_cast<char>(value >> shift));
}

inline void put_varint(std::string& out, std::uint64_t value) {
    while (value >= 0x80) {
        out.push_back(static_cast<char>(value | 0x80));
        value >>= 7;
    }
    out.push_back(static_cast<char>(value));
}

// Signed, small magnitudes short: 0, -1, 1, -2, ...
inline void put_zigzag(std::string& out, std::int64_t value) {
    put_varint(out, (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
}

inline void put_string(std::string& out, std::string_view value) {
    put_varint(out, value.size());
    out.append(value);
}

// A bounded cursor. A failed read sticks: everything after it yields zeros and empty strings, and ok() is false.
class ByteReader {
 public:
    explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

    bool ok() const { return ok_; }
    bool at_end() const { return ok_ && rest_.empty(); }
    std::size_t remaining() const { return rest_.size(); }

    std::string_view bytes(std::uint64_t size) {
        if (size > rest_.size()) {
            fail();
            return {};
        }
        const auto result = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return result;
    }

    template <class Integer>
    Integer little_endian() {
        const auto raw = bytes(sizeof(Integer));
        Integer value{};
        if (ok_)
            std::memcpy(&value, raw.data(), sizeof value);
        return value;
    }

    template <class Integer>
    Integer big_endian() {
        Integer value{};
        for (const char octet : bytes(sizeof(Integer)))
            value = static_cast<Integer>((value << 8) | static_cast<unsigned char>(octet));
        return value;
    }

    std::uint8_t u8() { return little_endian<std::uint8_t>(); }

    std::uint64_t varint() {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            const std::uint64_t octet = u8();
            if (shift == 63 && octet > 1)
                break;
            value |= (octet & 0x7f) << shift;
            if ((octet & 0x80) == 0)
                return ok_ ? value : 0;
        }
        fail();
        return 0;
    }

    std::int64_t zigzag() {
        const std::uint64_t value = varint();
        return static_cast<std::int64_t>((value >> 1) ^ (0 - (value & 1)));
    }

    std::string_view string() { return bytes(varint()); }

    void fail() {
        ok_ = false;
        rest_ = {};
    }

 private:
    std::string_view rest_;
    bool ok_ = true;
};

} // namespace storage
