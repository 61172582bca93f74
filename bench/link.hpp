// A connection under load and the roles of its channels. Owned and driven by one Worker.
#pragma once

#include "bench/role.hpp"

#include <memory>
#include <string>
#include <vector>

namespace bench {

class Link {
 public:
    Link(const Uri& uri, const ConnectionOptions& options) : connection_(uri, options) {}

    Connection& connection() { return connection_; }
    Role& add(std::unique_ptr<Role> role); // its channels are open
    void begin(std::uint64_t now);
    void note_readable() { readable_ = true; }
    void note_writable() { writable_ = true; }

    // Does what can be done now; returns when there is more to do unless the socket says so earlier: 0 is at once.
    std::uint64_t work(std::uint64_t now);
    bool finished() const; // all roles, and all is sent

 private:
    void receive();
    std::uint64_t produce(std::uint64_t now);
    std::uint64_t heartbeat_due(std::uint64_t now);
    Role& role_of(const amqp::Frame& frame);
    void send() { writable_ = writable_ && connection_.send(pieces_, first_piece_); }

    Connection connection_;
    std::vector<std::unique_ptr<Role>> roles_;
    std::vector<Role*> by_channel_;
    std::vector<iovec> pieces_; // what is being sent
    std::size_t first_piece_ = 0;
    std::string heartbeat_;
    std::uint64_t last_heartbeat_ = 0;
    bool readable_ = true;
    bool writable_ = true;
    bool held_ = false; // a role does not take a frame yet: it stays, and nothing more is read
};

} // namespace bench
