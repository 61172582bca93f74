// What a Session needs of the world around it. Implemented by net::Connection, and by a recording twin in tests. Every
// call comes from the network thread of the connection.
#pragma once

#include "broker/auth/authenticator.hpp"
#include "broker/core/commands.hpp"
#include "protocol/error.hpp"

#include <chrono>
#include <memory>
#include <string_view>

namespace broker {

// A channel's place in the limits of user and node; given back with the last copy.
using ChannelClaim = std::shared_ptr<const void>;

class Transport {
 public:
    virtual ~Transport() = default;

    // The SASL mechanisms that this peer is offered, separated by spaces.
    virtual std::string_view mechanisms() const = 0;

    // Asks for a login; Session::on_authenticated is called on this thread, at once or later.
    virtual void authenticate(std::string_view mechanism, std::string_view response) = 0;

    // Joins the virtual host (checks: node limit, existence, the user's access; errors are 530 of row P20). Afterwards
    // submit() may be called and events arrive through Session::on_events.
    virtual amqp::Result<> open_virtual_host(std::string_view name) = 0;

    // A place for one more channel of the user, within his limit and the node's [F8].
    virtual amqp::Result<ChannelClaim> claim_channel(const User& user) = 0;

    // Hands the commands of this turn to the strand. Events never arrive within the call.
    virtual void submit(CommandBatch batch) = 0;

    // The connection is over: what is in the outbox is still written, then the socket is closed. With a delay, the
    // socket stays open for so long (without being read) unless the peer closes it: anti brute force, close-ok grace.
    virtual void close_socket(std::chrono::milliseconds delay) = 0;
};

} // namespace broker
