// Lists of connections and channels: the order, the page, and that nothing else is described.
#include "broker/admin/session_list.hpp"
#include "tests/unit/admin/server_world.hpp"

#include <boost/json/parse.hpp>

#include <catch2/catch.hpp>

using namespace broker;
namespace json = boost::json;

namespace {

// Connections a, b and c, each with the channels 1 and 2; the channels have 1 to 6 unacknowledged messages.
struct Sessions {
    Sessions() {
        for (const char* name : {"a", "b", "c"}) {
            SessionSnapshot session;
            session.name = name;
            session.octets_received = 1'000 - sessions.size();
            for (amqp::ChannelNumber number = 1; number <= 2; ++number) {
                ChannelSnapshot channel;
                channel.number = number;
                channel.messages_unacknowledged = ++messages;
                session.channels.push_back(std::move(channel));
            }
            sessions.push_back(std::move(session));
        }
    }

    Listing listing(std::string_view query) const {
        return *Listing::of(parse_target("/?" + std::string(query))->query);
    }
    json::value channels(std::string_view query) {
        return json::parse(answer_channels(api, sessions, listing(query)).body);
    }
    json::value connections(std::string_view query) {
        return json::parse(answer_connections(api, sessions, listing(query)).body);
    }

    StubNode node;
    HttpOptions options;
    Api api{node, options};
    std::uint64_t messages = 0;
    std::vector<SessionSnapshot> sessions;
};

std::string names(const json::value& answer) {
    const json::value& items = answer.is_array() ? answer : answer.get_object().at("items");
    std::string text;
    for (const json::value& item : items.get_array()) {
        text.append(text.empty() ? "" : ", ").append(item.get_object().at("name").get_string());
    }
    return text;
}

} // namespace

TEST_CASE("lists of sessions: all, by name, when nothing is asked for", "[admin][connections][channels][A7]") {
    Sessions sessions;
    CHECK(names(sessions.connections("")) == "a, b, c");
    CHECK(names(sessions.channels("")) == "a (1), a (2), b (1), b (2), c (1), c (2)");
}

TEST_CASE("lists of sessions: only the page is described", "[admin][connections][channels][A7]") {
    Sessions sessions;
    const json::value page = sessions.channels("page=2&page_size=2&sort=messages_unacknowledged&sort_reverse=true");
    CHECK(names(page) == "b (2), b (1)");
    CHECK(page.at("total_count") == 6);
    CHECK(page.at("filtered_count") == 6);
    CHECK(page.at("page_count") == 3);
    CHECK(sessions.api.rates.size() == 2);
    CHECK(names(sessions.connections("page=1&page_size=1&sort=recv_oct")) == "c");
    CHECK(sessions.api.rates.size() == 3);
}

TEST_CASE("lists of sessions: a filter, an order by name, an order by rate", "[admin][connections][channels][A7]") {
    Sessions sessions;
    const json::value some = sessions.channels("page=1&name=b&sort=name&sort_reverse=true");
    CHECK(names(some) == "b (2), b (1)");
    CHECK(some.at("filtered_count") == 2);
    CHECK(some.at("total_count") == 6);
    CHECK(names(sessions.connections("page=1&use_regex=true&name=^[ac]$")) == "a, c");
    CHECK(names(sessions.connections("page=1&sort=recv_oct_details.rate")) == "a, b, c"); // all alike
}

TEST_CASE("lists of sessions: a page behind the last is out of range", "[admin][connections][channels][A7]") {
    Sessions sessions;
    CHECK(answer_channels(sessions.api, sessions.sessions, sessions.listing("page=4&page_size=2")).status == 400);
    CHECK(answer_channels(sessions.api, {}, sessions.listing("page=1")).status == 200);
}
