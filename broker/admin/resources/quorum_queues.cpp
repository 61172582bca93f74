// Members of quorum queues: this node is the only one, of each.
#include "broker/admin/body.hpp"
#include "broker/admin/resources/resources.hpp"

#include <boost/json/array.hpp>

namespace broker {
namespace {

namespace json = boost::json;

boost::asio::awaitable<bool> is_quorum_queue(Api& api, const HttpRequest& request) {
    auto is_quorum = [name = request.parameter("queue")](VirtualHost& host) {
        const Queue* queue = host.find_queue(name);
        return queue != nullptr && queue->is_quorum();
    };
    return on_strand(api, api.node.find_virtual_host(request.parameter("vhost")), std::move(is_quorum));
}

// What names the node of the member.
amqp::Result<> check_member(Api& api, const HttpRequest& request) {
    const auto body = decode_body(request.body);
    if (!body) {
        return body.error();
    }
    BodyFields fields(*body);
    fields.require({"node"});
    if (const auto node = fields.text("node"); node && *node != api.node_name()) {
        fields.fail("unknown node '" + *node + "'");
    }
    return fields.error() ? amqp::Result<>(*fields.error()) : amqp::Result<>();
}

} // namespace

HttpAnswer get_quorum_queue_status(Api& api, const HttpRequest& request) {
    const bool found = co_await is_quorum_queue(api, request);
    if (!found) {
        co_return HttpResponse::not_found();
    }
    json::array replicas{
        json::object{{"Node Name", api.node_name()}, {"Raft State", "leader"}, {"Membership", "voter"}, {"Term", 1}}};
    co_return HttpResponse::json(replicas);
}

// It is there already.
HttpAnswer add_quorum_queue_member(Api& api, const HttpRequest& request) {
    const bool found = co_await is_quorum_queue(api, request);
    if (!found) {
        co_return HttpResponse::not_found();
    }
    const auto named = check_member(api, request);
    co_return named ? HttpResult(HttpResponse::no_content()) : HttpResult(named.error());
}

HttpAnswer delete_quorum_queue_member(Api& api, const HttpRequest& request) {
    const bool found = co_await is_quorum_queue(api, request);
    if (!found) {
        co_return HttpResponse::not_found();
    }
    const auto named = check_member(api, request);
    if (!named) {
        co_return named.error();
    }
    co_return amqp::precondition_failed("the last member of a quorum queue cannot be deleted");
}

} // namespace broker
