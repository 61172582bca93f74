#include "broker/core/dead_letter.hpp"

#include "protocol/assert.hpp"
#include "protocol/properties.hpp"

#include <algorithm>
#include <utility>

namespace broker {
namespace {

using amqp::Array;
using amqp::FieldTable;

constexpr std::string_view history_header = "x-death";

std::string_view text_in(const FieldTable& table, std::string_view key) {
    const amqp::FieldValue* value = table.find(key);
    const std::string* text = value == nullptr ? nullptr : value->as_string();
    return text == nullptr ? std::string_view() : std::string_view(*text);
}

bool is_of(const FieldTable& entry, std::string_view queue, std::string_view reason) {
    return text_in(entry, "queue") == queue && text_in(entry, "reason") == reason;
}

// The routing key and the keys of the CC header; those of BCC are not told to anybody.
Array routing_keys(const amqp::Message& message, const FieldTable& headers) {
    Array keys;
    keys.emplace_back(message.routing_key());
    if (const amqp::FieldValue* copies = headers.find("CC")) {
        if (const auto* array = copies->get_if<Array>()) {
            std::copy_if(array->begin(), array->end(), std::back_inserter(keys),
                         [](const amqp::FieldValue& key) { return key.as_string() != nullptr; });
        }
    }
    return keys;
}

FieldTable first_entry(const amqp::Message& message, const amqp::BasicProperties& properties, const FieldTable& headers,
                       const Death& death) {
    FieldTable entry;
    if (message.expiration_ms() != amqp::Message::no_expiration) {
        entry.append("original-expiration", *properties.expiration);
    }
    entry.append("count", std::int64_t{1});
    entry.append("reason", name(death.reason));
    entry.append("queue", death.queue);
    entry.append("time", amqp::Timestamp{static_cast<std::uint64_t>(death.now_ms / 1000)});
    entry.append("exchange", message.exchange());
    entry.append("routing-keys", routing_keys(message, headers));
    return entry;
}

// Most recent first, one entry for each queue and reason.
std::vector<FieldTable> history_of(const amqp::Message& message, const FieldTable& headers) {
    std::vector<FieldTable> history;
    const amqp::FieldValue* value = message.deaths() == 0 ? nullptr : headers.find(history_header);
    const Array* array = value == nullptr ? nullptr : value->get_if<Array>();
    if (array != nullptr) {
        history.reserve(array->size() + 1);
        for (const amqp::FieldValue& element : *array) {
            if (const auto* entry = element.get_if<FieldTable>()) {
                history.push_back(*entry);
            }
        }
    }
    return history;
}

// The death of now comes first: a new entry, or the one that is there with a count more.
void add_death(std::vector<FieldTable>& history, const amqp::Message& message, const amqp::BasicProperties& properties,
               const FieldTable& headers, const Death& death) {
    const auto same = std::find_if(history.begin(), history.end(), [&](const FieldTable& entry) {
        return is_of(entry, death.queue, name(death.reason));
    });
    if (same == history.end()) {
        history.insert(history.begin(), first_entry(message, properties, headers, death));
        return;
    }
    const amqp::FieldValue* count = same->find("count");
    same->set("count", (count == nullptr ? 0 : count->as_integer().value_or(0)) + 1);
    std::rotate(history.begin(), same, same + 1);
}

void forget_oldest(std::vector<FieldTable>& history) {
    std::size_t kept = 0;
    for (std::size_t bytes = 0; kept < std::min(history.size(), max_deaths_kept); ++kept) {
        bytes += history[kept].encode().size();
        if (kept > 0 && bytes > max_death_bytes_kept) {
            break;
        }
    }
    history.resize(kept);
}

std::vector<std::string> queues_since_rejection(const std::vector<FieldTable>& history) {
    std::vector<std::string> queues;
    for (const FieldTable& entry : history) {
        if (text_in(entry, "reason") == name(DeathReason::rejected)) {
            break;
        }
        queues.emplace_back(text_in(entry, "queue"));
    }
    return queues;
}

void set_death(FieldTable& headers, std::string_view which, const amqp::Message& message, const Death& death) {
    const std::string prefix = "x-" + std::string(which) + "-death-";
    headers.set(prefix + "exchange", message.exchange());
    headers.set(prefix + "queue", death.queue);
    headers.set(prefix + "reason", name(death.reason));
}

void tell_story(FieldTable& headers, const amqp::Message& message, const Death& death,
                std::vector<FieldTable> history) {
    FieldTable told = headers;
    if (message.deaths() == 0) {
        set_death(told, "first", message, death);
    }
    set_death(told, "last", message, death);
    told.set(history_header, Array(std::make_move_iterator(history.begin()), std::make_move_iterator(history.end())));
    told.sort_by_key();
    // A publisher may have filled the table to its limit: then the message lives on without its story.
    if (const std::string encoded = told.encode(); amqp::is_well_formed({encoded})) {
        headers = std::move(told);
    }
}

} // namespace

std::string_view name(DeathReason reason) {
    switch (reason) {
    case DeathReason::rejected:
        return "rejected";
    case DeathReason::expired:
        return "expired";
    case DeathReason::maxlen:
        return "maxlen";
    case DeathReason::delivery_limit:
        return "delivery_limit";
    }
    LEVERET_UNREACHABLE("no such reason");
    return {};
}

bool DeadLetter::may_enter(std::string_view queue) const {
    return std::find(died_in.begin(), died_in.end(), queue) == died_in.end();
}

DeadLetter make_dead_letter(const amqp::Message& message, const Death& death) {
    auto decoded = amqp::BasicProperties::decode(message.properties());
    LEVERET_ASSERT(decoded.has_value()); // the message could not have been built
    amqp::BasicProperties& properties = *decoded;
    if (!properties.headers) {
        properties.headers.emplace();
    }
    FieldTable& headers = *properties.headers;

    std::vector<FieldTable> history = history_of(message, headers);
    add_death(history, message, properties, headers, death);
    forget_oldest(history);

    DeadLetter letter;
    const bool automatic = death.reason != DeathReason::rejected;
    if (automatic) {
        letter.died_in = queues_since_rejection(history);
    }
    if (death.dead_letter_routing_key) {
        headers.erase("CC");
    } else if (Array keys = routing_keys(message, headers); keys.size() > 1) {
        letter.extra_keys = std::make_unique<std::vector<std::string>>();
        std::transform(keys.begin() + 1, keys.end(), std::back_inserter(*letter.extra_keys),
                       [](const amqp::FieldValue& key) { return *key.as_string(); });
    }
    headers.erase("BCC");
    tell_story(headers, message, death, std::move(history));
    properties.expiration.reset();

    const auto deaths = static_cast<std::uint16_t>(automatic ? std::min<int>(message.deaths() + 1, UINT16_MAX) : 1);
    letter.message = amqp::Message::make(
        death.dead_letter_exchange,
        death.dead_letter_routing_key.value_or(message.routing_key()).substr(0, amqp::ShortString::max_size),
        properties.encode(), message.body(), deaths);
    return letter;
}

} // namespace broker
