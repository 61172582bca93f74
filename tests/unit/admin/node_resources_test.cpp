// The node: which of its settings count, and itself as the one member of quorum queues.
#include "tests/unit/admin/server_world.hpp"

#include <catch2/catch.hpp>

using namespace broker;

TEST_CASE("resources: administrators see the settings that count", "[admin][nodes]") {
    ServerWorld world;
    const Answer answer = world.call("GET", "/config/effective");
    CHECK(answer.body == "heartbeat = 60\n");
    CHECK(answer.headers.at("content-type") == "text/plain");
}

TEST_CASE("quorum queues: their one member is there already and cannot leave", "[admin][queues]") {
    ServerWorld world;
    world.call("PUT", "/queues/%2F/classic", R"({"durable":true})");
    world.call("PUT", "/queues/%2F/quorum", R"({"durable":true,"arguments":{"x-queue-type":"quorum"}})");
    const std::string replicas = "/queues/quorum/%2F/quorum/replicas/";
    const std::string here = R"({"node":")" + world.node.info().node_name + R"("})";
    CHECK(world.call("POST", replicas + "add", here).status == 204);
    CHECK(world.call("DELETE", replicas + "delete", here).status == 400);
    CHECK(world.call("POST", replicas + "add", R"({"node":"rabbit@elsewhere"})").status == 400);
    CHECK(world.call("POST", replicas + "add").status == 400);
    CHECK(world.call("POST", "/queues/quorum/%2F/classic/replicas/add", here).status == 404);
    CHECK(world.call("GET", "/queues/quorum/%2F/quorum/status").json().as_array().size() == 1);
    CHECK(world.call("GET", "/queues/quorum/%2F/classic/status").status == 404);
}
