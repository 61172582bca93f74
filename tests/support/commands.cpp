#include "tests/support/commands.hpp"

#include "protocol/properties.hpp"

namespace broker {

amqp::MessagePtr make_message(std::string_view exchange, std::string_view routing_key, std::string_view body,
                              const MessageOptions& options) {
    amqp::BasicProperties properties;
    properties.delivery_mode = options.persistent ? 2 : 1;
    if (options.priority != 0) {
        properties.priority = options.priority;
    }
    if (!options.expiration.empty()) {
        properties.expiration = options.expiration;
    }
    if (!options.headers.empty()) {
        properties.headers = options.headers;
    }
    return amqp::Message::make(exchange, routing_key, properties.encode(), body);
}

Command publish(std::string_view exchange, std::string_view routing_key, std::string_view body,
                const PublishOptions& options) {
    Publish command;
    command.message = make_message(exchange, routing_key, body,
                                   {options.persistent, options.priority, options.expiration, options.headers});
    if (!options.extra_keys.empty()) {
        command.extra_keys = std::make_unique<std::vector<std::string>>(options.extra_keys);
    }
    command.confirm_number = options.confirm;
    command.mandatory = options.mandatory;
    return {1, std::move(command)};
}

DeclareQueue declare_queue(std::string name, QueueFlags flags) {
    DeclareQueue request;
    request.name = std::move(name);
    request.server_named = flags.server_named;
    request.durable = flags.durable;
    request.exclusive = flags.exclusive;
    request.auto_delete = flags.auto_delete;
    request.arguments = std::move(flags.arguments);
    return request;
}

DeclareQueue declare_queue_passive(std::string name) {
    DeclareQueue request;
    request.name = std::move(name);
    request.passive = true;
    return request;
}

DeclareExchange declare_exchange(std::string name, std::string type, ExchangeFlags flags) {
    DeclareExchange request;
    request.name = std::move(name);
    request.type = std::move(type);
    request.durable = flags.durable;
    request.auto_delete = flags.auto_delete;
    request.internal = flags.internal;
    request.arguments = std::move(flags.arguments);
    return request;
}

DeclareExchange declare_exchange_passive(std::string name) {
    DeclareExchange request;
    request.name = std::move(name);
    request.passive = true;
    return request;
}

ConsumerPtr make_consumer(std::string queue, std::string tag, ConsumerFlags flags) {
    Consumer::Options options;
    options.channel = flags.channel;
    options.queue = std::move(queue);
    options.tag = std::move(tag);
    options.no_ack = flags.no_ack;
    options.exclusive = flags.exclusive;
    options.priority = flags.priority;
    options.prefetch = flags.prefetch;
    return ConsumerPtr(new Consumer(std::move(options)));
}

} // namespace broker
