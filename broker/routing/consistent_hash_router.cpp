#include "broker/routing/consistent_hash_router.hpp"

#include "broker/routing/erlang_text.hpp"
#include "protocol/assert.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

namespace broker {

namespace {

constexpr std::string_view hash_header = "hash-header";
constexpr std::string_view hash_property = "hash-property";

// Nothing if it is no integer. Erlang's integers have no end, so a long row of digits is one, too.
std::optional<std::int64_t> parse_weight(std::string_view key) {
    const std::string_view number = key.starts_with('+') && key.size() > 1 && key[1] != '-' ? key.substr(1) : key;
    std::int64_t weight = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), weight);
    if (number.empty() || end != number.data() + number.size() || error == std::errc::invalid_argument) {
        return std::nullopt;
    }
    if (error == std::errc::result_out_of_range) {
        return number.front() == '-' ? std::numeric_limits<std::int64_t>::min()
                                     : std::numeric_limits<std::int64_t>::max();
    }
    return weight;
}

unsigned weight_of(const Binding& binding) {
    return static_cast<unsigned>(*parse_weight(binding.routing_key));
}

} // namespace

amqp::Result<> ConsistentHashRouter::validate_arguments(const amqp::FieldTable& arguments) {
    const amqp::FieldValue* header = arguments.find(hash_header);
    const amqp::FieldValue* property = arguments.find(hash_property);
    if (header != nullptr && property != nullptr) {
        return amqp::precondition_failed("hash-header and hash-property are mutually exclusive");
    }
    if (header != nullptr && header->as_string() == nullptr) {
        return amqp::precondition_failed(fmt::format("Unsupported header: {}", header->to_text()));
    }
    if (property != nullptr) {
        const std::string* name = property->as_string();
        if (name == nullptr || (*name != "message_id" && *name != "correlation_id" && *name != "timestamp")) {
            return amqp::precondition_failed(fmt::format("Unsupported property: {}", property->to_text()));
        }
    }
    return {};
}

amqp::Result<> ConsistentHashRouter::validate(std::string_view routing_key, const amqp::FieldTable&) {
    const auto weight = parse_weight(routing_key);
    if (!weight) {
        return amqp::precondition_failed("The binding key must be an integer: " + erlang_binary(routing_key));
    }
    if (*weight < 1) {
        return amqp::precondition_failed("The binding key must be greater than 0");
    }
    if (*weight > max_weight) {
        return amqp::precondition_failed(fmt::format("The binding key must not exceed {}", max_weight));
    }
    return {};
}

ConsistentHashRouter::ConsistentHashRouter(const amqp::FieldTable& arguments) {
    if (const amqp::FieldValue* header = arguments.find(hash_header)) {
        source_ = Source::header;
        header_ = *header->as_string();
    } else if (const amqp::FieldValue* property = arguments.find(hash_property)) {
        const std::string& name = *property->as_string();
        source_ = name == "message_id"       ? Source::message_id
                  : name == "correlation_id" ? Source::correlation_id
                                             : Source::timestamp;
    }
}

void ConsistentHashRouter::add(const Binding& binding) {
    Place& place = places_[binding.destination];
    place.weights.insert(weight_of(binding));
    set_weight(*binding.destination, *place.weights.rbegin());
}

void ConsistentHashRouter::remove(const Binding& binding) {
    const auto found = places_.find(binding.destination);
    LEVERET_ASSERT(found != places_.end());
    std::multiset<unsigned>& weights = found->second.weights;
    const auto weight = weights.find(weight_of(binding));
    LEVERET_ASSERT(weight != weights.end());
    weights.erase(weight);
    set_weight(*binding.destination, weights.empty() ? 0 : *weights.rbegin());
}

void ConsistentHashRouter::set_weight(Destination& destination, unsigned weight) {
    const auto found = places_.find(&destination);
    std::size_t& at = found->second.share;
    if (at < shares_.size() && shares_[at].destination == &destination) {
        weights_.erase(weights_.find(shares_[at].weight));
    } else {
        at = shares_.size();
        shares_.push_back({&destination, weight});
    }
    if (weight > 0) {
        shares_[at].weight = weight;
        weights_.insert(weight);
        return;
    }
    shares_[at] = shares_.back();
    places_.find(shares_[at].destination)->second.share = at;
    shares_.pop_back();
    places_.erase(&destination);
}

std::uint64_t ConsistentHashRouter::hash_of(const RoutingInput& input) const {
    const auto hash_text = [](const std::optional<std::string_view>& text) { return stable_hash(text.value_or("")); };
    switch (source_) {
    case Source::header: {
        const amqp::FieldValue* value = input.headers != nullptr ? input.headers->find(header_) : nullptr;
        return value != nullptr ? stable_hash(value->to_text()) : hash_text({});
    }
    case Source::message_id:
        return hash_text(input.properties != nullptr ? input.properties->message_id : std::nullopt);
    case Source::correlation_id:
        return hash_text(input.properties != nullptr ? input.properties->correlation_id : std::nullopt);
    case Source::timestamp:
        return input.properties != nullptr && input.properties->timestamp
                   ? stable_hash(std::to_string(*input.properties->timestamp))
                   : hash_text({});
    case Source::routing_key:
        break;
    }
    return stable_hash(input.routing_key);
}

Destination& ConsistentHashRouter::choose(std::uint64_t hash) const {
    const bool alike = *weights_.begin() == *weights_.rbegin();
    Destination* chosen = nullptr;
    std::uint64_t largest = 0;
    double smallest = std::numeric_limits<double>::infinity();
    for (const Share& share : shares_) {
        const std::uint64_t drawn = mix(share.destination->identity() ^ hash);
        if (alike) {
            if (chosen == nullptr || drawn > largest) {
                largest = drawn;
                chosen = share.destination;
            }
            continue;
        }
        // With u even in (0, 1), -ln(u)/w is exponential with rate w: the smallest is w's in proportion to w. With
        // equal weights that is the largest u, as above.
        const double even = (static_cast<double>(drawn >> 11) + 0.5) * 0x1p-53;
        const double waiting = -std::log(even) / share.weight;
        if (waiting < smallest) {
            smallest = waiting;
            chosen = share.destination;
        }
    }
    return *chosen;
}

void ConsistentHashRouter::match(const RoutingInput& input, Matches& matches) const {
    if (!shares_.empty()) {
        matches.add(choose(hash_of(input)));
    }
}

} // namespace broker
