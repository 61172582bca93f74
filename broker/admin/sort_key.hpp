// What a list is put in order by: a value of JSON, as small as can be. Numbers before booleans before texts, nothing
// before everything: RabbitMQ's order of terms, as far as it shows.
#pragma once

#include <boost/json/value.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace broker {

struct SortKey {
    enum class Rank : std::uint8_t { nothing, number, boolean, text, other };

    Rank rank = Rank::nothing;
    double number = 0;
    std::string text = {};

    static SortKey of(std::uint64_t number) { return {Rank::number, static_cast<double>(number)}; }
    static SortKey of(bool boolean) { return {Rank::boolean, boolean ? 1.0 : 0.0}; }
    static SortKey of(std::string_view text) { return {Rank::text, 0, std::string(text)}; }
    static SortKey of(const boost::json::value* value); // null: nothing
};

inline int compare(const SortKey& a, const SortKey& b) {
    if (a.rank != b.rank) {
        return a.rank < b.rank ? -1 : 1;
    }
    if (a.number != b.number) {
        return a.number < b.number ? -1 : 1;
    }
    return a.text.compare(b.text);
}

} // namespace broker
