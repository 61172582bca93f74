// VirtualHost: tells of what happens in it (amq.rabbitmq.event), in RabbitMQ's words. Nothing is told of the management
// API's own connections. Where RabbitMQ gives a process identifier there is the name of the connection or channel.
#include "broker/core/settings_events.hpp"
#include "broker/core/virtual_host.hpp"

#include <fmt/format.h>

#include <utility>

namespace broker {
namespace {

std::string channel_name(const ChannelPort& channel) {
    return fmt::format("{} ({})", channel.connection.name, channel.number);
}

} // namespace

std::int64_t VirtualHost::now_ms() const {
    return environment_.clock.now_ms();
}

void VirtualHost::publish_event(const amqp::MessagePtr& event) {
    if (Exchange* exchange = find_exchange(event_exchange)) {
        publish_from(*exchange, event);
    }
}

void VirtualHost::note_event_bindings(const Exchange& source) {
    if (environment_.has_event_exchange && environment_.events != nullptr && source.name() == event_exchange) {
        environment_.events->set_bound(*this, !source.bindings().empty());
    }
}

void VirtualHost::tell(std::string_view key, amqp::FieldTable headers) {
    headers.append("vhost", name_);
    headers.append("user_who_performed_action",
                   acting_ != nullptr ? std::string_view(acting_->user_name) : internal_actor);
    environment_.events->emit(key, std::move(headers));
}

void VirtualHost::tell_created(const Exchange& exchange) {
    if (!tells()) {
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

void VirtualHost::tell_created(const Queue& queue) {
    if (!tells()) {
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

void VirtualHost::tell_deleted(std::string_view key, std::string_view object) {
    if (tells()) {
        tell(key, {{"name", object}});
    }
}

void VirtualHost::tell_binding(std::string_view key, const Exchange& source, const Binding& binding) {
    if (!tells()) {
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

void VirtualHost::tell_created(const ChannelPort& channel) {
    if (!tells() || channel.connection.administrative) {
        return;
    }
    tell("channel.created", {{"pid", channel_name(channel)},
                             {"name", channel_name(channel)},
                             {"connection", channel.connection.name},
                             {"number", std::int64_t{channel.number}},
                             {"user", channel.connection.user_name}});
}

void VirtualHost::tell_closed(const ChannelPort& channel) {
    if (tells() && !channel.connection.administrative) {
        tell("channel.closed", {{"pid", channel_name(channel)}, {"name", channel_name(channel)}});
    }
}

void VirtualHost::tell_created(const Consumer& consumer) {
    if (!tells()) {
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

void VirtualHost::tell_deleted(const Consumer& consumer) {
    if (tells()) {
        tell("consumer.deleted", {{"consumer_tag", consumer.options().tag},
                                  {"channel", channel_name(*consumer.strand.channel)},
                                  {"queue", consumer.strand.queue->name()}});
    }
}

void VirtualHost::tell_settings(const SettingsState& before, std::string_view actor) {
    for (SettingsEvent& event : settings_events(before, SettingsState(settings_))) {
        event.headers.append("vhost", name_);
        event.headers.append("user_who_performed_action", actor);
        environment_.events->emit(event.key, std::move(event.headers));
    }
}

// RabbitMQ has no such event, as its queues do not change.
void VirtualHost::tell_changed(const Queue& queue, const ChangedArguments& changed, std::string_view actor) {
    if (tells() && changed.before != changed.after) {
        environment_.events->emit("queue.changed", {{"name", queue.name()},
                                                    {"arguments", event_arguments(changed.after)},
                                                    {"arguments_before", event_arguments(changed.before)},
                                                    {"vhost", name_},
                                                    {"user_who_performed_action", actor}});
    }
}

} // namespace broker
