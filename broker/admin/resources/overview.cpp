// The node as a whole, and who is asking.
#include "broker/admin/access.hpp"
#include "broker/admin/cluster_name.hpp"
#include "broker/admin/listing.hpp"
#include "broker/admin/node_json.hpp"
#include "broker/admin/resources/resources.hpp"
#include "broker/admin/text.hpp"
#include "broker/admin/totals.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <array>

namespace broker {
namespace {

namespace json = boost::json;

constexpr auto feature_flags = std::to_array<std::string_view>(
    {"direct_exchange_routing_v2", "feature_flags_v2", "implicit_default_bindings", "quorum_queue",
     "rabbitmq_4.0.0", "user_limits", "virtual_host_metadata"});

void put_product(json::object& object, const NodeInfo& info) {
    object["management_version"] = info.version;
    object["product_version"] = info.version;
    object["product_name"] = "RabbitMQ"; // clients look at it
    object["rabbitmq_version"] = info.version;
    object["leveret_version"] = info.own_version;
    object["erlang_version"] = "";
    object["erlang_full_version"] = "";
    object["crypto_lib_version"] = "";
}

void put_settings(json::object& object) {
    object["rates_mode"] = "basic";
    object["sample_retention_policies"] = json::object{{"global", json::array{605, 3660, 29400, 86400}},
                                                       {"basic", json::array{605, 3660}},
                                                       {"detailed", json::array{605}}};
    object["cluster_tags"] = json::object();
    object["node_tags"] = json::object();
    object["default_queue_type"] = "classic";
    object["disable_stats"] = false;
    object["enable_queue_totals"] = false;
    object["is_op_policy_updating_enabled"] = true;
    object["statistics_db_event_queue"] = 0;
}

} // namespace

HttpAnswer get_overview(Api& api, const HttpRequest& request) {
    const auto listing = Listing::of(request.query);
    if (!listing) {
        co_return listing.error();
    }
    const VirtualHostSnapshot totals = co_await snapshot_of(api, visible_virtual_hosts(api, *request.user));
    json::object object = totals_json(api, *request.user, totals.counts, listing->ranges);
    put_product(object, api.node.info());
    object["cluster_name"] = json_text(cluster_name(api));
    put_settings(object);
    object["exchange_types"] = exchange_types_json();
    object["queue_totals"] = lengths_json(api, *request.user, totals, listing->ranges);
    object["object_totals"] = json::object{{"channels", totals.channels},
                                           {"connections", totals.connections},
                                           {"consumers", totals.consumers},
                                           {"exchanges", totals.exchanges},
                                           {"queues", totals.queues}};
    object["node"] = api.node_name();
    object["listeners"] = listeners_json(api.node);
    object["contexts"] = contexts_json(api.node);
    co_return HttpResponse::json(with_columns(object, *listing));
}

HttpAnswer get_version(Api& api, const HttpRequest&) {
    const NodeInfo& info = api.node.info();
    co_return HttpResponse::json(json::object{{"version", info.version}, {"leveret_version", info.own_version}});
}

HttpAnswer get_effective_config(Api& api, const HttpRequest&) {
    HttpResponse response{200, api.node.effective_settings()};
    response.content_type = "text/plain";
    co_return response;
}

HttpAnswer get_whoami(Api&, const HttpRequest& request) {
    json::array tags(request.user->tags.begin(), request.user->tags.end());
    co_return HttpResponse::json(
        json::object{{"name", json_text(request.user->name)}, {"tags", std::move(tags)}, {"is_internal_user", true}});
}

HttpAnswer list_auth_attempts(Api& api, const HttpRequest& request) {
    if (request.parameter("node") != api.node_name()) {
        co_return HttpResponse::not_found();
    }
    json::array protocols;
    for (const AuthAttempts& attempts : api.node.auth_attempts()) {
        if (attempts.succeeded + attempts.failed > 0) {
            protocols.push_back(json::object{{"protocol", attempts.protocol},
                                             {"auth_attempts", attempts.succeeded + attempts.failed},
                                             {"auth_attempts_failed", attempts.failed},
                                             {"auth_attempts_succeeded", attempts.succeeded}});
        }
    }
    co_return HttpResponse::json(protocols);
}

HttpAnswer reset_auth_attempts(Api& api, const HttpRequest&) {
    api.node.reset_auth_attempts();
    co_return HttpResponse::no_content();
}

HttpAnswer get_auth(Api&, const HttpRequest&) {
    co_return HttpResponse::json(json::object{{"oauth_enabled", false}});
}

HttpAnswer get_hashed_password(Api&, const HttpRequest& request) {
    const std::string& password = request.parameter("password");
    if (password.size() > max_password_size) {
        co_return amqp::precondition_failed("the password is too long");
    }
    // RabbitMQ's own algorithm: what is asked for is something to put into a definitions file.
    co_return HttpResponse::json(json::object{{"ok", hash_password(password, HashingAlgorithm::sha256).text}});
}

HttpAnswer list_nothing(Api&, const HttpRequest&) {
    co_return HttpResponse::json(json::array());
}

HttpAnswer do_nothing(Api&, const HttpRequest&) {
    co_return HttpResponse::no_content();
}

// Clients look here for what they may use [6.4]; all of it is always on.
HttpAnswer list_feature_flags(Api&, const HttpRequest&) {
    json::array flags;
    for (const std::string_view flag : feature_flags) {
        flags.push_back(json::object{{"name", flag},
                                     {"desc", ""},
                                     {"doc_url", ""},
                                     {"state", "enabled"},
                                     {"stability", "required"},
                                     {"provided_by", "rabbit"}});
    }
    co_return HttpResponse::json(flags);
}

HttpAnswer enable_feature_flag(Api&, const HttpRequest& request) {
    const std::string& name = request.parameter("name");
    if (name != "all" && std::ranges::find(feature_flags, name) == feature_flags.end()) {
        co_return amqp::precondition_failed("unsupported");
    }
    co_return HttpResponse::no_content();
}

} // namespace broker
