#include "broker/core/virtual_host.hpp"
#include "core_world.hpp"

#include <catch2/catch.hpp>

using namespace broker;

namespace {

// A port of a virtual host that does nothing with it by itself: the test is the strand.
struct Port {
    void emit(std::uint16_t number) {
        on_strand([&] { port.emit(Replied{1, std::make_unique<Reply>(Done{{number, 0}})}); });
    }
    void on_strand(const std::function<void()>& task) {
        world.host.run([&](VirtualHost&) { task(); });
    }
    World world;
    RecordingPort port{world.host};
};

} // namespace

TEST_CASE("connection port: what is emitted is handed over at the end of the hold", "[core]") {
    Port test;
    test.on_strand([&] {
        test.port.emit(ConnectionStopped{});
        CHECK(test.port.take().empty());
        test.port.emit(ChannelClosed{3});
    });
    CHECK(test.port.take() == Lines{"connection-stopped", "3: channel-closed"});
}

TEST_CASE("connection port: behind a gate everything waits in order for the commit", "[core]") {
    Port test;
    test.emit(1);
    test.on_strand([&] { test.port.gate(5); });
    test.emit(2);
    test.on_strand([&] { test.port.gate(7); });
    test.emit(3);
    CHECK(test.port.take() == Lines{"done 1.0"});
    test.on_strand([&] { test.port.release(4); });
    CHECK(test.port.take().empty());
    test.on_strand([&] { test.port.release(6); });
    CHECK(test.port.take() == Lines{"done 2.0"});
    test.emit(4);
    test.on_strand([&] { test.port.release(7); });
    CHECK(test.port.take() == Lines{"done 3.0", "done 4.0"});
    test.emit(5);
    CHECK(test.port.take() == Lines{"done 5.0"});
}

TEST_CASE("connection port: a reserved place holds back what comes behind it", "[core]") {
    Port test;
    std::uint64_t first = 0, second = 0;
    test.on_strand([&] { first = test.port.reserve(); });
    test.emit(2);
    test.on_strand([&] { second = test.port.reserve(); });
    test.emit(4);
    test.on_strand([&] { test.port.fill(second, ChannelClosed{3}); });
    CHECK(test.port.take().empty());
    test.on_strand([&] { test.port.fill(first, ChannelClosed{1}); });
    CHECK(test.port.take() == Lines{"channel-closed", "done 2.0", "3: channel-closed", "done 4.0"});
}

TEST_CASE("connection port: a gate and a reserved place wait for both", "[core]") {
    Port test;
    std::uint64_t reservation = 0;
    test.on_strand([&] {
        test.port.gate(5);
        reservation = test.port.reserve();
        test.port.gate(5); // no second one: the place waits for it already
        test.port.gate(6);
    });
    test.emit(9);
    SECTION("the commit first") {
        test.on_strand([&] { test.port.release(6); });
        CHECK(test.port.take().empty());
        test.on_strand([&] { test.port.fill(reservation, ChannelClosed{1}); });
    }
    SECTION("the event first") {
        test.on_strand([&] { test.port.fill(reservation, ChannelClosed{1}); });
        CHECK(test.port.take().empty());
        test.on_strand([&] { test.port.release(5); });
        CHECK(test.port.take() == Lines{"channel-closed"});
        test.on_strand([&] {
            test.port.emit(ChannelClosed{1});
            test.port.release(6);
        });
        CHECK(test.port.take() == Lines{"done 9.0", "channel-closed"});
        return;
    }
    CHECK(test.port.take() == Lines{"channel-closed", "done 9.0"});
}

TEST_CASE("connection port: confirms that follow each other become one", "[core][K8]") {
    Port test;
    test.on_strand([&] {
        test.port.emit_confirmed(1, true, 1, 1);
        test.port.emit_confirmed(1, true, 2, 3);
        test.port.emit_confirmed(1, true, 6, 1);  // 5 is missing
        test.port.emit_confirmed(1, false, 7, 1); // another answer
        test.port.emit_confirmed(2, false, 8, 1); // another channel
        test.port.emit(ChannelClosed{3});
        test.port.emit_confirmed(2, false, 9, 1); // something in between
        test.port.gate(5);
        test.port.emit_confirmed(2, false, 10, 1); // behind a gate
        test.port.emit_confirmed(2, false, 11, 1);
    });
    CHECK(test.port.take() ==
          Lines{"confirmed 1-4", "confirmed 6", "refused 7", "2: refused 8", "3: channel-closed", "2: refused 9"});
    test.on_strand([&] { test.port.release(5); });
    CHECK(test.port.take() == Lines{"2: refused 10-11"});
}

TEST_CASE("connection port: a connection is congested while too much is unwritten", "[core]") {
    Port test;
    ConnectionPort& port = test.port;
    port.count_sent(ConnectionPort::max_unwritten_bytes);
    CHECK_FALSE(port.congested());
    port.count_sent(1);
    CHECK(port.congested());
    CHECK_FALSE(port.count_written(10)); // nobody waits
    CHECK_FALSE(port.congested());
    port.note_paused();
    CHECK(port.count_written(10)); // told once
    CHECK_FALSE(port.count_written(10));
}

TEST_CASE("connection port: channels are found by number", "[core]") {
    Port test;
    CHECK(test.port.find_channel(1) == nullptr);
    test.port.open(1);
    test.port.open(2);
    CHECK(test.port.find_channel(1)->number == 1);
    CHECK(test.port.find_channel(2)->number == 2);
    CHECK(test.port.find_channel(2)->number == 2);
    test.port.close_channel(2);
    CHECK(test.port.find_channel(2) == nullptr);
}
