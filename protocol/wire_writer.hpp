// Appends the elementary types [spec 4.2.5] to a string that the caller owns; a cursor on the stack of one encoder.
// Room for `expected` octets is taken at once, more when it is needed; the destructor gives back what was not used.
// Nothing is ever truncated: a value that does not fit its length octets is a programmer's mistake.
#pragma once

#include "protocol/assert.hpp"
#include "protocol/types.hpp"
#include "protocol/wire_reader.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

namespace amqp {

class WireWriter {
 public:
    explicit WireWriter(std::string& out, std::size_t expected = 64)
        : out_(out),
          room_(more_room(out, out.data() + out.size(), expected)) {}
    ~WireWriter() { out_.resize(size()); }
    WireWriter(const WireWriter&) = delete;
    WireWriter& operator=(const WireWriter&) = delete;

    // Consecutive bools are bits of one octet, lowest first; anything else ends the octet.
    void put(bool value) {
        if (bit_ == 0) {
            *claim(1) = 0;
            bit_ = 1;
        }
        if (value) {
            char& octet = room_.next[-1];
            octet = static_cast<char>(octet | bit_);
        }
        bit_ = static_cast<std::uint8_t>(bit_ << 1); // 0 after the eighth
    }

    template <class T>
    requires(std::is_arithmetic_v<T> && !std::same_as<T, bool>) void put(T number) {
        bit_ = 0;
        const auto octets = boost::endian::native_to_big(std::bit_cast<Octets<T>>(number));
        std::memcpy(claim(sizeof octets), &octets, sizeof octets);
    }

    void put(ShortString text) {
        LEVERET_ASSERT(text.value.size() <= ShortString::max_size);
        put(static_cast<std::uint8_t>(text.value.size()));
        append(text.value);
    }
    void put(LongString text) { put_long(text.value); }
    void put(EncodedTable table) { put_long(table.bytes); }

    // Octets as they are.
    void append(Bytes octets) {
        bit_ = 0;
        octets.copy(claim(octets.size()), octets.size());
    }

    // Four length octets for what is put until end_length(), for when that is not known yet.
    std::size_t begin_length() {
        put(std::uint32_t{0});
        return size();
    }
    void end_length(std::size_t begin) {
        LEVERET_ASSERT(size() - begin <= std::numeric_limits<std::uint32_t>::max());
        const auto length = boost::endian::native_to_big(static_cast<std::uint32_t>(size() - begin));
        std::memcpy(out_.data() + begin - sizeof length, &length, sizeof length);
    }

 private:
    void put_long(Bytes octets) {
        LEVERET_ASSERT(octets.size() <= std::numeric_limits<std::uint32_t>::max());
        put(static_cast<std::uint32_t>(octets.size()));
        append(octets);
    }

    struct Room {
        char* next; // where the next octet goes
        char* end;
    };

    std::size_t size() const { return static_cast<std::size_t>(room_.next - out_.data()); }

    char* claim(std::size_t size) {
        if (static_cast<std::size_t>(room_.end - room_.next) < size) [[unlikely]] {
            room_ = more_room(out_, room_.next, std::max(size, out_.size()));
        }
        return std::exchange(room_.next, room_.next + size);
    }

    [[gnu::noinline]] static Room more_room(std::string& out, const char* next, std::size_t size) {
        const auto used = static_cast<std::size_t>(next - out.data());
        out.resize(used + size);
        return {out.data() + used, out.data() + out.size()};
    }

    std::string& out_;
    Room room_;
    std::uint8_t bit_ = 0; // mask of the next bit in the last octet; 0 when no octet of bits is open
};

} // namespace amqp
