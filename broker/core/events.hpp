// Events: all that a virtual host can tell a connection. The strand collects them per connection in order; the network
// thread of the connection turns them into frames.
#pragma once

#include "broker/core/consumer.hpp"
#include "protocol/error.hpp"
#include "protocol/message.hpp"
#include "protocol/types.hpp"
#include "storage/store.hpp"

#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace broker {

struct Deliver {        // [basic.deliver]
    Consumer* consumer; // kept alive by the session until CancelOk, ConsumerGone or ChannelClosed, and by its ledger
    amqp::MessagePtr message;
    storage::Sequence sequence;
    std::int64_t expires_at_ms; // StoredMessage::no_expiry
    std::uint32_t delivery_count;
    bool redelivered;
};

struct Confirmed { // [basic.ack] or [basic.nack] to a publisher: confirm numbers [first, first + count)
    amqp::ChannelNumber channel;
    bool accepted;
    std::uint64_t first;
    std::uint64_t count;
};

struct Returned { // [basic.return] 312; comes before the Confirmed of the same message
    amqp::ChannelNumber channel;
    amqp::MessagePtr message;
};

struct GetOk { // the delivery, as above, and what is left
    Deliver delivery;
    std::uint32_t messages_left;
};
struct GetEmpty {};
struct Done { // an -ok method without fields (or with constant ones: channel.open-ok, channel.flow-ok)
    amqp::MethodId ok;
};
struct QueueDeclared {
    std::string name;
    std::uint32_t messages; // ready
    std::uint32_t consumers;
};
struct QueuePurged {
    std::uint32_t messages;
};
struct QueueDeleted {
    std::uint32_t messages;
};
struct ConsumeOk {
    ConsumerPtr consumer;
};
struct CancelOk {
    ConsumerPtr consumer;
};

using Reply = std::variant<GetEmpty, Done, QueueDeclared, QueuePurged, QueueDeleted, ConsumeOk, CancelOk>;

struct Replied {
    amqp::ChannelNumber channel;
    std::unique_ptr<Reply> reply;
};

struct ConsumerGone { // its queue was deleted: [basic.cancel] from the server, if the client can take it
    ConsumerPtr consumer;
};

struct PublisherPace { // for net::Connection: read less of this peer, or go on
    bool slow;
};

struct Failure {
    amqp::Error error;
    amqp::MethodId method;
};
struct ChannelFailed { // the channel is stopped in the core; the session returns what it holds and sends FinishChannel
    amqp::ChannelNumber channel;
    std::unique_ptr<Failure> failure;
};
struct ChannelStopped {
    amqp::ChannelNumber channel;
};
struct ChannelClosed {
    amqp::ChannelNumber channel;
};
struct ConnectionFailed { // all channels are stopped; also how the broker closes a connection (320)
    std::unique_ptr<Failure> failure;
};
struct ConnectionStopped {};
struct ConnectionClosed {};

using Event = std::variant<Deliver, Confirmed, Returned, GetOk, Replied, ConsumerGone, PublisherPace, ChannelFailed,
                           ChannelStopped, ChannelClosed, ConnectionFailed, ConnectionStopped, ConnectionClosed>;

using EventBatch = std::vector<Event>;

} // namespace broker
