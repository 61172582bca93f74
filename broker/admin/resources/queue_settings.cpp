// The arguments of a queue, changed while it is in use; and what arguments and policies come to together.
#include "broker/admin/access.hpp"
#include "broker/admin/body.hpp"
#include "broker/admin/field_json.hpp"
#include "broker/admin/resources/resources.hpp"
#include "broker/admin/text.hpp"
#include "broker/core/effective_policy.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace broker {
namespace {

namespace json = boost::json;

amqp::Result<ArgumentChange> argument_change(std::string_view text) {
    const auto body = decode_body(text);
    if (!body) {
        return body.error();
    }
    BodyFields fields(*body);
    const json::value* arguments = fields.find("arguments");
    if (arguments == nullptr || !arguments->is_object()) {
        return amqp::precondition_failed("arguments must be an object");
    }
    ArgumentChange change;
    json::object set;
    for (const auto& [key, value] : arguments->get_object()) {
        if (value.is_null()) {
            change.erase.emplace_back(key);
        } else {
            set.emplace(key, value);
        }
    }
    auto table = field_table(set);
    if (!table) {
        return table.error();
    }
    change.set = std::move(*table);
    return change;
}

json::value json_or_null(const amqp::FieldValue* value) {
    return value == nullptr ? json::value(nullptr) : to_json(*value);
}

// What is different now, and how it was.
json::object changes_json(const ArgumentChange& change, const ChangedArguments& changed) {
    json::object changes;
    const auto compare = [&](std::string_view key) {
        const amqp::FieldValue *before = changed.before.find(key), *after = changed.after.find(key);
        if (before == nullptr ? after != nullptr : after == nullptr || !equivalent(*before, *after)) {
            changes[key] = json::object{{"from", json_or_null(before)}, {"to", json_or_null(after)}};
        }
    };
    for (const auto& [key, value] : change.set) {
        compare(key);
    }
    for (const std::string& key : change.erase) {
        compare(key);
    }
    return changes;
}

boost::asio::awaitable<amqp::Result<ChangedArguments>> change_queue(Api& api, const User& actor,
                                                                    VirtualHostPtr virtual_host,
                                                                    const std::string& queue,
                                                                    const ArgumentChange& change) {
    using Result = amqp::Result<ChangedArguments>;
    auto start = [virtual_host, queue, change, actor = actor.name](std::function<void(Result)> done) {
        virtual_host->run([virtual_host, queue, change, actor, done = std::move(done)](VirtualHost& host) {
            Result changed = host.change_queue(queue, change, actor);
            if (changed.has_error()) {
                return done(std::move(changed));
            }
            host.when_durable([virtual_host, done, changed = std::move(changed)] { done(changed); });
        });
    };
    return wait_for<Result>(api.io, std::move(start));
}

std::string_view name(Origin origin) {
    switch (origin) {
    case Origin::argument:
        return "argument";
    case Origin::policy:
        return "policy";
    case Origin::operator_policy:
        break;
    }
    return "operator policy";
}

json::value said_by(const PolicyPtr& policy, std::string_view key) {
    const amqp::FieldValue* value = policy == nullptr ? nullptr : policy->definition.find(key);
    return value == nullptr ? json::value(nullptr)
                            : json::value{{"name", json_text(policy->name)}, {"value", to_json(*value)}};
}

json::array effective_json(const amqp::FieldTable& arguments, const AppliedPolicies& policies) {
    json::array settings;
    for (const EffectiveSetting& setting : effective_settings(arguments, policies)) {
        settings.push_back(json::object{{"key", setting.key},
                                        {"value", to_json(setting.value)},
                                        {"source", name(setting.origin)},
                                        {"argument", json_or_null(arguments.find("x-" + setting.key))},
                                        {"policy", said_by(policies.user, setting.key)},
                                        {"operator_policy", said_by(policies.operators, setting.key)}});
    }
    return settings;
}

} // namespace

HttpAnswer change_queue_settings(Api& api, const HttpRequest& request) {
    const std::string& vhost = request.parameter("vhost");
    const std::string& queue = request.parameter("queue");
    auto permitted = check_access(api, *request.user, vhost, Access::configure, "queue", queue);
    if (!permitted) {
        co_return permitted.error();
    }
    const auto change = argument_change(request.body);
    if (!change) {
        co_return change.error();
    }
    permitted = check_dead_letter_exchange(api, *request.user, vhost, queue, change->set);
    if (!permitted) {
        co_return permitted.error();
    }
    VirtualHostPtr virtual_host = api.node.find_virtual_host(vhost);
    const auto changed = co_await change_queue(api, *request.user, std::move(virtual_host), queue, *change);
    if (!changed) {
        co_return changed.error();
    }
    json::object changes = changes_json(*change, *changed);
    for (const auto& [key, values] : changes) {
        const json::object& each = values.get_object();
        spdlog::info("user '{}' changed {} of queue '{}' in vhost '{}': {} -> {}", request.user->name,
                     std::string_view(key), queue, vhost, json::serialize(each.at("from")),
                     json::serialize(each.at("to")));
    }
    co_return HttpResponse::json(json::object{{"arguments", to_json(changed->after)}, {"changed", std::move(changes)}});
}

HttpAnswer get_effective_settings(Api& api, const HttpRequest& request) {
    using Said = std::pair<amqp::FieldTable, AppliedPolicies>;
    auto copy = [name = request.parameter("queue")](VirtualHost& host) -> std::optional<Said> {
        const Queue* queue = host.find_queue(name);
        return queue == nullptr ? std::nullopt : std::optional(Said(queue->definition().arguments, queue->policies()));
    };
    VirtualHostPtr virtual_host = api.node.find_virtual_host(request.parameter("vhost"));
    const std::optional<Said> said = co_await on_strand(api, std::move(virtual_host), std::move(copy));
    if (!said) {
        co_return HttpResponse::not_found();
    }
    co_return HttpResponse::json(effective_json(said->first, said->second));
}

} // namespace broker
