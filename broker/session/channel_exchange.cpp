// Class exchange [spec exchange]. What needs the topology (types, equivalence, existence) is the virtual host's.
#include "broker/session/channel.hpp"
#include "broker/session/names.hpp"

namespace broker {

namespace {

constexpr std::string_view reserved_prefix = "amq.";

amqp::Error default_exchange_error() {
    return amqp::access_refused("operation not permitted on the default exchange"); // [C4]
}

} // namespace

amqp::Result<> Channel::on(const amqp::exchange::Declare& method) {
    std::string name = clean_name(method.exchange);
    if (name.empty()) {
        return default_exchange_error();
    }
    amqp::Result<amqp::FieldTable> arguments = amqp::FieldTable::decode(method.arguments);
    if (!arguments) {
        return arguments.error();
    }
    amqp::Result<> permitted = method.passive ? connection_.access.check_any_for_exchange(name)
                                              : connection_.access.check_exchange(Access::configure, name);
    if (permitted && !method.passive) {
        permitted = check_alternate_exchange(name, *arguments);
    }
    if (!permitted) {
        return permitted;
    }
    request<amqp::exchange::Declare>(DeclareExchange{std::move(name), std::string(method.type), method.passive,
                                                     method.durable, method.auto_delete, method.internal,
                                                     std::move(*arguments)},
                                     method.no_wait);
    return {};
}

// Who names an alternate exchange publishes to it [C5].
amqp::Result<> Channel::check_alternate_exchange(std::string_view exchange, const amqp::FieldTable& arguments) {
    const amqp::FieldValue* const alternate = arguments.find("alternate-exchange");
    if (alternate == nullptr) {
        return {};
    }
    const std::string* const name = alternate->as_string();
    if (name == nullptr) {
        return {}; // the virtual host refuses it, unless the exchange is there and differs otherwise
    }
    const amqp::Result<> readable = connection_.access.check_exchange(Access::read, exchange);
    return readable ? connection_.access.check_exchange(Access::write, *name) : readable;
}

amqp::Result<> Channel::on(const amqp::exchange::Delete& method) {
    std::string name = clean_name(method.exchange);
    if (name.empty()) {
        return default_exchange_error();
    }
    if (name.starts_with(reserved_prefix)) {
        return amqp::access_refused("deletion of system exchange '" + name + "' in vhost '" +
                                    connection_.access.virtual_host() + "' not allowed");
    }
    const amqp::Result<> permitted = connection_.access.check_exchange(Access::configure, name);
    if (!permitted) {
        return permitted;
    }
    request<amqp::exchange::Delete>(DeleteExchange{std::move(name), method.if_unused}, method.no_wait);
    return {};
}

amqp::Result<> Channel::on(const amqp::exchange::Bind& method) {
    return bind_exchange(method, false);
}

amqp::Result<> Channel::on(const amqp::exchange::Unbind& method) {
    return bind_exchange(method, true);
}

template <amqp::Method M>
amqp::Result<> Channel::bind_exchange(const M& method, bool unbind) {
    std::string destination = clean_name(method.destination);
    std::string source = clean_name(method.source);
    if (destination.empty() || source.empty()) {
        return default_exchange_error();
    }
    amqp::Result<> permitted = connection_.access.check_exchange(Access::write, destination);
    if (permitted) {
        permitted = connection_.access.check_exchange(Access::read, source);
    }
    if (!permitted) {
        return permitted;
    }
    amqp::Result<amqp::FieldTable> arguments = amqp::FieldTable::decode(method.arguments);
    if (!arguments) {
        return arguments.error();
    }
    request<M>(BindExchange{std::move(destination), std::move(source), std::string(method.routing_key),
                            std::move(*arguments), unbind},
               method.no_wait);
    return {};
}

} // namespace broker
