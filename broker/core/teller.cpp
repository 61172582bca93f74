#include "broker/core/teller.hpp"

#include "broker/core/connection_port.hpp"
#include "broker/core/exchange.hpp"
#include "broker/core/queue.hpp"
#include "broker/core/queue_arguments.hpp"
#include "broker/core/settings_events.hpp"

#include <fmt/format.h>

#include <utility>

namespace broker {
namespace {

std::string channel_name(const ChannelPort& channel) {
    return fmt::format("{} ({})", channel.connection.name, channel.number);
}

} // namespace

void Teller::tell(std::string_view key, amqp::FieldTable headers) {
    tell(key, std::move(headers), acting_ != nullptr ? std::string_view(acting_->user_name) : internal_actor);
}

void Teller::tell(std::string_view key, amqp::FieldTable headers, std::string_view actor) {
    headers.append("vhost", virtual_host_);
    headers.append("user_who_performed_action", actor);
    sink_->emit(key, std::move(headers));
}

void Teller::created(const Exchange& exchange) {
    if (!heard()) {
        return;
    }
    const Exchange::Definition& definition = exchange.definition();
    const PolicyPtr& policy = exchange.policies().user;
    tell("exchange.created", {{"name", definition.name},
                              {"type", definition.type},
                              {"durable", definition.durable},
                              {"auto_delete", definition.auto_delete},
                              {"internal", definition.internal},
                              {"arguments", event_arguments(definition.arguments)},
                              {"policy", policy != nullptr ? policy->name : std::string()}});
}

void Teller::created(const Queue& queue) {
    if (!heard()) {
        return;
    }
    const Queue::Definition& definition = queue.definition();
    const ConnectionPort* owner = definition.exclusive_owner;
    tell("queue.created", {{"name", definition.name},
                           {"durable", definition.durable},
                           {"auto_delete", definition.auto_delete},
                           {"arguments", event_arguments(definition.arguments)},
                           {"owner_pid", owner != nullptr ? owner->name : std::string()},
                           {"exclusive", owner != nullptr}});
}

void Teller::deleted(const Exchange& exchange) {
    if (heard()) {
        tell("exchange.deleted", {{"name", exchange.name()}});
    }
}

void Teller::deleted(const Queue& queue) {
    if (heard()) {
        tell("queue.deleted", {{"name", queue.name()}});
    }
}

void Teller::bound(const Exchange& source, const Binding& binding) {
    tell_binding("binding.created", source, binding);
}

void Teller::unbound(const Exchange& source, const Binding& binding) {
    tell_binding("binding.deleted", source, binding);
}

void Teller::tell_binding(std::string_view key, const Exchange& source, const Binding& binding) {
    if (!heard()) {
        return;
    }
    const bool to_queue = binding.destination->kind() == Destination::Kind::queue;
    tell(key, {{"source_name", source.name()},
               {"source_kind", "exchange"},
               {"destination_name", to_queue ? static_cast<const Queue&>(*binding.destination).name()
                                             : static_cast<const Exchange&>(*binding.destination).name()},
               {"destination_kind", to_queue ? "queue" : "exchange"},
               {"routing_key", binding.routing_key},
               {"arguments", event_arguments(binding.arguments)}});
}

void Teller::created(const ChannelPort& channel) {
    if (!heard() || channel.connection.administrative) {
        return;
    }
    tell("channel.created", {{"pid", channel_name(channel)},
                             {"name", channel_name(channel)},
                             {"connection", channel.connection.name},
                             {"number", std::int64_t{channel.number}},
                             {"user", channel.connection.user_name}});
}

void Teller::closed(const ChannelPort& channel) {
    if (heard() && !channel.connection.administrative) {
        tell("channel.closed", {{"pid", channel_name(channel)}, {"name", channel_name(channel)}});
    }
}

void Teller::created(const Consumer& consumer) {
    if (!heard()) {
        return;
    }
    const Consumer::Options& options = consumer.options();
    tell("consumer.created", {{"consumer_tag", options.tag},
                              {"exclusive", options.exclusive},
                              {"ack_required", !options.no_ack},
                              {"channel", channel_name(*consumer.strand.channel)},
                              {"queue", consumer.strand.queue->name()},
                              {"prefetch_count", std::int64_t{options.prefetch}},
                              {"arguments", event_arguments(options.arguments)}});
}

void Teller::deleted(const Consumer& consumer) {
    if (heard()) {
        tell("consumer.deleted", {{"consumer_tag", consumer.options().tag},
                                  {"channel", channel_name(*consumer.strand.channel)},
                                  {"queue", consumer.strand.queue->name()}});
    }
}

void Teller::changed(const SettingsState& before, const SettingsState& after, std::string_view actor) {
    if (!heard()) {
        return;
    }
    for (SettingsEvent& event : settings_events(before, after)) {
        tell(event.key, std::move(event.headers), actor);
    }
}

// RabbitMQ has no such event, as its queues do not change.
void Teller::changed(const Queue& queue, const ChangedArguments& changed, std::string_view actor) {
    if (heard() && changed.before != changed.after) {
        tell("queue.changed",
             {{"name", queue.name()},
              {"arguments", event_arguments(changed.after)},
              {"arguments_before", event_arguments(changed.before)}},
             actor);
    }
}

} // namespace broker
