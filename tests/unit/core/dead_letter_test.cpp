#include "broker/core/dead_letter.hpp"

#include "protocol/properties.hpp"
#include "tests/support/commands.hpp"

#include <catch2/catch.hpp>

using namespace broker;
using amqp::Array;
using amqp::FieldTable;

namespace {

constexpr std::int64_t now_ms = 1'700'000'000'123;

Death death(DeathReason reason, std::string_view queue = "q") {
    return {reason, queue, "dlx", {}, now_ms};
}

amqp::BasicProperties properties_of(const amqp::Message& message) {
    return amqp::BasicProperties::decode(message.properties()).value();
}

FieldTable headers_of(const DeadLetter& letter) {
    return properties_of(*letter.message).headers.value();
}

Array history_of(const DeadLetter& letter) {
    return *headers_of(letter).find("x-death")->get_if<Array>();
}

FieldTable entry(std::string_view reason, std::string_view queue, std::int64_t count, std::string_view exchange,
                 std::string_view key) {
    return {{"count", count},
            {"reason", reason},
            {"queue", queue},
            {"time", amqp::Timestamp{1'700'000'000}},
            {"exchange", exchange},
            {"routing-keys", Array{key}}};
}

} // namespace

TEST_CASE("dead letter: the headers of a first death", "[core][dlx][3.5]") {
    const auto message = make_message("x", "key", "body", {.headers = {{"zz", 1}, {"mine", "a"}}});
    const DeadLetter letter = make_dead_letter(*message, death(DeathReason::rejected));
    CHECK(headers_of(letter) == FieldTable{{"mine", "a"},
                                           {"x-death", Array{entry("rejected", "q", 1, "x", "key")}},
                                           {"x-first-death-exchange", "x"},
                                           {"x-first-death-queue", "q"},
                                           {"x-first-death-reason", "rejected"},
                                           {"x-last-death-exchange", "x"},
                                           {"x-last-death-queue", "q"},
                                           {"x-last-death-reason", "rejected"},
                                           {"zz", 1}});
    CHECK(letter.message->exchange() == "dlx");
    CHECK(letter.message->routing_key() == "key");
    CHECK(letter.message->body() == "body");
}

TEST_CASE("dead letter: the expiration leaves the properties for the history", "[core][dlx][3.3]") {
    const auto message = make_message("", "q", "b", {.expiration = "150"});
    const DeadLetter letter = make_dead_letter(*message, death(DeathReason::expired));
    CHECK_FALSE(properties_of(*letter.message).expiration.has_value());
    const FieldTable first = *history_of(letter).at(0).get_if<FieldTable>();
    CHECK(first.begin()->first == "original-expiration");
    CHECK(*first.find("original-expiration") == amqp::FieldValue("150"));
}

TEST_CASE("dead letter: a repeated death is counted and comes first, its time stays", "[core][dlx][3.5]") {
    const auto message = make_message("", "a", "b");
    DeadLetter letter = make_dead_letter(*message, death(DeathReason::rejected, "a"));
    Death later = death(DeathReason::expired, "b");
    later.now_ms += 10'000;
    letter = make_dead_letter(*letter.message, later);
    later.reason = DeathReason::rejected;
    later.queue = "a";
    letter = make_dead_letter(*letter.message, later);
    FieldTable of_b = entry("expired", "b", 1, "dlx", "a");
    of_b.set("time", amqp::Timestamp{1'700'000'010});
    CHECK(history_of(letter) == Array{entry("rejected", "a", 2, "", "a"), of_b});
    CHECK(*headers_of(letter).find("x-first-death-queue") == amqp::FieldValue("a"));
    CHECK(*headers_of(letter).find("x-last-death-exchange") == amqp::FieldValue("dlx"));
}

TEST_CASE("dead letter: a publisher's own history is not continued", "[core][dlx][3.5]") {
    const FieldTable own{{"x-death", Array{entry("rejected", "q", 7, "x", "key")}}, {"x-first-death-queue", "other"}};
    const auto message = make_message("x", "key", "b", {.headers = own});
    const DeadLetter letter = make_dead_letter(*message, death(DeathReason::rejected));
    CHECK(history_of(letter) == Array{entry("rejected", "q", 1, "x", "key")});
    CHECK(*headers_of(letter).find("x-first-death-queue") == amqp::FieldValue("q"));
}

TEST_CASE("dead letter: CC keys go on unless the queue names a key, BCC never", "[core][dlx][C29]") {
    const auto message = make_message("x", "key", "b", {.headers = {{"CC", Array{"c1", "c2"}}, {"BCC", Array{"b"}}}});
    SECTION("own keys") {
        const DeadLetter letter = make_dead_letter(*message, death(DeathReason::maxlen));
        REQUIRE(letter.extra_keys != nullptr);
        CHECK(*letter.extra_keys == std::vector<std::string>{"c1", "c2"});
        CHECK(headers_of(letter).contains("CC"));
        CHECK_FALSE(headers_of(letter).contains("BCC"));
    }
    SECTION("the queue's key") {
        Death with_key = death(DeathReason::maxlen);
        with_key.dead_letter_routing_key = "dead";
        const DeadLetter letter = make_dead_letter(*message, with_key);
        CHECK(letter.extra_keys == nullptr);
        CHECK(letter.message->routing_key() == "dead");
        CHECK_FALSE(headers_of(letter).contains("CC"));
        const FieldTable told = *history_of(letter).at(0).get_if<FieldTable>();
        CHECK(*told.find("routing-keys") == amqp::FieldValue(Array{"key", "c1", "c2"}));
    }
}

TEST_CASE("dead letter: it may not come back where it died by itself, until it is rejected", "[core][dlx][3.5]") {
    DeadLetter letter = make_dead_letter(*make_message("", "a", "b"), death(DeathReason::expired, "a"));
    CHECK_FALSE(letter.may_enter("a"));
    letter = make_dead_letter(*letter.message, death(DeathReason::maxlen, "b"));
    CHECK_FALSE(letter.may_enter("a"));
    CHECK_FALSE(letter.may_enter("b"));
    CHECK(letter.message->deaths() == 2);
    letter = make_dead_letter(*letter.message, death(DeathReason::rejected, "c"));
    CHECK(letter.may_enter("a"));
    CHECK(letter.may_enter("c"));
    CHECK(letter.message->deaths() == 1);
    letter = make_dead_letter(*letter.message, death(DeathReason::expired, "a"));
    CHECK_FALSE(letter.may_enter("a"));
    CHECK(letter.may_enter("b"));
}

TEST_CASE("dead letter: the history is bounded, the number of deaths is not forgotten", "[core][dlx]") {
    amqp::MessagePtr message = make_message("", "q", "b");
    for (std::size_t i = 0; i < max_deaths_kept + 10; ++i) {
        message = make_dead_letter(*message, death(DeathReason::expired, "q" + std::to_string(i))).message;
    }
    const FieldTable headers = properties_of(*message).headers.value();
    CHECK(headers.find("x-death")->get_if<Array>()->size() == max_deaths_kept);
    CHECK(*headers.find("x-first-death-queue") == amqp::FieldValue("q0"));
    CHECK(message->deaths() == max_deaths_kept + 10);
}

TEST_CASE("dead letter: a table of headers at its limit lives on without the story", "[core][dlx][bad-input]") {
    FieldTable full;
    for (std::size_t i = 0; i < amqp::max_table_elements; ++i) {
        full.append("k", true);
    }
    const auto message = make_message("", "q", "b", {.headers = full});
    const DeadLetter letter = make_dead_letter(*message, death(DeathReason::expired));
    CHECK(headers_of(letter).size() == amqp::max_table_elements);
    CHECK(letter.message->deaths() == 1);
}
