// The last messages that came to an x-recent-history exchange, for the queues that are bound to it later. In memory
// only, as in RabbitMQ. Bounded twice: by their number, and by what all histories of the virtual host may weigh
// together; a history that finds no room forgets its own oldest messages.
//
// Owned by an Exchange, on its virtual host's strand.
#pragma once

#include "broker/core/memory_budget.hpp"
#include "protocol/error.hpp"
#include "protocol/field_table.hpp"
#include "protocol/message.hpp"

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace broker {

class RecentHistory {
 public:
    static constexpr std::string_view type = "x-recent-history";
    static constexpr std::string_view no_store_header = "x-recent-history-no-store";
    static constexpr std::int64_t default_length = 20;

    static amqp::Result<> validate_arguments(const amqp::FieldTable& arguments);

    RecentHistory(const amqp::FieldTable& arguments, MemoryBudget& memory); // validated
    ~RecentHistory();
    RecentHistory(const RecentHistory&) = delete;
    RecentHistory& operator=(const RecentHistory&) = delete;

    struct Remembered {
        amqp::MessagePtr message;
        std::vector<std::string> extra_keys; // CC and BCC: an exchange that is bound later routes by them, too
    };
    void add(const amqp::MessagePtr& message, std::vector<std::string> extra_keys = {});
    const std::deque<Remembered>& messages() const { return messages_; } // the oldest first

 private:
    static std::uint64_t weight(const Remembered& remembered);
    void forget_oldest();

    const std::uint64_t length_;
    MemoryBudget& memory_;
    std::deque<Remembered> messages_;
};

} // namespace broker
