#include "tests/support/test_session.hpp"

#include <catch2/catch.hpp>

using test::Lines;
using test::TestSession;
using namespace amqp::queue;

namespace {

// The commands of methods on channel 1.
template <amqp::Method... Ms>
Lines commands_of(broker::PermissionPatterns permissions, const Ms&... methods) {
    TestSession test;
    test.authenticator.set(std::move(permissions));
    test.open().open_channel();
    (test.send(1, methods), ...);
    return test.commands();
}
const broker::PermissionPatterns everything{".*", ".*", ".*"};

const std::string dead_letters = amqp::FieldTable{{"x-dead-letter-exchange", "dlx"}}.encode();

} // namespace

TEST_CASE("queue methods: become requests", "[session][queue][C1][M.queue]") {
    const std::string arguments = amqp::FieldTable{{"x-max-length", std::int32_t{5}}}.encode();
    CHECK(commands_of(everything, Declare{.queue = {"\rq\n"},
                                          .durable = true,
                                          .exclusive = true,
                                          .auto_delete = true,
                                          .arguments = {arguments}}) ==
          Lines{"1 50,10 DeclareQueue{q durable exclusive auto_delete x-max-length=5}"});
    CHECK(commands_of(everything, Declare{.queue = {"q"}, .passive = true, .no_wait = true}) ==
          Lines{"1 50,10 DeclareQueue{q passive} no_wait"});
    CHECK(commands_of(everything, Bind{.queue = {"q"}, .exchange = {"e\n"}, .routing_key = {"k\n"}, .no_wait = true}) ==
          Lines{"1 50,20 BindQueue{e -> q by k\n} no_wait"});
    CHECK(commands_of(everything,
                      Unbind{.queue = {"q"}, .exchange = {"e"}, .routing_key = {"k"}, .arguments = {arguments}}) ==
          Lines{"1 50,50 UnbindQueue{e -> q by k x-max-length=5}"});
    CHECK(commands_of(everything, Purge{.queue = {"q"}, .no_wait = true}) == Lines{"1 50,30 PurgeQueue{q} no_wait"});
    CHECK(commands_of(everything, Delete{.queue = {"q"}, .if_unused = true, .if_empty = true}) ==
          Lines{"1 50,40 DeleteQueue{q if_unused if_empty}"});
}

TEST_CASE("queue.declare: the server makes up a name for an empty one", "[session][queue][C1]") {
    CHECK(commands_of(everything, Declare{}, Declare{}) ==
          Lines{"1 50,10 DeclareQueue{amq.gen-AAECAwQFBgcICQoLDA0ODw server_named}",
                "1 50,10 DeclareQueue{amq.gen-EBESExQVFhcYGRobHB0eHw server_named}"});
    CHECK(commands_of(everything, Declare{.passive = true}) ==
          Lines{"1 50,10 FailChannel{NOT_FOUND - no queue '' in vhost '/'}"});
}

TEST_CASE("queue methods: an empty name is the queue last declared on the channel", "[session][queue][C3]") {
    CHECK(commands_of(everything, Declare{.queue = {"a"}}, Declare{.queue = {"b"}, .passive = true}, Purge{}, Delete{},
                      Bind{.exchange = {"e"}, .routing_key = {"k"}}, Unbind{.exchange = {"e"}},
                      amqp::basic::Consume{.consumer_tag = {"c"}}, amqp::basic::Get{}) ==
          Lines{"1 50,10 DeclareQueue{a}", "1 50,10 DeclareQueue{b passive}", "1 50,30 PurgeQueue{b}",
                "1 50,40 DeleteQueue{b}", "1 50,20 BindQueue{e -> b by k}", "1 50,50 UnbindQueue{e -> b by b}",
                "1 60,20 Consume{b as c}", "1 60,70 Get{b}"});
}

TEST_CASE("queue.bind: only with both empty the routing key is the queue's name", "[session][queue][C3]") {
    CHECK(commands_of(everything, Declare{.queue = {"a"}}, Bind{.exchange = {"e"}},
                      Bind{.queue = {"a"}, .exchange = {"e"}}) ==
          Lines{"1 50,10 DeclareQueue{a}", "1 50,20 BindQueue{e -> a by a}", "1 50,20 BindQueue{e -> a by }"});
}

TEST_CASE("queue methods: without a queue declared before, an empty name is nothing", "[session][queue][C3]") {
    const auto check = [](const auto& method) {
        const Lines commands = commands_of(everything, method);
        REQUIRE(commands.size() == 1);
        CHECK_THAT(commands[0], Catch::EndsWith("FailChannel{NOT_FOUND - no previously declared queue}"));
    };
    check(Purge{});
    check(Delete{});
    check(Bind{.exchange = {"e"}});
    check(Unbind{.exchange = {"e"}});
    check(amqp::basic::Consume{});
    check(amqp::basic::Get{});
}

TEST_CASE("queue methods: nothing can be bound to the default exchange", "[session][queue][C4]") {
    const std::string error = "FailChannel{ACCESS_REFUSED - operation not permitted on the default exchange}";
    CHECK(commands_of(everything, Bind{.queue = {"q"}}) == Lines{"1 50,20 " + error});
    CHECK(commands_of(everything, Unbind{.queue = {"q"}}) == Lines{"1 50,50 " + error});
}

TEST_CASE("queue methods: permissions", "[session][queue][C5]") {
    const auto refused = [](const std::string& id, const std::string& access, const std::string& resource) {
        return Lines{"1 " + id + " FailChannel{ACCESS_REFUSED - " + access + " access to " + resource +
                     " in vhost '/' refused for user 'alice'}"};
    };
    CHECK(commands_of({"", ".*", ".*"}, Declare{.queue = {"q"}}) == refused("50,10", "configure", "queue 'q'"));
    CHECK(commands_of({"^q$", ".*", ".*"}, Declare{}) ==
          refused("50,10", "configure", "queue 'amq.gen-AAECAwQFBgcICQoLDA0ODw'"));
    const Declare passive{.queue = {"q"}, .passive = true};
    CHECK(commands_of({"", "", "^x$"}, passive) == refused("50,10", "configure", "queue 'q'"));
    for (const broker::PermissionPatterns& one :
         {broker::PermissionPatterns{"^q$", "", ""}, {"", "^q$", ""}, {"", "", "^q$"}}) {
        CHECK(commands_of(one, passive) == Lines{"1 50,10 DeclareQueue{q passive}"});
    }
    CHECK(commands_of({"", ".*", ".*"}, Delete{.queue = {"q"}}) == refused("50,40", "configure", "queue 'q'"));
    CHECK(commands_of({".*", ".*", ""}, Purge{.queue = {"q"}}) == refused("50,30", "read", "queue 'q'"));
    CHECK(commands_of({".*", ".*", ""}, amqp::basic::Get{.queue = {"q"}}) == refused("60,70", "read", "queue 'q'"));
    CHECK(commands_of({".*", ".*", ""}, amqp::basic::Consume{.queue = {"q"}}) == refused("60,20", "read", "queue 'q'"));
    CHECK(commands_of({".*", "^e$", ".*"}, Bind{.queue = {"q"}, .exchange = {"e"}}) ==
          refused("50,20", "write", "queue 'q'"));
    CHECK(commands_of({".*", ".*", "^q$"}, Bind{.queue = {"q"}, .exchange = {"e"}}) ==
          refused("50,20", "read", "exchange 'e'"));
    CHECK(commands_of({"", "^q$", "^e$"}, Unbind{.queue = {"q"}, .exchange = {"e"}}) ==
          Lines{"1 50,50 UnbindQueue{e -> q by }"});
    CHECK(commands_of({".*", ".*", "^x$"}, Declare{.queue = {"q"}, .arguments = {dead_letters}}) ==
          refused("50,10", "read", "queue 'q'"));
    CHECK(commands_of({".*", "^q$", ".*"}, Declare{.queue = {"q"}, .arguments = {dead_letters}}) ==
          refused("50,10", "write", "exchange 'dlx'"));
    CHECK(commands_of({"^q$", "^dlx$", "^q$"}, Declare{.queue = {"q"}, .arguments = {dead_letters}}) ==
          Lines{"1 50,10 DeclareQueue{q x-dead-letter-exchange=dlx}"});
}

TEST_CASE("queue.declare: what is no name of a dead letter exchange is left to the virtual host",
          "[session][queue][C5][C6]") {
    const std::string arguments = amqp::FieldTable{{"x-dead-letter-exchange", true}}.encode();
    CHECK(commands_of(everything, Declare{.queue = {"q"}, .arguments = {arguments}}) ==
          Lines{"1 50,10 DeclareQueue{q x-dead-letter-exchange=true}"});
}

TEST_CASE("queue methods: a change of permissions counts from the next turn on", "[session][queue][C5]") {
    TestSession test;
    test.open().open_channel();
    test.send(1, Declare{.queue = {"q"}});
    const int requests = test.authenticator.permission_requests;
    test.send(1, Declare{.queue = {"q"}});
    CHECK(test.authenticator.permission_requests == requests);
    test.commands();
    test.authenticator.set({"", "", ""});
    test.send(1, Declare{.queue = {"q"}});
    CHECK_THAT(test.commands().at(0), Catch::Contains("configure access to queue 'q'"));
}

TEST_CASE("queue methods: answers", "[session][queue][C2]") {
    TestSession test;
    test.open().open_channel();
    test.reply(1, broker::QueueDeclared{"q", 3, 2});
    test.reply(1, broker::QueuePurged{4});
    test.reply(1, broker::QueueDeleted{5});
    test.done<BindOk>(1);
    test.done<UnbindOk>(1);
    CHECK(test.sent() == Lines{"1 queue.declare-ok{queue=q, message_count=3, consumer_count=2}",
                               "1 queue.purge-ok{message_count=4}", "1 queue.delete-ok{message_count=5}",
                               "1 queue.bind-ok{}", "1 queue.unbind-ok{}"});
}
