// Lists of queues and exchanges over several virtual hosts: the order, the page, what goes meanwhile.
#include "broker/admin/thing_list.hpp"
#include "tests/unit/admin/server_world.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <catch2/catch.hpp>

using namespace broker;
namespace json = boost::json;

namespace {

// Three queues here, two in another virtual host, with messages.
struct Queues {
    Queues() {
        world.call("PUT", "/vhosts/other");
        world.call("PUT", "/permissions/other/guest", R"({"configure":".*","write":".*","read":".*"})");
        declare("%2F", "b", 2);
        declare("%2F", "a", 5, R"({"durable":true})");
        declare("%2F", "c", 0, R"({"arguments":{"x-max-length":7}})");
        declare("other", "b", 3);
        declare("other", "d", 2, R"({"durable":true})");
    }
    void declare(const std::string& host, const std::string& name, int messages, std::string_view body = "{}") {
        REQUIRE(world.call("PUT", "/queues/" + host + '/' + name, body).status == 201);
        publish(host, name, messages);
    }
    void publish(const std::string& host, const std::string& name, int messages) {
        for (int i = 0; i < messages; ++i) {
            world.call("POST", "/exchanges/" + host + "/amq.default/publish",
                       R"({"properties":{},"routing_key":")" + name +
                           R"(","payload":"x","payload_encoding":"string"})");
        }
    }
    // "/b /a": virtual hosts by their first letter, then the name.
    std::string order(const std::string& query) {
        const json::value answer = world.call("GET", "/queues?" + query).json();
        const json::value& items = answer.is_array() ? answer : answer.get_object().at("items");
        std::string text;
        for (const json::value& item : items.get_array()) {
            const json::object& queue = item.get_object();
            text.append(text.empty() ? "" : " ").append(queue.at("vhost").get_string().subview(0, 1));
            text.append(queue.at("name").get_string());
        }
        return text;
    }

    ServerWorld world;
};

} // namespace

TEST_CASE("lists of queues: the order that is asked for, over virtual hosts", "[admin][queues][A7]") {
    Queues queues;
    const std::string page = GENERATE("", "page=1&page_size=100&");
    INFO(page);
    for (const auto& [sort, wanted] : std::vector<std::pair<std::string, std::string>>{
             {"", "/a /b /c ob od"},
             {"sort=name", "/a /b ob /c od"},
             {"sort=name&sort_reverse=true", "od /c /b ob /a"},
             {"sort=vhost", "/a /b /c ob od"},
             {"sort=vhost&sort_reverse=true", "ob od /a /b /c"},
             {"sort=messages", "/c /b od ob /a"},
             {"sort=messages&sort_reverse=true", "/a ob /b od /c"},
             {"sort=durable&sort_reverse=true", "/a od /b /c ob"},
             {"sort=message_stats.publish&sort_reverse=true", "/a ob /b od /c"},
             {"sort=state&sort_reverse=true", "/a /b /c ob od"},
             {"sort=arguments.x-max-length&sort_reverse=true", "/c /a /b ob od"}, // in no table
             {"sort=nothing.at.all", "/a /b /c ob od"}}) {
        INFO(sort);
        CHECK(queues.order(page + sort) == wanted);
    }
}

TEST_CASE("lists of queues: a page is a part of the order", "[admin][queues][A7]") {
    Queues queues;
    CHECK(queues.order("page=1&page_size=2&sort=messages&sort_reverse=true") == "/a ob");
    CHECK(queues.order("page=2&page_size=2&sort=messages&sort_reverse=true") == "/b od");
    CHECK(queues.order("page=3&page_size=2&sort=messages&sort_reverse=true") == "/c");
    CHECK(queues.order("page=1&page_size=2&name=b&sort=messages") == "/b ob");
    CHECK(queues.order("page=2&page_size=1&name=^[ad]$&use_regex=true") == "od");
    CHECK(queues.order("page=1&name=nothing").empty());
    CHECK(queues.world.call("GET", "/queues?page=4&page_size=2").status == 400);
    CHECK(queues.world.call("GET", "/queues?page=1&page_size=1&name=b&sort=name&columns=name").json() ==
          json::value{{"total_count", 5},
                      {"filtered_count", 2},
                      {"item_count", 1},
                      {"page", 1},
                      {"page_size", 1},
                      {"page_count", 2},
                      {"sort", "name"},
                      {"items", json::array{json::object{{"name", "b"}}}}});
}

TEST_CASE("lists of queues: the busiest come first when they are asked for", "[admin][queues][A7][A8]") {
    Queues queues;
    const std::string by_rate = "page=1&page_size=1&sort=message_stats.publish_details.rate&sort_reverse=true";
    CHECK(queues.order(by_rate) == "/a"); // no rates yet
    queues.publish("other", "d", 4);
    queues.publish("%2F", "c", 1);
    queues.world.node.pass(5'000);
    CHECK(queues.order(by_rate) == "od");
    CHECK(queues.order("page=2&page_size=1&sort=message_stats.publish_details.rate&sort_reverse=true") == "/c");
}

TEST_CASE("lists of exchanges: by type, and by what a table does not know", "[admin][exchanges][A7]") {
    ServerWorld world;
    const auto first = [&](std::string_view query) {
        const json::value page = world.call("GET", "/exchanges?page=1&page_size=1&" + std::string(query)).json();
        return std::string(page.at("items").at(0).at("name").get_string());
    };
    world.call("PUT", "/exchanges/%2F/a", R"({"type":"fanout"})");
    world.call("PUT", "/exchanges/%2F/z", R"({"type":"fanout","arguments":{"alternate-exchange":"a"}})");
    CHECK(first("") == "");
    CHECK(first("sort=type&sort_reverse=true") == "amq.rabbitmq.trace");
    CHECK(first("sort=type&name=z") == "z");
    CHECK(first("sort=arguments.alternate-exchange&sort_reverse=true") == "z");
}
