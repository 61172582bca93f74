#include "broker/core/deduplication_cache.hpp"

#include "broker/routing/stable_hash.hpp"

#include <charconv>
#include <string>

namespace broker {
namespace {

constexpr std::int64_t max_ttl_ms = 315'360'000'000; // ten years: no time overflows

// A positive integer, or one written out in digits; nothing if it is neither.
std::optional<std::int64_t> positive(const amqp::FieldValue& value) {
    std::optional<std::int64_t> number = value.as_integer();
    if (const std::string* text = value.as_string()) {
        std::int64_t parsed = 0;
        const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), parsed);
        if (error == std::errc() && end == text->data() + text->size()) {
            number = parsed;
        }
    }
    return number && *number > 0 ? number : std::nullopt;
}

std::optional<std::int64_t> find_positive(const amqp::FieldTable& arguments, std::string_view name) {
    const amqp::FieldValue* value = arguments.find(name);
    return value != nullptr ? positive(*value) : std::nullopt;
}

} // namespace

DeduplicationCache::Key DeduplicationCache::key_of(const amqp::FieldValue& value) {
    // Integers of all types are one, as in Erlang; 1 is not "1".
    const std::uint64_t kind = value.as_integer() ? 1 : value.as_string() != nullptr ? 2 : 3;
    const std::string text = value.to_text();
    constexpr std::uint64_t another_seed = 0x5bd1e9955bd1e995u;
    return {stable_hash(text, kind), stable_hash(text, kind + another_seed)};
}

amqp::Result<> DeduplicationCache::validate_arguments(const amqp::FieldTable& arguments) {
    if (!find_positive(arguments, "x-cache-size")) {
        return amqp::precondition_failed(
            "Missing or invalid argument, 'x-cache-size' must be an integer greater than 0");
    }
    if (arguments.contains("x-cache-ttl") && !find_positive(arguments, "x-cache-ttl")) {
        return amqp::precondition_failed("Invalid argument, 'x-cache-ttl' must be an integer greater than 0");
    }
    if (const amqp::FieldValue* persistence = arguments.find("x-cache-persistence")) {
        const std::string* name = persistence->as_string();
        if (name == nullptr || (*name != "disk" && *name != "memory")) {
            return amqp::precondition_failed(
                "Invalid argument, 'x-cache-persistence' must be either 'disk' or 'memory'");
        }
    }
    return {};
}

DeduplicationCache::DeduplicationCache(const amqp::FieldTable& arguments)
    : capacity_(static_cast<std::uint64_t>(*find_positive(arguments, "x-cache-size"))),
      ttl_ms_(find_positive(arguments, "x-cache-ttl")) {
    const amqp::FieldValue* persistence = arguments.find("x-cache-persistence");
    on_disk_ = persistence != nullptr && *persistence->as_string() == "disk";
}

bool DeduplicationCache::contains(Key key, std::int64_t now_ms) const {
    const auto found = by_key_.find(key);
    return found != by_key_.end() &&
           (found->second->expires_at_ms == storage::StoredMessage::no_expiry || found->second->expires_at_ms > now_ms);
}

DeduplicationCache::Entry& DeduplicationCache::add(Key key, std::int64_t now_ms, const amqp::FieldValue* ttl) {
    std::optional<std::int64_t> ttl_ms = ttl != nullptr ? positive(*ttl) : std::nullopt;
    if (!ttl_ms) {
        ttl_ms = ttl_ms_;
    }
    return insert({key, ttl_ms ? now_ms + std::min(*ttl_ms, max_ttl_ms) : storage::StoredMessage::no_expiry, 0});
}

DeduplicationCache::Entry& DeduplicationCache::insert(const Entry& entry) {
    entries_.push_back(entry);
    by_key_[entry.key] = std::prev(entries_.end()); // an expired one of that key goes with forget_one
    return entries_.back();
}

std::optional<DeduplicationCache::Entry> DeduplicationCache::forget_one(std::int64_t now_ms) {
    if (entries_.empty()) {
        return std::nullopt;
    }
    const Entry oldest = entries_.front();
    const bool expired = oldest.expires_at_ms != storage::StoredMessage::no_expiry && oldest.expires_at_ms <= now_ms;
    if (!expired && entries_.size() <= capacity_) {
        return std::nullopt;
    }
    if (const auto found = by_key_.find(oldest.key); found->second == entries_.begin()) {
        by_key_.erase(found);
    }
    entries_.pop_front();
    return oldest;
}

} // namespace broker
