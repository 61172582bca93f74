// Class basic [spec basic]: publishing, consuming, getting. Acknowledgements are in channel_settle.cpp.
#include "broker/core/reply_consumers.hpp"
#include "broker/session/channel.hpp"
#include "broker/session/names.hpp"
#include "broker/session/publish_rules.hpp"
#include "protocol/assert.hpp"
#include "protocol/properties.hpp"

#include <algorithm>
#include <limits>

namespace broker {

namespace {

constexpr std::string_view server_tag_prefix = "amq.ctag";

amqp::Result<std::int32_t> priority_of(const amqp::FieldTable& arguments, const std::string& queue,
                                       const std::string& virtual_host) {
    const amqp::FieldValue* const value = arguments.find("x-priority");
    if (value == nullptr) {
        return 0;
    }
    const std::optional<std::int64_t> priority = value->as_integer();
    if (!priority) {
        return amqp::precondition_failed("invalid arg 'x-priority' for queue '" + queue + "' in vhost '" +
                                         virtual_host + "': {unacceptable_type," + std::string(value->type_name()) +
                                         '}');
    }
    using Limits = std::numeric_limits<std::int32_t>;
    return static_cast<std::int32_t>(std::clamp<std::int64_t>(*priority, Limits::min(), Limits::max()));
}

amqp::Result<std::optional<std::int64_t>> timeout_of(const amqp::FieldTable& arguments, const std::string& queue,
                                                     const std::string& virtual_host) {
    std::optional<std::int64_t> timeout_ms;
    const amqp::FieldValue* const value = arguments.find("x-consumer-timeout");
    if (value == nullptr) {
        return timeout_ms;
    }
    timeout_ms = value->as_integer();
    if (timeout_ms && *timeout_ms >= 0) {
        return timeout_ms;
    }
    const std::string reason = timeout_ms ? "value_negative," + std::to_string(*timeout_ms)
                                          : "unacceptable_type," + std::string(value->type_name());
    return amqp::precondition_failed("invalid arg 'x-consumer-timeout' for queue '" + queue + "' in vhost '" +
                                     virtual_host + "': {" + reason + '}');
}

// The message as the client of a quorum queue gets it. What comes back from him is the message as it was.
amqp::MessagePtr with_delivery_count(const Deliver& delivery) {
    const amqp::MessagePtr& message = delivery.message;
    amqp::Result<amqp::BasicProperties> properties = amqp::BasicProperties::decode(message->properties());
    LEVERET_ASSERT(properties.has_value()); // the message could not have been built
    if (!properties->headers) {
        properties->headers.emplace();
    }
    properties->headers->set("x-delivery-count", std::int64_t{delivery.delivery_count});
    properties->headers->sort_by_key();
    const std::string encoded = properties->encode();
    const bool fits = amqp::PropertiesView::decode(encoded).has_value(); // the client's table may be at its limit
    return fits ? amqp::Message::make(message->exchange(), message->routing_key(), encoded, message->body()) : message;
}

} // namespace

amqp::Result<> Channel::on(const amqp::basic::Publish& method) {
    assembler_.begin(method);
    return {};
}

// A content is complete.
amqp::Result<> Channel::publish() {
    ContentAssembler::Content content = assembler_.take();
    if (content.immediate) {
        return amqp::not_implemented("immediate=true"); // [C28]
    }
    const amqp::Result<> permitted = check_publish_permission(content.message->exchange());
    if (!permitted) {
        return permitted;
    }
    amqp::Result<ExtraKeys> keys = apply_publish_rules(content.message, connection_.access.user(), reply_address_);
    if (!keys) {
        return keys.error();
    }
    ++counters_.publish;
    const std::uint64_t number = mode_ == Mode::confirm ? confirms_.next_number() : 0;
    Publish publish{std::move(content.message), std::move(*keys), number, content.mandatory};
    if (mode_ == Mode::tx) {
        return add_to_transaction(std::move(publish));
    }
    submit(std::move(publish));
    return {};
}

// Most channels publish to one exchange: ask once.
amqp::Result<> Channel::check_publish_permission(std::string_view exchange) {
    if (writable_revision_ == connection_.access.revision() && writable_exchange_ == exchange) [[likely]] {
        return {};
    }
    const amqp::Result<> permitted = connection_.access.check_exchange(Access::write, exchange);
    if (permitted) {
        writable_exchange_ = exchange;
        writable_revision_ = connection_.access.revision();
    }
    return permitted;
}

amqp::Result<> Channel::on(const amqp::basic::Qos& method) {
    if (method.prefetch_size != 0) {
        return amqp::not_implemented("prefetch_size!=0 (" + std::to_string(method.prefetch_size) + ")");
    }
    if (method.global) {
        global_prefetch_ = method.prefetch_count;
        request<amqp::basic::Qos>(SetGlobalPrefetch{method.prefetch_count});
    } else {
        prefetch_ = method.prefetch_count;
        echo<amqp::basic::Qos, amqp::basic::QosOk>();
    }
    return {};
}

amqp::Result<> Channel::on(const amqp::basic::Consume& method) {
    const std::uint32_t consumer_max = connection_.config.consumer_max_per_channel;
    if (consumers_.size() >= consumer_max) {
        return amqp::not_allowed("reached maximum (" + std::to_string(consumer_max) + ") of consumers per channel");
    }
    if (method.queue.value == reply_queue) {
        return consume_replies(method);
    }
    amqp::Result<std::string> queue = expand_queue(method.queue);
    if (!queue) {
        return queue.error();
    }
    const amqp::Result<> permitted = connection_.access.check_queue(Access::read, *queue);
    if (!permitted) {
        return permitted;
    }
    amqp::Result<std::string> tag = new_tag(method.consumer_tag);
    if (!tag) {
        return tag.error();
    }
    amqp::Result<amqp::FieldTable> arguments = amqp::FieldTable::decode(method.arguments);
    if (!arguments) {
        return arguments.error();
    }
    const amqp::Result<std::int32_t> priority = priority_of(*arguments, *queue, connection_.access.virtual_host());
    if (!priority) {
        return priority.error();
    }
    const amqp::Result<std::optional<std::int64_t>> timeout =
        timeout_of(*arguments, *queue, connection_.access.virtual_host());
    if (!timeout) {
        return timeout.error();
    }
    const ConsumerPtr consumer(new Consumer({.channel = number_,
                                             .queue = std::move(*queue),
                                             .tag = *tag,
                                             .no_ack = method.no_ack,
                                             .exclusive = method.exclusive,
                                             .priority = *priority,
                                             .prefetch = prefetch_,
                                             .timeout_ms = *timeout,
                                             .arguments = std::move(*arguments)}));
    consumers_.emplace(std::move(*tag), consumer);
    request<amqp::basic::Consume>(Consume{consumer}, method.no_wait);
    return {};
}

// [D1] No permission is asked for: who may write to an exchange may be answered.
amqp::Result<> Channel::consume_replies(const amqp::basic::Consume& method) {
    amqp::Result<std::string> tag = new_tag(method.consumer_tag);
    if (!tag) {
        return tag.error();
    }
    if (!method.no_ack) {
        return amqp::precondition_failed("reply consumer cannot acknowledge");
    }
    if (!reply_address_.empty()) {
        return amqp::precondition_failed("reply consumer already set");
    }
    const ConsumerPtr consumer(new Consumer(
        {.channel = number_, .queue = std::string(reply_queue), .tag = *tag, .no_ack = true, .arguments = {}}));
    consumers_.emplace(std::move(*tag), consumer);
    reply_address_ = make_reply_address(connection_.random);
    request<amqp::basic::Consume>(Consume{consumer, reply_address_}, method.no_wait);
    return {};
}

amqp::Result<std::string> Channel::new_tag(std::string_view wanted) const {
    if (wanted.empty()) {
        return make_name(server_tag_prefix, connection_.random);
    }
    std::string tag(wanted);
    if (consumers_.contains(tag)) {
        return amqp::not_allowed("attempt to reuse consumer tag '" + tag + "'");
    }
    return tag;
}

amqp::Result<> Channel::on(const amqp::basic::Cancel& method) {
    const auto entry = consumers_.find(method.consumer_tag.value);
    if (entry == consumers_.end()) {
        if (!method.no_wait) {
            unknown_tags_.emplace_back(method.consumer_tag.value);
        }
        echo<amqp::basic::Cancel, amqp::basic::CancelOk>(method.no_wait);
        return {};
    }
    cancel(entry, method.no_wait ? Farewell::none : Farewell::cancel_ok);
    return {};
}

Channel::Consumers::iterator Channel::cancel(Consumers::iterator entry, Farewell farewell) {
    ConsumerPtr consumer = std::move(entry->second);
    if (consumer->options().queue == reply_queue) {
        reply_address_.clear(); // free for another [D6]
    }
    consumer->session.cancelled = true;
    cancelled_.push_back({consumer, farewell});
    // Always answered: the answer tells when the virtual host speaks of the consumer no more.
    request<amqp::basic::Cancel>(Cancel{std::move(consumer)});
    return consumers_.erase(entry);
}

// What has been delivered may still be acknowledged. Replies to one's own requests need no permission.
void Channel::cancel_unreadable() {
    if (state != State::open) {
        return;
    }
    for (auto entry = consumers_.begin(); entry != consumers_.end();) {
        const std::string& queue = entry->second->options().queue;
        const bool readable = queue == reply_queue || connection_.access.check_queue(Access::read, queue);
        entry = readable ? std::next(entry) : cancel(entry, Farewell::cancel);
    }
}

amqp::Result<> Channel::on(const amqp::basic::CancelOk&) {
    return {}; // to our own basic.cancel, which asks for none
}

amqp::Result<> Channel::on(const amqp::basic::Get& method) {
    amqp::Result<std::string> queue = expand_queue(method.queue);
    if (!queue) {
        return queue.error();
    }
    const amqp::Result<> permitted = connection_.access.check_queue(Access::read, *queue);
    if (!permitted) {
        return permitted;
    }
    gets_.emplace_back(new Consumer({.channel = number_,
                                     .queue = std::move(*queue),
                                     .tag = {},
                                     .no_ack = method.no_ack,
                                     .exclusive = false,
                                     .priority = 0,
                                     .prefetch = 0,
                                     .arguments = {}}));
    request<amqp::basic::Get>(Get{gets_.back()});
    return {};
}

template <amqp::Method M>
void Channel::write(const M& method, const Deliver& content) {
    Outbox& outbox = connection_.outbox;
    const bool tells = content.consumer->tells_delivery_count && content.delivery_count != 0;
    if (tells) [[unlikely]] {
        outbox.write(number_, method, with_delivery_count(content), connection_.frame_max);
    } else { // without a reference of its own: counting it up and down again was 3.5 % of the broker's CPU at 16 B
        outbox.write(number_, method, content.message, connection_.frame_max);
    }
}

// A stopped channel's deliveries are not written, but they must be returned.
void Channel::deliver(Deliver& delivery) {
    if (state == State::open) {
        const Consumer::Options& options = delivery.consumer->options();
        const amqp::Message& message = *delivery.message;
        ++(options.no_ack ? counters_.deliver_no_ack : counters_.deliver);
        write(
            amqp::basic::Deliver{
                {options.tag}, ledger_.next_tag(), delivery.redelivered, {message.exchange()}, {message.routing_key()}},
            delivery);
    }
    enter(delivery);
}

void Channel::on_get_ok(GetOk& event) {
    LEVERET_ASSERT(!gets_.empty() && gets_.front() == event.delivery.consumer);
    const ConsumerPtr consumer = std::move(gets_.front());
    gets_.pop_front();
    const amqp::Message& message = *event.delivery.message;
    remember_timeout(*consumer);
    ++(consumer->options().no_ack ? counters_.get_no_ack : counters_.get);
    write(amqp::basic::GetOk{ledger_.next_tag(),
                             event.delivery.redelivered,
                             {message.exchange()},
                             {message.routing_key()},
                             event.messages_left},
          event.delivery);
    enter(event.delivery);
}

void Channel::enter(Deliver& delivery) {
    last_active_ = connection_.now;
    counters_.redeliver += delivery.redelivered ? 1 : 0;
    if (delivery.consumer->options().no_ack) {
        ledger_.skip();
        return;
    }
    ledger_.add(*delivery.consumer,
                {delivery.sequence, std::move(delivery.message), delivery.delivery_count, delivery.expires_at_ms},
                connection_.now);
}

} // namespace broker
