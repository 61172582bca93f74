#include "protocol/message.hpp"

#include "protocol/assert.hpp"
#include "protocol/properties.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <limits>
#include <new>
#include <utility>

namespace amqp {

namespace {

constexpr std::uint64_t first_reservation = 128 * 1024;
constexpr std::int64_t max_expiration_ms = 315'360'000'000; // ten years, RabbitMQ's limit
constexpr std::uint8_t persistent_mode = 2;

std::int64_t parse_expiration(std::string_view text) {
    std::int64_t milliseconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), milliseconds);
    const bool digits_only = error == std::errc{} && end == text.data() + text.size() && text.front() != '-';
    return digits_only && milliseconds <= max_expiration_ms ? milliseconds : Message::no_expiration;
}

// What the broker itself wants to know of the properties.
struct Facts {
    bool persistent = false;
    bool has_headers = false;
    std::uint8_t priority = 0;
    std::int64_t expiration_ms = Message::no_expiration;
};

Result<Facts> facts_of(Bytes properties) {
    constexpr Bytes none{"\0\0", 2};
    if (properties == none) { // to decode nothing was 5 % of the broker's CPU at 16 B
        return Facts{};
    }
    const Result<PropertiesView> view = PropertiesView::decode(properties);
    if (!view) {
        return view.error();
    }
    return Facts{view->delivery_mode == persistent_mode, view->headers.has_value(), view->priority.value_or(0),
                 view->expiration ? parse_expiration(*view->expiration) : Message::no_expiration};
}

} // namespace

MessagePtr Message::make(std::string_view exchange, std::string_view routing_key, Bytes properties, Bytes body,
                         std::uint16_t deaths) {
    MessageBuilder builder;
    const Result<> begun = builder.begin(exchange, routing_key, properties, body.size());
    LEVERET_ASSERT(begun.has_value());
    builder.set_deaths(deaths);
    builder.append(body);
    return builder.finish();
}

void Message::destroy(const Message* message) noexcept {
    message->~Message();
    std::free(const_cast<Message*>(message));
}

MessageBuilder::~MessageBuilder() {
    reset();
}

MessageBuilder::MessageBuilder(MessageBuilder&& other) noexcept
    : block_(std::exchange(other.block_, nullptr)),
      capacity_(std::exchange(other.capacity_, 0)),
      remaining_(std::exchange(other.remaining_, 0)) {}

MessageBuilder& MessageBuilder::operator=(MessageBuilder&& other) noexcept {
    std::swap(block_, other.block_);
    std::swap(capacity_, other.capacity_);
    std::swap(remaining_, other.remaining_);
    return *this;
}

Result<> MessageBuilder::begin(std::string_view exchange, std::string_view routing_key, Bytes properties,
                               std::uint64_t body_size) {
    LEVERET_ASSERT(!active());
    LEVERET_ASSERT(exchange.size() <= ShortString::max_size && routing_key.size() <= ShortString::max_size);
    LEVERET_ASSERT(properties.size() <= std::numeric_limits<std::uint32_t>::max());
    const Result<Facts> facts = facts_of(properties);
    if (!facts) {
        return facts.error();
    }

    capacity_ = exchange.size() + routing_key.size() + properties.size() + std::min(body_size, first_reservation);
    void* const memory = std::malloc(sizeof(Message) + capacity_);
    LEVERET_ASSERT(memory != nullptr);
    block_ = new (memory) Message();
    block_->exchange_size_ = static_cast<std::uint8_t>(exchange.size());
    block_->routing_key_size_ = static_cast<std::uint8_t>(routing_key.size());
    block_->properties_size_ = static_cast<std::uint32_t>(properties.size());
    block_->persistent_ = facts->persistent;
    block_->has_headers_ = facts->has_headers;
    block_->priority_ = facts->priority;
    block_->expiration_ms_ = facts->expiration_ms;

    char* text = block_->text();
    for (const std::string_view part : {exchange, routing_key, properties}) {
        text += part.copy(text, part.size());
    }
    remaining_ = body_size;
    return {};
}

inline void MessageBuilder::reserve(std::size_t octets) {
    const std::size_t offset = block_->body_offset();
    const std::size_t needed = block_->body_size_ + octets;
    if (needed > capacity_ - offset) {
        // Nobody refers to the block yet, so it may move.
        const std::uint64_t declared = block_->body_size_ + remaining_;
        const std::uint64_t doubled = std::max<std::uint64_t>(needed, 2 * (capacity_ - offset));
        capacity_ = offset + std::min(declared, doubled);
        void* const memory = std::realloc(static_cast<void*>(block_), sizeof(Message) + capacity_);
        LEVERET_ASSERT(memory != nullptr);
        block_ = std::launder(static_cast<Message*>(memory));
    }
}

void MessageBuilder::append(Bytes body) {
    LEVERET_ASSERT(active() && body.size() <= remaining_);
    reserve(body.size());
    body.copy(block_->text() + block_->body_offset() + block_->body_size_, body.size());
    block_->body_size_ += body.size();
    remaining_ -= body.size();
}

std::span<char> MessageBuilder::room(std::size_t wanted) {
    LEVERET_ASSERT(active());
    reserve(std::min<std::uint64_t>(wanted, remaining_));
    const std::size_t used = block_->body_offset() + block_->body_size_;
    return {block_->text() + used, capacity_ - used};
}

void MessageBuilder::filled(std::size_t octets) {
    LEVERET_ASSERT(active() && octets <= remaining_);
    block_->body_size_ += octets;
    remaining_ -= octets;
}

void MessageBuilder::set_deaths(std::uint16_t deaths) {
    LEVERET_ASSERT(active());
    block_->deaths_ = deaths;
}

MessagePtr MessageBuilder::finish() {
    LEVERET_ASSERT(active() && remaining_ == 0);
    capacity_ = 0;
    return MessagePtr(std::exchange(block_, nullptr));
}

void MessageBuilder::reset() {
    if (active()) {
        Message::destroy(std::exchange(block_, nullptr));
    }
    capacity_ = 0;
    remaining_ = 0;
}

} // namespace amqp
