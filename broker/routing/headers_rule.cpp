#include "broker/routing/headers_rule.hpp"

#include "broker/routing/erlang_text.hpp"
#include "broker/routing/stable_hash.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <iterator>

namespace broker {

namespace {

constexpr std::string_view x_match = "x-match";

struct MatchMode {
    std::string_view name;
    bool all;
    bool with_x;
};
constexpr MatchMode match_modes[] = {
    {"all", true, false},
    {"any", false, false},
    {"all-with-x", true, true},
    {"any-with-x", false, true},
};

const MatchMode* find_mode(std::string_view name) {
    const auto found = std::find_if(std::begin(match_modes), std::end(match_modes),
                                    [&](const MatchMode& mode) { return mode.name == name; });
    return found == std::end(match_modes) ? nullptr : found;
}

} // namespace

NameMask name_mask(std::string_view name) {
    return NameMask{1} << (std::hash<std::string_view>{}(name) % 64);
}

TermKey term_key(std::string_view name) {
    return stable_hash(name);
}

TermKey term_key(std::string_view name, const amqp::FieldValue& value) {
    constexpr TermKey any_other_value = 1;
    const TermKey seed = ~term_key(name);
    if (const std::string* text = value.as_string()) {
        return stable_hash(*text, seed);
    }
    if (const auto* array = value.get_if<amqp::ByteArray>()) {
        return stable_hash(array->bytes, seed); // the same term as a long string
    }
    if (const auto* timestamp = value.get_if<amqp::Timestamp>()) {
        return mix(seed ^ timestamp->seconds); // the same term as an integer
    }
    if (const auto number = value.as_integer()) {
        return mix(seed ^ static_cast<std::uint64_t>(*number));
    }
    return mix(seed + any_other_value);
}

void HeadersView::assign(const amqp::FieldTable* headers) {
    sorted_.clear();
    names_ = 0;
    if (headers == nullptr) {
        return;
    }
    for (const auto& entry : *headers) {
        sorted_.push_back(&entry);
        names_ |= name_mask(entry.first);
    }
    // The entries stand in one vector: equal names keep their order by their addresses.
    std::sort(sorted_.begin(), sorted_.end(), [](const auto* a, const auto* b) {
        const int order = a->first.compare(b->first);
        return order != 0 ? order < 0 : std::less<>{}(a, b);
    });
}

const amqp::FieldValue* HeadersView::find(std::string_view name) const {
    const auto found =
        std::lower_bound(sorted_.begin(), sorted_.end(), name,
                         [](const auto* entry, std::string_view wanted) { return entry->first < wanted; });
    return found != sorted_.end() && (*found)->first == name ? &(*found)->second : nullptr;
}

amqp::Result<> HeadersRule::validate(const amqp::FieldTable& arguments) {
    const amqp::FieldValue* mode = arguments.find(x_match);
    if (mode == nullptr) {
        return {};
    }
    const std::string* name = mode->as_string();
    if (name == nullptr) {
        return amqp::precondition_failed(fmt::format("Invalid x-match field type {} (value {}); expected longstr",
                                                     mode->type_name(), mode->to_text()));
    }
    if (find_mode(*name) == nullptr) {
        return amqp::precondition_failed(fmt::format(
            "Invalid x-match field value {}; expected all, any, all-with-x, or any-with-x", erlang_binary(*name)));
    }
    return {};
}

HeadersRule::HeadersRule(const amqp::FieldTable& arguments) {
    const amqp::FieldValue* wanted = arguments.find(x_match);
    const std::string* name = wanted != nullptr ? wanted->as_string() : nullptr;
    const MatchMode* found = name != nullptr ? find_mode(*name) : nullptr;
    const MatchMode& mode = found != nullptr ? *found : match_modes[0];
    match_ = mode.all ? Match::all : Match::any;
    amqp::FieldTable sorted;
    for (const auto& [key, value] : arguments) {
        if (key != x_match && (mode.with_x || !key.starts_with("x-"))) {
            sorted.append(key, value);
        }
    }
    sorted.sort_by_key();
    for (const auto& [key, value] : sorted) {
        terms_.push_back({key, value});
        names_ |= name_mask(key);
    }
    identity_ = (mode.all ? 'a' : 'o') + sorted.encode();
}

std::vector<TermKey> HeadersRule::term_keys() const {
    std::vector<TermKey> keys;
    for (const Term& term : terms_) {
        keys.push_back(term.value.get_if<amqp::Void>() != nullptr ? term_key(term.name)
                                                                   : term_key(term.name, term.value));
    }
    return keys;
}

bool HeadersRule::matches(const HeadersView& headers) const {
    const auto term_holds = [&](const Term& term) { return holds(term, headers); };
    if (match_ == Match::any) {
        return (names_ & headers.names()) != 0 && std::any_of(terms_.begin(), terms_.end(), term_holds);
    }
    return (names_ & ~headers.names()) == 0 && std::all_of(terms_.begin(), terms_.end(), term_holds);
}

bool HeadersRule::holds(const Term& term, const HeadersView& headers) {
    const amqp::FieldValue* value = headers.find(term.name);
    return value != nullptr && (term.value.get_if<amqp::Void>() != nullptr || same_term(term.value, *value));
}

} // namespace broker
