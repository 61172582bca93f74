// VirtualHost: what comes back after a restart, and what does not.
#include "core_world.hpp"

#include <catch2/catch.hpp>

using namespace broker;

namespace {

// A virtual host with one connection; `stop` leaves only the disk.
struct Life {
    explicit Life(const std::shared_ptr<storage::MemoryDisk>& disk) : world(World::Completions::immediate, disk) {
        port.open();
    }
    World world;
    RecordingPort port{world.host};
};

std::shared_ptr<storage::MemoryDisk> make_disk() {
    return std::make_shared<storage::MemoryDisk>();
}

} // namespace

TEST_CASE("recovery: durable topology comes back as it was", "[core][recovery]") {
    const auto disk = make_disk();
    const amqp::FieldTable arguments{{"x-max-priority", 3}, {"x-mine", "text"}};
    {
        Life life(disk);
        life.port.ask(
            declare_queue("d", {.durable = true, .auto_delete = true, .arguments = arguments}), declare_queue("t"),
            declare_queue("e", {.durable = true, .exclusive = true}),
            declare_exchange("x", "topic",
                             {.durable = true, .internal = true, .arguments = {{"alternate-exchange", "amq.fanout"}}}),
            declare_exchange("y", "headers", {.durable = true, .auto_delete = true}), declare_exchange("z", "direct"));
        life.port.ask(bind_queue("d", "x", "a.#"), bind_queue("d", "y", "k", {{"x-match", "any"}, {"n", 1}}),
                      bind_queue("t", "x", "t"), bind_queue("d", "z", "z"), bind_exchange("x", "y", "e2e"),
                      bind_queue("d", "amq.direct", "gone"), unbind_queue("d", "amq.direct", "gone"),
                      declare_exchange("deleted", "fanout", {.durable = true}), bind_queue("d", "deleted"),
                      DeleteExchange{"deleted", false});
        life.world.store.close();
    }
    Life life(disk);
    VirtualHost& host = life.world.host;
    CHECK(host.exchanges().size() == 8 + 2);
    CHECK(host.queues().size() == 1);
    CHECK(life.port.ask(declare_queue("d", {.durable = true, .auto_delete = true, .arguments = arguments}),
                        declare_exchange(
                            "x", "topic",
                            {.durable = true, .internal = true, .arguments = {{"alternate-exchange", "amq.fanout"}}}),
                        declare_exchange("y", "headers", {.durable = true, .auto_delete = true})) ==
          Lines{"declared d 0/0", "done 40.11", "done 40.11"});
    CHECK(host.find_queue("d")->bindings.size() == 2);
    CHECK(host.find_exchange("x")->bindings().size() == 1);
    CHECK(host.find_exchange("x")->incoming.size() == 1);
    CHECK(host.find_exchange("y")->bindings().size() == 2);
    CHECK(host.find_exchange("amq.direct")->bindings().empty());
    life.port.ask(publish("y", "a.b", "m", {.headers = {{"n", 1}}}));
    CHECK(life.world.ready("d") == 1);
    life.port.ask(unbind_queue("d", "y", "k", {{"x-match", "any"}, {"n", 1}}), unbind_exchange("x", "y", "e2e"));
    CHECK(host.find_exchange("y") == nullptr); // still auto-delete
}

TEST_CASE("recovery: persistent messages come back in order, those that had been out redelivered",
          "[core][recovery][C24]") {
    const auto disk = make_disk();
    const bool cleanly = GENERATE(true, false);
    {
        Life life(disk);
        life.port.ask(declare_queue("d", {.durable = true}));
        for (const char* body : {"1", "2", "3", "4", "5"}) {
            life.port.send(put("d", body, {.persistent = body[0] != '4'}));
        }
        life.port.ask(get("d"), get("d"));
        life.port.ack("1");
        life.port.requeue("2");
        if (cleanly) {
            life.world.store.close();
        }
    }
    Life life(disk);
    CHECK(life.world.ready("d") == 3);
    CHECK(life.world.host.find_queue("d")->ready_bytes() == 3);
    const std::string flag = cleanly ? "" : " redelivered"; // nobody knows what was out when it died
    CHECK(life.port.ask(get("d"), get("d"), get("d"), get("d")) == Lines{"get-ok '2' redelivered count 1 left 2",
                                                                         "get-ok '3'" + flag + " left 1",
                                                                         "get-ok '5'" + flag + " left 0", "get-empty"});
}

TEST_CASE("recovery: what was unacknowledged comes back redelivered", "[core][recovery][C24]") {
    const auto disk = make_disk();
    {
        Life life(disk);
        life.port.ask(declare_queue("d", {.durable = true}), put("d", "1", {.persistent = true}),
                      put("d", "2", {.persistent = true}), get("d"));
        life.world.store.close();
    }
    Life life(disk);
    CHECK(life.port.ask(get("d"), get("d")) == Lines{"get-ok '1' redelivered left 1", "get-ok '2' left 0"});
}

TEST_CASE("recovery: sequence numbers and queue ids are never used again", "[core][recovery]") {
    const auto disk = make_disk();
    storage::Sequence last = 0;
    storage::QueueId id = 0;
    for (int life_number = 0; life_number < 3; ++life_number) {
        Life life(disk);
        const std::string other = "other" + std::to_string(life_number);
        life.port.ask(declare_queue("d", {.durable = true}), declare_queue(other, {.durable = true}));
        CHECK(life.world.host.find_queue(other)->definition().id > id);
        id = life.world.host.find_queue(other)->definition().id;
        life.port.ask(put("d", "m", {.persistent = true}), put("d", "t"), PurgeQueue{"d"},
                      put("d", "n", {.persistent = true}), get("d"));
        CHECK(life.port.ledger().back().unacked.sequence > last);
        last = life.port.ledger().back().unacked.sequence;
        if (life_number == 1) {
            life.port.ack("n"); // the queue is empty at the next start
        }
    }
}

TEST_CASE("recovery: a backlog is served as if nothing had happened", "[core][recovery][paging]") {
    const auto disk = make_disk();
    constexpr int count = 5000;
    {
        Life life(disk);
        life.port.ask(declare_queue("d", {.durable = true}));
        for (int number = 0; number < count; ++number) {
            life.port.send(put("d", std::to_string(number), {.persistent = true}));
        }
        life.world.store.close();
    }
    Life life(disk);
    CHECK(life.world.ready("d") == count);
    CHECK(life.world.host.find_queue("d")->resident() == 0);
    life.port.send(put("d", "t")); // before anything was read
    life.port.ask(consume("d", "c", {.no_ack = true}));
    CHECK(life.world.ready("d") == 0);
    life.port.send(put("d", "u", {.persistent = true}));
    CHECK(life.port.take() == Lines{"deliver c 'u'"});
    CHECK(life.world.stored("d").empty());
}

TEST_CASE("recovery: damaged records stop it with one clear line", "[core][recovery]") {
    World world;
    const storage::RecordKey key{storage::RecordType::queue, "q"};
    CHECK_THROWS_WITH(world.host.recover_record(key, "nonsense"), Catch::StartsWith("the record 'q' is damaged"));
    const storage::BindingRecord lost{"amq.direct", "nope", storage::DestinationType::queue, "k", ""};
    world.host.recover_record(storage::key_of(lost), storage::encode_record(lost));
    CHECK_THROWS_WITH(world.host.recover_bindings(), "the binding from 'amq.direct' to 'nope' leads nowhere");
    const storage::ExchangeRecord strange{"x", "x-strange", false, false, ""};
    CHECK_THROWS_WITH(world.host.recover_record(storage::key_of(strange), storage::encode_record(strange)),
                      "exchange 'x' has the unknown type 'x-strange'");
    CHECK_FALSE(world.host.recover_queue({.queue = 99}));
}
