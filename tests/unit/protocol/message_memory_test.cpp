#include "protocol/message.hpp"
#include "protocol/message_memory.hpp"

#include <catch2/catch.hpp>

#include <cstring>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace {

struct Taken {
    void* block;
    std::size_t size;
};

// Blocks of every size, each filled to its last octet with its own number.
std::vector<Taken> take_many() {
    std::vector<Taken> taken;
    for (int round = 0; round < 100; ++round) {
        for (std::size_t size = 1; size <= 2200; size += 50) {
            taken.push_back({amqp::take_message_memory(size), size});
            std::memset(taken.back().block, static_cast<int>(taken.size() % 251), size);
        }
    }
    return taken;
}

bool is_intact(const Taken& taken, std::size_t number) {
    const std::string_view octets(static_cast<const char*>(taken.block), taken.size);
    return octets.find_first_not_of(static_cast<char>(number % 251)) == std::string_view::npos;
}

} // namespace

TEST_CASE("message memory: blocks do not overlap, new or used before", "[protocol][message]") {
    for (int use = 0; use < 3; ++use) {
        const std::vector<Taken> taken = take_many();
        std::size_t intact = 0;
        std::set<void*> different;
        for (std::size_t i = 0; i < taken.size(); ++i) {
            intact += is_intact(taken[i], i + 1) ? 1 : 0;
            different.insert(taken[i].block);
        }
        CHECK(intact == taken.size());
        CHECK(different.size() == taken.size());
        for (const Taken& each : taken) {
            amqp::give_message_memory_back(each.block, each.size);
        }
    }
}

TEST_CASE("message memory: what one thread builds others may free, also after it has ended", "[protocol][message]") {
    constexpr int messages = 20'000; // more than is kept
    const std::string body(100, 'x');
    std::vector<amqp::MessagePtr> built;
    for (int round = 0; round < 3; ++round) {
        std::thread builder([&] {
            for (int i = 0; i < messages; ++i) {
                built.push_back(amqp::Message::make("exchange", std::to_string(i), std::string_view("\0\0", 2), body));
            }
        });
        builder.join();
        int wrong = 0;
        for (int i = 0; i < messages; ++i) {
            const amqp::Message& message = *built[static_cast<std::size_t>(i)];
            wrong += message.routing_key() == std::to_string(i) && message.body() == body ? 0 : 1;
        }
        CHECK(wrong == 0);
        std::thread consumer([&] { built.clear(); });
        consumer.join();
    }
}

TEST_CASE("message memory: an unfinished message is given back as it was taken", "[protocol][message]") {
    for (int i = 0; i < 1000; ++i) {
        amqp::MessageBuilder builder;
        REQUIRE(builder.begin("", "key", std::string_view("\0\0", 2), 1500).has_value());
        builder.append(std::string(10, 'x')); // far less than was announced, and taken
    }
    const auto small = amqp::Message::make("", "key", std::string_view("\0\0", 2), std::string(10, 'a'));
    const auto large = amqp::Message::make("", "key", std::string_view("\0\0", 2), std::string(1500, 'b'));
    CHECK(small->body() == std::string(10, 'a'));
    CHECK(large->body() == std::string(1500, 'b'));
}
