#include "broker/core/recent_history.hpp"

#include <fmt/format.h>

namespace broker {
namespace {

constexpr std::string_view length_argument = "x-recent-history-length";

std::uint64_t length_of(const amqp::FieldTable& arguments) {
    const amqp::FieldValue* length = arguments.find(length_argument);
    return static_cast<std::uint64_t>(length != nullptr ? *length->as_integer() : RecentHistory::default_length);
}

} // namespace

amqp::Result<> RecentHistory::validate_arguments(const amqp::FieldTable& arguments) {
    const amqp::FieldValue* length = arguments.find(length_argument);
    if (length != nullptr && length->as_integer().value_or(0) <= 0) {
        return amqp::precondition_failed(fmt::format("Invalid argument {}, '{}' must be a positive integer",
                                                     length->to_text(), length_argument));
    }
    return {};
}

RecentHistory::RecentHistory(const amqp::FieldTable& arguments, MemoryBudget& memory)
    : length_(length_of(arguments)), memory_(memory) {}

RecentHistory::~RecentHistory() {
    while (!messages_.empty()) {
        forget_oldest();
    }
}

void RecentHistory::forget_oldest() {
    memory_.give_back(weight(*messages_.front()));
    messages_.pop_front();
}

void RecentHistory::add(const amqp::MessagePtr& message) {
    if (messages_.size() == length_) {
        forget_oldest();
    }
    while (!memory_.take(weight(*message))) {
        if (messages_.empty()) {
            return; // the others have it all, or this one alone is too much
        }
        forget_oldest();
    }
    messages_.push_back(message);
}

} // namespace broker
