// All policies of one kind of a virtual host, the one that counts first: the highest priority, then the first name.
// Owned by Policies, on the strand.
#pragma once

#include "broker/core/policy.hpp"
#include "broker/core/queue_options.hpp"

#include <cstddef>
#include <string_view>
#include <vector>

namespace broker {

class PolicySet {
 public:
    struct Entry {
        PolicyPtr policy;
        Pattern pattern; // compiled
    };

    // Requires check_policy; true if there was none of that name.
    bool put(Policy policy);
    PolicyPtr erase(std::string_view policy_name); // null if there was none

    PolicyPtr find(std::string_view policy_name) const;
    PolicyPtr match_queue(std::string_view queue, QueueType type) const; // null if none applies
    PolicyPtr match_exchange(std::string_view exchange) const;

    const std::vector<Entry>& entries() const { return entries_; }

 private:
    std::vector<Entry> entries_;
};

// Both kinds together.
struct Policies {
    PolicySet user, operators;

    PolicySet& of(PolicyKind kind) { return kind == PolicyKind::user ? user : operators; }
    const PolicySet& of(PolicyKind kind) const { return kind == PolicyKind::user ? user : operators; }

    AppliedPolicies for_queue(std::string_view queue, QueueType type) const {
        return {user.match_queue(queue, type), operators.match_queue(queue, type)};
    }
    AppliedPolicies for_exchange(std::string_view exchange) const {
        return {user.match_exchange(exchange), operators.match_exchange(exchange)};
    }
};

} // namespace broker
