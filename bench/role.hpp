// What one channel is used for: to publish, to consume, to poll, to declare and delete. Owned by the Link of its
// connection and driven by that link's worker. Once set up it never blocks and never allocates for a message.
#pragma once

#include "bench/connection.hpp"
#include "bench/counters.hpp"

#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

namespace bench {

class Role {
 public:
    static constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();

    Role(Connection& connection, amqp::ChannelNumber channel, Counters& counters)
        : connection_(connection),
          channel_(channel),
          counters_(counters) {}
    virtual ~Role() = default;
    Role(const Role&) = delete;
    Role& operator=(const Role&) = delete;

    amqp::ChannelNumber channel() const { return channel_; }
    virtual void subscribe() {} // the last thing that is done blocking, when all channels are ready
    virtual void begin(std::uint64_t /*now*/) {}
    // One of its channel's frames; false: the connection may not be read now, come again with it.
    virtual bool on_frame(const amqp::Frame& frame, std::uint64_t now) = 0;
    // Adds what can be sent now; it stays where it is until all of it has been sent, and only then more is asked for.
    // Returns when there is something to do although nothing has come: 0 is at once.
    virtual std::uint64_t produce(std::uint64_t now, std::vector<iovec>& pieces) = 0;
    virtual bool finished() const = 0; // has sent, or got, all that it was to; what it has produced may be under way

 protected:
    Connection& connection_;
    const amqp::ChannelNumber channel_;
    Counters& counters_;
};

// Small frames on their way: those being built and those being sent.
class FrameBuffer {
 public:
    std::string& frames() { return building_; }
    void produce(std::vector<iovec>& pieces) {
        sending_.clear();
        sending_.swap(building_);
        if (!sending_.empty()) {
            pieces.push_back({sending_.data(), sending_.size()});
        }
    }
    bool empty() const { return building_.empty(); }

 private:
    std::string building_;
    std::string sending_;
};

} // namespace bench
