#include "broker/service_manager.hpp"

#include <catch2/catch.hpp>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <string>

using broker::ServiceManager;

namespace {

// What systemd would be.
class Listener {
 public:
    explicit Listener(const std::string& name) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path, name.data(), name.size());
        if (name.front() == '@') {
            address.sun_path[0] = '\0';
        }
        const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
        REQUIRE(::bind(socket_, reinterpret_cast<const sockaddr*>(&address), size) == 0);
        ::setenv("NOTIFY_SOCKET", name.c_str(), 1);
    }
    ~Listener() {
        ::close(socket_);
        ::unsetenv("NOTIFY_SOCKET");
    }
    std::string next() const {
        std::array<char, 256> buffer{};
        const ssize_t size = ::recv(socket_, buffer.data(), buffer.size(), MSG_DONTWAIT);
        return size < 0 ? "nothing" : std::string(buffer.data(), static_cast<std::size_t>(size));
    }

 private:
    int socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
};

} // namespace

TEST_CASE("service manager: hears each state once, through either kind of socket", "[root]") {
    const std::string name = GENERATE(as<std::string>(), "/tmp/leveret-notify-" + std::to_string(::getpid()),
                                      "@leveret-notify-" + std::to_string(::getpid()));
    {
        const Listener listener(name);
        const ServiceManager manager;
        manager.ready();
        manager.reloading();
        manager.alive();
        manager.stopping();
        CHECK(listener.next() == "READY=1");
        CHECK_THAT(listener.next(), Catch::StartsWith("RELOADING=1\nMONOTONIC_USEC="));
        CHECK(listener.next() == "WATCHDOG=1");
        CHECK(listener.next() == "STOPPING=1");
        CHECK(listener.next() == "nothing");
    }
    ::unlink(name.c_str());
}

TEST_CASE("service manager: without one, or with one that has gone, nothing happens", "[root]") {
    const Listener listener("@leveret-notify-other-" + std::to_string(::getpid()));
    for (const std::string& name : {std::string("/nowhere/to/be/found"), std::string(200, 'x')}) {
        ::setenv("NOTIFY_SOCKET", name.c_str(), 1);
        ServiceManager().ready();
    }
    ::unsetenv("NOTIFY_SOCKET");
    ServiceManager().ready();
    CHECK(listener.next() == "nothing");
}

TEST_CASE("service manager: wants to hear twice as often as it waits", "[root]") {
    struct Row {
        const char *timeout_us, *pid;
        long interval_ms; // 0: does not wait
    };
    const std::string own = std::to_string(::getpid());
    const Row rows[] = {{"30000000", nullptr, 15'000}, {"30000000", own.c_str(), 15'000},
                        {"30000000", "1", 0},          {"0", nullptr, 0},
                        {"soon", nullptr, 0},          {nullptr, nullptr, 0}};
    for (const Row& row : rows) {
        CAPTURE(row.timeout_us, row.pid);
        row.timeout_us != nullptr ? ::setenv("WATCHDOG_USEC", row.timeout_us, 1) : ::unsetenv("WATCHDOG_USEC");
        row.pid != nullptr ? ::setenv("WATCHDOG_PID", row.pid, 1) : ::unsetenv("WATCHDOG_PID");
        const auto interval = ServiceManager().watchdog_interval();
        CHECK((interval ? interval->count() : 0) == row.interval_ms);
    }
    ::unsetenv("WATCHDOG_USEC");
    ::unsetenv("WATCHDOG_PID");
}
