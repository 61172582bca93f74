// DelayedMessages alone: order, batches, what is read and in which bites.
#include "broker/core/delayed_messages.hpp"
#include "tests/support/commands.hpp"

#include <catch2/catch.hpp>

using namespace broker;

namespace {

storage::StoredMessage stored(storage::Sequence sequence, std::int64_t due_ms = 0) {
    return {sequence, 0, due_ms, 0, false, make_message("x", "k", std::to_string(sequence))};
}

std::vector<std::string> bodies(std::vector<DelayedMessages::Due> dues) {
    std::vector<std::string> result;
    for (const auto& due : dues) {
        result.emplace_back(due.message->body());
    }
    return result;
}

} // namespace

TEST_CASE("delayed messages: those in memory leave in the order of their times, equal ones as they came",
          "[core][delayed]") {
    MemoryBudget memory(1 << 20);
    DelayedMessages delayed(7, 1, memory);
    for (const auto& [due, body] :
         std::vector<std::pair<int, std::string>>{{30, "c"}, {10, "a"}, {20, "b1"}, {20, "b2"}, {40, "d"}}) {
        REQUIRE(delayed.add_in_memory(due, make_message("x", "k", body)));
    }
    CHECK(delayed.next_due() == 10);
    CHECK_FALSE(delayed.begin(9));
    REQUIRE(delayed.begin(30));
    CHECK_FALSE(delayed.next_due());
    CHECK_FALSE(delayed.next_read());
    CHECK(bodies(delayed.finish()) == std::vector<std::string>{"a", "b1", "b2", "c"});
    CHECK(delayed.next_due() == 40);
    CHECK(delayed.size() == 1);
}

TEST_CASE("delayed messages: what waits in memory counts, and no more than the budget", "[core][delayed]") {
    MemoryBudget memory(5'000);
    {
        DelayedMessages delayed(7, 1, memory);
        const std::string body(3'000, 'x');
        CHECK(delayed.add_in_memory(1, make_message("x", "k", body)));
        CHECK_FALSE(delayed.add_in_memory(1, make_message("x", "k", body)));
        CHECK(memory.used() > 3'000);
        REQUIRE(delayed.begin(1));
        delayed.finish();
        CHECK(memory.used() == 0);
        CHECK(delayed.add_in_memory(1, make_message("x", "k", body)));
    }
    CHECK(memory.used() == 0);
}

TEST_CASE("delayed messages: neighbours in the store are read together, strangers apart", "[core][delayed]") {
    MemoryBudget memory(0);
    DelayedMessages delayed(7, 1, memory);
    for (int i = 1; i <= 100; ++i) {
        // 1, 2, 3 and 90 are due, 3 first.
        const bool due = i <= 3 || i == 90;
        delayed.add_stored(due ? 10 - i % 4 : 1'000);
    }
    REQUIRE(delayed.begin(100));
    auto read = delayed.next_read();
    REQUIRE(read);
    CHECK(read->from == 1);
    CHECK(read->max_messages == 3);
    delayed.on_page({{stored(1)}, false, true}); // a page may be short
    read = delayed.next_read();
    REQUIRE(read);
    CHECK(read->from == 2);
    CHECK(read->max_messages == 2);
    delayed.on_page({{stored(2), stored(3)}, false, true});
    read = delayed.next_read();
    REQUIRE(read);
    CHECK(read->from == 90);
    CHECK(read->max_messages == 1);
    delayed.on_page({{stored(90)}, true, true});
    CHECK_FALSE(delayed.next_read());
    CHECK(bodies(delayed.finish()) == std::vector<std::string>{"3", "2", "90", "1"});
}

TEST_CASE("delayed messages: what the store has lost is left out and holds nothing up", "[core][delayed]") {
    MemoryBudget memory(0);
    DelayedMessages delayed(7, 1, memory);
    for (int i = 0; i < 3; ++i) {
        delayed.add_stored(5);
    }
    SECTION("one is missing") {
        REQUIRE(delayed.begin(5));
        delayed.on_page({{stored(1), stored(3)}, true, true});
        CHECK(bodies(delayed.finish()) == std::vector<std::string>{"1", "3"});
    }
    SECTION("the page cannot be read") {
        REQUIRE(delayed.begin(5));
        delayed.on_page({{}, true, false});
        CHECK_FALSE(delayed.next_read());
        CHECK(delayed.finish().empty());
    }
    CHECK(delayed.size() == 0);
}

TEST_CASE("delayed messages: a batch has limits in messages and in octets", "[core][delayed]") {
    MemoryBudget memory(0);
    DelayedMessages delayed(7, 1, memory);
    for (std::size_t i = 0; i < DelayedMessages::batch_messages + 10; ++i) {
        delayed.add_stored(static_cast<std::int64_t>(i));
    }
    REQUIRE(delayed.begin(1'000'000));
    const auto read = delayed.next_read();
    REQUIRE(read);
    CHECK(read->max_messages == DelayedMessages::batch_messages);
    storage::Store::Page large;
    large.messages.push_back(
        {1, 0, 0, 0, false, make_message("x", "k", std::string(DelayedMessages::batch_bytes + 1, 'x'))});
    large.end = false;
    delayed.on_page(std::move(large));
    CHECK_FALSE(delayed.next_read());
    CHECK(delayed.finish().size() == 1);
    CHECK(delayed.size() == DelayedMessages::batch_messages + 9);
    CHECK(delayed.next_due() == 1); // the others wait as before
}

TEST_CASE("delayed messages: after a restart the times come from the store, page by page", "[core][delayed]") {
    MemoryBudget memory(0);
    DelayedMessages delayed(7, 1'000, memory);
    delayed.recover({.queue = 7, .head = 5, .last = 9, .messages = 3, .body_bytes = 3, .delivered_up_to = 0});
    CHECK(delayed.scan_from() == storage::Sequence{5});
    CHECK(delayed.add_stored(50) == 1'000); // new ones may come meanwhile
    delayed.on_scanned({{stored(5, 30), stored(7, 10)}, false, true});
    CHECK(delayed.scan_from() == storage::Sequence{8});
    CHECK(delayed.next_due() == 10);
    delayed.on_scanned({{stored(9, 20), stored(1'000, 50)}, true, true});
    CHECK_FALSE(delayed.scan_from());
    CHECK(delayed.size() == 4);
}

TEST_CASE("delayed messages: one that waits is cancelled or hastened by its id", "[core][delayed]") {
    MemoryBudget memory(1 << 20);
    DelayedMessages delayed(7, 1, memory);
    for (int i = 0; i < 10; ++i) {
        REQUIRE(delayed.add_in_memory(100 + i, make_message("x", "k", std::to_string(i))));
    }
    const storage::Sequence kept = delayed.add_stored(50);
    CHECK(DelayedMessages::is_stored(kept));
    const auto id_of = [&](std::int64_t due_ms) {
        for (const auto& waiting : delayed.waiting()) {
            if (waiting.due_ms == due_ms) {
                return waiting.id;
            }
        }
        return storage::Sequence{0};
    };
    const std::uint64_t used = memory.used();
    CHECK(delayed.cancel(kept));
    CHECK_FALSE(delayed.cancel(kept));
    const storage::Sequence third = id_of(103), last = id_of(109);
    CHECK_FALSE(DelayedMessages::is_stored(third));
    CHECK(delayed.find_in_memory(third)->body() == "3");
    CHECK(delayed.cancel(third));
    CHECK(memory.used() < used);
    CHECK(delayed.hasten(last, 7));
    CHECK_FALSE(delayed.hasten(third, 7));
    CHECK(delayed.next_due() == 7);
    REQUIRE(delayed.begin(200));
    CHECK(bodies(delayed.finish()) == std::vector<std::string>{"9", "0", "1", "2", "4", "5", "6", "7", "8"});
}
