#include "tests/support/test_session.hpp"

#include <catch2/catch.hpp>

using test::Lines;
using test::TestSession;

namespace {

// The commands of one method on channel 1.
template <amqp::Method M>
Lines commands_of(const M& method, broker::PermissionPatterns permissions = {".*", ".*", ".*"}) {
    TestSession test;
    test.authenticator.set(std::move(permissions));
    test.open().open_channel();
    test.send(1, method);
    return test.commands();
}

const std::string alternate = amqp::FieldTable{{"alternate-exchange", "ae"}}.encode();

} // namespace

TEST_CASE("exchange methods: become requests", "[session][exchange][M.exchange]") {
    using namespace amqp::exchange;
    const std::string arguments = amqp::FieldTable{{"a", std::int32_t{1}}}.encode();
    CHECK(commands_of(Declare{.exchange = {"e\r\n"},
                              .type = {"direct"},
                              .durable = true,
                              .auto_delete = true,
                              .internal = true,
                              .arguments = {arguments}}) ==
          Lines{"1 40,10 DeclareExchange{e direct durable auto_delete internal a=1}"});
    CHECK(commands_of(Declare{.exchange = {"e"}, .type = {"x"}, .passive = true, .no_wait = true}) ==
          Lines{"1 40,10 DeclareExchange{e x passive} no_wait"});
    CHECK(commands_of(Delete{.exchange = {"e"}, .if_unused = true}) == Lines{"1 40,20 DeleteExchange{e if_unused}"});
    CHECK(commands_of(Delete{.exchange = {"e"}, .no_wait = true}) == Lines{"1 40,20 DeleteExchange{e} no_wait"});
    CHECK(commands_of(Bind{.destination = {"d"}, .source = {"s"}, .routing_key = {"k"}, .arguments = {arguments}}) ==
          Lines{"1 40,30 BindExchange{s -> d by k a=1}"});
    CHECK(commands_of(Unbind{.destination = {"d"}, .source = {"s"}, .routing_key = {"k"}, .no_wait = true}) ==
          Lines{"1 40,40 UnbindExchange{s -> d by k} no_wait"});
}

TEST_CASE("exchange methods: none is permitted on the default exchange", "[session][exchange][C4]") {
    using namespace amqp::exchange;
    const std::string error = "FailChannel{ACCESS_REFUSED - operation not permitted on the default exchange}";
    CHECK(commands_of(Declare{.type = {"direct"}}) == Lines{"1 40,10 " + error});
    CHECK(commands_of(Delete{}) == Lines{"1 40,20 " + error});
    CHECK(commands_of(Bind{.destination = {"d"}}) == Lines{"1 40,30 " + error});
    CHECK(commands_of(Bind{.source = {"s"}}) == Lines{"1 40,30 " + error});
    CHECK(commands_of(Unbind{.destination = {"d"}}) == Lines{"1 40,40 " + error});
}

TEST_CASE("exchange methods: predeclared exchanges cannot be deleted", "[session][exchange][C9]") {
    CHECK(commands_of(amqp::exchange::Delete{.exchange = {"amq.topic"}}) ==
          Lines{"1 40,20 FailChannel{ACCESS_REFUSED - deletion of system exchange 'amq.topic' in vhost '/' not "
                "allowed}"});
}

TEST_CASE("exchange methods: permissions", "[session][exchange][C5]") {
    using namespace amqp::exchange;
    const auto refused = [](const std::string& id, const std::string& access, const std::string& name) {
        return Lines{"1 " + id + " FailChannel{ACCESS_REFUSED - " + access + " access to exchange '" + name +
                     "' in vhost '/' refused for user 'alice'}"};
    };
    CHECK(commands_of(Declare{.exchange = {"e"}}, {"", ".*", ".*"}) == refused("40,10", "configure", "e"));
    const Declare passive{.exchange = {"e"}, .passive = true};
    CHECK(commands_of(passive, {"", "", "^x$"}) == refused("40,10", "configure", "e"));
    for (const broker::PermissionPatterns& one :
         {broker::PermissionPatterns{"^e$", "", ""}, {"", "^e$", ""}, {"", "", "^e$"}}) {
        CHECK(commands_of(passive, one) == Lines{"1 40,10 DeclareExchange{e  passive}"});
    }
    CHECK(commands_of(Delete{.exchange = {"e"}}, {"", ".*", ".*"}) == refused("40,20", "configure", "e"));
    CHECK(commands_of(Declare{.exchange = {"e"}, .arguments = {alternate}}, {".*", ".*", "^x$"}) ==
          refused("40,10", "read", "e"));
    CHECK(commands_of(Declare{.exchange = {"e"}, .arguments = {alternate}}, {".*", "^e$", ".*"}) ==
          refused("40,10", "write", "ae"));
    CHECK(commands_of(Declare{.exchange = {"e"}, .arguments = {alternate}}, {"^e$", "^ae$", "^e$"}) ==
          Lines{"1 40,10 DeclareExchange{e  alternate-exchange=ae}"});
    CHECK(commands_of(Bind{.destination = {"d"}, .source = {"s"}}, {"", "^s$", ".*"}) ==
          refused("40,30", "write", "d"));
    CHECK(commands_of(Unbind{.destination = {"d"}, .source = {"s"}}, {"", ".*", "^d$"}) ==
          refused("40,40", "read", "s"));
    CHECK(commands_of(Bind{.destination = {"d"}, .source = {"s"}}, {"", "^d$", "^s$"}) ==
          Lines{"1 40,30 BindExchange{s -> d by }"});
}

TEST_CASE("exchange.declare: what is no name of an alternate exchange is left to the virtual host",
          "[session][exchange][C5][C12]") {
    const std::string arguments = amqp::FieldTable{{"alternate-exchange", std::int32_t{1}}}.encode();
    CHECK(commands_of(amqp::exchange::Declare{.exchange = {"e"}, .arguments = {arguments}}) ==
          Lines{"1 40,10 DeclareExchange{e  alternate-exchange=1}"});
}

TEST_CASE("exchange methods: answers", "[session][exchange]") {
    TestSession test;
    test.open().open_channel();
    test.done<amqp::exchange::DeclareOk>(1);
    test.done<amqp::exchange::DeleteOk>(1);
    test.done<amqp::exchange::BindOk>(1);
    test.done<amqp::exchange::UnbindOk>(1);
    CHECK(test.sent() ==
          Lines{"1 exchange.declare-ok{}", "1 exchange.delete-ok{}", "1 exchange.bind-ok{}", "1 exchange.unbind-ok{}"});
}
