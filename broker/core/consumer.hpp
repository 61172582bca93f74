// A consumer: who takes messages from a queue, and how many it may hold. Made by the channel that got basic.consume
// (or, one for each, basic.get) and shared between its two ends, each of which touches only its own part:
//   - what was asked for never changes and may be read on any thread;
//   - `Queue` uses the strand's part, on the strand of the virtual host;
//   - `session::Channel` uses the session's part, on the network thread of its connection.
#pragma once

#include "protocol/field_table.hpp"
#include "protocol/types.hpp"

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>

#include <atomic>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>

namespace broker {

class ConnectionPort;
class ChannelPort;
class Queue;

class Consumer;
using ConsumerPtr = boost::intrusive_ptr<Consumer>;

class Consumer : public boost::intrusive_ref_counter<Consumer> {
 public:
    struct Options {
        amqp::ChannelNumber channel = 0;
        std::string queue; // name
        std::string tag;   // empty for basic.get
        bool no_ack = false;
        bool exclusive = false;
        std::int32_t priority = 0;  // x-priority
        std::uint32_t prefetch = 0; // 0 is unlimited; ignored with no_ack
        std::optional<std::int64_t> timeout_ms = {}; // x-consumer-timeout
        amqp::FieldTable arguments;
    };

    explicit Consumer(Options options) : options_(std::move(options)) {}

    const Options& options() const { return options_; }

    // Of a quorum queue: deliveries tell how often the message came back [x-delivery-count]. Set on the strand before
    // the first event about this consumer, not changed afterwards.
    bool tells_delivery_count = false;

    // How long a delivery may stay unacknowledged, as the consumer, its queue and policies say; 0: for ever. Set on the
    // strand, also later when policies change; read on the network thread [C33].
    static constexpr std::int64_t nodes_timeout = -1; // nobody says anything: the node's
    std::atomic<std::int64_t> timeout_ms{nodes_timeout};

    // The strand's part. Owned by core; see Queue and ConsumerSet.
    struct OnStrand {
        std::shared_ptr<Queue> queue;   // set once it is registered, kept for the acknowledgements that come later
        ChannelPort* channel = nullptr; // null once the channel is gone
        std::uint32_t unacked = 0;
        bool registered = false;
        bool blocked = false;  // no credit, or its connection does not read: waits in the blocked list
        std::uint64_t age = 0; // order of registration in its queue
        std::list<Consumer*>::iterator position; // in ConsumerSet
    } strand;

    // The session's part.
    struct InSession {
        std::uint32_t outstanding = 0; // deliveries in the ledger
        bool cancelled = false;
    } session;

 private:
    const Options options_;
};

} // namespace broker
