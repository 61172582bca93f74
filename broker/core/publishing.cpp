// VirtualHost: from an exchange to queues, and back to the publisher.
#include "broker/core/virtual_host.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace broker {
namespace {

constexpr amqp::MethodId publish_method{60, 40};

} // namespace

void VirtualHost::match_key(Exchange& exchange, std::string_view key) {
    if (!exchange.is_default()) {
        match(exchange.router(), {key}, matches_);
    } else if (Queue* queue = find_queue(key)) {
        matches_.add(*queue);
    } else if (is_reply_address(key)) {
        matches_.add(reply_consumers_.find(key));
    }
}

void VirtualHost::match_keys(Exchange& exchange, const amqp::Message& message, MessageContent& content,
                             const ExtraKeys* extra_keys) {
    const RoutedBy by = routed_by(exchange.router());
    if (by == RoutedBy::content) {
        return match(exchange.router(), {message.routing_key(), content.headers(), &content.properties(), extra_keys},
                     matches_);
    }
    if (by != RoutedBy::each_key) {
        return match(exchange.router(), {message.routing_key(), nullptr, nullptr, extra_keys}, matches_);
    }
    match_key(exchange, message.routing_key());
    if (extra_keys != nullptr) {
        for (const std::string& key : *extra_keys) {
            match_key(exchange, key);
        }
    }
}

// Collects what the message reaches from `exchange` on: its own bindings, bound exchanges transitively, and of every
// exchange that has nowhere to go its alternate. Each is visited once, so cycles end.
VirtualHost::Routed VirtualHost::match_exchange(Exchange& exchange, const amqp::MessagePtr& message,
                                                const ExtraKeys* extra_keys) {
    MessageContent content(*message);
    Routed routed;
    routed.repeatable = extra_keys == nullptr;
    matches_.clear();
    matches_.add(exchange);
    for (std::size_t i = 0; i < matches_.size(); ++i) {
        if (matches_[i].kind() != Destination::Kind::exchange) {
            continue;
        }
        auto& next = static_cast<Exchange&>(matches_[i]);
        const RoutedBy by = routed_by(next.router());
        routed.repeatable &= (by == RoutedBy::each_key || by == RoutedBy::keys) && !next.looks_at_messages();
        Taken taken = Taken::no;
        if (next.looks_at_messages()) {
            auto offered = offer_to_parts(next, message, content, extra_keys, routed);
            if (offered.has_error()) {
                routed.error = std::move(offered).error();
                return routed;
            }
            taken = *offered;
        }
        if (taken == Taken::delayed) {
            continue;
        }
        const std::uint64_t before = matches_.hits(); // a queue found before was found here too
        if (taken == Taken::no) {
            match_keys(next, *message, content, extra_keys);
        }
        if (matches_.hits() == before && next.alternate() != nullptr) {
            if (Exchange* alternate = find_exchange(*next.alternate())) {
                matches_.add(*alternate);
            }
        }
    }
    return routed;
}

bool VirtualHost::collect_queues(const amqp::MessagePtr& message, std::vector<Queue*>& queues) {
    bool replied = false;
    for (Destination* destination : matches_.all()) {
        switch (destination->kind()) {
        case Destination::Kind::queue:
            queues.push_back(static_cast<Queue*>(destination));
            break;
        case Destination::Kind::reply_consumer:
            static_cast<ReplyConsumer*>(destination)->deliver(message);
            replied = true;
            break;
        case Destination::Kind::exchange:
            break;
        }
    }
    return replied;
}

// Every routing key has to be permitted, those of CC and BCC too [C5].
amqp::Result<> VirtualHost::check_topics(ConnectionPort& port, const Exchange& exchange, const amqp::Message& message,
                                         const ExtraKeys* extra_keys) const {
    if (port.topic_guard == nullptr || exchange.definition().type != "topic") {
        return {};
    }
    auto permitted = port.topic_guard->check_write(exchange.name(), message.routing_key());
    if (extra_keys != nullptr) {
        for (auto key = extra_keys->begin(); permitted && key != extra_keys->end(); ++key) {
            permitted = port.topic_guard->check_write(exchange.name(), *key);
        }
    }
    return permitted;
}

amqp::Result<Exchange*> VirtualHost::permitted_exchange(ConnectionPort& port, const amqp::Message& message,
                                                        const ExtraKeys* extra_keys) {
    auto exchange = require_exchange(message.exchange());
    if (!exchange) {
        return exchange;
    }
    if ((*exchange)->definition().internal) {
        return amqp::access_refused("cannot publish to internal exchange '" + (*exchange)->name() + "' in vhost '" +
                                    name() + "'");
    }
    if (auto permitted = check_topics(port, **exchange, message, extra_keys); permitted.has_error()) {
        return std::move(permitted).error();
    }
    return exchange;
}

VirtualHost::Answer VirtualHost::on(ChannelPort& channel, CheckPublish& request) {
    const auto exchange = permitted_exchange(channel.connection, *request.message, &request.extra_keys);
    if (!exchange) {
        return exchange.error();
    }
    return Reply(Done{publish_method}); // nobody waits for it
}

std::optional<VirtualHost::Routed> VirtualHost::route(ChannelPort& channel, const Publish& publish) {
    const amqp::Message& message = *publish.message;
    RouteCache& cache = channel.route;
    if (cache.topology_version == topology_version_ && publish.extra_keys == nullptr &&
        cache.routing_key == message.routing_key() && cache.exchange == message.exchange()) {
        return Routed{};
    }
    cache.topology_version = 0;
    cache.queues.clear();
    const auto exchange = permitted_exchange(channel.connection, message, publish.extra_keys.get());
    if (!exchange) {
        fail(channel, exchange.error(), publish_method);
        return std::nullopt;
    }
    cache.source = *exchange;
    Routed routed = match_exchange(**exchange, publish.message, publish.extra_keys.get());
    if (routed.error) {
        fail(channel, std::move(*routed.error), publish_method);
        return std::nullopt;
    }
    routed.replied = collect_queues(publish.message, cache.queues);
    routed.repeatable &= !routed.replied;
    if (routed.repeatable) { // the next message with this key goes the same way
        cache.exchange = message.exchange();
        cache.routing_key = message.routing_key();
        cache.topology_version = topology_version_;
    }
    return routed;
}

void VirtualHost::publish(ChannelPort& channel, Publish& publish) {
    const std::optional<Routed> routed = route(channel, publish);
    if (!routed) {
        return;
    }
    ++counters_.published;
    counters_.message_sizes.count(publish.message->body_size());
    const std::vector<Queue*>& queues = channel.route.queues;
    ++channel.route.source->published_in;
    channel.route.source->published_out += queues.size();
    if (queues.empty() && !routed->delayed && !routed->replied) {
        if (publish.mandatory) {
            ++counters_.returned_unroutable;
            ++channel.route.source->returned_unroutable;
            channel.connection.emit(Returned{channel.number, publish.message});
        } else {
            ++counters_.dropped_unroutable;
            ++channel.route.source->dropped_unroutable;
        }
    }
    if (tracing) [[unlikely]] {
        trace_publish(channel, publish, queues);
    }
    auto accepted = routed->wait_for_commit ? Queue::Accepted::with_commit : Queue::Accepted::now; // the worst counts
    amqp::MessageShares shares(std::move(publish.message), queues.size());
    for (Queue* queue : queues) {
        accepted = std::max(accepted, queue->publish(shares.take()));
        pace(channel.connection, *queue);
    }
    if (accepted != Queue::Accepted::now || channel.connection.slowed_by_store) {
        pace_by_store(channel.connection);
    }
    if (accepted == Queue::Accepted::refused) [[unlikely]] {
        return refuse(channel, publish);
    }
    if (publish.confirm_number != 0) {
        ++counters_.published_confirm;
        gate_.confirm(channel, publish.confirm_number, accepted);
    }
}

void VirtualHost::refuse(ChannelPort& channel, const Publish& publish) {
    if (publish.confirm_number != 0) {
        channel.connection.emit_confirmed(channel.number, false, publish.confirm_number, 1);
    }
    channel.transaction_incomplete = channel.transaction_incomplete || publish.in_transaction;
}

void VirtualHost::publish_from(Exchange& exchange, const amqp::MessagePtr& message, const ExtraKeys* extra_keys) {
    match_exchange(exchange, message, extra_keys);
    std::vector<Queue*> queues; // what a queue does with it may collect into matches_ again
    collect_queues(message, queues);
    for (Queue* queue : queues) {
        queue->publish(message);
    }
}

void VirtualHost::pace(ConnectionPort& publisher, Queue& queue) {
    const bool overrun = queue.overrun();
    if (overrun && publisher.slowed_by == nullptr) {
        publisher.slowed_by = &queue;
        queue.slowed_publishers.push_back(&publisher);
        tell_pace(publisher);
    } else if (!overrun && publisher.slowed_by == &queue) {
        resume(publisher); // its consumers have got stuck
    }
}

void VirtualHost::pace_by_store(ConnectionPort& publisher) {
    const bool behind = commits_.store().is_behind();
    if (behind != publisher.slowed_by_store) {
        publisher.slowed_by_store = behind;
        tell_pace(publisher);
    }
}

void VirtualHost::resume(ConnectionPort& publisher) {
    std::erase(publisher.slowed_by->slowed_publishers, &publisher);
    publisher.slowed_by = nullptr;
    tell_pace(publisher);
}

void VirtualHost::tell_pace(ConnectionPort& publisher) {
    const bool slow = publisher.slowed_by != nullptr || publisher.slowed_by_store;
    if (slow != publisher.slowed) {
        publisher.slowed = slow;
        publisher.emit(PublisherPace{slow});
    }
}

void VirtualHost::resume_publishers(Queue& queue) {
    while (!queue.slowed_publishers.empty()) {
        resume(*queue.slowed_publishers.back());
    }
}

} // namespace broker
