// Takes the messages of one queue and settles them as it is told to: each, every so many, or not at all. A consumer
// that is to be slow leaves what has come where it is, as a client does whose application is busy.
#pragma once

#include "bench/clock.hpp"
#include "bench/options.hpp"
#include "bench/role.hpp"

#include <string>

namespace bench {

class Consumer : public Role {
 public:
    Consumer(const Options& options, Connection& connection, amqp::ChannelNumber channel, std::string queue,
             Counters& counters);

    void subscribe() override;
    void begin(std::uint64_t now) override;
    bool on_frame(const amqp::Frame& frame, std::uint64_t now) override;
    std::uint64_t produce(std::uint64_t now, std::vector<iovec>& pieces) override;
    bool finished() const override;

 protected:
    virtual void on_method(const amqp::Frame& frame, std::uint64_t now);
    virtual void on_message(std::uint64_t now);
    bool had_all() const { return options_.consumer_messages && consumed_ >= *options_.consumer_messages; }

    const Options& options_;
    const std::string queue_;
    amqp::DeliveryTag tag_ = 0; // of the message that is coming
    FrameBuffer output_;

 private:
    void on_body(const amqp::Frame& frame, std::uint64_t now);
    void settle_what_is_due();
    void delay_next(std::uint64_t now);

    MessageClock clock_;
    std::uint64_t left_ = 0; // octets of its body
    bool at_start_ = false;  // of its body
    std::uint64_t consumed_ = 0;
    std::uint64_t unsettled_ = 0;
    std::uint64_t uncommitted_ = 0; // settlements
    bool committing_ = false;
    bool slow_;
    std::uint64_t started_ = 0;
    std::uint64_t next_at_ = 0; // when a slow one takes the next message
};

} // namespace bench
