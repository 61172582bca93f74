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
    std::vector<CountedRule>& rules = destinations_[binding.destination];
    const auto same = std::find_if(rules.begin(), rules.end(), [&](const auto& r) { return r.rule == rule; });
    if (same != rules.end()) {
        ++same->bindings;
    } else {
        rules.push_back({std::move(rule), 1});
    }
}

void HeadersRouter::remove(const Binding& binding) {
    const auto found = destinations_.find(binding.destination);
    LEVERET_ASSERT(found != destinations_.end());
    const HeadersRule rule(binding.arguments);
    std::vector<CountedRule>& rules = found->second;
    const auto same = std::find_if(rules.begin(), rules.end(), [&](const auto& r) { return r.rule == rule; });
    LEVERET_ASSERT(same != rules.end());
    if (--same->bindings > 0) {
        return;
    }
    rules.erase(same);
    if (rules.empty()) {
        destinations_.erase(found);
    }
}

void HeadersRouter::match(const RoutingInput& input, Matches& matches) const {
    headers_.assign(input.headers);
    for (const auto& [destination, rules] : destinations_) {
        if (std::any_of(rules.begin(), rules.end(), [&](const auto& r) { return r.rule.matches(headers_); })) {
            matches.add(*destination);
        }
    }
}

} // namespace broker
