// A producer or a consumer: one connection, driven by the one Worker that owns it. Between begin() and the end it never
// blocks and never allocates for a message.
#pragma once

#include "bench/connection.hpp"

#include <cstdint>
#include <limits>
#include <utility>

namespace bench {

class Agent {
 public:
    static constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();

    explicit Agent(const Uri& uri) : connection_(uri) {}
    virtual ~Agent() = default;

    Connection& connection() { return connection_; }
    void note_readable() { readable_ = true; }
    void note_writable() { writable_ = true; }

    // Does what can be done now; returns when there is more to do unless the socket says so earlier: 0 is at once.
    virtual std::uint64_t work(std::uint64_t now) = 0;
    virtual bool finished() const = 0; // has sent, or got, all that it was to

 protected:
    // Reads once if anything is there; false: nothing was. The first time there may be more than what set-up took.
    bool receive() {
        readable_ = readable_ && connection_.receive();
        return readable_ || std::exchange(first_time_, false);
    }
    void send() { writable_ = writable_ && connection_.send(pieces_, first_piece_); }
    bool sent_all() const { return pieces_.empty(); }

    Connection connection_;
    std::vector<iovec> pieces_; // what is being sent
    bool readable_ = true;
    bool writable_ = true;

 private:
    std::size_t first_piece_ = 0;
    bool first_time_ = true;
};

} // namespace bench
