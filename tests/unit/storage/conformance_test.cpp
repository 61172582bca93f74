// What every store does, whatever stands behind it.
#include "tests/unit/storage/store_under_test.hpp"

#include <catch2/catch.hpp>

namespace storage::test {
namespace {

const QueueId queue = 7;

#define FOR_EVERY_STORE()                                                                                              \
    const Kind kind = GENERATE(values(every_kind));                                                                    \
    CAPTURE(name(kind));                                                                                               \
    const auto made = make_store(kind);                                                                                \
    StoreUnderTest& s = *made

// Appends `count` messages "0", "1", ... in one commit; returns the first sequence.
Sequence append(StoreUnderTest& s, std::uint64_t count, QueueId to = queue) {
    Batch batch;
    Sequence first = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
        const Sequence sequence = s.next_sequence();
        first = i == 0 ? sequence : first;
        batch.append(to, message(sequence, std::to_string(i)));
    }
    REQUIRE(s.commit(std::move(batch)) == Outcome::durable);
    return first;
}

void settle(StoreUnderTest& s, Sequence first, std::uint64_t count = 1, QueueId of = queue) {
    Batch batch;
    batch.settle(of, first, count);
    REQUIRE(s.commit(std::move(batch)) == Outcome::durable);
}

std::vector<Sequence> from_to(Sequence first, Sequence end) {
    std::vector<Sequence> result;
    for (; first < end; ++first)
        result.push_back(first);
    return result;
}

TEST_CASE("store: a message comes back as it was given", "[storage]") {
    FOR_EVERY_STORE();
    const std::string properties("\x98\x00\x0atext/plain\x00\x00\x00\x00\x02", 19);
    const std::string body = GENERATE(std::string(), std::string("a\0b", 3), std::string(700'000, 'x'));
    StoredMessage given;
    given.sequence = s.next_sequence();
    given.published_at_ms = 1'700'000'000'123;
    given.expires_at_ms = GENERATE(as<std::int64_t>{}, StoredMessage::no_expiry, 1'700'000'060'123, 5);
    given.delivery_count = GENERATE(0u, 3u);
    given.redelivered = given.delivery_count != 0;
    given.message = amqp::Message::make("", "a.queue", std::string("\x10\x00\x02", 3), body);
    Batch batch;
    batch.append(queue, given);
    REQUIRE(s.commit(std::move(batch)) == Outcome::durable);

    for (const bool reopened : {false, true}) {
        if (reopened)
            s.reopen();
        const auto messages = s.all(queue);
        REQUIRE(messages.size() == 1);
        const StoredMessage& got = messages[0];
        CHECK(got.sequence == given.sequence);
        CHECK(got.published_at_ms == given.published_at_ms);
        CHECK(got.expires_at_ms == given.expires_at_ms);
        CHECK(got.delivery_count == given.delivery_count);
        CHECK(got.redelivered == given.redelivered);
        CHECK(got.message->exchange() == "");
        CHECK(got.message->routing_key() == "a.queue");
        CHECK(got.message->properties() == given.message->properties());
        CHECK(got.message->persistent());
        CHECK((got.message->body() == body));
    }
}

TEST_CASE("store: messages are read in order, from anywhere, as many as asked for", "[storage]") {
    FOR_EVERY_STORE();
    const Sequence first = append(s, 100);
    append(s, 100);
    CHECK(sequences(s.all(queue)) == from_to(first, first + 200));

    const auto middle = s.read(queue, first + 50, 100);
    CHECK(sequences(middle.messages) == from_to(first + 50, first + 150));
    CHECK_FALSE(middle.end);
    const auto next = s.read(queue, first + 150, 100);
    CHECK(sequences(next.messages) == from_to(first + 150, first + 200));
    CHECK(next.end);
    const auto exact = s.read(queue, first + 150, 50);
    CHECK(exact.messages.size() == 50);
    CHECK(exact.end);
    CHECK(s.read(queue, first + 199, 1).messages[0].message->body() == "99");

    const auto beyond = s.read(queue, first + 200);
    CHECK(beyond.messages.empty());
    CHECK(beyond.end);
    const auto unknown = s.read(queue + 1, 0);
    CHECK(unknown.messages.empty());
    CHECK(unknown.end);
    CHECK(unknown.ok);
}

TEST_CASE("store: a read returns at least one message, whatever its size", "[storage]") {
    FOR_EVERY_STORE();
    Batch batch;
    const Sequence first = s.next_sequence();
    batch.append(queue, message(first, std::string(100'000, 'a')));
    batch.append(queue, message(s.next_sequence(), std::string(100'000, 'b')));
    batch.append(queue, message(s.next_sequence(), "c"));
    REQUIRE(s.commit(std::move(batch)) == Outcome::durable);
    CHECK(s.read(queue, 0, 10, 1).messages.size() == 1);
    CHECK_FALSE(s.read(queue, 0, 10, 1).end);
    CHECK(s.read(queue, 0, 10, 150'000).messages.size() == 2);
    CHECK(s.read(queue, 0, 10, 300'000).messages.size() == 3);
}

TEST_CASE("store: more messages than a page holds come back complete", "[storage]") {
    FOR_EVERY_STORE();
    const Sequence first = append(s, 5000);
    CHECK(sequences(s.all(queue)) == from_to(first, first + 5000));
    settle(s, first + 1000, 3000);
    s.reopen();
    auto expected = from_to(first, first + 1000);
    const auto rest = from_to(first + 4000, first + 5000);
    expected.insert(expected.end(), rest.begin(), rest.end());
    CHECK(sequences(s.all(queue)) == expected);
    CHECK(s.recovered.queues.at(queue).messages == 2000);
}

TEST_CASE("store: a message appended and settled in the same batch is never there", "[storage]") {
    FOR_EVERY_STORE();
    Batch batch;
    const Sequence first = s.next_sequence();
    for (Sequence sequence = first; sequence < first + 10; ++sequence)
        batch.append(queue, message(sequence));
    batch.settle(queue, first + 2, 3);
    batch.settle(queue, first + 9);
    REQUIRE(s.commit(std::move(batch)) == Outcome::durable);
    const std::vector<Sequence> left{first, first + 1, first + 5, first + 6, first + 7, first + 8};
    CHECK(sequences(s.all(queue)) == left);
    settle(s, first + 5, 2); // across the hole
    s.reopen();
    CHECK(sequences(s.all(queue)) == std::vector<Sequence>{first, first + 1, first + 7, first + 8});

    Batch nothing_left;
    nothing_left.append(queue + 1, message(s.next_sequence()));
    nothing_left.settle(queue + 1, 0, ~std::uint64_t{0});
    REQUIRE(s.commit(std::move(nothing_left)) == Outcome::durable);
    CHECK(s.all(queue + 1).empty());
}

TEST_CASE("store: settled messages stay settled, also one by one and out of order", "[storage]") {
    FOR_EVERY_STORE();
    const bool clean = GENERATE(true, false);
    const Sequence first = append(s, 10);
    settle(s, first + 3);
    settle(s, first + 8);
    settle(s, first);
    settle(s, first + 3); // once more changes nothing
    clean ? s.reopen() : s.reopen_abandoned();
    CHECK(sequences(s.all(queue)) ==
          std::vector<Sequence>{first + 1, first + 2, first + 4, first + 5, first + 6, first + 7, first + 9});
    const QueueState state = s.recovered.queues.at(queue);
    CHECK(state.messages == 7);
    CHECK(state.body_bytes == 7);
    CHECK(state.head <= first + 1);
    CHECK(state.last >= first + 9);

    settle(s, first + 1, 7);
    CHECK(sequences(s.all(queue)) == std::vector<Sequence>{first + 9});
    settle(s, first + 9);
    CHECK(s.all(queue).empty());
    clean ? s.reopen() : s.reopen_abandoned();
    CHECK(s.all(queue).empty());
    CHECK(s.recovered.queues.count(queue) == 0);
}

TEST_CASE("store: a queue goes on after it was purged", "[storage]") {
    FOR_EVERY_STORE();
    const int pages = GENERATE(1, 3, 100); // few are deleted one by one, many as a range
    Sequence last = 0;
    for (int i = 0; i < pages; ++i)
        last = append(s, 10) + 9;
    append(s, 5, queue + 1);
    if (GENERATE(false, true))
        s.reopen();
    Batch batch;
    batch.purge(queue, last);
    const Sequence kept = s.next_sequence();
    batch.append(queue, message(kept));
    REQUIRE(s.commit(std::move(batch)) == Outcome::durable);
    const Sequence later = append(s, 1);
    CHECK(sequences(s.all(queue)) == std::vector<Sequence>{kept, later});
    s.reopen();
    CHECK(sequences(s.all(queue)) == std::vector<Sequence>{kept, later});
    CHECK(s.recovered.queues.at(queue).messages == 2);
    CHECK(s.all(queue + 1).size() == 5);
}

TEST_CASE("store: a purge up to the middle keeps the rest", "[storage]") {
    FOR_EVERY_STORE();
    const Sequence first = append(s, 2000);
    append(s, 100);
    Batch batch;
    batch.purge(queue, first + 1499);
    REQUIRE(s.commit(std::move(batch)) == Outcome::durable);
    CHECK(sequences(s.all(queue)) == from_to(first + 1500, first + 2100));
    s.reopen();
    CHECK(s.recovered.queues.at(queue).messages == 600);
}

TEST_CASE("store: a removed queue leaves nothing behind", "[storage]") {
    FOR_EVERY_STORE();
    const int pages = GENERATE(1, 100);
    for (int i = 0; i < pages; ++i)
        append(s, 10);
    settle(s, append(s, 10) + 3);
    const Sequence other = append(s, 3, queue + 1);
    Batch batch;
    batch.append(queue, message(s.next_sequence()));
    batch.remove_queue(queue);
    batch.settle(queue, 0, ~std::uint64_t{0});
    REQUIRE(s.commit(std::move(batch)) == Outcome::durable);
    CHECK(s.all(queue).empty());
    settle(s, 1);
    s.reopen();
    CHECK(s.all(queue).empty());
    CHECK(s.recovered.queues.count(queue) == 0);
    CHECK(sequences(s.all(queue + 1)) == from_to(other, other + 3));
}

TEST_CASE("store: records are kept by shard, node shard first", "[storage]") {
    FOR_EVERY_STORE();
    const RecordKey user{RecordType::user, "guest"};
    const RecordKey exchange{RecordType::exchange, std::string("a\0b", 3)};
    Batch node;
    node.put(user, "1");
    REQUIRE(s.commit(std::move(node), 0) == Outcome::durable);
    for (const ShardId shard : {300u, 2u}) {
        Batch batch;
        batch.put(exchange, "old");
        batch.put(exchange, "shard " + std::to_string(shard));
        batch.put({RecordType::queue, "q"}, "");
        batch.erase({RecordType::queue, "q"});
        REQUIRE(s.commit(std::move(batch), shard) == Outcome::durable);
    }
    s.reopen();
    CHECK(s.recovered.shards_in_order == std::vector<ShardId>{0, 2, 300});
    REQUIRE(s.recovered.records.size() == 3);
    CHECK(s.recovered.records.at({0, user}) == "1");
    CHECK(s.recovered.records.at({2, exchange}) == "shard 2");

    Batch erase;
    erase.erase(exchange);
    REQUIRE(s.commit(std::move(erase), 2) == Outcome::durable);
    s.reopen_abandoned();
    CHECK(s.recovered.records.size() == 2);
}

TEST_CASE("store: the epoch rises with every open and fences the leases before it", "[storage]") {
    FOR_EVERY_STORE();
    std::uint64_t before = s.store().epoch();
    CHECK(before >= 1);
    for (const bool clean : {true, false, true}) {
        const Lease old = s.store().open_shard(1);
        clean ? s.reopen() : s.reopen_abandoned();
        CHECK(s.store().epoch() == before + 1);
        before = s.store().epoch();
        Outcome said = Outcome::durable;
        Batch batch;
        batch.append(queue, message(s.next_sequence()));
        s.store().commit(old, std::move(batch), [&](Outcome outcome) { said = outcome; });
        s.settle_down();
        CHECK(said == Outcome::fenced);
        CHECK(s.all(queue).empty());
    }
}

TEST_CASE("store: a batch given twice is applied once", "[storage]") {
    FOR_EVERY_STORE();
    const Sequence first = append(s, 1);
    Batch batch;
    batch.number = s.next_number(1);
    const Sequence second = s.next_sequence();
    batch.append(queue, message(second));
    REQUIRE(s.commit(batch) == Outcome::durable);
    settle(s, second);
    REQUIRE(s.commit(batch) == Outcome::durable);
    CHECK(sequences(s.all(queue)) == std::vector<Sequence>{first});
    batch.appends[0].queue = queue + 1;
    REQUIRE(s.commit(batch, 2) == Outcome::durable); // another shard counts for itself
    CHECK(s.all(queue + 1).size() == 1);
}

TEST_CASE("store: what may have been delivered comes back redelivered, with its delivery count", "[storage]") {
    FOR_EVERY_STORE();
    const Sequence first = append(s, 6);
    Batch batch;
    batch.mark_delivered(queue, first + 1);
    batch.redeliver(queue, first + 4, 3);
    batch.append(queue, message(s.next_sequence()));
    batch.redeliver(queue, first + 6, 1);
    REQUIRE(s.commit(std::move(batch)) == Outcome::durable);
    Batch back; // marks never go back
    back.mark_delivered(queue, first);
    REQUIRE(s.commit(std::move(back)) == Outcome::durable);

    for (int opens = 0; opens < 3; ++opens) {
        std::vector<bool> redelivered;
        std::vector<std::uint32_t> counts;
        for (const auto& each : s.all(queue)) {
            redelivered.push_back(each.redelivered);
            counts.push_back(each.delivery_count);
        }
        CHECK(redelivered == std::vector<bool>{true, true, false, false, true, false, true});
        CHECK(counts == std::vector<std::uint32_t>{0, 0, 0, 0, 3, 0, 1});
        s.reopen();
        CHECK(s.recovered.queues.at(queue).delivered_up_to == first + 1);
    }
    s.reopen_abandoned(); // now nobody knows what the last process delivered
    CHECK(s.recovered.queues.at(queue).delivered_up_to >= first + 6);
    for (const auto& each : s.all(queue))
        CHECK(each.redelivered);
    s.reopen();
    const Sequence later = append(s, 1);
    for (const auto& each : s.all(queue))
        CHECK(each.redelivered == (each.sequence != later));
}

TEST_CASE("store: completions come in the order of the commits", "[storage]") {
    FOR_EVERY_STORE();
    std::vector<int> order;
    const Lease lease = s.store().open_shard(1);
    for (int i = 0; i < 200; ++i) {
        Batch batch; // without a number: nothing is repeated here
        batch.append(queue, message(s.next_sequence()));
        if (i % 3 == 0)
            batch.promise();
        s.store().commit(lease, std::move(batch), [&order, i](Outcome outcome) {
            if (outcome == Outcome::durable)
                order.push_back(i);
        });
    }
    s.settle_down();
    REQUIRE(order.size() == 200);
    CHECK(std::is_sorted(order.begin(), order.end()));
}

TEST_CASE("store: a read sees what was committed before it, completed or not", "[storage]") {
    FOR_EVERY_STORE();
    const Lease lease = s.store().open_shard(1);
    const Sequence first = s.next_sequence();
    std::vector<Sequence> seen;
    for (Sequence sequence = first; sequence < first + 50; ++sequence) {
        Batch batch;
        batch.append(queue, message(sequence));
        s.store().commit(lease, std::move(batch), [](Outcome) {});
        s.store().read(queue, sequence, 1, 1, [&seen](Store::Page page) {
            for (const auto& each : page.messages)
                seen.push_back(each.sequence);
        });
        Batch gone;
        gone.settle(queue, sequence);
        s.store().commit(lease, std::move(gone), [](Outcome) {});
    }
    s.settle_down();
    // A batch that follows the read may already have settled the message, but nothing else is ever seen.
    for (const Sequence sequence : seen)
        CHECK((sequence >= first && sequence < first + 50));
    if (kind != Kind::rocksdb && kind != Kind::rocksdb_small)
        CHECK(seen == from_to(first, first + 50));

    Batch last;
    last.append(queue, message(s.next_sequence()));
    s.store().commit(lease, std::move(last), [](Outcome) {});
    CHECK(s.all(queue).size() == 1);
}

TEST_CASE("store: a purge behind unsettled messages keeps exactly those", "[storage]") {
    FOR_EVERY_STORE();
    const Sequence first = append(s, 700); // of several groups, so that on disk there are several pages
    append(s, 700);
    append(s, 700);
    settle(s, first + 3, 2);
    s.reopen(); // nothing of it is known in memory
    settle(s, first + 10, 5000);
    std::vector<Sequence> left = from_to(first, first + 10);
    left.erase(left.begin() + 3, left.begin() + 5);
    CHECK(sequences(s.all(queue)) == left);
    const Sequence next = append(s, 1);
    left.push_back(next);
    s.reopen();
    CHECK(sequences(s.all(queue)) == left);
    CHECK(s.recovered.queues.at(queue).messages == 9);
    settle(s, first, next - first + 1);
    CHECK(s.all(queue).empty());
}

} // namespace
} // namespace storage::test
