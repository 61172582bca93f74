#include "tests/unit/admin/server_world.hpp"

#include <boost/json/parse.hpp>

#include <catch2/catch.hpp>

#include <string_view>

using namespace broker;
namespace json = boost::json;

TEST_CASE("resources: a backup is made and listed", "[admin][backup]") {
    ServerWorld world;
    for (const std::string_view verb : {"PUT", "POST"}) {
        const Answer made = world.call(verb, "/backup", R"({"directory":"monday"})");
        CHECK(made.status == 201);
        CHECK(made.json() == json::parse(R"({"directory":"monday","path":"/backups/monday","size":1234,"made_at":0})"));
    }
    CHECK(world.call("POST", "/backup").status == 201);
    CHECK(world.call("POST", "/backup", R"({"directory":""})").status == 400);
    CHECK(world.call("POST", "/backup", R"({"directory":7})").status == 400);
    CHECK(world.call("POST", "/backup", R"({"directory":"refused"})").json().at("reason") == "no such name");
    CHECK(world.call("GET", "/backup").json() ==
          json::parse(R"([{"directory":"one","path":"/backups/one","size":1234,"made_at":0}])"));
}
