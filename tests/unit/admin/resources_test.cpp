// What the resources answer, over a virtual host in memory.
#include "tests/unit/admin/server_world.hpp"

#include <boost/json/parse.hpp>

#include <catch2/catch.hpp>

#include <algorithm>

using namespace broker;
namespace json = boost::json;

namespace {

std::vector<std::string> names(const json::value& list, std::string_view key = "name") {
    std::vector<std::string> found;
    for (const json::value& item : list.get_array()) {
        found.emplace_back(item.get_object().at(key).get_string());
    }
    return found;
}

json::value field(const Answer& answer, std::string_view pointer) {
    return answer.json().at_pointer(pointer);
}

} // namespace

TEST_CASE("resources: a queue is made, shown and deleted", "[admin][queues][A5]") {
    ServerWorld world;
    const std::string_view body = R"({"durable":true,"arguments":{"x-max-length":5}})";
    CHECK(world.call("PUT", "/queues/%2F/a%20b", body).status == 201);
    CHECK(world.call("PUT", "/queues/%2F/a%20b", body).status == 204);
    const Answer shown = world.call("GET", "/queues/%2F/a%20b");
    CHECK(shown.status == 200);
    CHECK(field(shown, "/name") == "a b");
    CHECK(field(shown, "/vhost") == "/");
    CHECK(field(shown, "/durable") == true);
    CHECK(field(shown, "/type") == "classic");
    CHECK(field(shown, "/state") == "running");
    CHECK(field(shown, "/node") == "rabbit@test");
    CHECK(field(shown, "/arguments/x-max-length") == 5);
    CHECK(field(shown, "/messages") == 0);
    CHECK(field(shown, "/messages_details/rate").is_double());
    CHECK(field(shown, "/consumer_details") == json::array());
    CHECK_FALSE(shown.json().get_object().contains("message_stats")); // before there was anything
    CHECK(world.call("DELETE", "/queues/%2F/a%20b").status == 204);
    CHECK(world.call("DELETE", "/queues/%2F/a%20b").status == 404);
    CHECK(world.call("GET", "/queues/%2F/a%20b").status == 404);
}

TEST_CASE("resources: a queue that differs is refused in RabbitMQ's words", "[admin][queues][C6]") {
    ServerWorld world;
    CHECK(world.call("PUT", "/queues/%2F/q", R"({"durable":true})").status == 201);
    const Answer answer = world.call("PUT", "/queues/%2F/q", R"({"durable":"false"})");
    CHECK(answer.status == 400);
    CHECK(field(answer, "/error") == "bad_request");
    CHECK(field(answer, "/reason") ==
          "inequivalent arg 'durable' for queue 'q' in vhost '/': received 'false' but current is 'true'");
    CHECK(world.call("PUT", "/queues/%2F/amq.q", "{}").status == 401);
    CHECK(world.call("PUT", "/queues/%2F/x", R"({"node":"rabbit@elsewhere"})").status == 400);
    CHECK(world.call("PUT", "/queues/%2F/x", R"({"arguments":{"x":null}})").status == 400);
    CHECK(world.call("PUT", "/queues/%2F/" + std::string(256, 'q'), "{}").status == 400);
}

TEST_CASE("resources: queues in pages, copied only as far as they are shown", "[admin][queues][A7]") {
    ServerWorld world;
    for (const std::string_view queue : {"b1", "a1", "c1", "a2"}) {
        CHECK(world.call("PUT", "/queues/%2F/" + std::string(queue), "{}").status == 201);
    }
    CHECK(names(world.call("GET", "/queues").json()) == std::vector<std::string>{"a1", "a2", "b1", "c1"});
    const Answer page = world.call("GET", "/queues?page=2&page_size=1&name=a&columns=name");
    CHECK(page.json() == json::parse(R"({"total_count":4,"item_count":1,"filtered_count":2,"page":2,"page_size":1,
                                         "page_count":2,"items":[{"name":"a2"}]})"));
    CHECK(names(field(world.call("GET", "/queues/%2F?page=1&page_size=2&sort=name&sort_reverse=true"), "/items")) ==
          std::vector<std::string>{"c1", "b1"});
    CHECK(names(field(world.call("GET", "/queues?page=1&sort=messages&name=%5Ea&use_regex=true"), "/items")).size() ==
          2);
    CHECK(field(world.call("GET", "/queues?page=9"), "/error") == "page_out_of_range");
    CHECK(world.call("GET", "/queues?page=0").status == 400);
}

TEST_CASE("resources: an exchange is made, shown and deleted", "[admin][exchanges]") {
    ServerWorld world;
    CHECK(world.call("PUT", "/exchanges/%2F/x", R"({"type":"topic","durable":true})").status == 201);
    CHECK(world.call("PUT", "/exchanges/%2F/x", R"({"type":"topic","durable":true})").status == 204);
    CHECK(world.call("PUT", "/exchanges/%2F/x", R"({"type":"direct","durable":true})").status == 400);
    CHECK(world.call("PUT", "/exchanges/%2F/untyped", "{}").status == 201);
    CHECK(field(world.call("GET", "/exchanges/%2F/untyped"), "/type") == "direct");
    CHECK(world.call("DELETE", "/exchanges/%2F/untyped").status == 204);
    CHECK(world.call("PUT", "/exchanges/%2F/y", R"({"type":"unheard-of"})").status == 400);
    CHECK(field(world.call("GET", "/exchanges/%2F/x"), "/incoming") == json::array());
    CHECK(names(world.call("GET", "/exchanges/%2F").json()) ==
          std::vector<std::string>{"", "amq.direct", "amq.fanout", "amq.headers", "amq.match", "amq.rabbitmq.trace",
                                   "amq.topic", "x"});
    CHECK(field(world.call("GET", "/exchanges/%2F/amq.default"), "/name") == "");
    CHECK(world.call("DELETE", "/exchanges/%2F/amq.topic").status == 401);
    CHECK(world.call("DELETE", "/exchanges/%2F/x").status == 204);
    CHECK(world.call("DELETE", "/exchanges/%2F/x").status == 404);
}

TEST_CASE("resources: bindings have a key by which they are found and deleted", "[admin][bindings]") {
    ServerWorld world;
    REQUIRE(world.call("PUT", "/queues/%2F/q", "{}").status == 201);
    REQUIRE(world.call("PUT", "/exchanges/%2F/x", R"({"type":"headers"})").status == 201);
    const Answer made = world.call("POST", "/bindings/%2F/e/x/q/q", R"({"routing_key":"a b"})");
    CHECK(made.status == 201);
    CHECK(made.headers.at("location") == "q/a%2Bb");
    CHECK(world.call("POST", "/bindings/%2F/e/x/q/q", R"({"arguments":{"k":1}})").status == 201);
    CHECK(world.call("POST", "/bindings/%2F/e/x/e/amq.fanout", "{}").status == 201);
    const json::value all = world.call("GET", "/queues/%2F/q/bindings").json();
    CHECK(names(all, "source") == std::vector<std::string>{"", "x", "x"});
    CHECK(all.at_pointer("/0") == json::parse(R"({"source":"","vhost":"/","destination":"q","destination_type":"queue",
                                                  "routing_key":"q","arguments":{},"properties_key":"q"})"));
    CHECK(world.call("GET", "/bindings").json().get_array().size() == 4);
    CHECK(world.call("GET", "/exchanges/%2F/x/bindings/source").json().get_array().size() == 3);
    CHECK(world.call("GET", "/exchanges/%2F/amq.fanout/bindings/destination").json().get_array().size() == 1);
    CHECK(field(world.call("GET", "/bindings/%2F/e/x/q/q/a%2Bb"), "/routing_key") == "a b");
    CHECK(world.call("DELETE", "/bindings/%2F/e/x/q/q/a%2Bb").status == 204);
    CHECK(world.call("DELETE", "/bindings/%2F/e/x/q/q/a%2Bb").status == 404);
    CHECK(world.call("DELETE", "/bindings/%2F/e/x/e/amq.fanout/~").status == 204);
    CHECK(world.call("POST", "/bindings/%2F/e/x/q/none", "{}").status == 404);
    CHECK(world.call("POST", "/bindings/%2F/e/none/q/q", "{}").status == 404);
    for (const auto* path : {"/bindings/%2F/e/none/q/q", "/bindings/%2F/e/x/q/none", "/bindings/%2F/e/x/e/none",
                             "/queues/%2F/none/bindings", "/exchanges/%2F/none/bindings/source"}) {
        CHECK(world.call("GET", path).json() == json::array());
    }
    CHECK(world.call("GET", "/bindings/%2F/e/none/q/q/~").status == 404);
}

TEST_CASE("resources: messages are published and got", "[admin][messages]") {
    ServerWorld world;
    REQUIRE(world.call("PUT", "/queues/%2F/q", R"({"durable":true})").status == 201);
    const std::string publish = "/exchanges/%2F/amq.default/publish";
    const std::string_view text = R"({"routing_key":"q","payload":"hellö","payload_encoding":"string",
                                      "properties":{"delivery_mode":2,"headers":{"n":7}}})";
    CHECK(world.call("POST", publish, text).json() == json::parse(R"({"routed":true})"));
    CHECK(
        world
            .call("POST", publish, R"({"routing_key":"none","payload":"","payload_encoding":"string","properties":{}})")
            .json() == json::parse(R"({"routed":false})"));
    CHECK(world
              .call("POST", publish,
                    R"({"routing_key":"q","payload":"/wA=","payload_encoding":"base64","properties":[]})")
              .status == 200);
    CHECK(world.call("POST", "/exchanges/%2F/none/publish", text).status == 404);
    CHECK(world.call("POST", publish, "{}").status == 400);

    const std::string get = "/queues/%2F/q/get";
    const Answer peeked = world.call("POST", get, R"({"count":9,"ackmode":"ack_requeue_true","encoding":"auto"})");
    CHECK(peeked.json().get_array().size() == 2);
    CHECK(field(peeked, "/0") ==
          json::parse(R"({"payload_bytes":6,"redelivered":false,"exchange":"","routing_key":"q","message_count":1,
                          "properties":{"headers":{"n":7},"delivery_mode":2},"payload":"hellö",
                          "payload_encoding":"string"})"));
    CHECK(field(peeked, "/1/payload") == "/wA=");
    const Answer taken =
        world.call("POST", get, R"({"count":"1","ackmode":"ack_requeue_false","encoding":"base64","truncate":1})");
    CHECK(field(taken, "/0/redelivered") == true);
    CHECK(field(taken, "/0/payload") == "aA==");
    CHECK(field(taken, "/0/payload_bytes") == 6);
    CHECK(field(world.call("GET", "/queues/%2F/q"), "/messages") == 1);
    CHECK(field(world.call("GET", "/queues/%2F/q"), "/messages_unacknowledged") == 0);
    CHECK(field(world.call("GET", "/queues/%2F/q"), "/message_stats/publish") == 2);
    CHECK(world.call("DELETE", "/queues/%2F/q/contents").status == 204);
    CHECK(world.call("POST", get, R"({"count":1,"ackmode":"ack_requeue_true","encoding":"auto"})").json() ==
          json::array());
    CHECK(world.call("POST", get, R"({"count":1,"ackmode":"maybe","encoding":"auto"})").status == 400);
    CHECK(world.call("POST", "/queues/%2F/none/get", R"({"count":1,"ackmode":"ack_requeue_true","encoding":"auto"})")
              .status == 404);
}

TEST_CASE("resources: more messages than one batch are got in order", "[admin][messages]") {
    ServerWorld world;
    REQUIRE(world.call("PUT", "/queues/%2F/q", "{}").status == 201);
    for (int i = 0; i < 70; ++i) {
        const std::string body =
            R"({"routing_key":"q","payload_encoding":"string","properties":{},"payload":")" + std::to_string(i) + "\"}";
        REQUIRE(world.call("POST", "/exchanges/%2F/amq.default/publish", body).status == 200);
    }
    const Answer answer =
        world.call("POST", "/queues/%2F/q/get", R"({"count":100,"ackmode":"reject_requeue_false","encoding":"auto"})");
    const std::vector<std::string> payloads = names(answer.json(), "payload");
    REQUIRE(payloads.size() == 70);
    for (std::size_t i = 0; i < payloads.size(); ++i) {
        CHECK(payloads[i] == std::to_string(i));
    }
    CHECK(field(world.call("GET", "/queues/%2F/q"), "/messages") == 0);
}

TEST_CASE("resources: rules for properties hold over HTTP", "[admin][messages][C27]") {
    ServerWorld world;
    const auto publish = [&](std::string_view properties) {
        return world.call("POST", "/exchanges/%2F/amq.default/publish",
                          R"({"routing_key":"q","payload":"","payload_encoding":"string","properties":)" +
                              std::string(properties) + "}");
    };
    const Answer answer = publish(R"({"expiration":"soon"})");
    CHECK(answer.status == 400);
    CHECK(
        std::string(field(answer, "/reason").get_string()).starts_with("406 PRECONDITION_FAILED - invalid expiration"));
    CHECK(publish(R"({"user_id":"somebody"})").status == 400);
    CHECK(publish(R"({"user_id":"guest"})").status == 200);
}

TEST_CASE("resources: permissions hold over HTTP as over AMQP", "[admin][permissions][C5]") {
    ServerWorld world;
    world.node.add_user("clerk", {"management"});
    CHECK(world.call("PUT", "/permissions/%2F/clerk", R"({"configure":"^mine","write":"^mine","read":"^$"})").status ==
          201);
    CHECK(world.call("PUT", "/permissions/%2F/clerk", R"({"configure":"^mine","write":"^mine","read":"^$"})").status ==
          204);
    CHECK(world.call("PUT", "/queues/%2F/mine", "{}", "clerk").status == 201);
    const Answer refused = world.call("PUT", "/queues/%2F/other", "{}", "clerk");
    CHECK(refused.status == 401);
    CHECK(field(refused, "/reason") == "Access refused.");
    CHECK(world.call("DELETE", "/queues/%2F/mine/contents", {}, "clerk").status == 401);
    CHECK(world.call("POST", "/bindings/%2F/e/amq.topic/q/mine", "{}", "clerk").status == 401);
    CHECK(world
              .call("POST", "/exchanges/%2F/amq.default/publish",
                    R"({"routing_key":"mine","payload":"","payload_encoding":"string","properties":{}})", "clerk")
              .status == 401);
    CHECK(world
              .call("POST", "/queues/%2F/mine/get", R"({"count":1,"ackmode":"ack_requeue_true","encoding":"auto"})",
                    "clerk")
              .status == 401);
    CHECK(world.call("DELETE", "/permissions/%2F/clerk").status == 204);
    CHECK(world.call("GET", "/permissions/%2F/clerk").status == 404);
    CHECK(field(world.call("PUT", "/permissions/%2F/none", R"({"configure":"","write":"","read":""})"), "/reason") ==
          "vhost_or_user_not_found");
    CHECK(field(world.call("PUT", "/permissions/%2F/clerk", "{}"), "/reason") ==
          "[{key_missing,configure},{key_missing,write},{key_missing,read}]");
    CHECK(world.call("PUT", "/permissions/%2F/clerk", R"({"configure":"(","write":"","read":""})").status == 400);
}

TEST_CASE("resources: topic permissions hold over HTTP", "[admin][permissions]") {
    ServerWorld world;
    CHECK(world.call("PUT", "/topic-permissions/%2F/guest", R"({"exchange":"amq.topic","write":"^a","read":"^b"})")
              .status == 201);
    CHECK(world.call("GET", "/topic-permissions").json().get_array().size() == 1);
    const auto publish = [&](std::string_view key) {
        return world
            .call("POST", "/exchanges/%2F/amq.topic/publish",
                  R"({"payload":"","payload_encoding":"string","properties":{},"routing_key":")" + std::string(key) +
                      "\"}")
            .status;
    };
    CHECK(publish("a.x") == 200);
    CHECK(publish("b.x") == 401);
    REQUIRE(world.call("PUT", "/queues/%2F/q", "{}").status == 201);
    CHECK(world.call("POST", "/bindings/%2F/e/amq.topic/q/q", R"({"routing_key":"a"})").status == 401);
    CHECK(world.call("POST", "/bindings/%2F/e/amq.topic/q/q", R"({"routing_key":"b"})").status == 201);
    CHECK(world.call("DELETE", "/topic-permissions/%2F/guest").status == 204);
    CHECK(publish("b.x") == 200);
}

TEST_CASE("resources: users are made, shown without secrets but the hash, and deleted", "[admin][users]") {
    ServerWorld world;
    CHECK(world.call("PUT", "/users/u", R"({"password":"p","tags":"management,monitoring"})").status == 201);
    CHECK(world.call("PUT", "/users/u", R"({"password":"u","tags":["management"]})").status == 204);
    const Answer shown = world.call("GET", "/users/u");
    CHECK(field(shown, "/tags") == json::parse(R"(["management"])"));
    CHECK(field(shown, "/hashing_algorithm") == "rabbit_password_hashing_sha256");
    CHECK(field(shown, "/limits") == json::object());
    CHECK(world.call("GET", "/whoami", {}, "u").json() ==
          json::parse(R"({"name":"u","tags":["management"],"is_internal_user":true})"));
    CHECK(field(world.call("PUT", "/users/v", R"({"password":"p"})"), "/reason") == "tags_not_present");
    CHECK(world.call("PUT", "/users/v", R"({"password":"p","password_hash":"x","tags":""})").status == 400);
    CHECK(names(world.call("GET", "/users/without-permissions").json()) == std::vector<std::string>{"u"});
    CHECK(world.call("DELETE", "/users/u").status == 204);
    CHECK(world.call("DELETE", "/users/u").status == 404);
    CHECK(world.call("GET", "/whoami", {}, "u").status == 401);
    CHECK(world.call("PUT", "/users/p", R"({"password":"p","tags":"protected"})").status == 201);
    CHECK(world.call("DELETE", "/users/p").status == 400);
    CHECK(world.call("POST", "/users/bulk-delete", R"({"users":["none","p"]})").status == 400);
}

TEST_CASE("resources: virtual hosts are made, protected and deleted", "[admin][vhosts][virtual-hosts]") {
    ServerWorld world;
    CHECK(world.call("PUT", "/vhosts/v%2Fw", R"({"description":"d","tags":"a,b"})").status == 201);
    CHECK(world.call("PUT", "/vhosts/v%2Fw", R"({"tracing":true})").status == 204);
    const Answer shown = world.call("GET", "/vhosts/v%2Fw");
    CHECK(field(shown, "/name") == "v/w");
    CHECK(field(shown, "/description") == "d"); // what is not said stays
    CHECK(field(shown, "/tags") == json::parse(R"(["a","b"])"));
    CHECK(field(shown, "/tracing") == true);
    CHECK(field(shown, "/default_queue_type") == "classic");
    CHECK(field(shown, "/cluster_state/rabbit@test") == "running");
    CHECK(world.call("PUT", "/queues/v%2Fw/q", "{}").status == 201); // its maker may use it
    CHECK(world.call("POST", "/vhosts/v%2Fw/deletion/protection").status == 204);
    CHECK(world.call("DELETE", "/vhosts/v%2Fw").status == 412);
    CHECK(world.call("DELETE", "/vhosts/v%2Fw/deletion/protection").status == 204);
    CHECK(world.call("DELETE", "/vhosts/v%2Fw").status == 204);
    CHECK(world.call("DELETE", "/vhosts/v%2Fw").status == 404);
    CHECK(world.call("PUT", "/vhosts/x", R"({"default_queue_type":"heap"})").status == 400);
}

TEST_CASE("resources: lists show only what the user may see", "[admin][A11]") {
    ServerWorld world;
    REQUIRE(world.call("PUT", "/vhosts/other", "{}").status == 201);
    REQUIRE(world.call("PUT", "/queues/other/q", "{}").status == 201);
    REQUIRE(world.call("PUT", "/queues/%2F/p", "{}").status == 201);
    world.node.add_user("clerk", {"management"});
    world.node.add_user("monitor", {"monitoring"});
    REQUIRE(world.call("PUT", "/permissions/other/clerk", R"({"configure":"","write":"","read":""})").status == 201);
    CHECK(names(world.call("GET", "/queues", {}, "clerk").json()) == std::vector<std::string>{"q"});
    CHECK(names(world.call("GET", "/vhosts", {}, "clerk").json()) == std::vector<std::string>{"other"});
    CHECK(names(world.call("GET", "/queues", {}, "monitor").json()) == std::vector<std::string>{"p", "q"});
    CHECK(world.call("GET", "/queues/%2F/p", {}, "monitor").status == 200);
    CHECK(world.call("DELETE", "/queues/%2F/p", {}, "monitor").status == 401);
    CHECK(field(world.call("GET", "/overview", {}, "clerk"), "/object_totals/queues") == 1);
}

TEST_CASE("resources: the overview has its totals even when there is nothing", "[admin][overview]") {
    ServerWorld world;
    const Answer answer = world.call("GET", "/overview");
    CHECK(field(answer, "/message_stats") == json::object());
    CHECK(field(answer, "/queue_totals/messages") == 0);
    CHECK(field(answer, "/object_totals") ==
          json::parse(R"({"channels":0,"connections":0,"consumers":0,"exchanges":7,"queues":0})"));
    CHECK(field(answer, "/product_name") == "RabbitMQ");
    CHECK(field(answer, "/rabbitmq_version") == "4.2.0");
    CHECK(field(answer, "/listeners/0/protocol") == "amqp");
    CHECK(field(answer, "/churn_rates/queue_declared_details/rate").is_double());
}

TEST_CASE("resources: the node knows its process", "[admin][nodes]") {
    ServerWorld world;
    const Answer answer = world.call("GET", "/nodes/rabbit@test");
    CHECK(field(answer, "/running") == true);
    CHECK(field(answer, "/os_pid").is_string());
    CHECK(field(answer, "/mem_used").to_number<std::uint64_t>() > 0);
    CHECK(field(answer, "/fd_used").to_number<std::uint64_t>() > 0);
    CHECK(world.call("GET", "/nodes").json().get_array().size() == 1);
    CHECK(world.call("GET", "/nodes/rabbit@elsewhere").status == 404);
    const Answer memory = world.call("GET", "/nodes/rabbit@test/memory");
    CHECK(field(memory, "/memory/strategy") == "rss");
    CHECK(field(memory, "/memory/other_system") == field(memory, "/memory/total/rss"));
    CHECK(field(memory, "/memory/metadata_store_ets") == 0);
    CHECK(field(world.call("GET", "/nodes/rabbit@test/memory/relative"), "/memory/binary") == 0);
}

TEST_CASE("resources: alarms fail their health checks and are seen at the node", "[admin][health][L1]") {
    ServerWorld world;
    world.node.set_resources({.alarms = {.memory = true, .disk = true}, .memory_limit = 7, .disk_free_limit = 9});
    const Answer all = world.call("GET", "/health/checks/alarms");
    CHECK(all.status == 503);
    CHECK(all.json() == json::parse(R"({"status":"failed","reason":"There are alarms in effect in the cluster",
        "alarms":[{"node":"rabbit@test","resource":"memory"},{"node":"rabbit@test","resource":"disk"}]})"));
    const Answer local = world.call("GET", "/health/checks/local-alarms");
    CHECK(local.status == 503);
    CHECK(field(local, "/reason") == "There are alarms in effect on the node");
    CHECK(world.call("GET", "/health/checks/is-in-service").status == 200);
    const Answer node = world.call("GET", "/nodes/rabbit@test");
    CHECK(field(node, "/mem_alarm") == true);
    CHECK(field(node, "/mem_limit") == 7);
    CHECK(field(node, "/disk_free_alarm") == true);
    CHECK(field(node, "/disk_free_limit") == 9);
}

TEST_CASE("resources: health checks", "[admin][health]") {
    ServerWorld world;
    for (const std::string_view check : {"alarms", "local-alarms", "virtual-hosts", "is-in-service",
                                         "metadata-store/initialized/with-data", "certificate-expiration/1/months"}) {
        INFO(check);
        CHECK(world.call("GET", "/health/checks/" + std::string(check)).json() == json::parse(R"({"status":"ok"})"));
    }
    CHECK(world.call("GET", "/health/checks/node-is-quorum-critical").json() ==
          json::parse(R"({"status":"ok","reason":"single node cluster"})"));
    CHECK(world.call("GET", "/health/checks/port-listener/5673").json() ==
          json::parse(R"({"status":"ok","port":5673})"));
    const Answer missing = world.call("GET", "/health/checks/port-listener/1234");
    CHECK(missing.status == 503);
    CHECK(missing.json() ==
          json::parse(R"({"status":"failed","reason":"No active listener","missing":1234,"ports":[5673,1]})"));
    CHECK(world.call("GET", "/health/checks/port-listener/x").status == 400);
    CHECK(world.call("GET", "/health/checks/protocol-listener/amqp091").status == 200);
    CHECK(world.call("GET", "/health/checks/protocol-listener/mqtt,amqp").status == 200);
    CHECK(field(world.call("GET", "/health/checks/protocol-listener/mqtt"), "/missing") == "mqtt");
    CHECK(world.call("GET", "/health/checks/certificate-expiration/1/aeons").status == 400);
    CHECK(world.call("GET", "/aliveness-test/%2F").json() == json::parse(R"({"status":"ok"})"));
}

TEST_CASE("resources: what there is none of is an empty list", "[admin]") {
    ServerWorld world;
    for (const std::string_view path :
         {"/policies", "/operator-policies", "/parameters", "/global-parameters", "/vhost-limits", "/user-limits",
          "/deprecated-features", "/extensions", "/connections", "/channels", "/consumers"}) {
        INFO(path);
        CHECK(world.call("GET", path).json() == json::array());
    }
    CHECK(world.call("GET", "/feature-flags").json().at_pointer("/0/state") == "enabled");
    CHECK(world.call("PUT", "/feature-flags/quorum_queue/enable").status == 204);
    CHECK(world.call("PUT", "/feature-flags/none/enable").status == 400);
    CHECK(world.call("GET", "/connections/none").status == 404);
    CHECK(world.call("DELETE", "/connections/none").status == 404);
}
