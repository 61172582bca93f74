// A published message: where it was published to, its properties as they came, its body. Immutable once built and
// shared by every queue, delivery and commit that needs it; counted references, safe on any thread.
//
// One allocation holds it all:  Message | exchange | routing key | properties | body
#pragma once

#include "protocol/assert.hpp"
#include "protocol/error.hpp"
#include "protocol/types.hpp"

#include <boost/smart_ptr/intrusive_ptr.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace amqp {

class Message;
using MessagePtr = boost::intrusive_ptr<const Message>;

class Message {
 public:
    static constexpr std::int64_t no_expiration = -1;

    std::string_view exchange() const { return {text(), exchange_size_}; }
    std::string_view routing_key() const { return {text() + exchange_size_, routing_key_size_}; }
    Bytes properties() const { return {text() + exchange_size_ + routing_key_size_, properties_size_}; }
    Bytes body() const { return {text() + body_offset(), body_size_}; }

    std::size_t body_size() const { return body_size_; }
    // What it weighs in memory budgets.
    std::size_t footprint() const { return sizeof(Message) + body_offset() + body_size_; }

    // Read from the properties once, when the message was built.
    bool persistent() const { return persistent_; }
    bool has_headers() const { return has_headers_; }
    std::uint8_t priority() const { return priority_; }         // 0 when absent
    std::int64_t expiration_ms() const { return expiration_ms_; } // no_expiration when absent

    // How often a broker has dead-lettered it since a consumer last rejected it, at least 1 once it has died. 0: if
    // there is an x-death header, it is the publisher's own and means nothing.
    std::uint16_t deaths() const { return deaths_; }

    // `properties` must be a well-formed property list; used by tests, HTTP publish, dead-lettering and the store.
    static MessagePtr make(std::string_view exchange, std::string_view routing_key, Bytes properties, Bytes body,
                           std::uint16_t deaths = 0);

    Message(const Message&) = delete;
    Message& operator=(const Message&) = delete;

 private:
    friend class MessageBuilder;
    friend class MessageShares;
    friend void intrusive_ptr_add_ref(const Message* message) noexcept {
        message->references_.fetch_add(1, std::memory_order_relaxed);
    }
    friend void intrusive_ptr_release(const Message* message) noexcept {
        // A sole owner needs no read-modify-write: nobody else can be adding a reference.
        if (message->references_.load(std::memory_order_acquire) == 1 ||
            message->references_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
            destroy(message);
        }
    }
    Message() = default;
    ~Message() = default;
    static void destroy(const Message* message) noexcept;

    const char* text() const { return reinterpret_cast<const char*>(this + 1); }
    char* text() { return reinterpret_cast<char*>(this + 1); }
    std::size_t body_offset() const { return std::size_t{exchange_size_} + routing_key_size_ + properties_size_; }

    mutable std::atomic<std::uint32_t> references_{0};
    std::uint32_t properties_size_ = 0;
    std::uint64_t body_size_ = 0;
    std::int64_t expiration_ms_ = no_expiration;
    std::uint8_t exchange_size_ = 0;
    std::uint8_t routing_key_size_ = 0;
    std::uint8_t priority_ = 0;
    bool persistent_ = false;
    bool has_headers_ = false;
    std::uint16_t deaths_ = 0;
};

// A message for several holders: their references are taken in one step, and handed out one by one. The counter is a
// line that the threads of other holders write to as well, and each step of its own would wait for it.
class MessageShares {
 public:
    MessageShares(MessagePtr message, std::size_t holders)
        : message_(message.detach()),
          left_(std::max<std::size_t>(holders, 1)) {
        if (left_ > 1) {
            message_->references_.fetch_add(static_cast<std::uint32_t>(left_ - 1), std::memory_order_relaxed);
        }
    }
    ~MessageShares() {
        while (left_ > 0) {
            take();
        }
    }
    MessageShares(const MessageShares&) = delete;
    MessageShares& operator=(const MessageShares&) = delete;

    MessagePtr take() {
        LEVERET_ASSERT(left_ > 0);
        --left_;
        return {message_, false};
    }

 private:
    const Message* const message_;
    std::size_t left_; // references that are ours
};

// Builds a message while its content arrives. Memory grows with the bytes that came, never with the size that a peer
// announced. Owned by one channel; not shared.
class MessageBuilder {
 public:
    MessageBuilder() = default;
    ~MessageBuilder();
    MessageBuilder(MessageBuilder&&) noexcept;
    MessageBuilder& operator=(MessageBuilder&&) noexcept;

    // Starts a message. Fails with SYNTAX_ERROR if the property list is malformed; an expiration that is no number is
    // not this class's business (expiration_ms stays absent).
    Result<> begin(std::string_view exchange, std::string_view routing_key, Bytes properties, std::uint64_t body_size);
    void append(Bytes body); // at most remaining() octets in all
    // Instead of appending: the caller puts the next octets of the body here, then says how many. At least so many fit
    // as he wants, if so many remain. Valid until anything else is called.
    std::span<char> room(std::size_t wanted);
    void filled(std::size_t octets);
    Bytes body() const { return block_->body(); } // as much of it as there is
    void set_deaths(std::uint16_t deaths); // see Message::deaths
    std::uint64_t remaining() const { return remaining_; }
    bool active() const { return block_ != nullptr; }
    MessagePtr finish(); // requires remaining() == 0; the builder is empty afterwards
    void reset();        // drops an unfinished message

 private:
    void reserve(std::size_t octets); // more of the body

    Message* block_ = nullptr;
    std::size_t capacity_ = 0; // octets behind the Message header
    std::uint64_t remaining_ = 0;
};

} // namespace amqp
