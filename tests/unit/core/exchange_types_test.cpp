// VirtualHost: declaring, binding and reaching exchanges of every type.
#include "broker/core/exchange_type.hpp"
#include "core_world.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace broker;

TEST_CASE("exchange types: arguments that cannot be are refused with 406", "[core]") {
    struct Row {
        std::string type;
        amqp::FieldTable arguments;
        std::string refusal;
    };
    const std::string delayed = "Invalid argument, 'x-delayed-type' must be an existing exchange type";
    const std::string size = "Missing or invalid argument, 'x-cache-size' must be an integer greater than 0";
    const std::string ttl = "Invalid argument, 'x-cache-ttl' must be an integer greater than 0";
    const std::string persistence = "Invalid argument, 'x-cache-persistence' must be either 'disk' or 'memory'";
    const auto length = [](std::string value) {
        return "Invalid argument " + value + ", 'x-recent-history-length' must be a positive integer";
    };
    const Row rows[] = {
        {"x-delayed-message", {}, delayed},
        {"x-delayed-message", {{"x-delayed-type", 5}}, delayed},
        {"x-delayed-message", {{"x-delayed-type", "nope"}}, delayed},
        {"x-delayed-message", {{"x-delayed-type", "x-delayed-message"}}, delayed},
        {"x-delayed-message", {{"x-delayed-type", "x-message-deduplication"}}, size},
        {"x-delayed-message", {{"x-delayed-type", "topic"}}, ""},
        {"x-recent-history", {{"x-recent-history-length", 0}}, length("0")},
        {"x-recent-history", {{"x-recent-history-length", -30}}, length("-30")},
        {"x-recent-history", {{"x-recent-history-length", "x"}}, length("x")},
        {"x-recent-history", {{"x-recent-history-length", std::int64_t{1} << 62}}, ""},
        {"x-message-deduplication", {}, size},
        {"x-message-deduplication", {{"x-cache-size", 0}}, size},
        {"x-message-deduplication", {{"x-cache-size", "many"}}, size},
        {"x-message-deduplication", {{"x-cache-size", 1}, {"x-cache-ttl", -1}}, ttl},
        {"x-message-deduplication", {{"x-cache-size", 1}, {"x-cache-persistence", "tape"}}, persistence},
        {"x-message-deduplication", {{"x-cache-size", 1}, {"x-cache-persistence", 1}}, persistence},
        {"x-consistent-hash", {{"hash-property", "app_id"}}, "Unsupported property: app_id"},
        {"x-consistent-hash", {{"hash-property", "timestamp"}}, ""},
    };
    for (const Row& row : rows) {
        World world;
        RecordingPort port(world.host);
        port.open();
        INFO(row.type << " " << row.arguments.size());
        CHECK(port.ask(declare_exchange("x", row.type, {.arguments = row.arguments})) ==
              (row.refusal.empty() ? Lines{"done 40.11"} : Lines{"failed 406 PRECONDITION_FAILED - " + row.refusal}));
        CHECK((world.host.find_exchange("x") == nullptr) == !row.refusal.empty());
    }
}

TEST_CASE("exchange types: all that are durable survive a restart", "[core]") {
    auto disk = std::make_shared<storage::MemoryDisk>();
    const amqp::FieldTable arguments{{"x-delayed-type", "topic"}, {"x-cache-size", 5}};
    {
        World world(World::Completions::immediate, disk);
        RecordingPort port(world.host);
        port.open();
        for (const std::string_view type : exchange_types) {
            const std::string name(type);
            REQUIRE(port.ask(declare_exchange("my " + name, name, {.durable = true, .arguments = arguments})) ==
                    Lines{"done 40.11"});
        }
    }
    World world(World::Completions::immediate, disk);
    for (const std::string_view type : exchange_types) {
        INFO(type);
        const Exchange* exchange = world.host.find_exchange("my " + std::string(type));
        REQUIRE(exchange != nullptr);
        CHECK(exchange->definition().type == type);
    }
}

TEST_CASE("exchange types: random exchanges choose anew for every message", "[core]") {
    for (const std::string type : {"x-random", "x-local-random"}) {
        INFO(type);
        World world;
        RecordingPort port(world.host);
        port.open();
        port.ask(declare_exchange("r", type), declare_queue("a"), declare_queue("b"), bind_queue("a", "r"),
                 bind_queue("b", "r"));
        for (int i = 0; i < 100; ++i) {
            port.ask(publish("r", "same key", "m", {.extra_keys = {"another"}}), publish("r", "same key", "m"));
        }
        CHECK(world.ready("a") + world.ready("b") == 200);
        CHECK(world.ready("a") > 60);
        CHECK(world.ready("b") > 60);
    }
}

TEST_CASE("exchange types: the local random exchange takes classic queues with empty keys only", "[core]") {
    World world;
    RecordingPort port(world.host);
    port.open();
    port.ask(declare_exchange("r", "x-local-random"), declare_exchange("f", "fanout"), declare_queue("classic"),
             declare_queue("quorum", {.durable = true, .arguments = {{"x-queue-type", "quorum"}}}));
    const auto refused = [&](auto request) {
        const Lines lines = port.ask(std::move(request));
        port.close_channel();
        port.open();
        return lines.front();
    };
    const std::string prefix = "failed 406 PRECONDITION_FAILED - ";
    CHECK(refused(bind_queue("classic", "r", "k")) == prefix + "Non empty binding 'k' key not permitted");
    CHECK(refused(bind_queue("quorum", "r")) ==
          prefix + "Queue type rabbit_quorum_queue not valid for this exchange type");
    CHECK(refused(bind_exchange("f", "r")) == prefix + "Destination not found");
    CHECK(port.ask(bind_queue("classic", "r")) == Lines{"done 50.21"});
}

TEST_CASE("exchange types: hashes take a message as a whole to one queue", "[core]") {
    for (const std::string type : {"x-consistent-hash", "x-modulus-hash"}) {
        INFO(type);
        World world;
        RecordingPort port(world.host);
        port.open();
        port.ask(declare_exchange("h", type), declare_queue("a"), declare_queue("b"), declare_queue("c"));
        port.ask(bind_queue("a", "h", "5"), bind_queue("b", "h", "5"), bind_queue("c", "h", "5"));
        for (int i = 0; i < 300; ++i) {
            port.ask(publish("h", std::to_string(i), "m", {.extra_keys = {"cc"}}));
        }
        CHECK(world.ready("a") + world.ready("b") + world.ready("c") == 300);
        CHECK(world.ready("a") > 60);
        CHECK(world.ready("b") > 60);
        CHECK(world.ready("c") > 60);
    }
}

TEST_CASE("exchange types: a hash of a header is asked for every message, whatever its key", "[core]") {
    World world;
    RecordingPort port(world.host);
    port.open();
    port.ask(declare_exchange("h", "x-consistent-hash", {.arguments = {{"hash-header", "id"}}}), declare_queue("a"),
             declare_queue("b"), bind_queue("a", "h", "1"), bind_queue("b", "h", "1"));
    for (int i = 0; i < 100; ++i) {
        port.ask(publish("h", "same", "m", {.headers = {{"id", std::to_string(i)}}}));
    }
    CHECK(world.ready("a") > 20);
    CHECK(world.ready("b") > 20);
}
