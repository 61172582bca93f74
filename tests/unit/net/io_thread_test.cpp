#include "broker/net/io_thread.hpp"

#include <catch2/catch.hpp>

using broker::IoThread;

TEST_CASE("io thread: publishers that are slowed down read no more together than one", "[net]") {
    std::atomic<IoThread*> latest = nullptr;
    IoThread thread(256 << 10, latest);
    thread.count_slowed(true);
    CHECK(thread.share_of_slowed() == 256 << 10);
    for (int i = 1; i < 32; ++i) {
        thread.count_slowed(true);
    }
    CHECK(thread.share_of_slowed() == 8 << 10);
    for (int i = 32; i < 1000; ++i) {
        thread.count_slowed(true);
    }
    CHECK(thread.share_of_slowed() == 4 << 10); // a read that is worth its call
    for (int i = 1; i < 1000; ++i) {
        thread.count_slowed(false);
    }
    CHECK(thread.share_of_slowed() == 256 << 10);
}

TEST_CASE("io thread: of several with equally many connections each gets the next one in turn", "[net]") {
    std::atomic<IoThread*> latest = nullptr;
    std::vector<std::unique_ptr<IoThread>> threads;
    for (int i = 0; i < 3; ++i) {
        threads.push_back(std::make_unique<IoThread>(1 << 10, latest));
    }
    for (std::size_t turn = 0; turn < 6; ++turn) {
        CHECK(&broker::least_loaded(threads, turn) == threads[turn % 3].get());
    }
}

TEST_CASE("io thread: what is told to it does not make it the latest, what it has to do does", "[net]") {
    std::atomic<IoThread*> latest = nullptr;
    IoThread thread(1 << 10, latest);
    thread.wake();
    CHECK(thread.context().poll() == 1);
    CHECK(latest == nullptr);
    thread.post([] {});
    CHECK(thread.context().poll() == 1);
    CHECK(latest == &thread);
}
