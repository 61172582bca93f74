// Clients that do not read what they asked for.
#include "broker/allocator.hpp"
#include "tests/support/amqp_client.hpp"
#include "tests/support/running_broker.hpp"

#include <catch2/catch.hpp>
#include <unistd.h>

#include <cstdint>
#include <fstream>
#include <future>
#include <string>
#include <vector>

namespace broker::test {
namespace {

using namespace amqp;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool memory_is_measurable = false; // sanitizers keep what is freed
#else
constexpr bool memory_is_measurable = true;
#endif

// What this process has grown by since the object was made. Signed, because it may also have shrunk: the allocator
// gives back within ten seconds what tests before this one have freed. It does so at the start, to hide no growth.
class MemoryGrowth {
 public:
    MemoryGrowth() {
        release_unused_memory();
        before_ = resident_octets();
    }

    std::int64_t mebibytes() const { return (resident_octets() - before_) / (1 << 20); }

 private:
    static std::int64_t resident_octets() {
        std::int64_t pages = 0;
        std::ifstream("/proc/self/statm") >> pages >> pages;
        return pages * sysconf(_SC_PAGESIZE);
    }

    std::int64_t before_ = 0;
};

ClientOptions small_buffer() {
    ClientOptions options;
    options.receive_buffer_bytes = 4096;
    return options;
}

} // namespace

TEST_CASE("slow consumer: what it does not read stays in its queue", "[integration][backpressure]") {
    const RunningBroker broker;
    AmqpClient deaf = AmqpClient::open(broker.port(), small_buffer());
    AmqpClient other = AmqpClient::open(broker.port());
    deaf.declare("q");
    deaf.call<basic::ConsumeOk>(basic::Consume{.queue = {"q"}, .no_ack = true});

    constexpr std::uint32_t count = 4000;
    const std::string body(10'000, 'x'); // 40 MB in all
    other.confirm_select();
    for (std::uint32_t i = 0; i < count; ++i) {
        other.publish("", "q", body);
    }
    other.expect_confirms(1, count);
    // About 1 MiB waits in the broker and a few in the system's buffers.
    CHECK(other.ready_messages("q") > count / 2);

    for (std::uint32_t i = 0; i < count; ++i) { // and it is all there for who reads at last
        REQUIRE(deaf.expect_delivery().body.size() == body.size());
    }
    CHECK(other.ready_messages("q") == 0);
}

TEST_CASE("slow consumer: many of them cost little memory, and nobody else any time", "[integration][backpressure]") {
    const RunningBroker broker;
    AmqpClient publisher = AmqpClient::open(broker.port());
    std::vector<AmqpClient> deaf;
    for (int i = 0; i < 30; ++i) {
        AmqpClient& client = deaf.emplace_back(AmqpClient::open(broker.port(), small_buffer()));
        const std::string queue(client.call<queue::DeclareOk>(queue::Declare{.exclusive = true}).queue);
        client.call<queue::BindOk>(queue::Bind{0, {queue}, {"amq.fanout"}});
        client.call<basic::ConsumeOk>(basic::Consume{.queue = {queue}, .no_ack = true});
    }
    AmqpClient reader = AmqpClient::open(broker.port());
    reader.declare("honest");
    reader.call<queue::BindOk>(queue::Bind{0, {"honest"}, {"amq.fanout"}});
    reader.call<basic::ConsumeOk>(basic::Consume{.queue = {"honest"}, .no_ack = true});

    const MemoryGrowth growth;
    const std::string body(4000, 'x'); // small enough to be copied for every consumer
    constexpr int count = 4000;        // 16 MB once, 480 MB if everybody had a copy
    for (int i = 0; i < count; ++i) {
        publisher.publish("amq.fanout", "", body);
        REQUIRE(reader.expect_delivery().body.size() == body.size());
    }
    if (memory_is_measurable) {
        CHECK(growth.mebibytes() < 200);
    }
}

TEST_CASE("slow consumer: who does not read answers is not read either", "[integration][backpressure]") {
    const RunningBroker broker;
    AmqpClient deaf = AmqpClient::open(broker.port(), small_buffer());
    const std::string name(ShortString::max_size, 'n'); // makes answers as long as questions
    deaf.declare(name);
    constexpr std::size_t count = memory_is_measurable ? 300'000 : 30'000;
    std::string questions;
    for (std::size_t i = 0; i < count; ++i) {
        write_method(questions, 1, queue::Declare{.queue = {name}, .passive = true});
    }
    const MemoryGrowth growth;
    auto asking = std::async(std::launch::async, [&] { deaf.send_octets(questions); });
    AmqpClient other = AmqpClient::open(broker.port());
    CHECK_NOTHROW(other.declare("another"));
    for (std::size_t i = 0; i < count; ++i) {
        REQUIRE(deaf.expect<queue::DeclareOk>().queue == ShortString{name});
        if (i == count / 2 && memory_is_measurable) {
            CHECK(growth.mebibytes() < 40); // of 80 MB of answers
        }
    }
    asking.get();
}

} // namespace broker::test
