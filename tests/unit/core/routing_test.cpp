// VirtualHost: from a publish to queues.
#include "core_world.hpp"

#include <catch2/catch.hpp>

using namespace broker;

namespace {

// Queues a, b, c; tells in which of them a message arrived.
struct Routes {
    Routes() {
        port.open();
        port.ask(declare_queue("a"), declare_queue("b"), declare_queue("c"));
    }
    template <class... Each>
    void setup(Each&&... each) {
        port.ask(std::forward<Each>(each)...);
    }
    std::string reached(std::string exchange, std::string key, PublishOptions options = {}) {
        options.mandatory = true;
        const Lines lines = port.ask(publish(exchange, key, "m", options));
        std::string result;
        for (const char* queue : {"a", "b", "c"}) {
            const std::uint64_t copies = world.ready(queue);
            result += copies == 0 ? "" : queue;
            result += copies > 1 ? "!" : "";
            port.ask(PurgeQueue{queue});
        }
        CHECK(lines == (result.empty() ? Lines{"returned 'm'"} : Lines{})); // [C30]
        return result;
    }
    World world;
    RecordingPort port{world.host};
};

} // namespace

TEST_CASE("routing: the default exchange leads to the queue of that name", "[core][C30]") {
    Routes routes;
    CHECK(routes.reached("", "a") == "a");
    CHECK(routes.reached("", "nope").empty());
    CHECK(routes.reached("", "").empty());
}

TEST_CASE("routing: each type follows its bindings", "[core]") {
    Routes routes;
    routes.setup(bind_queue("a", "amq.direct", "k"), bind_queue("b", "amq.direct", "k2"),
                 bind_queue("b", "amq.direct", "k"));
    CHECK(routes.reached("amq.direct", "k") == "ab");
    CHECK(routes.reached("amq.direct", "k2") == "b");
    CHECK(routes.reached("amq.direct", "x").empty());
    routes.setup(bind_queue("a", "amq.fanout", "1"), bind_queue("a", "amq.fanout", "2"), bind_queue("c", "amq.fanout"));
    CHECK(routes.reached("amq.fanout", "anything") == "ac");
    routes.setup(bind_queue("a", "amq.topic", "x.*"), bind_queue("b", "amq.topic", "#.y"),
                 bind_queue("c", "amq.topic", "*"));
    CHECK(routes.reached("amq.topic", "x.y") == "ab");
    CHECK(routes.reached("amq.topic", "y") == "bc");
    routes.setup(bind_queue("a", "amq.headers", "", {{"n", 1}}),
                 bind_queue("b", "amq.headers", "", {{"n", 2}, {"x-match", "any"}}));
    CHECK(routes.reached("amq.headers", "", {.headers = {{"n", std::int64_t{1}}}}) == "a");
    CHECK(routes.reached("amq.match", "", {.headers = {{"n", 1}}}).empty());
    CHECK(routes.reached("amq.headers", "").empty());
}

TEST_CASE("routing: headers decide for each message anew", "[core]") {
    Routes routes; // although exchange and key are the same
    routes.setup(bind_queue("a", "amq.headers", "", {{"n", 1}}), bind_queue("b", "amq.headers", "", {{"n", 2}}),
                 bind_exchange("amq.headers", "amq.fanout"));
    for (const char* exchange : {"amq.headers", "amq.fanout"}) {
        CHECK(routes.reached(exchange, "", {.headers = {{"n", 1}}}) == "a");
        CHECK(routes.reached(exchange, "", {.headers = {{"n", 2}}}) == "b");
    }
}

TEST_CASE("routing: a route once found follows every change of the topology", "[core]") {
    Routes routes;
    CHECK(routes.reached("amq.direct", "k").empty());
    routes.setup(bind_queue("a", "amq.direct", "k"));
    CHECK(routes.reached("amq.direct", "k") == "a");
    CHECK(routes.reached("amq.direct", "k") == "a");
    routes.setup(bind_queue("b", "amq.direct", "k"));
    CHECK(routes.reached("amq.direct", "k") == "ab");
    routes.setup(unbind_queue("a", "amq.direct", "k"));
    CHECK(routes.reached("amq.direct", "k") == "b");
    routes.setup(DeleteQueue{"b", false, false}, declare_queue("b"));
    CHECK(routes.reached("amq.direct", "k").empty());
    CHECK(routes.reached("", "b") == "b");
    CHECK(routes.reached("", "b", {.extra_keys = {"c"}}) == "bc");
    CHECK(routes.reached("", "b") == "b");
}

TEST_CASE("routing: CC and BCC are further keys, and a queue gets one copy", "[core][C29]") {
    Routes routes;
    CHECK(routes.reached("", "a", {.extra_keys = {"b", "a", "nope"}}) == "ab");
    CHECK(routes.reached("", "nope", {.extra_keys = {"c"}}) == "c");
    routes.setup(bind_queue("a", "amq.topic", "x.*"), bind_queue("b", "amq.topic", "y"),
                 bind_exchange("amq.topic", "amq.fanout"));
    CHECK(routes.reached("amq.topic", "x.1", {.extra_keys = {"x.2", "y"}}) == "ab");
    CHECK(routes.reached("amq.fanout", "none", {.extra_keys = {"y"}}) == "b");
}

TEST_CASE("routing: bound exchanges are followed, each once, queues get one copy", "[core][e2e]") {
    Routes routes;
    routes.setup(declare_exchange("x", "fanout"), declare_exchange("y", "fanout"),
                 declare_exchange("z", "direct", {.internal = true}), bind_exchange("y", "x"), bind_exchange("z", "y"),
                 bind_exchange("x", "y"), bind_exchange("x", "x"), bind_queue("a", "x"), bind_queue("a", "y"),
                 bind_queue("b", "y"), bind_exchange("z", "y", "other"), bind_queue("c", "z", "k"));
    CHECK(routes.reached("x", "k") == "abc");
    CHECK(routes.reached("x", "other") == "ab");
    CHECK(routes.reached("y", "k") == "abc");
    routes.setup(DeleteExchange{"y", false});
    CHECK(routes.reached("x", "k") == "a");
}

TEST_CASE("routing: what an exchange cannot place goes to its alternate", "[core][alternate]") {
    Routes routes;
    const auto alternate = [](const char* name) { return ExchangeFlags{.arguments = {{"alternate-exchange", name}}}; };
    routes.setup(declare_exchange("x", "direct", alternate("y")), bind_queue("a", "x", "k"));
    CHECK(routes.reached("x", "k") == "a");
    CHECK(routes.reached("x", "other").empty()); // it is not there yet
    routes.setup(declare_exchange("y", "direct", alternate("z")), bind_queue("b", "y", "other"));
    CHECK(routes.reached("x", "other") == "b");
    routes.setup(declare_exchange("z", "fanout", alternate("x")));
    CHECK(routes.reached("x", "third").empty()); // round in a circle
    routes.setup(bind_queue("c", "z"));
    CHECK(routes.reached("x", "third") == "c");
    CHECK(routes.reached("x", "third", {.extra_keys = {"k"}}) == "a"); // one key found a way
}

TEST_CASE("routing: whose queues have the message already needs no alternate", "[core]") {
    Routes routes;
    routes.setup(declare_exchange("x", "fanout"),
                 declare_exchange("y", "fanout", {.arguments = {{"alternate-exchange", "amq.fanout"}}}),
                 bind_queue("b", "amq.fanout"), bind_queue("a", "x"), bind_exchange("y", "x"), bind_queue("a", "y"));
    CHECK(routes.reached("x", "") == "a");
}

TEST_CASE("publish: refusals end the channel", "[core][C27][internal]") {
    World world;
    RecordingPort port(world.host);
    port.open();
    SECTION("no such exchange") {
        CHECK(port.ask(publish("nope", "k", "m", {.confirm = 1}), declare_queue("q")) ==
              Lines{"failed 404 NOT_FOUND - no exchange 'nope' in vhost '/'"});
    }
    SECTION("internal exchange") {
        port.ask(declare_exchange("x", "fanout", {.internal = true}));
        CHECK(port.ask(publish("x", "k", "m", {.confirm = 1})) ==
              Lines{"failed 403 ACCESS_REFUSED - cannot publish to internal exchange 'x' in vhost '/'"});
    }
    CHECK(port.find_channel(1)->stopped);
    CHECK(world.host.counts().host.published == 0);
}

TEST_CASE("publish: mandatory or not, unroutable messages are counted and confirmed", "[core][K2][C30]") {
    World world;
    RecordingPort port(world.host);
    port.open();
    CHECK(port.ask(put("nope", "a", {.confirm = 1}), put("nope", "b", {.confirm = 2, .mandatory = true}),
                   put("nope", "c", {.confirm = 3})) == Lines{"confirmed 1", "returned 'b'", "confirmed 2-3"});
    CHECK(world.host.counts().host.published == 3);
    CHECK(world.host.counts().host.returned_unroutable == 1);
    CHECK(world.host.counts().host.dropped_unroutable == 2);
    CHECK(world.host.counts().host.confirmed == 3);
}
