// Makes and removes something again and again: channels, queues or bindings. So many cycles as -c says are in progress
// at a time, each of which waits for its own answers; a cycle's latency is that of both.
#pragma once

#include "bench/options.hpp"
#include "bench/role.hpp"

#include <deque>
#include <string>
#include <vector>

namespace bench {

class Churner final : public Role {
 public:
    Churner(const Options& options, Connection& connection, std::string prefix, Counters& counters);

    void begin(std::uint64_t now) override;
    bool on_frame(const amqp::Frame& frame, std::uint64_t now) override;
    std::uint64_t produce(std::uint64_t now, std::vector<iovec>& pieces) override;
    bool finished() const override;

 private:
    struct Cycle {
        std::string name; // of the queue, or routing key of the binding
        std::uint64_t began = 0;
        bool made = false;
    };
    void declare_place();
    void start(std::size_t slot, std::uint64_t now);
    void request(std::size_t slot);
    void make(std::size_t slot);
    void remove(std::size_t slot);
    bool is_answer(const amqp::Frame& frame, bool to_removal) const;
    amqp::ChannelNumber channel_of(std::size_t slot) const;

    const Options& options_;
    const std::string prefix_; // of names, different for each churner
    std::vector<Cycle> cycles_;
    std::deque<std::size_t> asked_; // slots in the order of their requests; not of channels, which say themselves
    FrameBuffer output_;
    std::uint64_t begun_ = 0;
    std::uint64_t done_ = 0;
};

} // namespace bench
