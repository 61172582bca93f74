// One state of all users, sorted by name. Immutable once UserStore has published it; shared by readers on any thread.
#pragma once

#include "broker/auth/user.hpp"

#include <memory>
#include <string_view>
#include <vector>

namespace broker {

class UserTable {
 public:
    UserPtr find(std::string_view name) const; // null if there is none
    bool empty() const { return users_.empty(); }
    std::size_t size() const { return users_.size(); }
    auto begin() const { return users_.begin(); }
    auto end() const { return users_.end(); }

    void put(UserPtr user); // replaces the one of that name
    void erase(std::string_view name);

 private:
    std::vector<UserPtr> users_; // copying a table copies pointers
};

using UserTablePtr = std::shared_ptr<const UserTable>;

} // namespace broker
