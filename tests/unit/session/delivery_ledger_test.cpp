#include "broker/session/delivery_ledger.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <random>

using broker::Consumer;
using broker::ConsumerPtr;
using broker::DeliveryLedger;
using broker::Unacked;
using Tags = std::vector<amqp::DeliveryTag>;

namespace {

ConsumerPtr make_consumer(const std::string& tag = "c") {
    return ConsumerPtr(new Consumer({.channel = 1, .queue = "q", .tag = tag, .arguments = {}}));
}

// Adds a delivery whose sequence is ten times its tag, so that mix-ups show.
void add(DeliveryLedger& ledger, Consumer& consumer) {
    ledger.add(consumer, {.sequence = ledger.next_tag() * 10, .message = {}}, {});
}

Tags take(DeliveryLedger& ledger, amqp::DeliveryTag tag) {
    Tags taken;
    ledger.take(tag, [&](Consumer&, Unacked&& unacked, amqp::DeliveryTag taken_tag) {
        REQUIRE(unacked.sequence == taken_tag * 10);
        taken.push_back(taken_tag);
    });
    return taken;
}

Tags take_up_to(DeliveryLedger& ledger, amqp::DeliveryTag tag) {
    Tags taken;
    ledger.take_up_to(tag, [&](Consumer&, Unacked&& unacked, amqp::DeliveryTag taken_tag) {
        REQUIRE(unacked.sequence == taken_tag * 10);
        taken.push_back(taken_tag);
    });
    return taken;
}

} // namespace

TEST_CASE("delivery ledger: tags start at one and count deliveries that need no acknowledgement too",
          "[session][ledger][C20]") {
    DeliveryLedger ledger;
    const ConsumerPtr consumer = make_consumer();
    CHECK(ledger.next_tag() == 1);
    add(ledger, *consumer);
    ledger.skip();
    add(ledger, *consumer);
    CHECK(ledger.next_tag() == 4);
    CHECK(ledger.size() == 2);
    CHECK(ledger.contains(1));
    CHECK_FALSE(ledger.contains(2));
    CHECK(ledger.contains(3));
    CHECK_FALSE(ledger.contains(0));
    CHECK_FALSE(ledger.contains(4));
}

TEST_CASE("delivery ledger: a delivery is taken once", "[session][ledger][C21]") {
    DeliveryLedger ledger;
    const ConsumerPtr consumer = make_consumer();
    for (int i = 0; i < 3; ++i) {
        add(ledger, *consumer);
    }
    CHECK(take(ledger, 2) == Tags{2});
    CHECK_FALSE(ledger.contains(2));
    CHECK(take_up_to(ledger, 3) == Tags{1, 3});
    CHECK(ledger.size() == 0);
    CHECK(take_up_to(ledger, 3).empty());
}

TEST_CASE("delivery ledger: keeps a consumer as long as it holds a delivery to it", "[session][ledger]") {
    DeliveryLedger ledger;
    ConsumerPtr consumer = make_consumer();
    add(ledger, *consumer);
    add(ledger, *consumer);
    CHECK(consumer->use_count() == 2); // one reference for both
    CHECK(consumer->session.outstanding == 2);
    take(ledger, 1);
    CHECK(consumer->use_count() == 2);
    take(ledger, 2);
    CHECK(consumer->use_count() == 1);
    CHECK(consumer->session.outstanding == 0);
}

TEST_CASE("delivery ledger: lets go of its consumers when it is destroyed", "[session][ledger]") {
    const ConsumerPtr consumer = make_consumer();
    {
        DeliveryLedger ledger;
        add(ledger, *consumer);
        CHECK(consumer->use_count() == 2);
    }
    CHECK(consumer->use_count() == 1);
}

TEST_CASE("delivery ledger: what is restored stands where it stood", "[session][ledger][C32]") {
    DeliveryLedger ledger;
    const ConsumerPtr consumer = make_consumer();
    for (int i = 0; i < 6; ++i) {
        add(ledger, *consumer);
    }
    std::vector<broker::Delivery> taken;
    const auto keep = [&](Consumer& owner, Unacked&& unacked, amqp::DeliveryTag tag) {
        taken.push_back({tag, &owner, std::move(unacked)});
    };
    ledger.take(4, keep);
    ledger.take(2, keep);
    ledger.take(6, keep);
    take(ledger, 1);
    std::ranges::sort(taken, {}, &broker::Delivery::tag);
    ledger.restore(std::move(taken), {});
    CHECK(ledger.size() == 5);
    CHECK(consumer->session.outstanding == 5);
    CHECK(take(ledger, 4) == Tags{4});
    CHECK(take_up_to(ledger, 10) == Tags{2, 3, 5, 6});
    CHECK(consumer->use_count() == 1);
}

TEST_CASE("delivery ledger: 100,000 deliveries are settled in random order", "[session][ledger][C21]") {
    const auto seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 random(seed);
    constexpr amqp::DeliveryTag count = 100'000;
    DeliveryLedger ledger;
    const ConsumerPtr consumer = make_consumer();
    Tags tags;
    for (amqp::DeliveryTag tag = 1; tag <= count; ++tag) {
        add(ledger, *consumer);
        tags.push_back(tag);
    }
    std::ranges::shuffle(tags, random);
    for (std::size_t i = 0; i < tags.size(); ++i) {
        REQUIRE(take(ledger, tags[i]) == Tags{tags[i]});
        REQUIRE(ledger.size() == count - i - 1);
        REQUIRE_FALSE(ledger.contains(tags[i]));
    }
    CHECK(consumer->use_count() == 1);
}

TEST_CASE("delivery ledger: agrees with a plain map", "[session][ledger][C21]") {
    const auto seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 random(seed);
    const auto up_to = [&](std::uint64_t limit) {
        return std::uniform_int_distribution<std::uint64_t>(0, limit)(random);
    };
    DeliveryLedger ledger;
    const std::vector<ConsumerPtr> consumers{make_consumer("a"), make_consumer("b"), make_consumer("c")};
    std::map<amqp::DeliveryTag, Consumer*> model;
    for (int round = 0; round < 50'000; ++round) {
        const auto action = up_to(99);
        if (action < 50) {
            Consumer& consumer = *consumers[up_to(2)];
            model[ledger.next_tag()] = &consumer;
            add(ledger, consumer);
        } else if (action < 60) {
            ledger.skip();
        } else if (action < 99 || round % 50 != 0) {
            const amqp::DeliveryTag tag = up_to(ledger.next_tag());
            REQUIRE(ledger.contains(tag) == model.contains(tag));
            if (model.contains(tag)) {
                ledger.take(tag, [&](Consumer& consumer, Unacked&&, amqp::DeliveryTag) {
                    REQUIRE(&consumer == model.at(tag));
                });
                model.erase(tag);
            }
        } else {
            const amqp::DeliveryTag tag = up_to(ledger.next_tag() / 2);
            const Tags taken = take_up_to(ledger, tag);
            const auto end = model.upper_bound(tag);
            Tags expected;
            for (auto entry = model.begin(); entry != end; ++entry) {
                expected.push_back(entry->first);
            }
            model.erase(model.begin(), end);
            REQUIRE(taken == expected);
        }
        REQUIRE(ledger.size() == model.size());
    }
}
