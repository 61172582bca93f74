// Tells systemd, or whoever else set NOTIFY_SOCKET, how the broker is: one datagram a message, as sd_notify(3) sends
// them. Without that variable nothing is sent. Used by main's thread only.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace broker {

class ServiceManager {
 public:
    ServiceManager(); // looks at the environment

    void ready() const { send("READY=1"); }
    void reloading() const; // until the next ready()
    void stopping() const { send("STOPPING=1"); }
    void alive() const { send("WATCHDOG=1"); }
    // How often alive() has to be said; absent: nobody waits for it.
    std::optional<std::chrono::milliseconds> watchdog_interval() const { return watchdog_interval_; }

 private:
    void send(std::string_view message) const;

    std::string socket_; // path, or of an abstract socket "@name"; empty: none
    std::optional<std::chrono::milliseconds> watchdog_interval_;
};

} // namespace broker
