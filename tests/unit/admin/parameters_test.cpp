// Runtime parameters: kept as they came, but for those that mean something here.
#include "tests/unit/admin/server_world.hpp"

#include <boost/json/parse.hpp>

#include <catch2/catch.hpp>

using namespace broker;
namespace json = boost::json;

TEST_CASE("parameters: limits of a virtual host are one, and replaced as a whole", "[admin][parameters]") {
    ServerWorld world;
    const char* const path = "/parameters/vhost-limits/%2F/limits";
    CHECK(world.call("PUT", path, R"({"value":{"max-queues":1,"max-connections":5}})").status == 201);
    CHECK(world.call("PUT", path, R"({"value":{"max-queues":1}})").status == 204);
    CHECK(world.call("GET", "/vhost-limits/%2F").json() == json::parse(R"([{"vhost":"/","value":{"max-queues":1}}])"));
    CHECK(world.call("GET", "/parameters").json().as_array().size() == 1);
    CHECK(world.call("PUT", "/queues/%2F/first", "{}").status == 201);
    CHECK(world.call("PUT", "/queues/%2F/second", "{}").status == 400);
    CHECK(world.call("PUT", path, R"({"value":{"max-horses":1}})").status == 400);
    CHECK(world.call("PUT", path, R"({"value":7})").status == 400);
    CHECK(world.call("DELETE", path).status == 204);
    CHECK(world.call("DELETE", path).status == 404);
    CHECK(world.call("GET", "/vhost-limits/%2F").json().as_array().empty());
}

TEST_CASE("parameters: an operator policy is one, a policy is not", "[admin][parameters]") {
    ServerWorld world;
    const char* const value = R"({"value":{"pattern":"^q","definition":{"max-length":3},"apply-to":"queues"}})";
    CHECK(world.call("PUT", "/parameters/operator_policy/%2F/small", value).status == 201);
    CHECK(world.call("GET", "/operator-policies/%2F/small").json().at("definition").at("max-length") == 3);
    CHECK(world.call("PUT", "/parameters/operator_policy/%2F/wrong", R"({"value":"text"})").status == 400);
    CHECK(world.call("PUT", "/parameters/policy/%2F/small", value).status == 400);
    CHECK(world.call("PUT", "/parameters/nothing/%2F/small", value).status == 400);
    CHECK(world.call("DELETE", "/parameters/operator_policy/%2F/small").status == 204);
    CHECK(world.call("GET", "/operator-policies/%2F/small").status == 404);
    CHECK(world.call("DELETE", "/parameters/operator_policy/%2F/small").status == 404);
}

TEST_CASE("parameters: the rest is kept as it came", "[admin][parameters]") {
    ServerWorld world;
    CHECK(world.call("PUT", "/parameters/shovel/%2F/s", R"({"value":{"src-queue":"a"}})").status == 201);
    CHECK(world.call("GET", "/parameters/shovel/%2F/s").json().at("value") == json::parse(R"({"src-queue":"a"})"));
    CHECK(world.call("PUT", "/parameters/shovel/%2F/s", "{}").status == 400);
    CHECK(world.call("DELETE", "/parameters/shovel/%2F/s").status == 204);
}
