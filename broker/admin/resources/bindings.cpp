// Bindings: listing, binding, unbinding.
#include "broker/admin/access.hpp"
#include "broker/admin/admin_client.hpp"
#include "broker/admin/body.hpp"
#include "broker/admin/exchange_name.hpp"
#include "broker/admin/listing.hpp"
#include "broker/admin/properties_key.hpp"
#include "broker/admin/resources/resources.hpp"
#include "broker/admin/thing_list.hpp"
#include "broker/admin/views.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <iterator>
#include <optional>
#include <tuple>

namespace broker {
namespace {

namespace json = boost::json;

using Bindings = std::vector<BindingSnapshot>;
using Kind = Destination::Kind;

std::size_t add_bindings(Bindings& copies, const Exchange& exchange) {
    std::ranges::move(bindings_from(exchange), std::back_inserter(copies));
    return 1 + exchange.bindings().size();
}

std::size_t add_default_binding(Bindings& copies, const Queue& queue) {
    copies.push_back(default_binding(queue.name()));
    return 1;
}

bool before(const BindingSnapshot& a, const BindingSnapshot& b) {
    return std::tie(a.source, a.destination_kind, a.destination, a.routing_key) <
           std::tie(b.source, b.destination_kind, b.destination, b.routing_key);
}

json::array to_json(Bindings bindings, std::string_view virtual_host) {
    std::ranges::sort(bindings, before);
    json::array items;
    for (const BindingSnapshot& binding : bindings) {
        items.push_back(binding_json(binding, virtual_host));
    }
    return items;
}

HttpResult list(Bindings bindings, const HttpRequest& request) {
    const auto listing = Listing::of(request.query);
    if (!listing) {
        return listing.error();
    }
    return list_response(to_json(std::move(bindings), request.parameter("vhost")), *listing);
}

// The bindings of an exchange or a queue. What does not exist has none: no error in RabbitMQ.
boost::asio::awaitable<Bindings> read(Api& api, const HttpRequest& request,
                                      Bindings (*of)(VirtualHost&, const std::string&), std::string name) {
    return on_strand(api, api.node.find_virtual_host(request.parameter("vhost")),
                     [of, name = std::move(name)](VirtualHost& host) { return of(host, name); });
}

Bindings from_exchange(VirtualHost& host, const std::string& name) {
    const Exchange* exchange = host.find_exchange(name);
    return exchange == nullptr ? Bindings() : bindings_from(*exchange);
}

Bindings to_exchange(VirtualHost& host, const std::string& name) {
    const Exchange* exchange = host.find_exchange(name);
    return exchange == nullptr ? Bindings() : bindings_to(*exchange);
}

Bindings to_queue(VirtualHost& host, const std::string& name) {
    const Queue* queue = host.find_queue(name);
    if (queue == nullptr) {
        return {};
    }
    Bindings bindings = bindings_to(*queue);
    bindings.push_back(default_binding(name));
    return bindings;
}

// Those between the two ends of the path.
boost::asio::awaitable<Bindings> between(Api& api, const HttpRequest& request, Kind kind) {
    const std::string source = exchange_name(request.parameter("source"));
    std::string destination = request.parameter("destination");
    if (kind == Kind::exchange) {
        destination = exchange_name(destination);
    }
    const auto to = kind == Kind::queue ? to_queue : to_exchange;
    Bindings bindings = co_await read(api, request, to, std::move(destination));
    std::erase_if(bindings, [&](const BindingSnapshot& binding) { return binding.source != source; });
    co_return bindings;
}

boost::asio::awaitable<std::optional<BindingSnapshot>> find(Api& api, const HttpRequest& request, Kind kind) {
    const Bindings bindings = co_await between(api, request, kind);
    for (const BindingSnapshot& binding : bindings) {
        if (has_properties_key(binding, request.parameter("key"))) {
            co_return binding;
        }
    }
    co_return std::nullopt;
}

HttpAnswer list_between(Api& api, const HttpRequest& request, Kind kind) {
    Bindings bindings = co_await between(api, request, kind);
    co_return list(std::move(bindings), request);
}

HttpAnswer get_one(Api& api, const HttpRequest& request, Kind kind) {
    const auto binding = co_await find(api, request, kind);
    co_return binding ? HttpResponse::json(binding_json(*binding, request.parameter("vhost")))
                      : HttpResponse::not_found();
}

// What bind and unbind need: write on the destination, read on the source [C5].
amqp::Result<> check_ends(Api& api, const HttpRequest& request, Kind kind) {
    const std::string& virtual_host = request.parameter("vhost");
    const auto writable = check_access(api, *request.user, virtual_host, Access::write,
                                       kind == Kind::queue ? "queue" : "exchange", request.parameter("destination"));
    return writable ? check_access(api, *request.user, virtual_host, Access::read, "exchange",
                                   exchange_name(request.parameter("source")))
                    : writable;
}

Request command(const HttpRequest& request, Kind kind, std::string routing_key, amqp::FieldTable arguments,
                bool unbind) {
    const std::string source = exchange_name(request.parameter("source"));
    const std::string& destination = request.parameter("destination");
    if (kind == Kind::queue) {
        return BindQueue{destination, source, std::move(routing_key), std::move(arguments), unbind};
    }
    return BindExchange{exchange_name(destination), source, std::move(routing_key), std::move(arguments), unbind};
}

HttpAnswer bind(Api& api, const HttpRequest& request, Kind kind) {
    const auto body = decode_body(request.body);
    if (!body) {
        co_return body.error();
    }
    BodyFields fields(*body);
    const std::string routing_key = fields.short_text("routing_key").value_or("");
    amqp::FieldTable arguments = fields.table("arguments");
    if (fields.error()) {
        co_return *fields.error();
    }
    auto permitted = check_ends(api, request, kind);
    const VirtualHostPtr virtual_host = api.node.find_virtual_host(request.parameter("vhost"));
    if (permitted) {
        const std::string source = exchange_name(request.parameter("source"));
        auto by_topic = co_await check_topic_access(api, virtual_host, request.user, Access::read, source, routing_key);
        permitted = std::move(by_topic);
    }
    if (!permitted) {
        co_return permitted.error();
    }
    const std::string location =
        encode_segment(request.parameter("destination")) + '/' + encode_segment(properties_key(routing_key, arguments));
    Request bind_command = command(request, kind, routing_key, std::move(arguments), false);
    const auto done = co_await perform(api, virtual_host, *request.user, std::move(bind_command));
    if (!done) {
        co_return done.error();
    }
    co_return HttpResponse::created(location);
}

HttpAnswer unbind(Api& api, const HttpRequest& request, Kind kind) {
    const auto permitted = check_ends(api, request, kind);
    if (!permitted) {
        co_return permitted.error();
    }
    auto binding = co_await find(api, request, kind);
    if (!binding) {
        co_return HttpResponse::not_found();
    }
    Request unbind_command =
        command(request, kind, std::move(binding->routing_key), std::move(binding->arguments), true);
    const VirtualHostPtr virtual_host = api.node.find_virtual_host(request.parameter("vhost"));
    const auto done = co_await perform(api, virtual_host, *request.user, std::move(unbind_command));
    if (!done) {
        co_return done.error();
    }
    co_return HttpResponse::no_content();
}

} // namespace

HttpAnswer list_bindings(Api& api, const HttpRequest& request) {
    const auto listing = Listing::of(request.query);
    if (!listing) {
        co_return listing.error();
    }
    ItemsText text(*listing);
    json::array to_sort;
    for (const VirtualHostPtr& virtual_host : virtual_hosts_of(api, request)) {
        Bindings bindings = co_await walk<Bindings>(api, virtual_host, &VirtualHost::queues, add_default_binding);
        Bindings stored = co_await walk<Bindings>(api, virtual_host, &VirtualHost::exchanges, add_bindings);
        std::ranges::move(stored, std::back_inserter(bindings));
        std::ranges::sort(bindings, before);
        for (const BindingSnapshot& binding : bindings) {
            json::object item = binding_json(binding, virtual_host->name());
            if (listing->sort.empty()) {
                text.add(item);
            } else {
                to_sort.emplace_back(std::move(item));
            }
        }
    }
    co_return listing->sort.empty() ? std::move(text).response() : list_response(std::move(to_sort), *listing);
}

HttpAnswer list_bindings_from_exchange(Api& api, const HttpRequest& request) {
    Bindings bindings = co_await read(api, request, from_exchange, exchange_name(request.parameter("exchange")));
    if (request.parameter("exchange") == "amq.default") {
        const VirtualHostPtr virtual_host = api.node.find_virtual_host(request.parameter("vhost"));
        Bindings all = co_await walk<Bindings>(api, virtual_host, &VirtualHost::queues, add_default_binding);
        std::ranges::move(all, std::back_inserter(bindings));
    }
    co_return list(std::move(bindings), request);
}

HttpAnswer list_bindings_to_exchange(Api& api, const HttpRequest& request) {
    Bindings bindings = co_await read(api, request, to_exchange, exchange_name(request.parameter("exchange")));
    co_return list(std::move(bindings), request);
}

HttpAnswer list_bindings_of_queue(Api& api, const HttpRequest& request) {
    Bindings bindings = co_await read(api, request, to_queue, request.parameter("queue"));
    co_return list(std::move(bindings), request);
}

HttpAnswer list_bindings_to_queue(Api& api, const HttpRequest& request) {
    return list_between(api, request, Kind::queue);
}
HttpAnswer list_bindings_between_exchanges(Api& api, const HttpRequest& request) {
    return list_between(api, request, Kind::exchange);
}
HttpAnswer get_binding_to_queue(Api& api, const HttpRequest& request) {
    return get_one(api, request, Kind::queue);
}
HttpAnswer get_binding_between_exchanges(Api& api, const HttpRequest& request) {
    return get_one(api, request, Kind::exchange);
}
HttpAnswer bind_queue(Api& api, const HttpRequest& request) {
    return bind(api, request, Kind::queue);
}
HttpAnswer bind_exchange(Api& api, const HttpRequest& request) {
    return bind(api, request, Kind::exchange);
}
HttpAnswer unbind_queue(Api& api, const HttpRequest& request) {
    return unbind(api, request, Kind::queue);
}
HttpAnswer unbind_exchange(Api& api, const HttpRequest& request) {
    return unbind(api, request, Kind::exchange);
}

} // namespace broker
