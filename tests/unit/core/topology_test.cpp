// VirtualHost: declaring, deleting and binding; every refusal with its code and text.
#include "core_world.hpp"

#include <catch2/catch.hpp>

using namespace broker;

namespace {

struct Row {
    const char* name;
    Request request;
    std::string expected;
};

const std::string locked = "failed 405 RESOURCE_LOCKED - cannot obtain exclusive access to locked queue '";
const std::string locked_end =
    "' in vhost '/'. It could be originally declared on another connection or the exclusive property value does not "
    "match that of the original declaration.";

// Each on a channel of its own, since most of them end it.
void check_rows(RecordingPort& port, std::vector<Row> rows) {
    amqp::ChannelNumber channel = 100;
    for (Row& row : rows) {
        INFO(row.name);
        port.open(++channel);
        const std::string prefix = std::to_string(channel) + ": ";
        CHECK(port.ask(on_channel(channel, std::move(row.request))) == Lines{prefix + row.expected});
    }
}

} // namespace

TEST_CASE("exchange.declare: refusals", "[core][topology][C4][C12]") {
    World world;
    RecordingPort port(world.host);
    port.open();
    port.ask(declare_exchange("x", "direct"));
    std::vector<Row> rows;
    rows.push_back({"unknown type", declare_exchange("y", "nope"),
                    "failed 406 PRECONDITION_FAILED - unknown exchange type 'nope'"});
    rows.push_back({"unknown type of the default exchange", declare_exchange("", "nope"),
                    "failed 406 PRECONDITION_FAILED - unknown exchange type 'nope'"});
    rows.push_back({"default exchange", declare_exchange("", "direct"),
                    "failed 403 ACCESS_REFUSED - operation not permitted on the default exchange"});
    rows.push_back({"default exchange, passive", declare_exchange_passive(""),
                    "failed 403 ACCESS_REFUSED - operation not permitted on the default exchange"});
    rows.push_back({"reserved name", declare_exchange("amq.mine", "direct"),
                    "failed 403 ACCESS_REFUSED - exchange name 'amq.mine' contains reserved prefix 'amq.*'"});
    rows.push_back({"another type", declare_exchange("x", "fanout"),
                    "failed 406 PRECONDITION_FAILED - inequivalent arg 'type' for exchange 'x' in vhost '/': received "
                    "'fanout' but current is 'direct'"});
    rows.push_back({"passive, missing", declare_exchange_passive("nope"),
                    "failed 404 NOT_FOUND - no exchange 'nope' in vhost '/'"});
    rows.push_back({"alternate of a wrong type, but another type",
                    declare_exchange("x", "fanout", {.arguments = {{"alternate-exchange", 5}}}),
                    "failed 406 PRECONDITION_FAILED - inequivalent arg 'type' for exchange 'x' in vhost '/': received "
                    "'fanout' but current is 'direct'"});
    rows.push_back(
        {"alternate of a wrong type", declare_exchange("y", "direct", {.arguments = {{"alternate-exchange", 5}}}),
         "failed 406 PRECONDITION_FAILED - invalid type 'signedint' for arg 'alternate-exchange' in exchange "
         "'y' in vhost '/'"});
    check_rows(port, std::move(rows));
    CHECK(world.host.exchanges().size() == 9);
}

TEST_CASE("exchange.declare: what is accepted", "[core][topology][C4][C12]") {
    World world;
    RecordingPort port(world.host);
    std::vector<Row> rows;
    rows.push_back({"new", declare_exchange("x", "topic", {.internal = true}), "done 40.11"});
    rows.push_back({"again", declare_exchange("x", "topic", {.internal = true}), "done 40.11"});
    rows.push_back({"passive", declare_exchange_passive("x"), "done 40.11"});
    rows.push_back({"predefined, as it is", declare_exchange("amq.topic", "topic", {.durable = true}), "done 40.11"});
    rows.push_back({"predefined, passive", declare_exchange_passive("amq.match"), "done 40.11"});
    check_rows(port, std::move(rows));
}

TEST_CASE("exchange.delete: refusals and success", "[core][topology][C9]") {
    World world;
    RecordingPort port(world.host);
    port.open();
    port.ask(declare_exchange("x", "direct"), declare_exchange("y", "direct"), bind_exchange("y", "x"));
    std::vector<Row> rows;
    rows.push_back({"default", DeleteExchange{"", false},
                    "failed 403 ACCESS_REFUSED - operation not permitted on the default exchange"});
    rows.push_back({"system", DeleteExchange{"amq.topic", false},
                    "failed 403 ACCESS_REFUSED - deletion of system exchange 'amq.topic' in vhost '/' not allowed"});
    rows.push_back(
        {"in use", DeleteExchange{"x", true}, "failed 406 PRECONDITION_FAILED - exchange 'x' in vhost '/' in use"});
    rows.push_back({"missing", DeleteExchange{"nope", true}, "done 40.21"});
    rows.push_back({"only a destination is unused", DeleteExchange{"y", true}, "done 40.21"});
    rows.push_back({"used by nobody any more", DeleteExchange{"x", true}, "done 40.21"});
    check_rows(port, std::move(rows));
}

TEST_CASE("queue.declare: refusals", "[core][topology][C4][C6][C8][C14]") {
    World world;
    RecordingPort port(world.host), other(world.host);
    port.open();
    other.open();
    port.ask(declare_queue("q"), declare_queue("mine", {.exclusive = true}));
    other.ask(declare_queue("theirs", {.exclusive = true}));
    std::vector<Row> rows;
    rows.push_back({"reserved", declare_queue("amq.mine"),
                    "failed 403 ACCESS_REFUSED - queue name 'amq.mine' contains reserved prefix 'amq.*'"});
    rows.push_back(
        {"passive, missing", declare_queue_passive("nope"), "failed 404 NOT_FOUND - no queue 'nope' in vhost '/'"});
    rows.push_back({"passive, exclusive elsewhere", declare_queue_passive("theirs"), locked + "theirs" + locked_end});
    rows.push_back({"exclusive elsewhere", declare_queue("theirs"), locked + "theirs" + locked_end});
    rows.push_back({"exclusive elsewhere, exclusive", declare_queue("theirs", {.exclusive = true}),
                    locked + "theirs" + locked_end});
    rows.push_back({"not exclusive", declare_queue("q", {.exclusive = true}), locked + "q" + locked_end});
    rows.push_back({"own, not exclusive", declare_queue("mine"), locked + "mine" + locked_end});
    rows.push_back({"other durability", declare_queue("q", {.durable = true}),
                    "failed 406 PRECONDITION_FAILED - inequivalent arg 'durable' for queue 'q' in vhost '/': received "
                    "'true' but current is 'false'"});
    rows.push_back({"other argument", declare_queue("q", {.arguments = {{"x-max-length", 1}}}),
                    "failed 406 PRECONDITION_FAILED - inequivalent arg 'x-max-length' for queue 'q' in vhost '/': "
                    "received the value '1' of type 'signedint' but current is none"});
    rows.push_back({"bad argument", declare_queue("y", {.arguments = {{"x-max-length", -1}}}),
                    "failed 406 PRECONDITION_FAILED - invalid arg 'x-max-length' for queue 'y' in vhost '/': "
                    "{value_negative,-1}"});
    rows.push_back({"bad property", declare_queue("y", {.arguments = {{"x-queue-type", "quorum"}}}),
                    "failed 406 PRECONDITION_FAILED - invalid property 'non-durable' for queue 'y' in vhost '/'"});
    rows.push_back(
        {"server-named quorum",
         declare_queue("amq.gen-1", {.durable = true, .server_named = true, .arguments = {{"x-queue-type", "quorum"}}}),
         "failed 406 PRECONDITION_FAILED - Cannot declare a server-named queue for type rabbit_quorum_queue"});
    check_rows(port, std::move(rows));
    CHECK(world.host.queues().size() == 3);
}

TEST_CASE("queue.declare: what is accepted, and the counts", "[core][topology][C1][C2][C4][C6][C7]") {
    World world;
    RecordingPort port(world.host);
    port.open();
    CHECK(port.ask(declare_queue("q"), put("q", "a"), put("q", "b"), consume("q", "c", {.prefetch = 1}),
                   declare_queue("q"), declare_queue_passive("q")) ==
          Lines{"declared q 0/0", "consume-ok c", "deliver c 'a'", "declared q 1/1", "declared q 1/1"});
    CHECK(world.host.find_queue("q")->definition().arguments.empty());
    CHECK(port.ask(declare_queue("q", {.arguments = {{"x-queue-type", "classic"}, {"x-mine", 1}}})) ==
          Lines{"declared q 1/1"});
    CHECK(port.ask(declare_queue("amq.gen-abc", {.exclusive = true, .server_named = true})) ==
          Lines{"declared amq.gen-abc 0/0"});
    CHECK(port.ask(declare_queue("amq.gen-abc", {.exclusive = true})) == Lines{"declared amq.gen-abc 0/0"});
    CHECK(port.ask(declare_queue("e", {.durable = true, .exclusive = true}), declare_queue("e", {.exclusive = true})) ==
          Lines{"declared e 0/0", "declared e 0/0"});
    CHECK_FALSE(world.host.find_queue("e")->definition().durable);
    CHECK(world.host.counts().host.queues_created == 3);
}

TEST_CASE("queue.delete: refusals and success", "[core][topology][C9][C14]") {
    World world;
    RecordingPort port(world.host), other(world.host);
    port.open();
    other.open();
    port.ask(declare_queue("full"), put("full", "a"), put("full", "b"), declare_queue("used"), consume("used", "c"));
    other.ask(declare_queue("theirs", {.exclusive = true}));
    std::vector<Row> rows;
    rows.push_back({"missing", DeleteQueue{"nope", true, true}, "deleted 0"});
    rows.push_back({"in use", DeleteQueue{"used", true, false},
                    "failed 406 PRECONDITION_FAILED - queue 'used' in vhost '/' in use"});
    rows.push_back({"not empty", DeleteQueue{"full", true, true},
                    "failed 406 PRECONDITION_FAILED - queue 'full' in vhost '/' not empty"});
    rows.push_back({"exclusive elsewhere", DeleteQueue{"theirs", false, false}, locked + "theirs" + locked_end});
    rows.push_back({"full", DeleteQueue{"full", true, false}, "deleted 2"});
    check_rows(port, std::move(rows));
    CHECK(port.ask(DeleteQueue{"used", false, true}) == Lines{"deleted 0", "consumer-gone c"});
    CHECK(world.host.queues().size() == 1);
}

TEST_CASE("queue.bind, queue.unbind: refusals and silent successes", "[core][topology][C4][C10][C14]") {
    World world;
    RecordingPort port(world.host), other(world.host);
    port.open();
    other.open();
    port.ask(declare_queue("q"), declare_exchange("x", "headers"));
    other.ask(declare_queue("theirs", {.exclusive = true}));
    std::vector<Row> rows;
    for (const bool unbinding : {false, true}) {
        rows.push_back({"default exchange", BindQueue{"q", "", "k", {}, unbinding},
                        "failed 403 ACCESS_REFUSED - operation not permitted on the default exchange"});
        rows.push_back(
            {"exclusive elsewhere", BindQueue{"theirs", "x", "k", {}, unbinding}, locked + "theirs" + locked_end});
    }
    rows.push_back({"bind, neither", bind_queue("nope", "no"), "failed 404 NOT_FOUND - no exchange 'no' in vhost '/'"});
    rows.push_back({"bind, no queue", bind_queue("nope", "x"), "failed 404 NOT_FOUND - no queue 'nope' in vhost '/'"});
    rows.push_back(
        {"bind, no exchange", bind_queue("q", "nope"), "failed 404 NOT_FOUND - no exchange 'nope' in vhost '/'"});
    rows.push_back(
        {"bind, invalid", bind_queue("q", "x", "", {{"x-match", "foo"}}),
         "failed 406 PRECONDITION_FAILED - Invalid x-match field value <<\"foo\">>; expected all, any, all-with-x, "
         "or any-with-x"});
    rows.push_back({"unbind, no queue", unbind_queue("nope", "x"), "done 50.51"});
    rows.push_back({"unbind, no exchange", unbind_queue("q", "nope"), "done 50.51"});
    rows.push_back({"unbind, no binding", unbind_queue("q", "x", "k"), "done 50.51"});
    rows.push_back({"bind", bind_queue("q", "x", "k"), "done 50.21"});
    rows.push_back({"bind again", bind_queue("q", "x", "k"), "done 50.21"});
    rows.push_back({"unbind", unbind_queue("q", "x", "k"), "done 50.51"});
    check_rows(port, std::move(rows));
    CHECK(world.host.find_exchange("x")->bindings().empty());
    CHECK(world.host.find_queue("q")->bindings.empty());
}

TEST_CASE("exchange.bind, exchange.unbind: refusals and silent successes", "[core][topology][C4][C10]") {
    World world;
    RecordingPort port(world.host);
    port.open();
    port.ask(declare_exchange("x", "topic"), declare_exchange("y", "direct"));
    const std::string refused = "failed 403 ACCESS_REFUSED - operation not permitted on the default exchange";
    std::vector<Row> rows;
    rows.push_back({"from the default", bind_exchange("y", ""), refused});
    rows.push_back({"to the default", bind_exchange("", "x"), refused});
    rows.push_back({"unbind from the default", unbind_exchange("y", ""), refused});
    rows.push_back({"no source", bind_exchange("y", "nope"), "failed 404 NOT_FOUND - no exchange 'nope' in vhost '/'"});
    rows.push_back(
        {"no destination", bind_exchange("nope", "x"), "failed 404 NOT_FOUND - no exchange 'nope' in vhost '/'"});
    rows.push_back({"unbind, no source", unbind_exchange("y", "nope"), "done 40.51"});
    rows.push_back({"unbind, no destination", unbind_exchange("nope", "x"), "done 40.51"});
    rows.push_back({"unbind, no binding", unbind_exchange("y", "x", "k"), "done 40.51"});
    rows.push_back({"bind", bind_exchange("y", "x", "k"), "done 40.31"});
    rows.push_back({"bind again", bind_exchange("y", "x", "k"), "done 40.31"});
    rows.push_back({"unbind", unbind_exchange("y", "x", "k"), "done 40.51"});
    check_rows(port, std::move(rows));
    CHECK(world.host.find_exchange("y")->incoming.empty());
}

TEST_CASE("topology: no-wait takes the answer away, not the error", "[core][topology][C36]") {
    World world;
    RecordingPort port(world.host);
    port.open();
    CHECK(port.ask(no_wait(declare_queue("q")), no_wait(bind_queue("q", "amq.fanout")),
                   no_wait(declare_queue_passive("nope"))) ==
          Lines{"failed 404 NOT_FOUND - no queue 'nope' in vhost '/'"});
    CHECK(world.host.find_queue("q") != nullptr);
}

TEST_CASE("auto-delete: a queue goes with its last consumer, never before the first", "[core][topology][C13]") {
    World world;
    RecordingPort port(world.host);
    port.open(1);
    port.open(2);
    const ConsumerPtr a = make_consumer("q", "a"), b = make_consumer("q", "b", {.channel = 2});
    port.ask(declare_queue("q", {.auto_delete = true}), put("q", "m"), get("q"));
    port.requeue("m");
    CHECK(world.host.find_queue("q") != nullptr);
    port.ask(consume(a), consume(b));
    CHECK(port.ask(Cancel{a}) == Lines{"cancel-ok a"});
    CHECK(world.host.find_queue("q") != nullptr);
    SECTION("cancelled") {
        CHECK(port.ask(on_channel(2, Cancel{b})) == Lines{"2: cancel-ok b"});
    }
    SECTION("channel closed") {
        port.close_channel(2);
    }
    SECTION("channel failed") {
        port.ask(on_channel(2, declare_queue_passive("nope")));
    }
    SECTION("connection closed") {
        port.close();
    }
    CHECK(world.host.find_queue("q") == nullptr);
}

TEST_CASE("auto-delete: an exchange goes with the last binding from it", "[core][topology][C13]") {
    World world;
    RecordingPort port(world.host);
    port.open();
    port.ask(declare_exchange("x", "fanout", {.auto_delete = true}), declare_queue("q"), declare_queue("r"),
             unbind_queue("q", "x"));
    CHECK(world.host.find_exchange("x") != nullptr);
    port.ask(bind_queue("q", "x"), bind_queue("r", "x"), unbind_queue("q", "x"));
    CHECK(world.host.find_exchange("x") != nullptr);
    SECTION("unbound") {
        port.ask(unbind_queue("r", "x"));
    }
    SECTION("destination deleted") {
        port.ask(DeleteQueue{"r", false, false});
    }
    CHECK(world.host.find_exchange("x") == nullptr);
    CHECK(world.host.find_queue("q")->bindings.empty());
}

TEST_CASE("auto-delete: exchanges go in chains and cycles", "[core][topology][C13]") {
    World world;
    RecordingPort port(world.host);
    port.open();
    const ExchangeFlags gone{.auto_delete = true};
    port.ask(declare_exchange("a", "fanout", gone), declare_exchange("b", "fanout", gone),
             declare_exchange("c", "fanout", gone), declare_exchange("kept", "fanout"), declare_queue("q"));
    SECTION("a chain") {
        port.ask(bind_exchange("b", "a"), bind_exchange("c", "b"), bind_queue("q", "c"), bind_exchange("a", "kept"));
        CHECK(port.ask(DeleteQueue{"q", false, false}) == Lines{"deleted 0"});
    }
    SECTION("a cycle that loses one") {
        port.ask(bind_exchange("b", "a"), bind_exchange("c", "b"), bind_exchange("a", "c"), bind_exchange("a", "a"),
                 bind_exchange("b", "kept"));
        CHECK(port.ask(DeleteExchange{"c", false}) == Lines{"done 40.21"});
        CHECK(world.host.find_exchange("a") != nullptr); // still leads to itself
        port.ask(unbind_exchange("a", "a"));
    }
    CHECK(world.host.exchanges().size() == 9);
    CHECK(world.host.find_exchange("kept")->bindings().empty());
}

TEST_CASE("auto-delete: a chain of any length goes", "[core][topology][C13]") {
    World world;
    RecordingPort port(world.host);
    port.open();
    constexpr int length = 50'000;
    port.send(declare_queue("q"));
    std::string next = "q";
    for (int i = 0; i < length; ++i) {
        const std::string name = "x" + std::to_string(i);
        port.send(declare_exchange(name, "fanout", {.auto_delete = true}));
        i == 0 ? port.send(bind_queue("q", name)) : port.send(bind_exchange(next, name));
        next = name;
    }
    REQUIRE(world.host.exchanges().size() == 8 + length);
    port.send(DeleteQueue{"q", false, false});
    CHECK(world.host.exchanges().size() == 8);
}

TEST_CASE("exclusive queues: only their connection uses them, and they end with it", "[core][topology][C14]") {
    World world;
    RecordingPort port(world.host), other(world.host);
    port.open();
    port.ask(declare_queue("e", {.exclusive = true}), put("e", "m"));
    const std::string refused = locked + "e" + locked_end;
    std::vector<Row> rows;
    rows.push_back({"passive", declare_queue_passive("e"), refused});
    rows.push_back({"consume", Consume{make_consumer("e", "c")}, refused});
    rows.push_back({"get", Get{make_consumer("e", "")}, refused});
    rows.push_back({"purge", PurgeQueue{"e"}, refused});
    rows.push_back({"delete", DeleteQueue{"e", false, false}, refused});
    rows.push_back({"bind", bind_queue("e", "amq.fanout"), refused});
    check_rows(other, std::move(rows));
    other.open();
    CHECK(other.ask(put("e", "n", {.mandatory = true})) == Lines{}); // but anybody may publish to it
    port.send(on_channel(0, StopConnection{}));
    CHECK(port.take() == Lines{"connection-stopped"});
    CHECK(world.host.find_queue("e") != nullptr);
    port.send(on_channel(0, FinishConnection{}));
    CHECK(world.host.find_queue("e") == nullptr);
    CHECK(port.take() == Lines{"connection-closed"});
}

TEST_CASE("topology: what is missing for use is named", "[core][topology][C8][C15]") {
    World world;
    RecordingPort port(world.host);
    const std::string missing = "failed 404 NOT_FOUND - no queue 'nope' in vhost '/'";
    std::vector<Row> rows;
    rows.push_back({"consume", Consume{make_consumer("nope", "c")}, missing});
    rows.push_back({"get", Get{make_consumer("nope", "")}, missing});
    rows.push_back({"purge", PurgeQueue{"nope"}, missing});
    check_rows(port, std::move(rows));
}

TEST_CASE("queue.declare: what is there is compared before a dead letter exchange is looked at",
          "[core][topology][C6]") {
    World world;
    RecordingPort port(world.host);
    port.open();
    port.ask(declare_queue("q"));
    const amqp::FieldTable wrong{{"x-dead-letter-exchange", true}};
    std::vector<Row> rows;
    rows.push_back({"new", declare_queue("new", {.arguments = wrong}),
                    "failed 406 PRECONDITION_FAILED - invalid type 'bool' for arg 'x-dead-letter-exchange' in queue "
                    "'new' in vhost '/'"});
    rows.push_back({"not durable", declare_queue("q", {.durable = true, .arguments = wrong}),
                    "failed 406 PRECONDITION_FAILED - inequivalent arg 'durable' for queue 'q' in vhost '/': received "
                    "'true' but current is 'false'"});
    check_rows(port, std::move(rows));
}
