// Runtime parameters of virtual hosts, and global ones. Their values are kept as they came: nobody here reads them.
#include "broker/admin/access.hpp"
#include "broker/admin/body.hpp"
#include "broker/admin/cluster_name.hpp"
#include "broker/admin/listing.hpp"
#include "broker/admin/policy_json.hpp"
#include "broker/admin/resources/resources.hpp"
#include "broker/admin/settings_changes.hpp"
#include "broker/admin/settings_json.hpp"
#include "broker/admin/text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <optional>

namespace broker {
namespace {

namespace json = boost::json;

// Of RabbitMQ and of the plugins that come with it.
constexpr auto known_components = std::to_array<std::string_view>(
    {"federation", "federation-upstream", "federation-upstream-set", "operator_policy", "policy", "shovel",
     "vhost-limits"});

json::object global_parameter_json(const std::string& name, const std::string& value) {
    return {{"name", json_text(name)}, {"value", stored_json(value)}};
}

// The value as text.
amqp::Result<std::string> read_value(const HttpRequest& request) {
    const auto body = decode_body(request.body);
    if (!body) {
        return body.error();
    }
    const json::value* value = body->if_contains("value");
    if (value == nullptr) {
        return amqp::precondition_failed("[{key_missing,value}]");
    }
    return json::serialize(*value);
}

// Without a component: of all.
HttpAnswer list(Api& api, const HttpRequest& request, std::vector<VirtualHostPtr> virtual_hosts,
                std::optional<std::string> component) {
    const auto listing = Listing::of(request.query);
    if (!listing) {
        co_return listing.error();
    }
    json::array items;
    for (const VirtualHostPtr& virtual_host : virtual_hosts) {
        const SettingsCopy settings = co_await on_strand(api, virtual_host, copy_settings);
        json::array of_host = parameters_json(settings, virtual_host->name());
        for (json::value& parameter : of_host) {
            if (!component || parameter.at("component").get_string() == *component) {
                items.push_back(std::move(parameter));
            }
        }
    }
    co_return list_response(std::move(items), *listing);
}

} // namespace

HttpAnswer list_parameters(Api& api, const HttpRequest& request) {
    return list(api, request, visible_virtual_hosts(api, *request.user), std::nullopt);
}

HttpAnswer list_parameters_of_component(Api& api, const HttpRequest& request) {
    return list(api, request, visible_virtual_hosts(api, *request.user), request.parameter("component"));
}

HttpAnswer list_parameters_of_virtual_host(Api& api, const HttpRequest& request) {
    return list(api, request, {api.node.find_virtual_host(request.parameter("vhost"))}, request.parameter("component"));
}

HttpAnswer get_parameter(Api& api, const HttpRequest& request) {
    const VirtualHostPtr virtual_host = api.node.find_virtual_host(request.parameter("vhost"));
    const SettingsCopy settings = co_await on_strand(api, virtual_host, copy_settings);
    const json::array parameters = parameters_json(settings, virtual_host->name());
    const auto* found = std::ranges::find_if(parameters, [&](const json::value& parameter) {
        return parameter.at("component").get_string() == request.parameter("component") &&
               parameter.at("name").get_string() == request.parameter("name");
    });
    co_return found == parameters.end() ? HttpResponse::not_found() : HttpResponse::json(*found);
}

HttpAnswer put_parameter(Api& api, const HttpRequest& request) {
    if (std::ranges::find(known_components, request.parameter("component")) == known_components.end()) {
        co_return amqp::precondition_failed("Validation failed\n\ncomponent " + request.parameter("component") +
                                            " not found\n");
    }
    const auto value = read_value(request);
    if (!value) {
        co_return value.error();
    }
    VirtualHost::SettingsChange set = [component = request.parameter("component"), name = request.parameter("name"),
                                       value = *value](VirtualHostSettings& settings, storage::Batch& batch) {
        return settings.put_parameter(component, name, value, batch);
    };
    VirtualHostPtr virtual_host = api.node.find_virtual_host(request.parameter("vhost"));
    const auto created = co_await change_settings(api, *request.user, std::move(virtual_host), std::move(set));
    co_return put_response(created);
}

HttpAnswer delete_parameter(Api& api, const HttpRequest& request) {
    VirtualHost::SettingsChange erase = [component = request.parameter("component"), name = request.parameter("name")](
                                            VirtualHostSettings& settings, storage::Batch& batch) {
        return amqp::Result<bool>(settings.delete_parameter(component, name, batch));
    };
    VirtualHostPtr virtual_host = api.node.find_virtual_host(request.parameter("vhost"));
    const auto deleted = co_await change_settings(api, *request.user, std::move(virtual_host), std::move(erase));
    co_return delete_response(deleted);
}

// --- global ones ----------------------------------------------------------------------------------------------------

HttpAnswer list_global_parameters(Api& api, const HttpRequest& request) {
    const auto listing = Listing::of(request.query);
    if (!listing) {
        co_return listing.error();
    }
    json::array items;
    for (const auto& [name, value] : api.node.global_parameters()) {
        items.push_back(global_parameter_json(name, value));
    }
    co_return list_response(std::move(items), *listing);
}

HttpAnswer get_global_parameter(Api& api, const HttpRequest& request) {
    const auto parameters = api.node.global_parameters();
    const auto found = parameters.find(request.parameter("name"));
    co_return found == parameters.end() ? HttpResponse::not_found()
                                        : HttpResponse::json(global_parameter_json(found->first, found->second));
}

namespace {

HttpAnswer put_global(Api& api, std::string name, std::string value) {
    const auto done = co_await wait_for<amqp::Result<Put>>(
        api.io, [&](auto finished) { api.node.put_global_parameter(name, value, std::move(finished)); });
    co_return done ? HttpResult(HttpResponse::put(*done == Put::created)) : HttpResult(done.error());
}

} // namespace

HttpAnswer put_global_parameter(Api& api, const HttpRequest& request) {
    auto value = read_value(request);
    if (!value) {
        co_return value.error();
    }
    std::string name = request.parameter("name");
    auto answer = co_await put_global(api, std::move(name), std::move(*value));
    co_return answer;
}

HttpAnswer delete_global_parameter(Api& api, const HttpRequest& request) {
    const auto done = co_await wait_for<amqp::Result<>>(api.io, [&](auto finished) {
        api.node.delete_global_parameter(request.parameter("name"), std::move(finished));
    });
    co_return done ? HttpResult(HttpResponse::no_content()) : HttpResult(done.error());
}

HttpAnswer get_cluster_name(Api& api, const HttpRequest&) {
    co_return HttpResponse::json(json::object{{"name", json_text(cluster_name(api))}});
}

HttpAnswer put_cluster_name(Api& api, const HttpRequest& request) {
    const auto body = decode_body(request.body);
    if (!body) {
        co_return body.error();
    }
    BodyFields fields(*body);
    fields.require({"name"});
    const auto name = fields.short_text("name");
    if (fields.error()) {
        co_return *fields.error();
    }
    std::string parameter = "cluster_name", value = json::serialize(json::value(name.value_or("")));
    auto answer = co_await put_global(api, std::move(parameter), std::move(value));
    co_return answer ? HttpResult(HttpResponse::no_content()) : answer;
}

} // namespace broker
