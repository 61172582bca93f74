// Consumes one queue and acknowledges as it is told to: each message, every so many, or not at all.
#pragma once

#include "bench/agent.hpp"
#include "bench/clock.hpp"
#include "bench/counters.hpp"

#include <string>
#include <utility>

namespace bench {

class Consumer final : public Agent {
 public:
    Consumer(const Options& options, std::string queue, Counters& counters);
    void set_queue(std::string queue) { queue_ = std::move(queue); } // declared on its own connection
    void subscribe();                                                // the last thing before begin()

    std::uint64_t work(std::uint64_t now) override;
    bool finished() const override;

 private:
    void on_frame(const amqp::Frame& frame, std::uint64_t now);
    void on_method(const amqp::Frame& frame);
    void on_message();
    void acknowledge();

    const Options& options_;
    std::string queue_;
    Counters& counters_;
    MessageClock clock_;

    amqp::DeliveryTag tag_ = 0; // of the message that is coming
    std::uint64_t left_ = 0;    // octets of its body
    bool at_start_ = false;     // of its body
    std::uint64_t consumed_ = 0;
    std::uint64_t unacked_ = 0;
    std::string acks_;    // being built
    std::string sending_; // being sent
};

} // namespace bench
