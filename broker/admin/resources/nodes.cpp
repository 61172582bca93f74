// The nodes of the cluster: this one.
#include "broker/admin/listing.hpp"
#include "broker/admin/node_json.hpp"
#include "broker/admin/resources/resources.hpp"
#include "broker/admin/statistics_json.hpp"
#include "broker/admin/totals.hpp"

#include <boost/json/array.hpp>

namespace broker {
namespace {

namespace json = boost::json;

boost::asio::awaitable<json::object> describe(Api& api, const SampleRanges& ranges) {
    std::size_t connections = 0;
    for (const VirtualHostPtr& virtual_host : api.node.virtual_hosts()) {
        const std::size_t of_host =
            co_await on_strand(api, virtual_host, [](VirtualHost& host) { return host.connections().size(); });
        connections += of_host;
    }
    json::object object = node_json(api.node, connections);
    put_churn(object, counts_of(api.node.virtual_hosts()).host);
    api.rates.put(Rates::Kind::node, {}, object, ranges, api.now_ms());
    co_return object;
}

} // namespace

HttpAnswer list_nodes(Api& api, const HttpRequest& request) {
    const auto listing = Listing::of(request.query);
    if (!listing) {
        co_return listing.error();
    }
    json::object node = co_await describe(api, listing->ranges);
    co_return list_response(json::array{std::move(node)}, *listing);
}

HttpAnswer get_node(Api& api, const HttpRequest& request) {
    if (request.parameter("node") != api.node_name()) {
        co_return HttpResponse::not_found();
    }
    const auto listing = Listing::of(request.query);
    if (!listing) {
        co_return listing.error();
    }
    const json::object node = co_await describe(api, listing->ranges);
    co_return HttpResponse::json(with_columns(node, *listing));
}

HttpAnswer get_node_memory(Api& api, const HttpRequest& request) {
    if (request.parameter("node") != api.node_name()) {
        co_return HttpResponse::not_found();
    }
    co_return HttpResponse::json(node_memory_json());
}

HttpAnswer get_relative_node_memory(Api& api, const HttpRequest& request) {
    if (request.parameter("node") != api.node_name()) {
        co_return HttpResponse::not_found();
    }
    co_return HttpResponse::json(relative_node_memory_json());
}

// There are no such tables here: as RabbitMQ answers where they cannot be looked at.
HttpAnswer get_node_tables(Api& api, const HttpRequest& request) {
    if (request.parameter("node") != api.node_name()) {
        co_return HttpResponse::not_found();
    }
    co_return HttpResponse::json(json::object{{"ets_tables", "not_available"}});
}

} // namespace broker
