// Publishes prepared messages in turn. Small ones are copied into one buffer, of large ones only the time is, and they
// are sent by gathered writes. Their latency counts from the time at which they were to be sent: a broker that stalls
// is not excused for what could not be sent meanwhile.
#pragma once

#include "bench/clock.hpp"
#include "bench/confirm_window.hpp"
#include "bench/options.hpp"
#include "bench/prepared_message.hpp"
#include "bench/role.hpp"

#include <memory>
#include <optional>
#include <vector>

namespace bench {

class Producer final : public Role {
 public:
    Producer(const Options& options, Connection& connection, amqp::ChannelNumber channel,
             const std::vector<std::string>& routing_keys, Counters& counters);

    void begin(std::uint64_t now) override;
    bool on_frame(const amqp::Frame& frame, std::uint64_t now) override;
    std::uint64_t produce(std::uint64_t now, std::vector<iovec>& pieces) override;
    bool finished() const override;

 private:
    void prepare(const std::vector<std::string>& routing_keys);
    std::uint64_t may_publish(std::uint64_t now) const;
    std::uint64_t due(std::uint64_t now) const; // when more may be published
    void publish(std::uint64_t count, std::uint64_t now, std::vector<iovec>& pieces);
    void add_small(const PreparedMessage& message, std::uint64_t time, std::vector<iovec>& pieces);
    void add_large(const PreparedMessage& message, std::uint64_t time, std::vector<iovec>& pieces);
    bool batch_has_room(const PreparedMessage& message) const;
    void commit(std::vector<iovec>& pieces);
    void check_confirm_timeout(std::uint64_t now) const;

    const Options& options_;
    MessageClock clock_;
    std::vector<std::vector<PreparedMessage>> messages_; // by size; each set is sent in turn
    std::size_t turn_ = 0;
    std::string commit_frame_;

    std::unique_ptr<char[]> batch_; // copies of small messages, and the times of large ones
    std::size_t batched_ = 0;       // octets in it
    std::size_t large_ = 0;         // octets that pieces refer to elsewhere
    std::uint64_t published_ = 0;
    std::uint64_t committed_ = 0;
    bool committing_ = false;
    std::uint64_t started_ = 0; // time of the first one
    std::optional<ConfirmWindow> window_;
};

} // namespace bench
