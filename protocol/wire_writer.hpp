// Writes the elementary types [spec 4.2.5]; a cursor on the stack of one encoder.
//   WireWriter     appends to a string that the caller owns. Room for `expected` octets is taken at once, more when it
//                  is needed; the destructor gives back what was not used.
//   CountedWriter  writes to where there is room for all of it: whoever makes one has counted.
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

// Where a writer's octets go.
class GrowingRoom {
 public:
    explicit GrowingRoom(std::string& out, std::size_t expected = 64)
        : out_(out),
          free_(more(out, out.data() + out.size(), expected)) {}
    ~GrowingRoom() { out_.resize(size()); }
    GrowingRoom(const GrowingRoom&) = delete;
    GrowingRoom& operator=(const GrowingRoom&) = delete;

    char* data() { return out_.data(); }
    std::size_t size() const { return static_cast<std::size_t>(free_.next - out_.data()); }
    char* claim(std::size_t size) {
        if (static_cast<std::size_t>(free_.end - free_.next) < size) [[unlikely]] {
            free_ = more(out_, free_.next, std::max(size, out_.size()));
        }
        return std::exchange(free_.next, free_.next + size);
    }

 private:
    struct Free {
        char* next; // where the next octet goes
        char* end;
    };

    [[gnu::noinline]] static Free more(std::string& out, const char* next, std::size_t size) {
        const auto used = static_cast<std::size_t>(next - out.data());
        out.resize(used + size);
        return {out.data() + used, out.data() + out.size()};
    }

    std::string& out_;
    Free free_;
};

class CountedRoom {
 public:
    explicit CountedRoom(char* begin) : begin_(begin), next_(begin) {}

    char* data() { return begin_; }
    std::size_t size() const { return static_cast<std::size_t>(next_ - begin_); }
    char* claim(std::size_t size) { return std::exchange(next_, next_ + size); }

 private:
    char* const begin_;
    char* next_;
};

template <class Room>
class BasicWireWriter {
 public:
    template <class... Arguments>
    explicit BasicWireWriter(Arguments&&... room) : room_(std::forward<Arguments>(room)...) {}

    std::size_t size() const { return room_.size(); } // of all that is there, also from before

    // Consecutive bools are bits of one octet, lowest first; anything else ends the octet.
    void put(bool value) {
        if (bit_ == 0) {
            *room_.claim(1) = 0;
            bit_ = 1;
        }
        if (value) {
            char& octet = room_.data()[size() - 1];
            octet = static_cast<char>(octet | bit_);
        }
        bit_ = static_cast<std::uint8_t>(bit_ << 1); // 0 after the eighth
    }

    template <class T>
    requires(std::is_arithmetic_v<T> && !std::same_as<T, bool>) void put(T number) {
        bit_ = 0;
        const auto octets = boost::endian::native_to_big(std::bit_cast<Octets<T>>(number));
        std::memcpy(room_.claim(sizeof octets), &octets, sizeof octets);
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
        octets.copy(room_.claim(octets.size()), octets.size());
    }

    // Four length octets for what is put until end_length(), for when that is not known yet.
    std::size_t begin_length() {
        put(std::uint32_t{0});
        return size();
    }
    void end_length(std::size_t begin) {
        LEVERET_ASSERT(size() - begin <= std::numeric_limits<std::uint32_t>::max());
        const auto length = boost::endian::native_to_big(static_cast<std::uint32_t>(size() - begin));
        std::memcpy(room_.data() + begin - sizeof length, &length, sizeof length);
    }

 private:
    void put_long(Bytes octets) {
        LEVERET_ASSERT(octets.size() <= std::numeric_limits<std::uint32_t>::max());
        put(static_cast<std::uint32_t>(octets.size()));
        append(octets);
    }

    Room room_;
    std::uint8_t bit_ = 0; // mask of the next bit in the last octet; 0 when no octet of bits is open
};

using WireWriter = BasicWireWriter<GrowingRoom>;
using CountedWriter = BasicWireWriter<CountedRoom>;

} // namespace amqp
