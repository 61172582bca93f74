#include "broker/core/ready_list.hpp"
#include "tests/support/commands.hpp"

#include <catch2/catch.hpp>

using namespace broker;

namespace {

ReadyMessage ready(storage::Sequence sequence, std::uint8_t priority = 0, std::string_view body = "12345") {
    ReadyMessage message;
    message.sequence = sequence;
    message.message = make_message("", "q", body, {.priority = priority});
    return message;
}

using Sequences = std::vector<storage::Sequence>;

Sequences visited(const ReadyList& list) {
    Sequences sequences;
    list.for_each([&](const ReadyMessage& message) { sequences.push_back(message.sequence); });
    return sequences;
}

Sequences drained(ReadyList& list) {
    Sequences sequences;
    while (!list.empty()) {
        sequences.push_back(list.front().sequence);
        CHECK(list.pop_front().sequence == sequences.back());
    }
    return sequences;
}

} // namespace

TEST_CASE("ready list: what is pushed first leaves first", "[core][C25]") {
    ReadyList list(0);
    for (const storage::Sequence sequence : {1, 2, 5}) {
        list.push_back(ready(sequence));
    }
    CHECK(visited(list) == Sequences{1, 2, 5});
    CHECK(drained(list) == Sequences{1, 2, 5});
}

TEST_CASE("ready list: what comes back goes to where it was", "[core][C23]") {
    ReadyList list(0);
    list.push_back(ready(7));
    list.push_back(ready(9));
    list.put_back(ready(3));
    list.put_back(ready(1));
    list.put_back(ready(8)); // from a page, between two that are here
    list.put_back(ready(10));
    list.put_back(ready(2));
    list.push_back(ready(11));
    CHECK(visited(list) == Sequences{1, 2, 3, 7, 8, 9, 10, 11});
    CHECK(drained(list) == Sequences{1, 2, 3, 7, 8, 9, 10, 11});
}

TEST_CASE("ready list: what came back to an empty list stays before what is pushed later", "[core][C23]") {
    ReadyList list(0);
    list.put_back(ready(4));
    list.push_back(ready(5));
    list.put_back(ready(2));
    list.put_back(ready(3));
    CHECK(drained(list) == Sequences{2, 3, 4, 5});
}

TEST_CASE("ready list: higher priorities leave first, and what comes back stays in its priority", "[core][C23]") {
    ReadyList list(255);
    list.push_back(ready(1, 0));
    list.push_back(ready(2, 255));
    list.push_back(ready(3, 64));
    list.push_back(ready(4, 63));
    list.push_back(ready(5, 64));
    list.put_back(ready(0, 64));
    CHECK(visited(list) == Sequences{2, 0, 3, 5, 4, 1});
    CHECK(drained(list) == Sequences{2, 0, 3, 5, 4, 1});
}

TEST_CASE("ready list: a priority above the highest counts as the highest", "[core]") {
    ReadyList list(5);
    list.push_back(ready(1, 5));
    list.push_back(ready(2, 200));
    list.push_back(ready(3, 6));
    list.push_back(ready(4, 4));
    CHECK(drained(list) == Sequences{1, 2, 3, 4});
}

TEST_CASE("ready list: counts follow what is in it", "[core]") {
    ReadyList list(1);
    CHECK(list.empty());
    list.push_back(ready(1, 0, "123"));
    list.put_back(ready(2, 1, "12345"));
    CHECK(list.size() == 2);
    CHECK(list.body_bytes() == 8);
    CHECK(list.footprint() > 2 * sizeof(amqp::Message));
    list.pop_front();
    CHECK(list.size() == 1);
    CHECK(list.body_bytes() == 3);
    list.pop_front();
    CHECK(list.empty());
    CHECK(list.body_bytes() == 0);
    CHECK(list.footprint() == 0);
}
