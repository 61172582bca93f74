#include "broker/admin/route_table.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>

using namespace broker;

namespace {

RouteMatch find(std::vector<std::string> segments) {
    return find_route(segments);
}

} // namespace

TEST_CASE("route table: every row has a handler and a limit, and is there once", "[admin][routes]") {
    std::set<std::pair<std::string_view, Verb>> seen;
    for (const Route& route : routes()) {
        INFO(name(route.verb) << ' ' << route.path);
        CHECK(route.handler != nullptr);
        CHECK(route.path.starts_with('/'));
        CHECK((route.body_limit > 0 && route.body_limit <= 20 << 20));
        CHECK(seen.emplace(route.path, route.verb).second);
    }
}

TEST_CASE("route table: a virtual host in a path is always checked, and for changes more than for reading",
          "[admin][routes]") {
    const std::set<std::string_view> administrators_only{
        "/permissions/{vhost}/{user}", "/topic-permissions/{vhost}/{user}",
        "/topic-permissions/{vhost}/{user}/{exchange}", "/vhosts/{vhost}"};
    for (const Route& route : routes()) {
        INFO(name(route.verb) << ' ' << route.path);
        const bool has_host = route.path.find("{vhost}") != std::string_view::npos;
        if (has_host && route.host_access == HostAccess::none) {
            CHECK(administrators_only.contains(route.path)); // these look for it themselves
            CHECK(route.tag == Tag::administrator);
        }
        if (has_host && route.verb != Verb::get && route.tag != Tag::administrator) {
            CHECK(route.host_access == HostAccess::usable);
        }
        CHECK((has_host || route.host_access == HostAccess::none));
    }
}

TEST_CASE("route table: who changes users or virtual hosts is an administrator", "[admin][routes]") {
    for (const Route& route : routes()) {
        INFO(name(route.verb) << ' ' << route.path);
        const bool of_administrators = route.path.starts_with("/users") || route.path.starts_with("/permissions") ||
                                       route.path.starts_with("/topic-permissions") ||
                                       (route.path.starts_with("/vhosts") && route.verb != Verb::get);
        if (of_administrators) {
            CHECK(route.tag == Tag::administrator);
        }
    }
}

TEST_CASE("route table: a literal segment goes before a placeholder", "[admin][routes]") {
    const RouteMatch detailed = find({"queues", "detailed"});
    REQUIRE(detailed.verbs.size() == 1);
    CHECK(detailed.verbs.front()->path == "/queues/detailed");
    CHECK(detailed.parameters.empty());

    const RouteMatch other = find({"queues", "/"});
    REQUIRE(other.verbs.size() == 1);
    CHECK(other.verbs.front()->path == "/queues/{vhost}");
    REQUIRE(other.parameters.size() == 1);
    CHECK(other.parameters.front().first == "vhost");
    CHECK(other.parameters.front().second == "/");
}

TEST_CASE("route table: one path has all its verbs", "[admin][routes]") {
    const RouteMatch match = find({"queues", "/", "q"});
    CHECK(match.find(Verb::get) != nullptr);
    CHECK(match.find(Verb::put) != nullptr);
    CHECK(match.find(Verb::delete_) != nullptr);
    CHECK(match.find(Verb::post) == nullptr);
    CHECK(match.allow() == "DELETE, HEAD, GET, PUT, OPTIONS");
}

TEST_CASE("route table: what is not in it does not exist", "[admin][routes]") {
    CHECK(find({}).verbs.empty());
    CHECK(find({"nothing"}).verbs.empty());
    CHECK(find({"queues", "/", "q", "what"}).verbs.empty());
    CHECK(find({"exchanges", "/", "x", "bindings"}).verbs.empty());
}
