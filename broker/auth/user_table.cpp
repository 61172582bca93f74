#include "broker/auth/user_table.hpp"

#include <algorithm>
#include <utility>

namespace broker {

namespace {

bool name_less(const UserPtr& user, std::string_view name) {
    return user->name < name;
}

} // namespace

UserPtr UserTable::find(std::string_view name) const {
    const auto found = std::lower_bound(users_.begin(), users_.end(), name, name_less);
    return found != users_.end() && (*found)->name == name ? *found : nullptr;
}

void UserTable::put(UserPtr user) {
    const auto place = std::lower_bound(users_.begin(), users_.end(), user->name, name_less);
    if (place != users_.end() && (*place)->name == user->name) {
        *place = std::move(user);
    } else {
        users_.insert(place, std::move(user));
    }
}

void UserTable::erase(std::string_view name) {
    const auto found = std::lower_bound(users_.begin(), users_.end(), name, name_less);
    if (found != users_.end() && (*found)->name == name) {
        users_.erase(found);
    }
}

} // namespace broker
