#include "tests/support/recording_port.hpp"

#include "protocol/assert.hpp"

#include <algorithm>

namespace broker {
namespace {

template <class... Functions>
struct Overloaded : Functions... {
    using Functions::operator()...;
};

std::string quoted(const amqp::MessagePtr& message) {
    return " '" + std::string(message->body()) + "'";
}

std::string suffix(const Deliver& delivery) {
    return quoted(delivery.message) + (delivery.redelivered ? " redelivered" : "") +
           (delivery.delivery_count > 0 ? " count " + std::to_string(delivery.delivery_count) : "");
}

std::string on(amqp::ChannelNumber channel) {
    return channel == 1 ? "" : std::to_string(channel) + ": ";
}

std::string describe(const Reply& reply) {
    return std::visit(Overloaded{
                          [](const GetEmpty&) { return std::string("get-empty"); },
                          [](const Done& done) {
                              return "done " + std::to_string(done.ok.class_id) + "." +
                                     std::to_string(done.ok.method_id);
                          },
                          [](const QueueDeclared& declared) {
                              return "declared " + declared.name + " " + std::to_string(declared.messages) + "/" +
                                     std::to_string(declared.consumers);
                          },
                          [](const QueuePurged& purged) { return "purged " + std::to_string(purged.messages); },
                          [](const QueueDeleted& deleted) { return "deleted " + std::to_string(deleted.messages); },
                          [](const ConsumeOk& ok) { return "consume-ok " + ok.consumer->options().tag; },
                          [](const CancelOk& ok) { return "cancel-ok " + ok.consumer->options().tag; },
                      },
                      reply);
}

std::string describe(const Failure& failure) {
    return "failed " + std::to_string(static_cast<int>(failure.error.code)) + " " + failure.error.reply_text();
}

} // namespace

std::string describe(const Event& event) {
    return std::visit(
        Overloaded{
            [](const Deliver& d) {
                return on(d.consumer->options().channel) + "deliver " + d.consumer->options().tag + suffix(d);
            },
            [](const Confirmed& confirmed) {
                const std::uint64_t last = confirmed.first + confirmed.count - 1;
                return on(confirmed.channel) + (confirmed.accepted ? "confirmed " : "refused ") +
                       std::to_string(confirmed.first) +
                       (confirmed.count > 1 ? "-" + std::to_string(last) : std::string());
            },
            [](const Returned& returned) { return on(returned.channel) + "returned" + quoted(returned.message); },
            [](const GetOk& got) {
                return on(got.delivery.consumer->options().channel) + "get-ok" + suffix(got.delivery) + " left " +
                       std::to_string(got.messages_left);
            },
            [](const Replied& replied) { return on(replied.channel) + describe(*replied.reply); },
            [](const ConsumerGone& gone) {
                return on(gone.consumer->options().channel) + "consumer-gone " + gone.consumer->options().tag;
            },
            [](const ChannelFailed& failed) { return on(failed.channel) + describe(*failed.failure); },
            [](const ChannelStopped& stopped) { return on(stopped.channel) + "channel-stopped"; },
            [](const ChannelClosed& closed) { return on(closed.channel) + "channel-closed"; },
            [](const ConnectionFailed& failed) { return "connection " + describe(*failed.failure); },
            [](const PublisherPace& pace) { return std::string(pace.slow ? "slower" : "as fast as it can"); },
            [](const ConnectionStopped&) { return std::string("connection-stopped"); },
            [](const ConnectionClosed&) { return std::string("connection-closed"); },
        },
        event);
}

RecordingPort::RecordingPort(VirtualHost& virtual_host, std::string connection_name) : virtual_host_(virtual_host) {
    name = std::move(connection_name);
    virtual_host.attach(*this);
}

void RecordingPort::send_batch(CommandBatch batch) {
    for (const Command& command : batch) {
        if (const auto* boxed = std::get_if<std::unique_ptr<BoxedRequest>>(&command.what)) {
            if (const auto* consume = std::get_if<Consume>(&(*boxed)->request)) {
                consumers_.push_back(consume->consumer);
            } else if (const auto* get = std::get_if<Get>(&(*boxed)->request)) {
                consumers_.push_back(get->consumer);
            }
        }
    }
    virtual_host_.submit(*this, std::move(batch));
}

Waker* RecordingPort::deliver(EventBatch events) {
    for (const Event& event : events) {
        lines_.push_back(describe(event));
        if (const auto* delivery = std::get_if<Deliver>(&event)) {
            unwritten_bytes_ += weight(*delivery->message);
            note(*delivery);
        } else if (const auto* got = std::get_if<GetOk>(&event)) {
            note(got->delivery);
        }
    }
    return nullptr;
}

void RecordingPort::note(const Deliver& delivery) {
    const ConsumerPtr consumer(delivery.consumer);
    if (!consumer->options().no_ack) {
        ledger_.push_back({consumer,
                           {delivery.sequence, delivery.message, delivery.delivery_count, delivery.expires_at_ms},
                           delivery.redelivered});
    }
}

Lines RecordingPort::take() {
    while (reads && unwritten_bytes_ > 0 && count_written(std::exchange(unwritten_bytes_, 0))) {
        send(on_channel(0, ResumeDeliveries{}));
    }
    return std::exchange(lines_, {});
}

RecordingPort::Delivery RecordingPort::take_delivery(std::string_view body) {
    const auto found = std::find_if(ledger_.begin(), ledger_.end(),
                                    [&](const Delivery& d) { return d.unacked.message->body() == body; });
    LEVERET_ASSERT(found != ledger_.end());
    Delivery delivery = std::move(*found);
    ledger_.erase(found);
    return delivery;
}

void RecordingPort::ack(std::string_view body) {
    const Delivery delivery = take_delivery(body);
    send(Command{delivery.consumer->options().channel,
                 Settle{delivery.consumer, delivery.unacked.sequence, 1, delivery.unacked.message->body_size()}});
}

void RecordingPort::give_back(std::string_view body, Return::How how) {
    Delivery delivery = take_delivery(body);
    Return returned{delivery.consumer, how, {}};
    returned.deliveries.push_back(std::move(delivery.unacked));
    send(Command{delivery.consumer->options().channel, std::move(returned)});
}

Lines RecordingPort::unacked() const {
    Lines bodies;
    for (const Delivery& delivery : ledger_) {
        bodies.emplace_back(delivery.unacked.message->body());
    }
    return bodies;
}

CommandBatch RecordingPort::return_everything(amqp::ChannelNumber channel) {
    CommandBatch batch;
    std::vector<Delivery> kept;
    for (Delivery& delivery : ledger_) {
        if (channel != 0 && delivery.consumer->options().channel != channel) {
            kept.push_back(std::move(delivery));
            continue;
        }
        Return returned{delivery.consumer, Return::How::requeue, {}};
        returned.deliveries.push_back(std::move(delivery.unacked));
        batch.push_back({delivery.consumer->options().channel, std::move(returned)});
    }
    ledger_ = std::move(kept);
    return batch;
}

void RecordingPort::close_channel(amqp::ChannelNumber channel) {
    send(on_channel(channel, StopChannel{}));
    CommandBatch batch = return_everything(channel);
    batch.push_back(on_channel(channel, FinishChannel{}));
    send_batch(std::move(batch));
}

void RecordingPort::close() {
    send(on_channel(0, StopConnection{}));
    CommandBatch batch = return_everything();
    batch.push_back(on_channel(0, FinishConnection{}));
    send_batch(std::move(batch));
}

} // namespace broker
