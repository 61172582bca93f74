#include "broker/routing/headers_router.hpp"

#include "protocol/assert.hpp"

#include <algorithm>
#include <utility>

namespace broker {

amqp::Result<> HeadersRouter::validate(std::string_view, const amqp::FieldTable& arguments) {
    return HeadersRule::validate(arguments);
}

void HeadersRouter::add(const Binding& binding) {
    HeadersRule rule(binding.arguments);
    auto found = rules_.find(rule.identity());
    if (found == rules_.end()) {
        auto entry = std::make_unique<Entry>(Entry{std::move(rule), {}, {}});
        list(*entry);
        const std::string_view identity = entry->rule.identity();
        found = rules_.emplace(identity, std::move(entry)).first;
    }
    found->second->bound.add(*binding.destination);
}

void HeadersRouter::remove(const Binding& binding) {
    const auto found = rules_.find(HeadersRule(binding.arguments).identity());
    LEVERET_ASSERT(found != rules_.end());
    Entry& entry = *found->second;
    entry.bound.remove(*binding.destination);
    if (entry.bound.empty()) {
        unlist(entry);
        const std::unique_ptr<Entry> outlives_its_key = std::move(found->second);
        rules_.erase(found);
    }
}

void HeadersRouter::list(Entry& entry) {
    entry.listed_under = entry.rule.term_keys();
    if (entry.rule.match() == HeadersRule::Match::all) {
        if (entry.listed_under.empty()) {
            return without_terms_.push_back(&entry);
        }
        const auto crowd = [this](TermKey key) {
            const auto found = by_term_.find(key);
            return found == by_term_.end() ? 0 : found->second.size();
        };
        const auto& keys = entry.listed_under;
        entry.listed_under = {*std::min_element(keys.begin(), keys.end(),
                                                [&](TermKey a, TermKey b) { return crowd(a) < crowd(b); })};
    }
    for (const TermKey key : entry.listed_under) {
        by_term_[key].push_back(&entry);
    }
}

void HeadersRouter::unlist(Entry& entry) {
    const auto take_out = [&](Entries& entries) {
        const auto last = std::find(entries.rbegin(), entries.rend(), &entry);
        LEVERET_ASSERT(last != entries.rend());
        *last = entries.back();
        entries.pop_back();
    };
    for (const TermKey key : entry.listed_under) {
        const auto found = by_term_.find(key);
        take_out(found->second);
        if (found->second.empty()) {
            by_term_.erase(found);
        }
    }
    if (entry.listed_under.empty() && entry.rule.match() == HeadersRule::Match::all) {
        take_out(without_terms_);
    }
}

void HeadersRouter::match(const RoutingInput& input, Matches& matches) const {
    for (const Entry* entry : without_terms_) {
        entry->bound.collect(matches);
    }
    if (by_term_.empty()) {
        return;
    }
    headers_.assign(input.headers);
    headers_.for_each([&](std::string_view name, const amqp::FieldValue& value) {
        match(term_key(name, value), matches);
        match(term_key(name), matches);
    });
}

void HeadersRouter::match(TermKey key, Matches& matches) const {
    const auto found = by_term_.find(key);
    if (found == by_term_.end()) {
        return;
    }
    for (const Entry* entry : found->second) {
        if (entry->rule.matches(headers_)) {
            entry->bound.collect(matches);
        }
    }
}

} // namespace broker
