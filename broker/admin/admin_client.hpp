// The management API as a client of a virtual host: declares, publishes, gets with the same commands as a connection,
// on one channel. One object per request; it keeps itself alive until it has seen ConnectionClosed, whatever becomes of
// the request. Everything happens on the HTTP thread, but deliver().
#pragma once

#include "broker/admin/api.hpp"
#include "broker/core/commands.hpp"
#include "broker/core/connection_port.hpp"
#include "broker/core/events.hpp"

#include <functional>
#include <memory>
#include <optional>

namespace broker {

class AdminClient final : public ConnectionPort, public std::enable_shared_from_this<AdminClient> {
 public:
    // Attached, with an open channel. close() must follow.
    static std::shared_ptr<AdminClient> open(Api& api, VirtualHostPtr virtual_host, const User& user);

    void add(Request request);
    void add(Publish publish);
    void add(Settle settle);
    void add(Return returned);

    // Sends what was added and waits until so many answers (replies, messages, confirms) have come since the start, or
    // the channel has failed.
    boost::asio::awaitable<void> run(std::size_t answers);
    // Sends what was added and leaves. All that was promised is durable when this returns.
    boost::asio::awaitable<void> close();

    const std::optional<amqp::Error>& error() const { return error_; }
    EventBatch& events() { return events_; }

    Waker* deliver(EventBatch events) override;

 private:
    AdminClient(Api& api, VirtualHostPtr virtual_host, const User& user);
    void submit();
    void take(EventBatch events);
    bool done() const;

    static constexpr amqp::ChannelNumber channel = 1;

    const std::shared_ptr<boost::asio::io_context> io_;
    const VirtualHostPtr virtual_host_;
    CommandBatch commands_;
    EventBatch events_;
    std::optional<amqp::Error> error_;
    std::size_t answers_ = 0;
    std::size_t answers_wanted_ = 0;
    bool closing_ = false;
    bool closed_ = false;
    std::function<void(bool)> waiting_;
    std::shared_ptr<AdminClient> self_; // until ConnectionClosed; the strand's, once attached
};

// One request and its answer. An error is the channel's.
boost::asio::awaitable<amqp::Result<std::optional<Reply>>> perform(Api& api, VirtualHostPtr virtual_host,
                                                                   const User& user, Request request);

} // namespace broker
