// A whole Broker in the test's own process: on ports of the system's choice, with a data directory of its own that goes
// with it. Used by the test's thread; restartable, also as after a crash.
#pragma once

#include "broker/broker.hpp"
#include "broker/session/snapshot.hpp"
#include "config/settings.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

namespace broker::test {

class RunningBroker {
 public:
    explicit RunningBroker(const std::function<void(config::Settings&)>& adjust = {});
    ~RunningBroker();
    RunningBroker(const RunningBroker&) = delete;
    RunningBroker& operator=(const RunningBroker&) = delete;

    std::uint16_t port() const { return port_; } // of AMQP; another one after a restart
    std::uint16_t tls_port() const { return port_of("amqp/ssl"); }
    std::uint16_t port_of(std::string_view protocol) const; // 0: there is none
    Broker& broker() { return *broker_; }
    std::vector<SessionSnapshot> connections(); // as they are now, in no order
    const config::Settings& settings() const { return settings_; }

    void change_settings(const std::function<void(config::Settings&)>& change); // as SIGHUP does
    void stop();
    void restart(); // cleanly
    // Goes on with a copy of the data directory as it is at this moment: what a crash would leave behind.
    void restart_as_after_a_crash();

    void add_virtual_host(std::string_view name);
    // With all permissions in "/" and none elsewhere.
    void add_user(std::string_view name, std::string_view password);

 private:
    void start();

    std::filesystem::path directory_; // everything of this test
    config::Settings settings_;
    std::unique_ptr<Broker> broker_;
    std::uint16_t port_ = 0;
    int copies_ = 0;
};

} // namespace broker::test
