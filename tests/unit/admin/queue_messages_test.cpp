// Peek, delete, move, copy, explain and settings of queues over HTTP.
#include "tests/unit/admin/server_world.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <catch2/catch.hpp>

using namespace broker;
namespace json = boost::json;

namespace {

struct Queues : ServerWorld {
    Queues() {
        for (const char* queue : {"q", "other"}) {
            CHECK(call("PUT", "/queues/%2F/" + std::string(queue), R"({"durable":true})").status == 201);
        }
    }
    void publish(std::string_view payload, json::object headers = {}, std::string_view exchange = "amq.default",
                 std::string_view key = "q") {
        const json::object body{{"properties", json::object{{"headers", std::move(headers)}, {"delivery_mode", 2}}},
                                {"routing_key", key},
                                {"payload", payload},
                                {"payload_encoding", "string"}};
        CHECK(call("POST", "/exchanges/%2F/" + std::string(exchange) + "/publish", json::serialize(body)).status ==
              200);
    }
    void publish_many(int count) {
        for (int i = 0; i < count; ++i) {
            publish("m" + std::to_string(i), {{"n", std::to_string(i % 3)}});
        }
    }
    json::array peek(const std::string& parameters = {}, const std::string& queue = "q") {
        const Answer answer = call("GET", "/queues/%2F/" + queue + "/peek?" + parameters);
        REQUIRE(answer.status == 200);
        next = answer.headers.contains("x-next") ? answer.headers.at("x-next") : "";
        return answer.json().as_array();
    }
    std::string payloads(const std::string& parameters = {}, const std::string& queue = "q") {
        std::string all;
        for (const json::value& message : peek(parameters, queue)) {
            all += (all.empty() ? "" : " ") + std::string(message.at("payload").as_string());
        }
        return all;
    }
    json::object order(const std::string& deed, const std::string& body, const std::string& queue = "q") {
        const Answer answer = call("POST", "/queues/%2F/" + queue + "/" + deed, body);
        INFO(answer.body);
        REQUIRE(answer.status == 200);
        return answer.json().as_object();
    }
    std::string next;
};

} // namespace

TEST_CASE("peek: messages in get's shape, with their places, and nothing is touched", "[admin][peek]") {
    Queues world;
    world.publish_many(3);
    for (int i = 0; i < 2; ++i) {
        const json::array all = world.peek();
        REQUIRE(all.size() == 3);
        CHECK(world.next.empty());
        const json::object& second = all[1].as_object();
        CHECK(second.at("payload") == "m1");
        CHECK(second.at("payload_bytes") == 2);
        CHECK(second.at("payload_encoding") == "string");
        CHECK(second.at("routing_key") == "q");
        CHECK(second.at("redelivered") == false);
        CHECK(second.at("message_count") == 1);
        CHECK(second.at("position") == 1);
        CHECK(second.at("sequence").is_string());
        CHECK(second.at("properties").at("headers").at("n") == "1");
    }
    CHECK(world.peek("truncate=1")[0].at("payload") == "m");
    CHECK(world.peek("encoding=base64")[0].at("payload") == "bTA=");
}

TEST_CASE("peek: parts that follow each other, by place and by number", "[admin][peek]") {
    Queues world;
    world.publish_many(7);
    CHECK(world.payloads("offset=2&count=2") == "m2 m3");
    CHECK(world.payloads(world.next + "&count=2") == "m4 m5");
    CHECK(world.payloads(world.next + "&count=2") == "m6");
    CHECK(world.next.empty());
    CHECK(world.payloads("offset=100").empty());
    world.peek("count=3");
    CHECK(world.peek(world.next)[0].at("position") == 3);
}

TEST_CASE("peek: filters by header, key and body", "[admin][peek]") {
    Queues world;
    world.publish_many(7);
    CHECK(world.payloads("header=n:1") == "m1 m4");
    CHECK(world.payloads("header=n&header=n:2&body=5") == "m5");
    CHECK(world.payloads("header=absent").empty());
    CHECK(world.payloads("body=m6&header=&key=") == "m6");
    CHECK(world.payloads("key=q&count=1") == "m0");
    CHECK(world.payloads("key=x").empty());
    world.peek("header=n:0&count=2");
    CHECK(world.payloads(world.next + "&header=n:0") == "m6");
}

TEST_CASE("peek: what makes no sense is refused", "[admin][peek]") {
    Queues world;
    for (const char* bad : {"count=1001", "count=-1", "offset=x", "truncate=", "encoding=hex", "after=5", "after=0.x",
                            "after=999.1", "after=0.18446744073709551615"}) {
        INFO(bad);
        CHECK(world.call("GET", "/queues/%2F/q/peek?" + std::string(bad)).status == 400);
    }
    CHECK(world.call("GET", "/queues/%2F/q/peek?body=" + std::string(2000, 'x')).status == 400);
    CHECK(world.call("GET", "/queues/%2F/nothing/peek").status == 404);
}

TEST_CASE("delete-messages: those that are named or match", "[admin][relocation]") {
    Queues world;
    world.publish_many(7);
    const json::array all = world.peek();
    const json::array named{all[1].at("sequence"), all[5].at("sequence"), "999999999999999"};
    CHECK(world.order("delete-messages", json::serialize(json::object{{"sequences", named}})).at("moved") == 2);
    CHECK(world.payloads() == "m0 m2 m3 m4 m6");
    CHECK(world.order("delete-messages", R"({"match":{"header":"n:0"},"count":2})").at("moved") == 2);
    CHECK(world.payloads() == "m2 m4 m6");
    CHECK(world.call("POST", "/queues/%2F/q/delete-messages", "{}").status == 400);
    CHECK(world.order("delete-messages", R"({"count":2})").at("moved") == 2);
    CHECK(world.payloads() == "m6");
}

TEST_CASE("move and copy: to a queue, through an exchange, to nowhere", "[admin][relocation]") {
    Queues world;
    world.publish_many(6);
    CHECK(world.order("copy", R"({"destination":"other","match":{"body":"m1"}})") ==
          json::object{{"matched", 1}, {"moved", 1}, {"unroutable", 0}, {"refused", 0}});
    CHECK(world.order("move", R"({"destination":{"queue":"other"},"match":{"header":["n:2"]}})").at("moved") == 2);
    CHECK(world.payloads("", "other") == "m1 m2 m5");
    CHECK(world.payloads() == "m0 m1 m3 m4");
    const std::string through = R"({"destination":{"exchange":"amq.direct","routing_key":"k"},"count":1})";
    CHECK(world.order("move", through).at("unroutable") == 1);
    CHECK(world.call("POST", "/bindings/%2F/e/amq.direct/q/other", R"({"routing_key":"k"})").status == 201);
    CHECK(world.order("move", through).at("moved") == 1);
    CHECK(world.peek("offset=3", "other")[0].at("exchange") == "amq.direct");
    CHECK(world.order("move", R"({"destination":"q"})").at("moved") == 3); // behind itself, once
    CHECK(world.payloads() == "m1 m3 m4");
    CHECK(world.order("move", R"({"destination":"other"})").at("moved") == 3);
    CHECK(world.payloads().empty());
}

TEST_CASE("move: back to where dead letters died", "[admin][relocation]") {
    Queues world;
    CHECK(world
              .call("PUT", "/queues/%2F/work",
                    R"({"arguments":{"x-dead-letter-exchange":"","x-dead-letter-routing-key":"q"}})")
              .status == 201);
    CHECK(world.call("POST", "/bindings/%2F/e/amq.fanout/q/work", "{}").status == 201);
    world.publish("dies", {{"kept", "yes"}}, "amq.fanout", "k");
    world.publish("never died", {{"x-death", json::array{json::object{{"queue", "other"}}}}});
    CHECK(
        world.call("POST", "/queues/%2F/work/get", R"({"count":1,"ackmode":"reject_requeue_false","encoding":"auto"})")
            .status == 200);
    const std::string back = GENERATE(R"("back")", R"({"back":"queue"})", R"({"back":"exchange"})");
    const json::object moved = world.order("move", R"({"destination":)" + back + "}");
    CHECK(moved.at("matched") == 2);
    CHECK(moved.at("moved") == 1);
    CHECK(moved.at("unroutable") == 1);
    CHECK(world.payloads() == "never died");
    const json::value returned = world.peek("", "work")[0];
    CHECK(returned.at("exchange") == "amq.fanout");
    CHECK(returned.at("routing_key") == "k");
    CHECK(returned.at("properties").at("headers") == json::object{{"kept", "yes"}});
}

TEST_CASE("relocation: orders that make no sense change nothing", "[admin][relocation]") {
    Queues world;
    world.publish_many(2);
    for (const char* bad :
         {R"({})", R"({"destination":5})", R"({"destination":{}})", R"({"destination":{"back":"up"}})",
          R"({"destination":{"queue":"a","exchange":"b"}})", R"({"destination":"other","count":-1})",
          R"({"destination":"other","sequences":["x"]})", R"({"destination":"other","sequences":[0]})",
          R"({"destination":"other","match":[]})", R"({"destination":"other","match":{"boddy":""}})",
          R"({"destination":"other","match":{"key":"k"},"sequences":[1]})"}) {
        INFO(bad);
        CHECK(world.call("POST", "/queues/%2F/q/move", bad).status == 400);
    }
    CHECK(world.call("POST", "/queues/%2F/q/move", R"({"destination":"nothing"})").status == 404);
    CHECK(world.call("POST", "/queues/%2F/q/move", R"({"destination":{"exchange":"nothing"}})").status == 404);
    CHECK(world.call("POST", "/queues/%2F/nothing/move", R"({"destination":"q"})").status == 404);
    CHECK(world.payloads() == "m0 m1");
}

TEST_CASE("explain: queues with the way to them", "[admin][explain]") {
    Queues world;
    CHECK(world.call("POST", "/bindings/%2F/e/amq.topic/e/amq.headers", R"({"routing_key":"a.*"})").status == 201);
    CHECK(world.call("POST", "/bindings/%2F/e/amq.headers/q/q", R"({"arguments":{"colour":"red"}})").status == 201);
    const std::string path = "/exchanges/%2F/amq.topic/explain";
    const json::value found = world.call("POST", path, R"({"routing_key":"a.b","headers":{"colour":"red"}})").json();
    CHECK(found.at("routed") == true);
    REQUIRE(found.at("queues").as_array().size() == 1);
    CHECK(found.at_pointer("/queues/0/name") == "q");
    CHECK(found.at_pointer("/queues/0/path/0/destination") == "amq.headers");
    CHECK(found.at_pointer("/queues/0/path/0/routing_key") == "a.*");
    CHECK(found.at_pointer("/queues/0/path/1/arguments/colour") == "red");
    CHECK(world.call("POST", path, R"({"routing_key":"a.b"})").json().at("routed") == false);
    CHECK(world.call("POST", "/exchanges/%2F/nothing/explain", "{}").status == 404);
    CHECK(world.call("POST", path, R"({"headers":5})").status == 400);
    CHECK(world.payloads().empty());
}

TEST_CASE("settings: change in place, are told, and who said what is shown", "[admin][queue-settings]") {
    Queues world;
    const Answer changed =
        world.call("POST", "/queues/%2F/q/settings", R"({"arguments":{"x-max-length":10,"x-message-ttl":60000}})");
    REQUIRE(changed.status == 200);
    CHECK(changed.json().at_pointer("/changed/x-max-length/from").is_null());
    CHECK(changed.json().at_pointer("/changed/x-max-length/to") == 10);
    CHECK(
        world.call("PUT", "/queues/%2F/q", R"({"durable":true,"arguments":{"x-max-length":10,"x-message-ttl":60000}})")
            .status == 204);
    CHECK(world.call("PUT", "/policies/%2F/short", R"({"pattern":"^q","definition":{"max-length":5,"expires":99999}})")
              .status == 201);
    const json::array effective = world.call("GET", "/queues/%2F/q/effective").json().as_array();
    REQUIRE(effective.size() == 3);
    CHECK(effective[0].at("key") == "expires");
    CHECK(effective[0].at("source") == "policy");
    CHECK(effective[1].at("key") == "max-length");
    CHECK(effective[1].at("value") == 5);
    CHECK(effective[1].at("argument") == 10);
    CHECK(effective[1].at_pointer("/policy/name") == "short");
    CHECK(effective[2].at("source") == "argument");
    CHECK(world.call("POST", "/queues/%2F/q/settings", R"({"arguments":{"x-message-ttl":null}})")
              .json()
              .at("arguments")
              .as_object()
              .contains("x-message-ttl") == false);
    for (const char* bad : {R"({})", R"({"arguments":[]})", R"({"arguments":{"x-queue-type":"quorum"}})",
                            R"({"arguments":{"x-nobody-knows":1}})", R"({"arguments":{"x-max-length":-1}})"}) {
        INFO(bad);
        CHECK(world.call("POST", "/queues/%2F/q/settings", bad).status == 400);
    }
    CHECK(world.call("POST", "/queues/%2F/nothing/settings", R"({"arguments":{}})").status == 404);
    CHECK(world.call("GET", "/queues/%2F/nothing/effective").status == 404);
}

TEST_CASE("relocation: needs reading here and writing there", "[admin][relocation][A11]") {
    Queues world;
    world.publish_many(1);
    world.node.add_user("reader", {"management"});
    const auto allow = [&](const char* configure, const char* write, const char* read) {
        const json::object row{{"configure", configure}, {"write", write}, {"read", read}};
        CHECK(world.call("PUT", "/permissions/%2F/reader", json::serialize(row)).status < 300);
    };
    const auto ask = [&](const char* verb, const std::string& path, const char* body) {
        return world.call(verb, path, body, "reader").status;
    };
    const char* to_queue = R"({"destination":"other"})";
    const char* to_exchange = R"({"destination":{"exchange":"amq.topic","routing_key":"k"}})";
    allow("", "amq\\.topic", "q");
    CHECK(ask("GET", "/queues/%2F/q/peek", "") == 200);
    CHECK(ask("GET", "/queues/%2F/other/peek", "") == 401);
    CHECK(ask("POST", "/queues/%2F/q/copy", to_queue) == 401);
    CHECK(ask("POST", "/queues/%2F/q/copy", to_exchange) == 200);
    CHECK(ask("POST", "/queues/%2F/q/settings", R"({"arguments":{}})") == 401);
    allow("q", "amq\\.default", "q");
    CHECK(ask("POST", "/queues/%2F/q/copy", to_queue) == 200);
    CHECK(ask("POST", "/queues/%2F/q/copy", to_exchange) == 401);
    CHECK(ask("POST", "/queues/%2F/q/settings", R"({"arguments":{"x-max-length":7}})") == 200);
    CHECK(ask("POST", "/queues/%2F/q/settings", R"({"arguments":{"x-dead-letter-exchange":"amq.topic"}})") == 401);
    allow("", ".*", "");
    CHECK(ask("POST", "/queues/%2F/q/delete-messages", R"({"count":1})") == 401);
    CHECK(ask("POST", "/queues/%2F/q/move", to_queue) == 401);
}
