// What waits to be written to a socket: encoded frames in one byte buffer and, between them, large bodies that stay in
// their messages and are never copied. Owned by the Session, filled by it and its channels and emptied by
// net::Connection, all on the connection's network thread. It writes nothing itself.
#pragma once

#include "protocol/frame_writer.hpp"
#include "protocol/message.hpp"
#include "protocol/methods/method.hpp"
#include "protocol/types.hpp"

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>

namespace broker {

class Outbox {
 public:
    // A body of at least so many octets is referred to instead of copied: below that, copying is cheaper than one more
    // piece in a gathered write.
    static constexpr std::size_t reference_threshold = 4096;

    // Where encoded frames are appended to.
    std::string& buffer() { return buffer_; }

    template <amqp::Method M>
    void write(amqp::ChannelNumber channel, const M& method) {
        amqp::write_method(buffer_, channel, method);
    }
    // A method and its content.
    template <amqp::Method M>
    void write(amqp::ChannelNumber channel, const M& method, const amqp::MessagePtr& content, std::size_t frame_max) {
        if (content->body_size() < reference_threshold) [[likely]] {
            amqp::write_method(buffer_, channel, method, *content, frame_max);
        } else {
            write(channel, method);
            write_content(channel, content, frame_max);
        }
    }
    // Content header and body frames of `message`.
    void write_content(amqp::ChannelNumber channel, const amqp::MessagePtr& message, std::size_t frame_max);

    bool empty() const { return bytes() == 0; }
    std::size_t bytes() const { return buffer_.size() - head_ + body_octets_; }
    std::uint64_t written() const { return written_; } // octets consumed so far

    // What is to be written first, in order; returns how many pieces were filled in. They are valid until anything is
    // appended or consumed.
    std::size_t fill(std::span<iovec> pieces) const;
    void consume(std::size_t octets); // at most bytes()

    void discard();        // what nobody will read
    void release_memory(); // of an empty outbox: an idle connection shall cost little

 private:
    struct Body {
        std::size_t position; // the body belongs before this octet of buffer_
        amqp::MessagePtr message;
        amqp::Bytes octets; // of the message, what is left to be written
    };

    void append_body(const amqp::MessagePtr& message, amqp::Bytes octets);
    void drop_consumed();

    std::string buffer_;
    std::size_t head_ = 0; // first octet of buffer_ that is not written
    std::deque<Body> bodies_;
    std::size_t body_octets_ = 0; // of all bodies_
    std::uint64_t written_ = 0;
};

} // namespace broker
