#include "broker/core/recent_history.hpp"

#include <fmt/format.h>

#include <utility>

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
        return amqp::precondition_failed(
            fmt::format("Invalid argument {}, '{}' must be a positive integer", length->to_text(), length_argument));
    }
    return {};
}

RecentHistory::RecentHistory(const amqp::FieldTable& arguments, MemoryBudget& memory)
    : length_(length_of(arguments)),
      memory_(memory) {}

RecentHistory::~RecentHistory() {
    while (!messages_.empty()) {
        forget_oldest();
    }
}

void RecentHistory::forget_oldest() {
    memory_.give_back(weight(messages_.front()));
    messages_.pop_front();
}

std::uint64_t RecentHistory::weight(const Remembered& remembered) {
    std::uint64_t weight = sizeof(Remembered) + remembered.message->footprint();
    for (const std::string& key : remembered.extra_keys) {
        weight += sizeof(std::string) + key.size();
    }
    return weight;
}

void RecentHistory::add(const amqp::MessagePtr& message, std::vector<std::string> extra_keys) {
    Remembered remembered{message, std::move(extra_keys)};
    if (messages_.size() == length_) {
        forget_oldest();
    }
    while (!memory_.take(weight(remembered))) {
        if (messages_.empty()) {
            return; // the others have it all, or this one alone is too much
        }
        forget_oldest();
    }
    messages_.push_back(std::move(remembered));
}

} // namespace broker
