#include "broker/admin/rates.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <charconv>
#include <span>
#include <vector>

namespace broker {
namespace {

namespace json = boost::json;

using Group = SampleRanges::Group;

// One number of a kind of object: where it stands there. Counters come before gauges.
struct Rated {
    std::string_view part; // object in the object; empty: itself
    std::string_view name;
    Group group;
};

struct RatedNumbers {
    std::span<const Rated> numbers;
    std::size_t counters;
};

constexpr std::string_view stats = "message_stats", churn = "churn_rates";

constexpr std::array message_numbers{
    Rated{stats, "publish", Group::message_rates},     Rated{stats, "confirm", Group::message_rates},
    Rated{stats, "deliver", Group::message_rates},     Rated{stats, "deliver_no_ack", Group::message_rates},
    Rated{stats, "get", Group::message_rates},         Rated{stats, "get_no_ack", Group::message_rates},
    Rated{stats, "get_empty", Group::message_rates},   Rated{stats, "deliver_get", Group::message_rates},
    Rated{stats, "redeliver", Group::message_rates},   Rated{stats, "ack", Group::message_rates},
    Rated{stats, "return_unroutable", Group::message_rates}, Rated{stats, "drop_unroutable", Group::message_rates},
};
constexpr std::array churn_numbers{
    Rated{churn, "connection_created", Group::lengths}, Rated{churn, "connection_closed", Group::lengths},
    Rated{churn, "channel_created", Group::lengths},    Rated{churn, "channel_closed", Group::lengths},
    Rated{churn, "queue_declared", Group::lengths},     Rated{churn, "queue_created", Group::lengths},
    Rated{churn, "queue_deleted", Group::lengths},
};
constexpr std::array length_numbers{
    Rated{"", "messages", Group::lengths},
    Rated{"", "messages_ready", Group::lengths},
    Rated{"", "messages_unacknowledged", Group::lengths},
};
constexpr std::array waiting_numbers{Rated{"", "waited_ms", Group::lengths}};
constexpr std::array exchange_numbers{
    Rated{stats, "publish_in", Group::message_rates},
    Rated{stats, "publish_out", Group::message_rates},
};
constexpr std::array data_numbers{
    Rated{"", "recv_oct", Group::data_rates},
    Rated{"", "send_oct", Group::data_rates},
};
constexpr std::array node_numbers{
    Rated{"", "context_switches", Group::node_stats}, Rated{"", "io_read_count", Group::node_stats},
    Rated{"", "io_read_bytes", Group::node_stats},    Rated{"", "io_write_count", Group::node_stats},
    Rated{"", "io_write_bytes", Group::node_stats},   Rated{"", "connection_created", Group::node_stats},
    Rated{"", "connection_closed", Group::node_stats}, Rated{"", "channel_created", Group::node_stats},
    Rated{"", "channel_closed", Group::node_stats},   Rated{"", "queue_declared", Group::node_stats},
    Rated{"", "queue_created", Group::node_stats},    Rated{"", "queue_deleted", Group::node_stats},
    Rated{"", "mem_used", Group::node_stats},         Rated{"", "fd_used", Group::node_stats},
    Rated{"", "proc_used", Group::node_stats},        Rated{"", "disk_free", Group::node_stats},
    Rated{"", "sockets_used", Group::node_stats},
};
constexpr std::size_t node_counters = 12;

template <std::size_t A, std::size_t B>
constexpr std::array<Rated, A + B> join(const std::array<Rated, A>& a, const std::array<Rated, B>& b) {
    std::array<Rated, A + B> joined{};
    std::ranges::copy(a, joined.begin());
    std::ranges::copy(b, joined.begin() + A);
    return joined;
}
constexpr auto total_numbers = join(message_numbers, churn_numbers);
constexpr auto virtual_host_numbers = join(join(message_numbers, data_numbers), length_numbers);
constexpr auto queue_numbers = join(join(message_numbers, waiting_numbers), length_numbers);

RatedNumbers numbers_of(Rates::Kind kind) {
    switch (kind) {
    case Rates::Kind::totals:
        return {total_numbers, total_numbers.size()};
    case Rates::Kind::lengths:
        return {length_numbers, 0};
    case Rates::Kind::node:
        return {node_numbers, node_counters};
    case Rates::Kind::virtual_host:
        return {virtual_host_numbers, virtual_host_numbers.size() - length_numbers.size()};
    case Rates::Kind::queue:
        return {queue_numbers, queue_numbers.size() - length_numbers.size()};
    case Rates::Kind::exchange:
        return {exchange_numbers, exchange_numbers.size()};
    case Rates::Kind::connection:
        return {data_numbers, data_numbers.size()};
    case Rates::Kind::channel:
        return {message_numbers, message_numbers.size()};
    }
    return {};
}

// As RabbitMQ's sample_retention_policies say: detailed, basic and global. What only stands in a list gets what a rate
// needs.
constexpr std::array<History::Tier, 1> listed_tiers{{{History::sample_interval_ms, 3}}};
constexpr std::array<History::Tier, 2> watched_tiers{{{5'000, 121}, {60'000, 61}}};
constexpr std::array<History::Tier, 4> global_tiers{{{5'000, 121}, {60'000, 61}, {600'000, 49}, {1'800'000, 48}}};

bool is_global(Rates::Kind kind) {
    return kind == Rates::Kind::totals || kind == Rates::Kind::lengths || kind == Rates::Kind::node;
}

json::object* part_of(json::object& object, std::string_view part) {
    if (part.empty()) {
        return &object;
    }
    json::value* found = object.if_contains(part);
    return found == nullptr ? nullptr : found->if_object();
}

std::uint64_t number_of(json::object& object, const Rated& rated) {
    json::object* part = part_of(object, rated.part);
    const json::value* value = part == nullptr ? nullptr : part->if_contains(rated.name);
    return value == nullptr || !value->is_number() ? 0 : value->to_number<std::uint64_t>();
}

json::object details_json(const Trend& trend, bool with_samples) {
    json::object details{{"rate", trend.rate}};
    if (with_samples) {
        json::array samples;
        for (const Trend::Sample& sample : trend.samples) {
            samples.push_back(json::object{{"sample", sample.value}, {"timestamp", sample.at_ms}});
        }
        details["samples"] = std::move(samples);
        details["avg_rate"] = trend.average_rate;
        details["avg"] = trend.average;
    }
    return details;
}

std::optional<std::int64_t> seconds(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    constexpr std::int64_t longest = 1'000'000'000;
    return error == std::errc() && end == text.data() + text.size() && value > 0 && value <= longest
               ? std::optional(value)
               : std::nullopt;
}

} // namespace

amqp::Result<SampleRanges> SampleRanges::of(const Query& query) {
    constexpr std::array<std::string_view, groups> prefixes{"lengths", "msg_rates", "data_rates", "node_stats"};
    SampleRanges ranges;
    for (std::size_t i = 0; i < groups; ++i) {
        const auto age_text = query.find(std::string(prefixes[i]) + "_age");
        const auto increment_text = query.find(std::string(prefixes[i]) + "_incr");
        if (!age_text || !increment_text) {
            continue;
        }
        const auto age = seconds(*age_text), increment = seconds(*increment_text);
        if (!age || !increment || *age / *increment > max_samples) {
            return amqp::precondition_failed("Invalid range parameters: age " + std::string(*age_text) + ", incr " +
                                             std::string(*increment_text));
        }
        ranges.of_group[i] = TimeRange{*age * 1000, *increment * 1000};
    }
    return ranges;
}

bool SampleRanges::any() const {
    return std::ranges::any_of(of_group, [](const auto& range) { return range.has_value(); });
}

Rates::Entry* Rates::find(Kind kind, std::string_view key, bool with_ranges) {
    std::string full_key(1, static_cast<char>(kind));
    full_key += key;
    auto found = entries_.find(full_key);
    if (found == entries_.end()) {
        if (entries_.size() >= max_objects) {
            return nullptr;
        }
        const History::Tiers tiers = is_global(kind) ? History::Tiers(global_tiers) : History::Tiers(listed_tiers);
        found = entries_.emplace(std::move(full_key), Entry{History(tiers)}).first;
    }
    if (with_ranges && !is_global(kind) && entries_.size() <= max_watched) {
        found->second.history.keep(watched_tiers);
    }
    return &found->second;
}

void Rates::put(Kind kind, std::string_view key, json::object& object, const SampleRanges& ranges,
                std::int64_t now_ms) {
    Entry* entry = find(kind, key, ranges.any());
    if (entry == nullptr) {
        return;
    }
    entry->asked_ms = now_ms;
    const RatedNumbers rated = numbers_of(kind);
    std::vector<std::uint64_t> values;
    values.reserve(rated.numbers.size());
    for (const Rated& number : rated.numbers) {
        values.push_back(number_of(object, number));
    }
    entry->history.record(now_ms, values, rated.counters);
    for (std::size_t i = 0; i < rated.numbers.size(); ++i) {
        json::object* part = part_of(object, rated.numbers[i].part);
        if (part == nullptr || !part->contains(rated.numbers[i].name)) {
            continue;
        }
        const auto& range = ranges.of_group[static_cast<std::size_t>(rated.numbers[i].group)];
        const Trend trend = entry->history.trend(i, now_ms, values[i], range);
        (*part)[std::string(rated.numbers[i].name) + "_details"] = details_json(trend, range.has_value());
    }
}

void Rates::forget_unused(std::int64_t now_ms) {
    std::erase_if(entries_, [&](const auto& entry) { return now_ms - entry.second.asked_ms > forget_after_ms; });
}

} // namespace broker
