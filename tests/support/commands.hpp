// Short ways to write the commands and messages that tests give to the core.
#pragma once

#include "broker/core/commands.hpp"
#include "protocol/field_table.hpp"
#include "protocol/message.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace broker {

struct MessageOptions {
    bool persistent = false;
    std::uint8_t priority = 0;
    std::string expiration = {};
    amqp::FieldTable headers = {};
};
amqp::MessagePtr make_message(std::string_view exchange, std::string_view routing_key, std::string_view body,
                              const MessageOptions& options = {});

inline Command on_channel(amqp::ChannelNumber channel, Request request, amqp::MethodId method = {}) {
    return {channel, std::make_unique<BoxedRequest>(BoxedRequest{method, false, std::move(request)})};
}
inline Command on_channel(amqp::ChannelNumber channel, Command command) {
    command.channel = channel;
    return command;
}
inline Command no_wait(Request request) {
    return {1, std::make_unique<BoxedRequest>(BoxedRequest{{}, true, std::move(request)})};
}
inline Command to_command(Command command) {
    return command;
}
template <class Each>
requires std::constructible_from<Request, Each> Command to_command(Each request) {
    return on_channel(1, Request(std::move(request)));
}

struct PublishOptions {
    std::uint64_t confirm = 0;
    bool mandatory = false;
    bool persistent = false;
    std::uint8_t priority = 0;
    std::string expiration = {};
    amqp::FieldTable headers = {};
    std::vector<std::string> extra_keys = {};
};
Command publish(std::string_view exchange, std::string_view routing_key, std::string_view body,
                const PublishOptions& options = {});
// To a queue through the default exchange.
inline Command put(std::string_view queue, std::string_view body, const PublishOptions& options = {}) {
    return publish("", queue, body, options);
}

struct QueueFlags {
    bool durable = false, exclusive = false, auto_delete = false, server_named = false;
    amqp::FieldTable arguments = {};
};
DeclareQueue declare_queue(std::string name, QueueFlags flags = {});
DeclareQueue declare_queue_passive(std::string name);

struct ExchangeFlags {
    bool durable = false, auto_delete = false, internal = false;
    amqp::FieldTable arguments = {};
};
DeclareExchange declare_exchange(std::string name, std::string type, ExchangeFlags flags = {});
DeclareExchange declare_exchange_passive(std::string name);

inline BindQueue bind_queue(std::string queue, std::string exchange, std::string key = {},
                            amqp::FieldTable arguments = {}) {
    return {std::move(queue), std::move(exchange), std::move(key), std::move(arguments), false};
}
inline BindQueue unbind_queue(std::string queue, std::string exchange, std::string key = {},
                              amqp::FieldTable arguments = {}) {
    return {std::move(queue), std::move(exchange), std::move(key), std::move(arguments), true};
}
inline BindExchange bind_exchange(std::string destination, std::string source, std::string key = {}) {
    return {std::move(destination), std::move(source), std::move(key), {}, false};
}
inline BindExchange unbind_exchange(std::string destination, std::string source, std::string key = {}) {
    return {std::move(destination), std::move(source), std::move(key), {}, true};
}

struct ConsumerFlags {
    amqp::ChannelNumber channel = 1;
    bool no_ack = false, exclusive = false;
    std::int32_t priority = 0;
    std::uint32_t prefetch = 0;
};
ConsumerPtr make_consumer(std::string queue, std::string tag, ConsumerFlags flags = {});
inline Command consume(const ConsumerPtr& consumer) {
    return on_channel(consumer->options().channel, Consume{consumer});
}
inline Command consume(std::string queue, std::string tag, ConsumerFlags flags = {}) {
    return consume(make_consumer(std::move(queue), std::move(tag), flags));
}
inline Command get(std::string queue, ConsumerFlags flags = {}) {
    return on_channel(flags.channel, Get{make_consumer(std::move(queue), "", flags)});
}

} // namespace broker
