// Exchanges: listing, declaring, deleting.
#include "broker/admin/access.hpp"
#include "broker/admin/admin_client.hpp"
#include "broker/admin/body.hpp"
#include "broker/admin/exchange_name.hpp"
#include "broker/admin/listing.hpp"
#include "broker/admin/resources/resources.hpp"
#include "broker/admin/thing_list.hpp"
#include "broker/admin/views.hpp"

#include <boost/json/array.hpp>

namespace broker {
namespace {

namespace json = boost::json;

void copy_exchange(VirtualHost& virtual_host, const std::string& name, std::vector<ExchangeSnapshot>& copies) {
    if (const Exchange* exchange = virtual_host.find_exchange(name)) {
        copies.push_back(snapshot_of(*exchange));
    }
}

json::object describe_exchange(Api& api, const ExchangeSnapshot& exchange, const std::string& virtual_host,
                               const SampleRanges& ranges) {
    json::object object = exchange_json(exchange, virtual_host);
    api.rates.put(Rates::Kind::exchange, virtual_host + '\0' + exchange.name, object, ranges, api.now_ms());
    return object;
}

struct ExchangeKind {
    using Thing = Exchange;
    using Snapshot = ExchangeSnapshot;

    static inline const std::string name = "exchange ";
    static constexpr auto table = &VirtualHost::exchanges;
    static constexpr auto copy = copy_exchange;
    static constexpr auto describe = describe_exchange;
    static json::object json(const ExchangeSnapshot& exchange, std::string_view virtual_host, std::string_view) {
        return exchange_json(exchange, virtual_host);
    }
    static std::span<const SortColumn<Exchange>> columns() { return exchange_columns(); }
};

boost::asio::awaitable<std::optional<ExchangeSnapshot>> find_exchange(Api& api, const HttpRequest& request) {
    const VirtualHostPtr virtual_host = api.node.find_virtual_host(request.parameter("vhost"));
    std::vector<std::string> name{exchange_name(request.parameter("exchange"))};
    auto found = co_await collect<ExchangeSnapshot>(api, virtual_host, std::move(name), copy_exchange);
    co_return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

// An alternate exchange publishes what this one cannot route [C5].
amqp::Result<> check_declaration(Api& api, const HttpRequest& request, const DeclareExchange& declare) {
    const std::string& virtual_host = request.parameter("vhost");
    auto permitted = check_access(api, *request.user, virtual_host, Access::configure, "exchange", declare.name);
    const amqp::FieldValue* alternate = declare.arguments.find("alternate-exchange");
    if (!permitted || alternate == nullptr || alternate->as_string() == nullptr) {
        return permitted;
    }
    permitted = check_access(api, *request.user, virtual_host, Access::read, "exchange", declare.name);
    return permitted
               ? check_access(api, *request.user, virtual_host, Access::write, "exchange", *alternate->as_string())
               : permitted;
}

amqp::Result<DeclareExchange> declaration(const HttpRequest& request) {
    const auto body = decode_body(request.body);
    if (!body) {
        return body.error();
    }
    DeclareExchange declare;
    BodyFields fields(*body);
    declare.name = exchange_name(request.parameter("exchange"));
    declare.type = fields.text("type").value_or("direct");
    declare.durable = fields.boolean("durable");
    declare.auto_delete = fields.boolean("auto_delete");
    declare.internal = fields.boolean("internal");
    declare.arguments = fields.table("arguments");
    if (declare.name.size() > amqp::ShortString::max_size) {
        fields.fail("the name is longer than 255 octets");
    }
    if (fields.error()) {
        return *fields.error();
    }
    return declare;
}

} // namespace

HttpAnswer list_exchanges(Api& api, const HttpRequest& request) {
    return answer_list<ExchangeKind>(api, request);
}

HttpAnswer get_exchange(Api& api, const HttpRequest& request) {
    const auto listing = Listing::of(request.query);
    if (!listing) {
        co_return listing.error();
    }
    const auto found = co_await find_exchange(api, request);
    if (!found) {
        co_return HttpResponse::not_found();
    }
    json::object object = describe_exchange(api, *found, request.parameter("vhost"), listing->ranges);
    object["incoming"] = json::array();
    object["outgoing"] = json::array();
    co_return HttpResponse::json(with_columns(object, *listing));
}

HttpAnswer put_exchange(Api& api, const HttpRequest& request) {
    auto declare = declaration(request);
    if (!declare) {
        co_return declare.error();
    }
    const auto permitted = check_declaration(api, request, *declare);
    if (!permitted) {
        co_return permitted.error();
    }
    const auto found = co_await find_exchange(api, request);
    const VirtualHostPtr virtual_host = api.node.find_virtual_host(request.parameter("vhost"));
    const auto done = co_await perform(api, virtual_host, *request.user, std::move(*declare));
    if (!done) {
        co_return done.error();
    }
    co_return HttpResponse::put(!found);
}

HttpAnswer delete_exchange(Api& api, const HttpRequest& request) {
    const std::string name = exchange_name(request.parameter("exchange"));
    const auto permitted =
        check_access(api, *request.user, request.parameter("vhost"), Access::configure, "exchange", name);
    if (!permitted) {
        co_return permitted.error();
    }
    const auto found = co_await find_exchange(api, request);
    if (!found) {
        co_return HttpResponse::not_found();
    }
    const VirtualHostPtr virtual_host = api.node.find_virtual_host(request.parameter("vhost"));
    DeleteExchange command{name, request.query.is_true("if-unused")};
    const auto done = co_await perform(api, virtual_host, *request.user, std::move(command));
    if (!done) {
        co_return done.error();
    }
    co_return HttpResponse::no_content();
}

} // namespace broker
