// A connection for tests of the core, in one thread: sends commands, writes down every event as a line of text, and
// keeps what a session would keep, the unacknowledged deliveries, so that a test can settle them by their bodies.
#pragma once

#include "broker/core/commands.hpp"
#include "broker/core/connection_port.hpp"
#include "broker/core/virtual_host.hpp"
#include "tests/support/commands.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace broker {

using Lines = std::vector<std::string>;

// One line: "deliver c 'body' redelivered", "declared q 3/1", "failed 404 NOT_FOUND - ...". Channels other than 1 in
// front.
std::string describe(const Event& event);

class RecordingPort final : public ConnectionPort {
 public:
    explicit RecordingPort(VirtualHost& virtual_host, std::string connection_name = "client");

    // All in one batch. A Request goes to channel 1.
    template <class... Each>
    void send(Each&&... each) {
        CommandBatch batch;
        (batch.push_back(to_command(std::forward<Each>(each))), ...);
        send_batch(std::move(batch));
    }
    void send_batch(CommandBatch batch);

    Lines take(); // what happened since; like a peer that reads, it makes place for more deliveries
    bool reads = true;
    template <class... Each>
    Lines ask(Each&&... each) {
        send(std::forward<Each>(each)...);
        return take();
    }

    void open(amqp::ChannelNumber channel = 1) { ask(on_channel(channel, OpenChannel{})); }
    // As a session does it: stop, give back what is unacknowledged, finish.
    void close_channel(amqp::ChannelNumber channel = 1);
    void close();

    // Settles the oldest unacknowledged delivery with this body.
    void ack(std::string_view body);
    void requeue(std::string_view body) { give_back(body, Return::How::requeue); }
    void reject(std::string_view body) { give_back(body, Return::How::discard); }
    Lines unacked() const; // their bodies, in order of delivery

    struct Delivery {
        ConsumerPtr consumer;
        Unacked unacked;
        bool redelivered = false;
    };
    const std::vector<Delivery>& ledger() const { return ledger_; }
    CommandBatch return_everything(amqp::ChannelNumber channel = 0); // 0: of all channels

    Waker* deliver(EventBatch events) override;

 private:
    Delivery take_delivery(std::string_view body);
    void give_back(std::string_view body, Return::How how);
    void note(const Deliver& delivery);

    VirtualHost& virtual_host_;
    Lines lines_;
    std::vector<Delivery> ledger_;
    std::size_t unwritten_bytes_ = 0;
    std::vector<ConsumerPtr> consumers_; // kept as the session keeps them: a Deliver only points to its consumer
};

} // namespace broker
