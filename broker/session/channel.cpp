#include "broker/session/channel.hpp"

#include "broker/core/reply_consumers.hpp"
#include "broker/session/constant_replies.hpp"
#include "protocol/assert.hpp"
#include "protocol/method_codec.hpp"

#include <algorithm>
#include <array>

namespace broker {

Channel::Channel(amqp::ChannelNumber number, ConnectionContext& connection)
    : number_(number),
      connection_(connection),
      assembler_(connection.config.max_message_size) {}

bool Channel::must_wait(amqp::Bytes method) const {
    if (gets_.empty()) [[likely]] {
        return false;
    }
    const amqp::Result<amqp::MethodId> id = amqp::method_id(method);
    if (!id || committing_) {
        return false;
    }
    namespace basic = amqp::basic;
    constexpr std::array settling{basic::Ack::id, basic::Nack::id, basic::Reject::id, basic::Recover::id,
                                  basic::RecoverAsync::id};
    return std::ranges::find(settling, *id) != settling.end() ||
           (*id == basic::Get::id && gets_.size() >= max_unanswered_gets);
}

amqp::Result<> Channel::on_frame(const amqp::Frame& frame) {
    last_active_ = connection_.now;
    if (frame.type == amqp::FrameType::method) {
        const amqp::Result<> expected = assembler_.expect_method();
        if (!expected) [[unlikely]] {
            return expected;
        }
        if (committing_) [[unlikely]] {
            return amqp::channel_error("unexpected command while processing 'tx.commit'");
        }
        return amqp::dispatch<ChannelMethods>(frame.payload, *this);
    }
    const bool is_header = frame.type == amqp::FrameType::header;
    const amqp::Result<bool> complete =
        is_header ? assembler_.on_header(frame.payload) : assembler_.on_body(frame.payload);
    if (!complete) {
        return complete.error();
    }
    return *complete ? publish() : amqp::Result<>();
}

amqp::Result<> Channel::on(const amqp::channel::Flow& method) {
    if (!method.active) {
        return amqp::not_implemented("active=false");
    }
    echo<amqp::channel::Flow, amqp::channel::FlowOk>();
    return {};
}

amqp::Result<> Channel::on(const amqp::access::Request&) {
    echo<amqp::access::Request, amqp::access::RequestOk>();
    return {};
}

void Channel::on_reply(Reply& reply) {
    struct Writer {
        Channel& channel;
        Outbox& outbox = channel.connection_.outbox;
        const amqp::ChannelNumber number = channel.number_;

        void operator()(const GetEmpty&) {
            channel.gets_.pop_front();
            ++channel.counters_.get_empty;
            outbox.write(number, amqp::basic::GetEmpty{});
        }
        void operator()(const Done& done) { channel.on_done(done.ok); }
        void operator()(const QueueDeclared& declared) {
            outbox.write(number, amqp::queue::DeclareOk{{declared.name}, declared.messages, declared.consumers});
        }
        void operator()(const QueuePurged& purged) { outbox.write(number, amqp::queue::PurgeOk{purged.messages}); }
        void operator()(const QueueDeleted& deleted) { outbox.write(number, amqp::queue::DeleteOk{deleted.messages}); }
        void operator()(const ConsumeOk& ok) {
            outbox.write(number, amqp::basic::ConsumeOk{{ok.consumer->options().tag}});
        }
        void operator()(const CancelOk& ok) { channel.on_cancel_ok(*ok.consumer); }
    };
    std::visit(Writer{*this}, reply);
}

void Channel::on_done(amqp::MethodId ok) {
    if (ok == amqp::basic::CancelOk::id) {
        connection_.outbox.write(number_, amqp::basic::CancelOk{{unknown_tags_.front()}});
        unknown_tags_.pop_front();
        return;
    }
    if (ok == amqp::tx::CommitOk::id) {
        committing_ = false;
    }
    write_constant_reply(connection_.outbox, number_, ok);
}

void Channel::on_cancel_ok(const Consumer& consumer) {
    const auto cancelled =
        std::ranges::find(cancelled_, &consumer, [](const Cancelled& c) { return c.consumer.get(); });
    LEVERET_ASSERT(cancelled != cancelled_.end());
    remember_timeout(consumer);
    if (cancelled->farewell == Farewell::cancel_ok) {
        connection_.outbox.write(number_, amqp::basic::CancelOk{{consumer.options().tag}});
    } else if (cancelled->farewell == Farewell::cancel) {
        write_cancel(consumer);
    }
    cancelled_.erase(cancelled);
}

// The client may have cancelled it, too: then its own cancel-ok is still to come.
void Channel::on_consumer_gone(const ConsumerPtr& consumer) {
    const auto entry = consumers_.find(consumer->options().tag);
    if (entry == consumers_.end() || entry->second != consumer) {
        return;
    }
    consumers_.erase(entry);
    remember_timeout(*consumer);
    write_cancel(*consumer);
}

// [basic.cancel] from the server, for clients that said they can take it [C17].
void Channel::write_cancel(const Consumer& consumer) {
    if (connection_.capabilities.consumer_cancel_notify && state == State::open) {
        connection_.outbox.write(number_, amqp::basic::Cancel{{consumer.options().tag}, true});
    }
}

void Channel::on_returned(const Returned& event) {
    const amqp::Message& message = *event.message;
    ++counters_.return_unroutable;
    const auto no_route = amqp::ReplyCode::no_route;
    const amqp::basic::Return method{
        static_cast<std::uint16_t>(no_route), {amqp::name(no_route)}, {message.exchange()}, {message.routing_key()}};
    connection_.outbox.write(number_, method, event.message, connection_.frame_max);
}

void Channel::flush_confirms() {
    confirms_.flush([&](bool accepted, std::uint64_t number, bool multiple) {
        if (state == State::closed_by_error) {
            return; // [K9]
        }
        if (accepted) {
            connection_.outbox.write(number_, amqp::basic::Ack{number, multiple});
        } else {
            connection_.outbox.write(number_, amqp::basic::Nack{number, multiple, false});
        }
    });
}

ChannelSnapshot Channel::snapshot() const {
    ChannelSnapshot snapshot{
        .number = number_,
        .state = state == State::open ? "running" : "closing",
        .confirm = mode_ == Mode::confirm,
        .transactional = mode_ == Mode::tx,
        .prefetch = prefetch_,
        .global_prefetch = global_prefetch_,
        .messages_unacknowledged = ledger_.size(),
        .messages_unconfirmed = confirms_.unconfirmed(),
        .messages_uncommitted = transaction_.publishes.size(),
        .acks_uncommitted = transaction_.settled.size(),
        .consumers = {},
        .counters = counters_,
        .last_active = last_active_,
    };
    snapshot.counters.confirm = confirms_.confirmed();
    for (const auto& [tag, consumer] : consumers_) {
        const Consumer::Options& options = consumer->options();
        if (options.queue == reply_queue) {
            continue; // RabbitMQ does not count it either
        }
        snapshot.consumers.push_back({tag, options.queue, options.no_ack, options.exclusive, options.prefetch,
                                      options.priority, options.arguments,
                                      consumer->timeout_ms.load(std::memory_order_relaxed)});
    }
    return snapshot;
}

} // namespace broker
