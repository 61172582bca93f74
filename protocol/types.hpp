// The elementary types of AMQP 0-9-1 [spec 4.2.5] and the numbers by which things are called.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace amqp {

using ChannelNumber = std::uint16_t;
using DeliveryTag = std::uint64_t;
using Bytes = std::string_view; // raw octets, not owned, not necessarily text

// A short string on the wire: one length octet, at most 255 octets. A view into the frame when decoded.
struct ShortString {
    std::string_view value;
    static constexpr std::size_t max_size = 255;

    constexpr operator std::string_view() const { return value; }
    constexpr bool operator==(const ShortString&) const = default;
};

// A long string on the wire: four length octets.
struct LongString {
    std::string_view value;

    constexpr operator std::string_view() const { return value; }
    constexpr bool operator==(const LongString&) const = default;
};

// A field table as it stands on the wire, without its four length octets. Decoding checks that it is well formed
// (lengths, known types, depth, element count); FieldTable::decode then turns it into values when somebody asks.
struct EncodedTable {
    std::string_view bytes;

    constexpr bool operator==(const EncodedTable&) const = default;
};

struct MethodId {
    std::uint16_t class_id = 0;
    std::uint16_t method_id = 0;

    constexpr auto operator<=>(const MethodId&) const = default;
};

// Limits of every decoder, whatever was negotiated. See docs/ARCHITECTURE.md, Limits.
inline constexpr std::size_t max_table_depth = 32;
inline constexpr std::size_t max_table_elements = 8192;

} // namespace amqp
