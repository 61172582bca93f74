// Every method of the protocol in every state before connection.open-ok: nobody gets anywhere by leaving a step out.
#include "protocol/methods.hpp"
#include "tests/support/test_session.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <fstream>
#include <functional>
#include <sstream>
#include <vector>

using test::Lines;
using test::TestSession;

namespace {

std::vector<amqp::MethodId> every_method() {
    std::ifstream file(METHODS_FILE);
    REQUIRE(file);
    std::vector<amqp::MethodId> ids;
    for (std::string line; std::getline(file, line);) {
        std::istringstream words(line);
        amqp::MethodId id;
        if (words >> id.class_id >> id.method_id) {
            ids.push_back(id);
        }
    }
    return ids;
}

struct State {
    const char* name;
    std::function<void(TestSession&)> reach;
    std::vector<amqp::MethodId> next; // what is taken
};

const std::vector<State>& states() {
    using namespace amqp::connection;
    static const std::vector<State> all{
        {"after the protocol header", [](auto& t) { t.feed(amqp::protocol_header); }, {StartOk::id}},
        {"after login", [](auto& t) { t.login(); }, {TuneOk::id}},
        {"after tune-ok",
         [](auto& t) {
             t.login(), t.send(0, TuneOk{2047, 131'072, 60});
         },
         {Open::id}},
    };
    return all;
}

// Arguments that fit no method: what is out of place is refused before they are read.
std::string method_frame(amqp::ChannelNumber channel, amqp::MethodId id) {
    std::string payload;
    for (const unsigned part : {id.class_id, id.method_id}) {
        payload.push_back(static_cast<char>(part >> 8));
        payload.push_back(static_cast<char>(part));
    }
    return test::raw_frame(1, channel, payload);
}

} // namespace

TEST_CASE("handshake: in each of its states no method is taken but the next", "[session][handshake][P22]") {
    const std::vector<amqp::MethodId> methods = every_method();
    REQUIRE(methods.size() > 60);
    for (const State& state : states()) {
        for (const amqp::MethodId id : methods) {
            for (const amqp::ChannelNumber channel : {amqp::ChannelNumber{0}, amqp::ChannelNumber{1}}) {
                const bool is_next = std::find(state.next.begin(), state.next.end(), id) != state.next.end();
                if ((is_next || id == amqp::connection::Close::id) && channel == 0) {
                    continue; // closing is always possible
                }
                CAPTURE(state.name, id.class_id, id.method_id, channel);
                TestSession test;
                state.reach(test);
                const std::size_t logins = test.transport.logins.size();
                test.sent();
                test.feed(method_frame(channel, id));
                const Lines answer = test.sent();
                const bool told = !answer.empty() && answer.back().starts_with("0 connection.close{");
                CHECK((told || !test.transport.closes.empty()));
                CHECK(test.transport.logins.size() == logins);
                CHECK(test.transport.virtual_host.empty());
                CHECK(test.commands().empty());
            }
        }
    }
}
