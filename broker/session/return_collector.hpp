// Groups deliveries that go back to their queues: one Return for each consumer, in rising sequence. Lives on the stack
// of whoever empties a ledger.
#pragma once

#include "broker/core/commands.hpp"

#include <cstddef>
#include <unordered_map>
#include <vector>

namespace broker {

class ReturnCollector {
 public:
    explicit ReturnCollector(Return::How how) : how_(how) {}

    void add(Consumer& consumer, Unacked unacked);
    // Appends the commands, in the order in which the consumers came.
    void submit(amqp::ChannelNumber channel, CommandBatch& commands);

 private:
    const Return::How how_;
    std::vector<Return> returns_;
    std::unordered_map<const Consumer*, std::size_t> index_;
};

} // namespace broker
