// How many connections and channels there are, of everybody, of each user, in each virtual host; and whether there may
// be one more [P20, F8]. Owned by the Broker, used from every thread: a map under a mutex, touched when a connection or
// a channel begins and ends.
#pragma once

#include "broker/auth/user.hpp"
#include "protocol/error.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace broker {

class Admission {
 public:
    struct Limits {
        static constexpr std::uint32_t unlimited = UINT32_MAX;
        std::uint32_t connections = unlimited;
        std::uint32_t channels = unlimited;
        std::string node_name; // for texts
    };
    explicit Admission(Limits limits) : limits_(std::move(limits)) {}

    // RabbitMQ's order of checks: first the node, then whether the virtual host exists, then its limit and the user's.
    amqp::Result<> check_node() const;
    // Counts one connection if there may be one more; leave() undoes it.
    amqp::Result<> enter(std::string_view virtual_host, std::optional<std::uint64_t> max_in_virtual_host,
                         const User& user);
    void leave(std::string_view virtual_host, std::string_view user);

    // Counts one channel; the last copy of the claim gives it back. The Admission must outlive it.
    amqp::Result<std::shared_ptr<const void>> claim_channel(const User& user);

 private:
    using Counts = std::map<std::string, std::size_t, std::less<>>;
    static std::size_t count(const Counts& counts, std::string_view name);
    static void subtract(Counts& counts, std::string_view name);
    void release_channel(const std::string& user);

    const Limits limits_;
    mutable std::mutex mutex_;
    std::size_t connections_ = 0, channels_ = 0;
    Counts in_virtual_host_, of_user_, channels_of_user_;
};

} // namespace broker
