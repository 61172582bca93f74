// Rates and samples for the numbers of the API [A8]: replaces every "..._details" that the views leave at zero. What
// it needs of the past it samples itself, and only of what somebody looks at: when an object is shown its numbers are
// remembered, and forgotten when nobody has asked for it for a while. The totals of the node alone are sampled always.
// Owned by Api, on the HTTP thread.
#pragma once

#include "broker/admin/target.hpp"
#include "broker/metrics/history.hpp"
#include "protocol/error.hpp"

#include <boost/json/object.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace broker {

// The ranges that a request asks samples of.
struct SampleRanges {
    enum class Group : std::uint8_t { lengths, message_rates, data_rates, node_stats };
    static constexpr std::size_t groups = 4;

    std::array<std::optional<TimeRange>, groups> of_group{};

    // Fails with PRECONDITION_FAILED: more samples than anybody can look at.
    static amqp::Result<SampleRanges> of(const Query& query);
    bool any() const;

    static constexpr std::int64_t max_samples = 500;
};

class Rates {
 public:
    enum class Kind : std::uint8_t {
        totals,  // of all that somebody may see: messages, comings and goings
        lengths, // the same: messages in queues
        node,
        virtual_host,
        queue,
        exchange,
        connection,
        channel,
    };

    // `key` says which object of the kind. What is asked for with ranges is remembered for longer.
    void put(Kind kind, std::string_view key, boost::json::object& object, const SampleRanges& ranges,
             std::int64_t now_ms);
    // To be called now and then.
    void forget_unused(std::int64_t now_ms);

    std::size_t size() const { return entries_.size(); }

    // Beyond this many objects rates are zero.
    static constexpr std::size_t max_objects = 200'000;
    // While there are no more than so many, those asked for with ranges are remembered for an hour.
    static constexpr std::size_t max_watched = 5'000;
    static constexpr std::int64_t forget_after_ms = 120'000;

 private:
    struct Entry {
        History history;
        std::int64_t asked_ms = 0;
    };

    Entry* find(Kind kind, std::string_view key, bool with_ranges);

    std::unordered_map<std::string, Entry> entries_;
};

} // namespace broker
