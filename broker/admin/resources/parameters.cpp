// Runtime parameters of virtual hosts, and global ones. Their values are kept as they came: nobody here reads them.
#include "broker/admin/access.hpp"
#include "broker/admin/body.hpp"
#include "broker/admin/cluster_name.hpp"
#include "broker/admin/listing.hpp"
#include "broker/admin/parameter_values.hpp"
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
constexpr auto known_components =
    std::to_array<std::string_view>({"federation", "federation-upstream", "federation-upstream-set", "operator_policy",
                                     "policy", "shovel", "vhost-limits"});

json::object global_parameter_json(const std::string& name, const std::string& value) {
    return {{"name", json_text(name)}, {"value", stored_json(value)}};
}

amqp::Result<json::value> read_value(const HttpRequest& request) {
    auto body = decode_body(request.body);
    if (!body) {
        return body.error();
    }
    json::value* value = body->if_contains("value");
    if (value == nullptr) {
        return amqp::precondition_failed("[{key_missing,value}]");
    }
    return std::move(*value);
}

// True: there were none before.
amqp::Result<bool> replace_limits(VirtualHostSettings& settings, const VirtualHostSettings::Limits& limits,
                                  storage::Batch& batch) {
    const VirtualHostSettings::Limits before = settings.limits();
    for (const auto& [limit, value] : before) {
        settings.delete_limit(limit, batch);
    }
    for (const auto& [limit, value] : limits) {
        if (auto put = settings.put_limit(limit, value, batch); !put) {
            return put;
        }
    }
    return before.empty();
}

amqp::Result<VirtualHost::SettingsChange> change_of(const std::string& component, const std::string& name,
                                                    const json::value& value) {
    using Change = VirtualHost::SettingsChange;
    if (std::ranges::find(known_components, component) == known_components.end()) {
        return amqp::precondition_failed("Validation failed\n\ncomponent " + component + " not found\n");
    }
    if (component == "policy") {
        return amqp::precondition_failed("Validation failed\n\npolicies may not be set using this method\n");
    }
    if (component == limits_component) {
        auto limits = read_limits(&value);
        if (!limits) {
            return limits.error();
        }
        return Change([limits = std::move(*limits)](VirtualHostSettings& settings, storage::Batch& batch) {
            return replace_limits(settings, limits, batch);
        });
    }
    if (component == operator_policy_component) {
        auto policy = read_operator_policy(&value, name);
        if (!policy) {
            return policy.error();
        }
        return Change([policy = std::move(*policy)](VirtualHostSettings& settings, storage::Batch& batch) {
            return settings.put_policy(PolicyKind::operators, policy, batch);
        });
    }
    return Change(
        [component, name, text = json::serialize(value)](VirtualHostSettings& settings, storage::Batch& batch) {
            return settings.put_parameter(component, name, text, batch);
        });
}

amqp::Result<bool> erase(VirtualHostSettings& settings, const std::string& component, const std::string& name,
                         storage::Batch& batch) {
    if (component == limits_component) {
        const auto none_before = replace_limits(settings, {}, batch);
        return none_before ? amqp::Result<bool>(!*none_before) : none_before;
    }
    if (component == operator_policy_component) {
        return settings.delete_policy(PolicyKind::operators, name, batch);
    }
    return settings.delete_parameter(component, name, batch);
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
    const auto value = read_value(request);
    if (!value) {
        co_return value.error();
    }
    auto set = change_of(request.parameter("component"), request.parameter("name"), *value);
    if (!set) {
        co_return set.error();
    }
    VirtualHostPtr virtual_host = api.node.find_virtual_host(request.parameter("vhost"));
    const auto created = co_await change_settings(api, *request.user, std::move(virtual_host), std::move(*set));
    co_return put_response(created);
}

HttpAnswer delete_parameter(Api& api, const HttpRequest& request) {
    VirtualHost::SettingsChange change = [component = request.parameter("component"), name = request.parameter("name")](
                                             VirtualHostSettings& settings, storage::Batch& batch) {
        return erase(settings, component, name, batch);
    };
    VirtualHostPtr virtual_host = api.node.find_virtual_host(request.parameter("vhost"));
    const auto deleted = co_await change_settings(api, *request.user, std::move(virtual_host), std::move(change));
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
    const auto value = read_value(request);
    if (!value) {
        co_return value.error();
    }
    std::string name = request.parameter("name"), text = json::serialize(*value);
    auto answer = co_await put_global(api, std::move(name), std::move(text));
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
