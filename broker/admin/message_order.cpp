#include "broker/admin/message_order.hpp"

#include "broker/admin/body.hpp"
#include "broker/admin/exchange_name.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <charconv>

namespace broker {
namespace {

namespace json = boost::json;

// A number, or its text: JSON's numbers have not so many digits.
std::optional<storage::Sequence> sequence_of(const json::value& value) {
    if (value.is_int64() && value.get_int64() > 0) {
        return static_cast<storage::Sequence>(value.get_int64());
    }
    if (!value.is_string()) {
        return std::nullopt;
    }
    const std::string_view text = value.get_string();
    storage::Sequence sequence = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), sequence);
    return error == std::errc() && end == text.data() + text.size() && sequence > 0 ? std::optional(sequence)
                                                                                    : std::nullopt;
}

void read_sequences(BodyFields& fields, MessageChoice& choice) {
    const json::value* value = fields.find("sequences");
    if (value == nullptr) {
        return;
    }
    if (!value->is_array() || value->get_array().size() > MessageChoice::max_sequences) {
        return fields.fail("sequences must be an array of at most 10000 numbers");
    }
    std::vector<storage::Sequence>& sequences = choice.sequences.emplace();
    for (const json::value& each : value->get_array()) {
        const auto sequence = sequence_of(each);
        if (!sequence) {
            return fields.fail("sequences must be an array of at most 10000 numbers");
        }
        sequences.push_back(*sequence);
    }
    std::ranges::sort(sequences);
    const auto repeated = std::ranges::unique(sequences);
    sequences.erase(repeated.begin(), repeated.end());
}

void read_choice(BodyFields& fields, MessageChoice& choice) {
    read_sequences(fields, choice);
    if (const json::value* match = fields.find("match")) {
        auto filter = match->is_object() ? MessageFilter::of(match->get_object())
                                         : amqp::precondition_failed("the value of 'match' is not an object");
        if (!filter) {
            return fields.fail(filter.error().text);
        }
        choice.filter = std::move(*filter);
    }
    if (const auto count = fields.integer("count")) {
        if (*count < 0) {
            fields.fail("count must not be negative");
        }
        choice.count = static_cast<std::uint64_t>(*count);
    }
    if (choice.sequences && !choice.filter.empty()) {
        fields.fail("either sequences or match");
    }
}

void read_destination(BodyFields& fields, MessageOrder& order) {
    const json::value* destination = fields.find("destination");
    if (destination != nullptr && destination->is_string()) {
        order.name = destination->get_string();
        order.to = order.name == "back" ? MessageOrder::To::back_to_queue : MessageOrder::To::queue;
        return;
    }
    if (destination == nullptr || !destination->is_object()) {
        return fields.fail("destination must be the name of a queue, \"back\", {\"queue\": name}, "
                           "{\"exchange\": name, \"routing_key\": key} or {\"back\": \"exchange\"}");
    }
    BodyFields parts(destination->get_object());
    const auto queue = parts.short_text("queue"), exchange = parts.short_text("exchange");
    order.routing_key = parts.short_text("routing_key");
    if (const auto back = parts.text("back"); back == "queue" || back == "exchange") {
        order.to = back == "queue" ? MessageOrder::To::back_to_queue : MessageOrder::To::back_to_exchange;
        return;
    }
    if (parts.error() || queue.has_value() == exchange.has_value() || (queue && order.routing_key)) {
        return fields.fail(parts.error() ? parts.error()->text : "destination must have one of: queue, exchange, back");
    }
    order.to = queue ? MessageOrder::To::queue : MessageOrder::To::exchange;
    order.name = queue ? *queue : exchange_name(*exchange);
}

} // namespace

bool MessageChoice::wants(const BrowsedMessage& message) const {
    return sequences ? std::ranges::binary_search(*sequences, message.ready.sequence)
                     : filter.matches(*message.ready.message);
}

std::optional<MessageChoice::Look> MessageChoice::next_look(Place place, bool by_priority) const {
    if (!sequences || by_priority) {
        return Look{place, browsed_per_slice};
    }
    const auto first = std::ranges::upper_bound(*sequences, place.sequence);
    if (first == sequences->end()) {
        return std::nullopt;
    }
    auto last = first;
    while (last + 1 != sequences->end() && *(last + 1) - *last <= max_gap && *(last + 1) - *first < browsed_per_slice) {
        ++last;
    }
    return Look{{0, *first - 1}, static_cast<std::size_t>(*last - *first + 1)};
}

amqp::Result<MessageOrder> MessageOrder::of(Relocation::How how, std::string_view text) {
    const auto body = decode_body(text);
    if (!body) {
        return body.error();
    }
    MessageOrder order;
    order.how = how;
    BodyFields fields(*body);
    read_choice(fields, order.choice);
    if (how != Relocation::How::remove) {
        read_destination(fields, order);
    } else if (!body->contains("sequences") && !body->contains("match") && !body->contains("count")) {
        fields.fail("which messages: sequences, match or count"); // all of them is what purging is for
    }
    return fields.error() ? amqp::Result<MessageOrder>(*fields.error()) : amqp::Result<MessageOrder>(std::move(order));
}

} // namespace broker
