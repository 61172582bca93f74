// Class queue [spec queue]. What needs the topology (equivalence, existence, ownership) is the virtual host's.
#include "broker/core/reply_consumers.hpp"
#include "broker/session/channel.hpp"
#include "broker/session/names.hpp"

namespace broker {

namespace {

constexpr std::string_view server_name_prefix = "amq.gen";

} // namespace

amqp::Result<> Channel::on(const amqp::queue::Declare& method) {
    std::string name = clean_name(method.queue);
    amqp::Result<amqp::FieldTable> arguments = amqp::FieldTable::decode(method.arguments);
    if (!arguments) {
        return arguments.error();
    }
    bool server_named = false;
    if (method.passive) {
        if (name.empty()) {
            return amqp::not_found("no queue '' in vhost '" + connection_.access.virtual_host() + "'");
        }
        amqp::Result<> permitted = connection_.access.check_any_for_queue(name);
        if (!permitted && !is_reply_queue(name)) {
            return permitted;
        }
    } else if (!is_reply_queue(name)) { // those need no permission: nothing is declared [D4]
        server_named = name.empty();
        if (server_named) {
            name = make_name(server_name_prefix, connection_.random);
        }
        amqp::Result<> permitted = connection_.access.check_queue(Access::configure, name);
        if (permitted) {
            permitted = check_dead_letter_exchange(name, *arguments);
        }
        if (!permitted) {
            return permitted;
        }
    }
    last_queue_ = name; // should this fail, the channel is over
    request<amqp::queue::Declare>(DeclareQueue{std::move(name), server_named, method.passive, method.durable,
                                               method.exclusive, method.auto_delete, std::move(*arguments)},
                                  method.no_wait);
    return {};
}

// Who names a dead letter exchange publishes to it what is in the queue [C5].
amqp::Result<> Channel::check_dead_letter_exchange(std::string_view queue, const amqp::FieldTable& arguments) {
    const amqp::FieldValue* const exchange = arguments.find("x-dead-letter-exchange");
    if (exchange == nullptr) {
        return {};
    }
    const std::string* const name = exchange->as_string();
    if (name == nullptr) {
        return {}; // the virtual host refuses it, unless the queue is there and differs
    }
    const amqp::Result<> readable = connection_.access.check_queue(Access::read, queue);
    return readable ? connection_.access.check_exchange(Access::write, *name) : readable;
}

amqp::Result<std::string> Channel::expand_queue(std::string_view name) const {
    std::string clean = clean_name(name);
    if (!clean.empty()) {
        return clean;
    }
    if (last_queue_.empty()) {
        return amqp::not_found("no previously declared queue");
    }
    return last_queue_;
}

amqp::Result<> Channel::on(const amqp::queue::Bind& method) {
    return bind_queue(method, false, method.no_wait);
}

amqp::Result<> Channel::on(const amqp::queue::Unbind& method) {
    return bind_queue(method, true, false);
}

template <amqp::Method M>
amqp::Result<> Channel::bind_queue(const M& method, bool unbind, bool no_wait) {
    amqp::Result<std::string> queue = expand_queue(method.queue);
    if (!queue) {
        return queue.error();
    }
    std::string exchange = clean_name(method.exchange);
    if (exchange.empty()) {
        return amqp::access_refused("operation not permitted on the default exchange"); // [C4]
    }
    amqp::Result<> permitted = connection_.access.check_queue(Access::write, *queue);
    if (permitted) {
        permitted = connection_.access.check_exchange(Access::read, exchange);
    }
    if (!permitted) {
        return permitted;
    }
    amqp::Result<amqp::FieldTable> arguments = amqp::FieldTable::decode(method.arguments);
    if (!arguments) {
        return arguments.error();
    }
    const bool both_empty = method.queue.value.empty() && method.routing_key.value.empty();
    std::string routing_key = both_empty ? *queue : std::string(method.routing_key);
    request<M>(BindQueue{std::move(*queue), std::move(exchange), std::move(routing_key), std::move(*arguments), unbind},
               no_wait);
    return {};
}

amqp::Result<> Channel::on(const amqp::queue::Purge& method) {
    amqp::Result<std::string> queue = expand_queue(method.queue);
    if (!queue) {
        return queue.error();
    }
    const amqp::Result<> permitted = connection_.access.check_queue(Access::read, *queue);
    if (!permitted) {
        return permitted;
    }
    request<amqp::queue::Purge>(PurgeQueue{std::move(*queue)}, method.no_wait);
    return {};
}

amqp::Result<> Channel::on(const amqp::queue::Delete& method) {
    amqp::Result<std::string> queue = expand_queue(method.queue);
    if (!queue) {
        return queue.error();
    }
    const amqp::Result<> permitted = connection_.access.check_queue(Access::configure, *queue);
    if (!permitted) {
        return permitted;
    }
    request<amqp::queue::Delete>(DeleteQueue{std::move(*queue), method.if_unused, method.if_empty}, method.no_wait);
    return {};
}

} // namespace broker
