// Commands: all that a connection can ask of its virtual host. A network thread collects the commands of one socket
// read in a CommandBatch; the strand of the virtual host executes them in order. Answers come back as events
// (events.hpp).
//
// When a command of a channel fails, the channel is stopped (ChannelFailed event) and its later commands are skipped,
// but for Settle, Requeue and Discard, which account for deliveries already made and are always carried out.
#pragma once

#include "broker/core/consumer.hpp"
#include "broker/core/topic_guard.hpp"
#include "protocol/error.hpp"
#include "protocol/field_table.hpp"
#include "protocol/message.hpp"
#include "protocol/types.hpp"
#include "storage/store.hpp"

#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace broker {

// --- The data path: small, by value -------------------------------------------------------------------------------

struct Publish { // [basic.publish]
    amqp::MessagePtr message;
    std::unique_ptr<std::vector<std::string>> extra_keys; // CC and BCC; null when there are none
    std::uint64_t confirm_number = 0;                     // 0: not in confirm mode
    bool mandatory = false;
    bool in_transaction = false;
};

struct Settle { // [basic.ack]: deliveries with consecutive sequence numbers in one queue, made to one consumer
    ConsumerPtr consumer;
    storage::Sequence first = 0;
    std::uint32_t count = 0;
    std::uint64_t body_bytes = 0;
};

struct Unacked { // a delivery that comes back
    storage::Sequence sequence = 0;
    amqp::MessagePtr message;
    std::uint32_t delivery_count = 0; // before this delivery
    std::int64_t expires_at_ms = storage::StoredMessage::no_expiry;
};

struct Return { // [basic.nack] [basic.reject] [basic.recover], and what a closing channel still held
    enum class How : std::uint8_t { requeue, discard /* rejected: dead-letter or drop */ };
    ConsumerPtr consumer;
    How how = How::requeue;
    std::vector<Unacked> deliveries; // rising sequence
};

// --- Requests: answered by an event ---------------------------------------------------------------------------------

struct DeclareExchange {
    std::string name, type;
    bool passive = false, durable = false, auto_delete = false, internal = false;
    amqp::FieldTable arguments;
};
struct DeleteExchange {
    std::string name;
    bool if_unused = false;
};
struct BindExchange { // also unbind
    std::string destination, source, routing_key;
    amqp::FieldTable arguments;
    bool unbind = false;
};
struct DeclareQueue {
    std::string name; // never empty: the channel makes up server names
    bool server_named = false;
    bool passive = false, durable = false, exclusive = false, auto_delete = false;
    amqp::FieldTable arguments;
    bool of_default_type = true; // if the arguments do not say
};
struct BindQueue { // also unbind
    std::string queue, exchange, routing_key;
    amqp::FieldTable arguments;
    bool unbind = false;
};
struct PurgeQueue {
    std::string name;
};
struct DeleteQueue {
    std::string name;
    bool if_unused = false, if_empty = false;
};
struct Consume {
    ConsumerPtr consumer;
    std::string reply_address = {}; // not empty: direct reply-to, without a queue
};
struct Cancel {
    ConsumerPtr consumer;
};
struct Get {
    ConsumerPtr consumer; // fresh; tells queue and no_ack
};
struct SetGlobalPrefetch { // [basic.qos] with global set: for the whole channel
    std::uint32_t prefetch = 0;
};
struct Echo { // nothing to do, but the answer must keep its place among the others: `ok` comes back as Done
    amqp::MethodId ok;
};
struct CheckPublish { // of a message that waits for tx.commit: what would refuse it is told now [C32]
    amqp::MessagePtr message;
    std::vector<std::string> extra_keys;
};
struct CommitTransaction {}; // follows the publishes and settlements of tx.commit; Done when they are durable

// --- Life cycle -----------------------------------------------------------------------------------------------------

struct OpenChannel {};
struct FailChannel { // the channel found a mistake itself; ChannelFailed comes back in its place among the answers
    amqp::Error error;
};
struct StopChannel {}; // no more deliveries after the ChannelStopped event; the session then returns what it holds ...
struct FinishChannel {}; // ... and finishes: ChannelClosed
struct FailConnection {
    amqp::Error error;
};
struct StopConnection {};   // all channels stop: ConnectionStopped
struct FinishConnection {}; // exclusive queues are deleted: ConnectionClosed, the last event
struct ResumeDeliveries {}; // the peer reads again
struct RestrictTopics {     // of all that follows on this connection
    TopicGuardPtr guard;    // null: not any more
};

using Request = std::variant<DeclareExchange, DeleteExchange, BindExchange, DeclareQueue, BindQueue, PurgeQueue,
                             DeleteQueue, Consume, Cancel, Get, SetGlobalPrefetch, Echo, CheckPublish,
                             CommitTransaction, OpenChannel, FailChannel, StopChannel, FinishChannel, FailConnection,
                             StopConnection, FinishConnection, ResumeDeliveries, RestrictTopics>;

struct BoxedRequest {
    amqp::MethodId method; // for the error that it may end in; 0/0 if none
    bool no_wait = false;  // no answer but an error
    Request request;
};

struct Command {
    template <class What>
    Command(amqp::ChannelNumber number, What&& what_to_do) : channel(number),
                                                             what(std::forward<What>(what_to_do)) {}

    amqp::ChannelNumber channel;
    std::variant<Publish, Settle, Return, std::unique_ptr<BoxedRequest>> what;
};

using CommandBatch = std::vector<Command>;

} // namespace broker
