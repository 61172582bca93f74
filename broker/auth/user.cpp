#include "broker/auth/user.hpp"

#include <algorithm>

namespace broker {

bool User::has_tag(std::string_view tag) const {
    return std::ranges::find(tags, tag) != tags.end();
}

std::optional<std::uint64_t> User::limit(std::string_view limit_name) const {
    const auto found = limits.find(limit_name);
    if (found == limits.end() || found->second < 0) {
        return std::nullopt;
    }
    return static_cast<std::uint64_t>(found->second);
}

} // namespace broker
