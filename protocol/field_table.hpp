// Field tables [spec 4.2.5.5] with RabbitMQ's types: an ordered list of named values. Order and duplicate names are
// kept as they came; look-up finds the first.
#pragma once

#include "protocol/error.hpp"
#include "protocol/types.hpp"

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace amqp {

class FieldValue;

struct Decimal {
    std::uint8_t scale = 0;
    std::uint32_t value = 0;
    bool operator==(const Decimal&) const = default;
};
struct Timestamp { // seconds since 1970, UTC
    std::uint64_t seconds = 0;
    bool operator==(const Timestamp&) const = default;
};
struct ByteArray { // type letter 'x'
    std::string bytes;
    bool operator==(const ByteArray&) const = default;
};
struct Void {
    bool operator==(const Void&) const = default;
};
using Array = std::vector<FieldValue>;

class FieldTable {
 public:
    using Entry = std::pair<std::string, FieldValue>;
    using Iterator = std::vector<Entry>::const_iterator;

    FieldTable() = default;
    FieldTable(std::initializer_list<Entry> entries);

    // Well-formedness is checked with the limits of types.hpp; an error is SYNTAX of the peer (the caller decides the
    // reply code). Nothing is allocated for a length that the bytes do not have.
    static Result<FieldTable> decode(EncodedTable encoded);
    std::string encode() const; // the body, without the length octets

    const FieldValue* find(std::string_view key) const; // null if absent; the first one if repeated
    bool contains(std::string_view key) const { return find(key) != nullptr; }
    void set(std::string_view key, FieldValue value); // replaces the first, else appends
    void append(std::string_view key, FieldValue value); // also when there is one of that name
    bool erase(std::string_view key);                 // all of that name; true if there was one

    bool empty() const;
    std::size_t size() const;
    Iterator begin() const;
    Iterator end() const;

    void sort_by_key(); // stable
    bool operator==(const FieldTable&) const; // same entries in the same order

 private:
    std::vector<Entry> entries_;
};

// One value. The alternatives are the wire types; the letter on the wire follows from the alternative.
class FieldValue {
 public:
    using Variant = std::variant<Void, bool, std::int8_t, std::uint8_t, std::int16_t, std::uint16_t, std::int32_t,
                                 std::uint32_t, std::int64_t, float, double, Decimal, std::string, ByteArray, Array,
                                 Timestamp, FieldTable>;

    FieldValue() = default;
    template <class T>
        requires std::constructible_from<Variant, T&&> && (!std::same_as<std::remove_cvref_t<T>, FieldValue>)
    FieldValue(T&& value) : value_(std::forward<T>(value)) {}
    FieldValue(const char* text) : value_(std::string(text)) {}
    FieldValue(std::string_view text) : value_(std::string(text)) {}

    const Variant& variant() const { return value_; }
    template <class T>
    const T* get_if() const {
        return std::get_if<T>(&value_);
    }

    // Any integer alternative as int64; nothing for other types (a float is not an integer).
    std::optional<std::int64_t> as_integer() const;
    // Text of a long string.
    const std::string* as_string() const { return std::get_if<std::string>(&value_); }

    // RabbitMQ's name of the type in error texts: longstr signedint long bool short byte unsignedbyte unsignedshort
    // unsignedint float double decimal timestamp table array binary void.
    std::string_view type_name() const;
    // The value as RabbitMQ prints it in error texts: 60000, abc, true.
    std::string to_text() const;

    bool operator==(const FieldValue&) const; // same type and value

 private:
    Variant value_;
};

// FieldValue is complete only here.
inline bool FieldTable::empty() const {
    return entries_.empty();
}
inline std::size_t FieldTable::size() const {
    return entries_.size();
}
inline FieldTable::Iterator FieldTable::begin() const {
    return entries_.begin();
}
inline FieldTable::Iterator FieldTable::end() const {
    return entries_.end();
}

// RabbitMQ's equivalence of arguments: the same type class (all integer types are one, float and double are one) and
// the same value.
bool equivalent(const FieldValue& a, const FieldValue& b);

// Equality as the headers exchange compares: decoded terms. Integers compare by value across integer types, 1 is not
// 1.0 and not "1".
bool same_term(const FieldValue& a, const FieldValue& b);

// True when `encoded` is well formed. Used by the method decoder; allocates nothing.
bool is_well_formed(EncodedTable encoded);

} // namespace amqp
