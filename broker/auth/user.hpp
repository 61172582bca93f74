// A user as everybody sees it: one immutable object, replaced as a whole when anything about it changes. Shared freely
// between threads; owned by the UserTable and by whoever still looks at an older one.
#pragma once

#include "broker/auth/password_hash.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace broker {

// Regular expressions; the empty string permits nothing.
struct PermissionPatterns {
    std::string configure, write, read;
    bool operator==(const PermissionPatterns&) const = default;
};
struct TopicPatterns {
    std::string write, read;
    bool operator==(const TopicPatterns&) const = default;
};
using TopicPatternsByExchange = std::map<std::string, TopicPatterns, std::less<>>;

struct User {
    std::string name;
    PasswordHash password_hash;
    std::vector<std::string> tags;
    std::map<std::string, std::int64_t, std::less<>> limits;                       // max-connections, max-channels
    std::map<std::string, PermissionPatterns, std::less<>> permissions;            // by virtual host
    std::map<std::string, TopicPatternsByExchange, std::less<>> topic_permissions; // by virtual host
    std::uint64_t version = 0; // another one after every change, also after deletion and creation anew

    bool has_tag(std::string_view tag) const;
    // What the tags permit [section 5.1]: the administrator may everything, the others imply management.
    bool is_administrator() const { return has_tag("administrator"); }
    bool is_monitoring() const { return is_administrator() || has_tag("monitoring"); }
    bool is_policymaker() const { return is_administrator() || has_tag("policymaker"); }
    bool is_management() const { return is_monitoring() || is_policymaker() || has_tag("management"); }
    bool is_impersonator() const { return has_tag("impersonator"); } // may publish with another's user-id

    // Nothing: not limited.
    std::optional<std::uint64_t> max_connections() const { return limit("max-connections"); }
    std::optional<std::uint64_t> max_channels() const { return limit("max-channels"); }

 private:
    std::optional<std::uint64_t> limit(std::string_view limit_name) const;
};

using UserPtr = std::shared_ptr<const User>;

} // namespace broker
