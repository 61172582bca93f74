// Rates and samples as the API shows them, on a clock that the test moves.
#include "broker/admin/rates.hpp"
#include "tests/unit/admin/server_world.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <catch2/catch.hpp>

using namespace broker;
namespace json = boost::json;

namespace {

constexpr std::string_view queue = "/queues/%2F/q";

void publish(ServerWorld& world, int count) {
    for (int i = 0; i < count; ++i) {
        REQUIRE(world.call("POST", "/exchanges/%2F/amq.direct/publish",
                           R"({"properties":{},"routing_key":"k","payload":"x","payload_encoding":"string"})")
                    .status == 200);
    }
}

ServerWorld& with_queue(ServerWorld& world) {
    REQUIRE(world.call("PUT", queue, "{}").status == 201);
    REQUIRE(world.call("POST", "/bindings/%2F/e/amq.direct/q/q", R"({"routing_key":"k"})").status == 201);
    return world;
}

double rate(const json::value& object, std::string_view path) {
    return object.at_pointer(std::string(path) + "_details/rate").to_number<double>();
}

} // namespace

TEST_CASE("rates: what comes into a queue in five seconds is its rate", "[admin][rates][A8][A9]") {
    ServerWorld world;
    with_queue(world);
    const json::value before = world.call("GET", queue).json();
    CHECK_FALSE(before.as_object().contains("message_stats"));
    publish(world, 10);
    world.node.pass(5'000);
    const json::value after = world.call("GET", queue).json();
    CHECK(after.at_pointer("/message_stats/publish") == 10);
    CHECK(rate(after, "/message_stats/publish") == 2);
    CHECK(rate(after, "/messages") == 2);
    CHECK(rate(after, "/messages_unacknowledged") == 0);
    world.node.pass(5'000);
    CHECK(rate(world.call("GET", queue).json(), "/message_stats/publish") == 0);
}

TEST_CASE("rates: of the node, an exchange, a virtual host", "[admin][rates][A8]") {
    ServerWorld world;
    with_queue(world);
    for (const char* path : {"/overview", "/exchanges/%2F/amq.direct", "/vhosts/%2F", "/nodes/rabbit@test"}) {
        REQUIRE(world.call("GET", path).status == 200);
    }
    publish(world, 20);
    world.node.pass(10'000);
    const json::value overview = world.call("GET", "/overview").json();
    CHECK(rate(overview, "/message_stats/publish") == 2);
    CHECK(rate(overview, "/message_stats/confirm") == 2);
    CHECK(rate(overview, "/queue_totals/messages_ready") == 2);
    CHECK(rate(overview, "/churn_rates/channel_created") == 2.2); // also for queue and binding
    CHECK(rate(overview, "/churn_rates/connection_closed") == 2.2);
    const json::value exchange = world.call("GET", "/exchanges/%2F/amq.direct").json();
    CHECK(exchange.at_pointer("/message_stats/publish_in") == 20);
    CHECK(exchange.at_pointer("/message_stats/publish_out") == 20);
    CHECK(rate(exchange, "/message_stats/publish_out") == 2);
    CHECK(rate(world.call("GET", "/vhosts/%2F").json(), "/message_stats/publish") == 2);
    CHECK(rate(world.call("GET", "/nodes/rabbit@test").json(), "/connection_created") == 2);
}

TEST_CASE("rates: samples of a range, newest first", "[admin][rates][A8]") {
    ServerWorld world;
    with_queue(world);
    const std::string ranged = std::string(queue) + "?lengths_age=60&lengths_incr=5&msg_rates_age=10&msg_rates_incr=5";
    for (int i = 0; i < 4; ++i) {
        publish(world, 5);
        REQUIRE(world.call("GET", ranged).status == 200);
        world.node.pass(5'000);
    }
    const json::value shown = world.call("GET", ranged).json();
    const json::array& lengths = shown.at_pointer("/messages_details/samples").as_array();
    REQUIRE(lengths.size() == 5);
    CHECK(lengths.front().at("sample") == 20);
    CHECK(lengths.back().at("sample") == 5);
    const std::int64_t step = lengths[0].at("timestamp").as_int64() - lengths[1].at("timestamp").as_int64();
    CHECK(step == 5'000);
    CHECK(shown.at_pointer("/messages_details/avg_rate").to_number<double>() == 0.75);
    CHECK(shown.at_pointer("/messages_details/avg").to_number<double>() == 14); // (20 + 20 + 15 + 10 + 5) / 5
    CHECK(shown.at_pointer("/message_stats/publish_details/samples").as_array().size() == 3);
    const json::value plain = world.call("GET", queue).json();
    CHECK_FALSE(plain.at("messages_details").as_object().contains("samples"));
}

TEST_CASE("rates: more samples than anybody can look at are refused", "[admin][rates][A8]") {
    ServerWorld world;
    for (const char* query : {"lengths_age=100000&lengths_incr=1", "msg_rates_age=x&msg_rates_incr=5",
                              "data_rates_age=60&data_rates_incr=0", "node_stats_age=-5&node_stats_incr=5"}) {
        INFO(query);
        const Answer answer = world.call("GET", "/overview?" + std::string(query));
        CHECK(answer.status == 400);
        CHECK(answer.json().at("error") == "bad_request");
    }
    CHECK(world.call("GET", "/overview?lengths_age=100000&lengths_incr=1").json().at("reason") ==
          "Invalid range parameters: age 100000, incr 1");
    CHECK(world.call("GET", "/overview?lengths_age=2500&lengths_incr=5").status == 200);
}

TEST_CASE("rates: a queue that is made again begins anew", "[admin][rates]") {
    ServerWorld world;
    with_queue(world);
    publish(world, 10);
    world.call("GET", queue);
    REQUIRE(world.call("DELETE", queue).status == 204);
    with_queue(world);
    publish(world, 1);
    world.node.pass(5'000);
    CHECK(rate(world.call("GET", queue).json(), "/message_stats/publish") == 0);
    const json::value overview = world.call("GET", "/overview").json();
    CHECK(overview.at_pointer("/message_stats/publish") == 11); // what has gone stays counted
    CHECK(overview.at_pointer("/churn_rates/queue_deleted") == 1);
}

TEST_CASE("rates: what nobody asks for is forgotten", "[admin][rates]") {
    Rates rates;
    json::object object{{"recv_oct", 1}, {"send_oct", 2}};
    rates.put(Rates::Kind::connection, "a", object, {}, 1'000);
    rates.put(Rates::Kind::connection, "b", object, {}, 1'000 + Rates::forget_after_ms);
    CHECK(rates.size() == 2);
    rates.forget_unused(1'001 + Rates::forget_after_ms);
    CHECK(rates.size() == 1);
}

TEST_CASE("rates: a queue says since when it is idle, and its oldest message's time", "[admin][queues]") {
    ServerWorld world;
    with_queue(world);
    CHECK_FALSE(world.call("GET", queue).json().as_object().contains("idle_since"));
    CHECK(world.call("GET", queue).json().at("head_message_timestamp").is_null());
    world.call("POST", "/exchanges/%2F/amq.direct/publish",
               R"({"properties":{"timestamp":1500000000},"routing_key":"k",)"
               R"("payload":"x","payload_encoding":"string"})");
    world.node.pass(2'000);
    const json::value idle = world.call("GET", queue).json();
    CHECK(idle.at("head_message_timestamp") == 1'500'000'000);
    CHECK(idle.at("idle_since") == "2023-11-14T22:13:20.000+00:00");
    CHECK(idle.at("consumer_capacity") == 0.0);
}
