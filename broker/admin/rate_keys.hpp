// Rates of one number of very many things, for lists that are put in order by a rate: no more than two samples of each.
// What is shown gets its rates from Rates. Kept while somebody asks. Owned by Api, on the HTTP thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

namespace broker {

class RateKeys {
 public:
    // Of the things in one column, by name; from what `value` was some seconds ago. 0 when nobody knows.
    double rate(std::string_view column, std::string_view name, double value, std::int64_t now_ms);
    // To be called now and then.
    void forget_unused(std::int64_t now_ms);

    std::size_t columns() const { return columns_.size(); }

    static constexpr std::size_t max_columns = 4, max_things = 200'000;
    static constexpr std::int64_t sample_interval_ms = 5'000, forget_after_ms = 60'000;

 private:
    struct Sample {
        double value = 0;
        std::int64_t at_ms = 0;
    };
    using Samples = std::array<Sample, 2>; // older, newer
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
    };
    struct Column {
        std::unordered_map<std::string, Samples, Hash, std::equal_to<>> things;
        std::int64_t asked_ms = 0;
    };

    Column* find_column(std::string_view name, std::int64_t now_ms);

    std::unordered_map<std::string, Column, Hash, std::equal_to<>> columns_;
};

} // namespace broker
