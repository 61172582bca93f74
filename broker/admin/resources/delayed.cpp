// Messages that wait in x-delayed-message exchanges: the list by the time they are due, cancelling and firing one.
#include "broker/admin/access.hpp"
#include "broker/admin/exchange_name.hpp"
#include "broker/admin/field_json.hpp"
#include "broker/admin/listing.hpp"
#include "broker/admin/resources/resources.hpp"
#include "broker/admin/text.hpp"
#include "protocol/properties.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <charconv>
#include <tuple>

namespace broker {
namespace {

namespace json = boost::json;

using Waiting = DelayedMessages::Waiting;

// Identifiers are texts: JSON's numbers have not so many digits.
json::object waiting_json(const Waiting& waiting, const amqp::Message& message) {
    const auto properties = amqp::BasicProperties::decode(message.properties());
    return {{"id", std::to_string(waiting.id)},
            {"due", waiting.due_ms},
            {"exchange", json_text(message.exchange())},
            {"routing_key", json_text(message.routing_key())},
            {"payload_bytes", message.body_size()},
            {"persistent", message.persistent()},
            {"properties", properties ? to_json(*properties) : json::object()}};
}

// All that waits, copied in one go (16 octets each); ordered here, not on the strand. Nothing: no such exchange.
boost::asio::awaitable<std::optional<std::vector<Waiting>>> all_waiting(Api& api, const HttpRequest& request) {
    const std::string exchange = exchange_name(request.parameter("exchange"));
    auto copy = [exchange](VirtualHost& host) -> std::optional<std::vector<Waiting>> {
        const DelayedMessages* messages = host.delayed_messages(exchange);
        return messages != nullptr ? std::optional(messages->waiting()) : std::nullopt;
    };
    VirtualHostPtr virtual_host = api.node.find_virtual_host(request.parameter("vhost"));
    return on_strand(api, std::move(virtual_host), std::move(copy));
}

boost::asio::awaitable<amqp::MessagePtr> read_one(Api& api, VirtualHostPtr virtual_host, const std::string& exchange,
                                                  storage::Sequence id) {
    return wait_for<amqp::MessagePtr>(
        api.io, [virtual_host = std::move(virtual_host), exchange, id](std::function<void(amqp::MessagePtr)> done) {
            virtual_host->run([virtual_host, exchange, id, done = std::move(done)](VirtualHost& host) {
                host.read_waiting(exchange, id,
                                  [virtual_host, done](amqp::MessagePtr message) { done(std::move(message)); });
            });
        });
}

struct Chosen {
    VirtualHostPtr virtual_host; // stays until the store has answered
    std::string exchange;
    storage::Sequence id;
};

// The message that the path names. What changes where a message goes needs what publishing it needs.
amqp::Result<Chosen> choose(Api& api, const HttpRequest& request) {
    const std::string& virtual_host = request.parameter("vhost");
    Chosen chosen{api.node.find_virtual_host(virtual_host), exchange_name(request.parameter("exchange")), 0};
    if (auto permitted = check_access(api, *request.user, virtual_host, Access::write, "exchange", chosen.exchange);
        !permitted) {
        return permitted.error();
    }
    const std::string& text = request.parameter("id");
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), chosen.id);
    if (error != std::errc() || end != text.data() + text.size()) {
        return amqp::not_found("no such message");
    }
    return chosen;
}

} // namespace

HttpAnswer list_delayed(Api& api, const HttpRequest& request) {
    auto listing = Listing::of(request.query);
    if (!listing) {
        co_return listing.error();
    }
    if (!listing->page) {
        listing->page.emplace(); // there may be millions
    }
    auto all = co_await all_waiting(api, request);
    if (!all) {
        co_return HttpResponse::not_found(); // no exchange of that type
    }
    const auto slice = slice_of(*listing->page, all->size());
    if (!slice) {
        co_return page_out_of_range(*listing->page, all->size());
    }
    const auto first = all->begin() + static_cast<std::ptrdiff_t>(slice->first);
    const auto last = first + static_cast<std::ptrdiff_t>(slice->count);
    const auto order = [](const Waiting& waiting) { return std::tuple(waiting.due_ms, waiting.id); };
    std::ranges::nth_element(*all, first, {}, order);
    std::ranges::partial_sort(first, last, all->end(), {}, order);
    const VirtualHostPtr virtual_host = api.node.find_virtual_host(request.parameter("vhost"));
    const std::string exchange = exchange_name(request.parameter("exchange"));
    json::array items;
    for (auto waiting = first; waiting != last; ++waiting) {
        const amqp::MessagePtr message = co_await read_one(api, virtual_host, exchange, waiting->id);
        if (message != nullptr) { // else it has left meanwhile
            items.push_back(waiting_json(*waiting, *message));
        }
    }
    co_return page_response(std::move(items), all->size(), all->size(), *listing);
}

HttpAnswer cancel_delayed(Api& api, const HttpRequest& request) {
    const auto chosen = choose(api, request);
    if (!chosen) {
        co_return chosen.error();
    }
    auto cancel = [&chosen = *chosen](std::function<void(bool)> done) {
        chosen.virtual_host->run([chosen, done = std::move(done)](VirtualHost& host) {
            host.cancel_waiting(chosen.exchange, chosen.id, [chosen, done](bool found) { done(found); });
        });
    };
    const bool found = co_await wait_for<bool>(api.io, std::move(cancel));
    co_return found ? HttpResponse::no_content() : HttpResponse::not_found();
}

HttpAnswer fire_delayed(Api& api, const HttpRequest& request) {
    const auto chosen = choose(api, request);
    if (!chosen) {
        co_return chosen.error();
    }
    auto fire = [chosen = *chosen](VirtualHost& host) { return host.fire_waiting(chosen.exchange, chosen.id); };
    const bool found = co_await on_strand(api, chosen->virtual_host, std::move(fire));
    co_return found ? HttpResponse::no_content() : HttpResponse::not_found();
}

} // namespace broker
