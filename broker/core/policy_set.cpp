#include "broker/core/policy_set.hpp"

#include "broker/core/policy_keys.hpp"

#include <algorithm>
#include <utility>

namespace broker {
namespace {

bool counts_before(const Policy& a, const Policy& b) {
    return a.priority != b.priority ? a.priority > b.priority : a.name < b.name;
}

bool applies_to(const Policy& policy, QueueType type) {
    switch (policy.apply_to) {
    case ApplyTo::all:
    case ApplyTo::queues:
        break;
    case ApplyTo::classic_queues:
        if (type != QueueType::classic) {
            return false;
        }
        break;
    case ApplyTo::quorum_queues:
        if (type != QueueType::quorum) {
            return false;
        }
        break;
    case ApplyTo::streams:
    case ApplyTo::exchanges:
        return false;
    }
    return std::ranges::all_of(policy.definition, [type](const auto& entry) {
        const PolicyKey* key = find_policy_key(entry.first);
        return key == nullptr || key->known_to(type);
    });
}

bool applies_to_exchanges(const Policy& policy) {
    return policy.apply_to == ApplyTo::all || policy.apply_to == ApplyTo::exchanges;
}

} // namespace

bool PolicySet::put(Policy policy) {
    auto pattern = Pattern::compile(policy.pattern);
    if (!pattern) {
        return false; // the caller has checked it
    }
    const bool created = erase(policy.name) == nullptr;
    const auto place =
        std::ranges::find_if(entries_, [&](const Entry& entry) { return counts_before(policy, *entry.policy); });
    entries_.insert(place, Entry{std::make_shared<const Policy>(std::move(policy)), std::move(*pattern)});
    return created;
}

PolicyPtr PolicySet::erase(std::string_view policy_name) {
    const auto found =
        std::ranges::find_if(entries_, [&](const Entry& entry) { return entry.policy->name == policy_name; });
    if (found == entries_.end()) {
        return nullptr;
    }
    PolicyPtr erased = std::move(found->policy);
    entries_.erase(found);
    return erased;
}

PolicyPtr PolicySet::find(std::string_view policy_name) const {
    const auto found =
        std::ranges::find_if(entries_, [&](const Entry& entry) { return entry.policy->name == policy_name; });
    return found == entries_.end() ? nullptr : found->policy;
}

PolicyPtr PolicySet::match_queue(std::string_view queue, QueueType type) const {
    const auto found = std::ranges::find_if(
        entries_, [&](const Entry& entry) { return applies_to(*entry.policy, type) && entry.pattern.matches(queue); });
    return found == entries_.end() ? nullptr : found->policy;
}

PolicyPtr PolicySet::match_exchange(std::string_view exchange) const {
    const auto found = std::ranges::find_if(entries_, [&](const Entry& entry) {
        return applies_to_exchanges(*entry.policy) && entry.pattern.matches(exchange);
    });
    return found == entries_.end() ? nullptr : found->policy;
}

} // namespace broker
