// What changes of users are told as.
#include "broker/node_events.hpp"

#include <catch2/catch.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

using namespace broker;

namespace {

std::vector<std::string> keys_of_change(const std::function<void(User&)>& change) {
    User user;
    user.name = "u";
    user.tags = {"monitoring"};
    user.permissions["/"] = {".*", ".*", ".*"};
    UserTable before, after;
    before.put(std::make_shared<const User>(user));
    change(user);
    after.put(std::make_shared<const User>(user));
    std::vector<std::string> keys;
    for (const UserEvent& event : user_events(before, after)) {
        keys.emplace_back(event.key);
    }
    return keys;
}

using Keys = std::vector<std::string>;

} // namespace

TEST_CASE("user events: what has changed is told, and nothing else", "[events]") {
    CHECK(keys_of_change([](User&) {}).empty());
    CHECK(keys_of_change([](User& user) { user.tags = {}; }) == Keys{"user.tags.set"});
    CHECK(keys_of_change([](User& user) { user.permissions["v"] = {}; }) == Keys{"permission.created"});
    CHECK(keys_of_change([](User& user) { user.permissions["/"].read = ""; }) == Keys{"permission.created"});
    CHECK(keys_of_change([](User& user) { user.permissions.clear(); }) == Keys{"permission.deleted"});
    CHECK(keys_of_change([](User& user) { user.topic_permissions["/"]["x"] = {}; }) ==
          Keys{"topic.permission.created"});
    CHECK(keys_of_change([](User& user) { user.limits["max-channels"] = 1; }) == Keys{"user.limits.set"});
}

TEST_CASE("user events: users who come and go", "[events]") {
    UserTable nobody, somebody;
    User user;
    user.name = "u";
    somebody.put(std::make_shared<const User>(user));
    const auto come = user_events(nobody, somebody);
    REQUIRE(come.size() == 2);
    CHECK(come[0].key == "user.created");
    CHECK(come[1].key == "user.tags.set");
    const auto gone = user_events(somebody, nobody);
    REQUIRE(gone.size() == 1);
    CHECK(gone[0].key == "user.deleted");
    CHECK(gone[0].headers.find("name")->to_text() == "u");
}
