#include "broker/core/strand.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <deque>
#include <string>
#include <thread>

using namespace broker;

namespace {

struct CountingOwner final : Strand::Owner {
    void leave(std::vector<Waker*>& to_wake) override {
        ++left;
        to_wake.insert(to_wake.end(), wakers.begin(), wakers.end());
        wakers.clear();
        if (on_leave) {
            on_leave();
        }
    }
    int left = 0;
    std::vector<Waker*> wakers;
    std::function<void()> on_leave;
};

struct FlagWaker final : Waker {
    void wake() override { woken = true; }
    bool woken = false;
};

} // namespace

TEST_CASE("strand: a free strand runs work at once and leaves", "[core][strand]") {
    CountingOwner owner;
    Strand strand(owner, {});
    int ran = 0;
    strand.submit(Strand::work([&] { ++ran; }));
    CHECK(ran == 1);
    CHECK(owner.left == 1);
    strand.submit_elsewhere(Strand::work([&] { ++ran; })); // without anywhere else: here
    CHECK(ran == 2);
    CHECK(owner.left == 2);
}

TEST_CASE("strand: work submitted from within runs later, in order, in the same hold", "[core][strand]") {
    CountingOwner owner;
    Strand strand(owner, {});
    std::string order;
    strand.submit(Strand::work([&] {
        strand.submit(Strand::work([&] {
            order += "2";
            strand.submit(Strand::work([&] { order += "4"; }));
        }));
        strand.submit_elsewhere(Strand::work([&] { order += "3"; }));
        order += "1";
    }));
    CHECK(order == "1234");
}

TEST_CASE("strand: what leaving causes runs in the same hold", "[core][strand]") {
    CountingOwner owner;
    Strand strand(owner, {});
    int ran = 0;
    owner.on_leave = [&] {
        if (owner.left == 1) {
            strand.submit(Strand::work([&] { ++ran; }));
            CHECK(ran == 0);
        }
    };
    strand.submit(Strand::work([] {}));
    CHECK(ran == 1);
    CHECK(owner.left == 2);
}

TEST_CASE("strand: threads are woken after the strand was let go", "[core][strand]") {
    CountingOwner owner;
    Strand strand(owner, {});
    struct SubmittingWaker final : Waker {
        void wake() override { held = !submit_and_tell(); }
        std::function<bool()> submit_and_tell;
        bool held = true;
    } waker;
    waker.submit_and_tell = [&] {
        bool ran = false;
        strand.submit(Strand::work([&] { ran = true; }));
        return ran; // at once only if nobody holds the strand
    };
    owner.wakers.push_back(&waker);
    strand.submit(Strand::work([] {}));
    CHECK_FALSE(waker.held);
}

TEST_CASE("strand: submit_elsewhere posts and runs nothing here", "[core][strand]") {
    CountingOwner owner;
    std::deque<std::function<void()>> posted;
    Strand strand(owner, [&](std::function<void()> function) { posted.push_back(std::move(function)); });
    std::string order;
    strand.submit_elsewhere(Strand::work([&] { order += "1"; }));
    strand.submit_elsewhere(Strand::work([&] { order += "2"; }));
    strand.submit(Strand::work([&] { order += "3"; })); // taken: left to who was posted
    CHECK(order.empty());
    REQUIRE(posted.size() == 1);
    posted.front()();
    CHECK(order == "123");
}

TEST_CASE("strand: a holder hands over after a bounded number of pieces", "[core][strand]") {
    CountingOwner owner;
    FlagWaker waker;
    std::deque<std::function<void()>> posted;
    Strand strand(owner, [&](std::function<void()> function) { posted.push_back(std::move(function)); });
    int left = 1000;
    std::function<void()> again = [&] { // always one piece more
        if (--left > 0) {
            strand.submit(Strand::work(again));
        }
    };
    owner.wakers.push_back(&waker);
    strand.submit(Strand::work(again));
    CHECK(left > 0);
    CHECK(left < 1000 - 10);
    CHECK(waker.woken); // the old holder still wakes whom it promised to
    REQUIRE(posted.size() == 1);
    bool ran = false;
    strand.submit(Strand::work([&] { ran = true; }));
    CHECK_FALSE(ran); // the strand belongs to who was posted
    while (!posted.empty()) {
        const auto function = std::move(posted.front());
        posted.pop_front();
        function();
    }
    CHECK(left == 0);
    CHECK(ran);
}

TEST_CASE("strand: work that never ran is freed with the strand", "[core][strand]") {
    const auto witness = std::make_shared<int>(0);
    {
        CountingOwner owner;
        Strand strand(owner, [](const std::function<void()>&) {});
        strand.submit_elsewhere(Strand::work([witness] {}));
        strand.submit_elsewhere(Strand::work([witness] {}));
        CHECK(witness.use_count() == 3);
    }
    CHECK(witness.use_count() == 1);
}

TEST_CASE("strand: many threads, one at a time, each in its order", "[core][strand][threads]") {
    constexpr int threads = 4;
    constexpr int pieces = 5'000;
    CountingOwner owner;
    Strand strand(owner, {});
    // Plain variables: only the strand protects them, and ThreadSanitizer looks on.
    std::vector<int> next(threads, 0);
    bool inside = false, overlapped = false, out_of_order = false;
    int total = 0;
    std::atomic<bool> go{false};
    std::vector<std::thread> submitters;
    for (int thread = 0; thread < threads; ++thread) {
        submitters.emplace_back([&, thread] {
            while (!go.load()) {
                std::this_thread::yield();
            }
            for (int piece = 0; piece < pieces; ++piece) {
                auto work = Strand::work([&, thread, piece] {
                    overlapped = overlapped || std::exchange(inside, true);
                    out_of_order = out_of_order || next[static_cast<std::size_t>(thread)]++ != piece;
                    ++total;
                    inside = false;
                });
                piece % 7 == 0 ? strand.submit_elsewhere(std::move(work)) : strand.submit(std::move(work));
            }
        });
    }
    go = true;
    for (std::thread& submitter : submitters) {
        submitter.join();
    }
    CHECK_FALSE(overlapped);
    CHECK_FALSE(out_of_order);
    CHECK(total == threads * pieces);
}
