// Every route, as every kind of user, in a virtual host of theirs and in a foreign one, against a table that somebody
// has written and read: tests/data/authorization.txt. A route without a row there fails.
#include "broker/admin/route_table.hpp"
#include "tests/unit/admin/server_world.hpp"

#include <boost/json/parse.hpp>

#include <catch2/catch.hpp>

#include <array>
#include <fstream>
#include <map>
#include <span>
#include <sstream>

using namespace broker;

namespace {

// In this order in the table; everybody has each right in the virtual host "own" and none in "foreign".
constexpr std::array<std::string_view, 6> roles{"", "nobody", "management", "policymaker", "monitoring",
                                                "administrator"};

// What those routes want that look at the body before the right.
constexpr std::string_view body = R"({"type":"direct","properties":{},"routing_key":"k","payload":"",)"
                                  R"("payload_encoding":"string","count":1,"ackmode":"ack_requeue_true",)"
                                  R"("encoding":"auto"})";

// VERB path -> own, foreign; one letter for each role.
using Matrix = std::map<std::string, std::pair<std::string, std::string>>;

Matrix written() {
    std::ifstream file(TESTS_DATA "/authorization.txt");
    REQUIRE(file.is_open());
    Matrix matrix;
    for (std::string line; std::getline(file, line);) {
        if (line.empty() || line.starts_with('#')) {
            continue;
        }
        std::istringstream words(line);
        std::string own, foreign, verb, path;
        words >> own >> foreign >> verb >> path;
        matrix[verb + ' ' + path] = {own, foreign};
    }
    return matrix;
}

struct AuthorizationWorld : ServerWorld {
    AuthorizationWorld() {
        for (const std::string_view role : roles) {
            if (!role.empty()) {
                node.add_user(std::string(role), role == "nobody" ? std::vector<std::string>()
                                                                  : std::vector<std::string>{std::string(role)});
            }
        }
    }

    // What a request may have deleted.
    void restore() {
        for (const char* name : {"own", "foreign"}) {
            if (node.find_virtual_host(name) == nullptr) {
                storage::VirtualHostRecord record;
                record.name = name;
                node.put_virtual_host(std::move(record), [](auto) {});
            }
        }
        for (const std::string_view role : std::span(roles).subspan(1)) {
            node.change_users(
                [&](UserStore& users, storage::Batch& batch) {
                    return users.set_permissions(std::string(role), "own", {".*", ".*", ".*"}, batch);
                },
                [](auto) {});
        }
    }

    // n: asked who he is; t: has not the tag; v: not in this virtual host; a: no permission there, as over AMQP;
    // .: nobody minds
    char ask(const Route& route, std::string_view virtual_host, std::string_view role) {
        std::string path;
        for (std::string_view left = route.path; !left.empty();) {
            const std::size_t open = std::min(left.find('{'), left.size());
            path += left.substr(0, open);
            left.remove_prefix(open);
            if (!left.empty()) {
                path += left.starts_with("{vhost}") ? virtual_host : std::string_view("1");
                left.remove_prefix(left.find('}') + 1);
            }
        }
        restore();
        const Answer answer = call(name(route.verb), path, body, role);
        CHECK((answer.status < 500 || path.starts_with("/health/")));
        if (answer.status != 401) {
            return '.';
        }
        const std::string reason = answer.body.empty() ? "" : std::string(answer.json().at("reason").as_string());
        return answer.body.empty()                                    ? 'n'
               : reason == "User not authorised to access virtual host" ? 'v'
               : reason == "Access refused."                            ? 'a'
               : reason.starts_with("Not ")                             ? 't'
                                                                        : '?';
    }
};

} // namespace

TEST_CASE("authorization: every route answers every role as the table says", "[admin][routes][A1][A11]") {
    const Matrix expected = written();
    AuthorizationWorld world;
    Matrix found;
    for (const Route& route : routes()) {
        auto& [own, foreign] = found[std::string(name(route.verb)) + ' ' + std::string(route.path)];
        for (const std::string_view role : roles) {
            own += world.ask(route, "own", role);
            foreign += world.ask(route, "foreign", role);
        }
    }
    for (const auto& [route, letters] : found) {
        INFO(letters.first << ' ' << letters.second << ' ' << route);
        const auto row = expected.find(route);
        CHECK(row != expected.end());
        CHECK((row == expected.end() || row->second == letters));
    }
    for (const auto& [route, letters] : expected) {
        INFO("no such route: " << route);
        CHECK(found.contains(route));
    }
}
