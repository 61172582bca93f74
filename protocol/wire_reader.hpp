// Reads the elementary types [spec 4.2.5] from octets that a peer sent; a cursor on the stack of one decoder. It never
// reads beyond its input and never allocates. Failure is sticky: after it every get() yields a zero value and nothing
// is left, so that a decoder asks finished() once, at its end. What tables contain is field_table_codec's business.
#pragma once

#include "protocol/types.hpp"

#include <boost/endian/conversion.hpp>

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace amqp {

// The unsigned integer that has the octets of a T.
template <class T>
using Octets = std::conditional_t<sizeof(T) == 1, std::uint8_t,
                                  std::conditional_t<sizeof(T) == 2, std::uint16_t,
                                                     std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>>>;

class WireReader {
 public:
    explicit WireReader(Bytes input) : next_(input.data()), end_(input.data() + input.size()) {}

    bool failed() const { return failed_; }
    bool at_end() const { return next_ == end_; }
    bool finished() const { return at_end() && !failed_; } // all of the input was used and it was enough
    std::size_t remaining() const { return static_cast<std::size_t>(end_ - next_); }

    void fail() {
        next_ = end_;
        failed_ = true;
    }

    // The next value. Consecutive bools are bits of one octet, lowest first; anything else ends the octet.
    template <class T>
    T get() {
        if constexpr (std::same_as<T, bool>) {
            return get_bit();
        } else {
            bit_ = 0;
            if constexpr (std::is_arithmetic_v<T>) {
                return get_number<T>();
            } else if constexpr (std::same_as<T, ShortString>) {
                return {take(get_number<std::uint8_t>())};
            } else {
                static_assert(std::same_as<T, LongString> || std::same_as<T, EncodedTable>);
                return {take(get_number<std::uint32_t>())};
            }
        }
    }

    // The next `size` octets as they are.
    Bytes take(std::size_t size) {
        if (size > remaining()) [[unlikely]] {
            fail();
            return {};
        }
        next_ += size;
        return {next_ - size, size};
    }

 private:
    template <class T>
    T get_number() {
        const Bytes octets = take(sizeof(T));
        if (octets.empty()) [[unlikely]] {
            return T{};
        }
        Octets<T> number;
        std::memcpy(&number, octets.data(), sizeof number);
        return std::bit_cast<T>(boost::endian::big_to_native(number));
    }

    bool get_bit() {
        if (bit_ == 0) {
            bits_ = get_number<std::uint8_t>();
            bit_ = 1;
        }
        const bool value = (bits_ & bit_) != 0;
        bit_ = static_cast<std::uint8_t>(bit_ << 1); // 0 after the eighth
        return value;
    }

    const char* next_;
    const char* end_;
    bool failed_ = false;
    std::uint8_t bits_ = 0;
    std::uint8_t bit_ = 0; // mask of the next bit in bits_; 0 when no octet of bits is open
};

} // namespace amqp
