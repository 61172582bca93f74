// Publishes one message again and again: frames are encoded once, only the time in them changes. Small messages are
// copied into one buffer, of large ones only the time is, and they are sent by gathered writes.
#pragma once

#include "bench/agent.hpp"
#include "bench/clock.hpp"
#include "bench/counters.hpp"

#include <vector>

namespace bench {

class Producer final : public Agent {
 public:
    Producer(const Options& options, const std::string& routing_key, Counters& counters);

    std::uint64_t work(std::uint64_t now) override;
    bool finished() const override;

 private:
    void build_frames(const std::string& routing_key);
    std::size_t may_publish(std::uint64_t now, std::uint64_t& due) const; // how many; `due`: when more
    void publish(std::size_t count, std::uint64_t now);
    void stamp(char* place, std::uint64_t now);
    void on_frame(const amqp::Frame& frame, std::uint64_t now);
    void confirm_one(amqp::DeliveryTag tag, std::uint64_t now);

    const Options& options_;
    Counters& counters_;
    MessageClock clock_;

    std::string frames_;    // of one message
    std::size_t stamp_ = 0; // where its time is, if it has room for one
    bool stamped_ = false;
    std::size_t per_batch_ = 1;
    std::vector<char> batch_; // messages, or the times of large ones
    std::uint64_t published_ = 0;
    std::uint64_t started_ = 0; // time of the first one
    std::uint64_t offset_ = 0;  // from the monotonic clock to that of the messages

    // Confirms: by tag, modulo the size of the rings.
    std::uint64_t lowest_ = 1; // unconfirmed
    std::uint64_t unconfirmed_ = 0;
    std::vector<std::uint64_t> sent_at_;
    std::vector<bool> confirmed_;
};

} // namespace bench
