#include "broker/admin/definitions_export.hpp"

#include "broker/admin/cluster_name.hpp"
#include "broker/admin/field_json.hpp"
#include "broker/admin/policy_json.hpp"
#include "broker/admin/settings_json.hpp"
#include "broker/admin/tags.hpp"
#include "broker/admin/text.hpp"
#include "broker/admin/user_json.hpp"
#include "broker/core/snapshot.hpp"

#include <boost/json/array.hpp>

#include <set>

namespace broker {
namespace {

namespace json = boost::json;

// The sections of a file that speak of one virtual host; `name` goes into every entry unless the file is of it alone.
struct HostSections {
    json::array policies, parameters, exchanges, queues, bindings;

    void add(HostSections other) {
        for (json::array HostSections::*section :
             {&HostSections::policies, &HostSections::parameters, &HostSections::exchanges, &HostSections::queues,
              &HostSections::bindings}) {
            for (json::value& entry : other.*section) {
                (this->*section).push_back(std::move(entry));
            }
        }
    }
    void put_into(json::object& file) {
        file["policies"] = std::move(policies);
        file["parameters"] = std::move(parameters);
        file["exchanges"] = std::move(exchanges);
        file["queues"] = std::move(queues);
        file["bindings"] = std::move(bindings);
    }
    void remove_host_names() {
        for (json::array* section : {&policies, &parameters, &exchanges, &queues, &bindings}) {
            for (json::value& entry : *section) {
                entry.get_object().erase("vhost");
            }
        }
    }
};

void add_settings(const SettingsCopy& settings, const std::string& host, HostSections& sections) {
    for (const PolicyPtr& policy : settings.user) {
        sections.policies.push_back(policy_json(*policy, host));
    }
    sections.parameters = parameters_json(settings, host);
}

bool is_exported(const ExchangeSnapshot& exchange) {
    return !exchange.name.empty() && !exchange.name.starts_with("amq.");
}

void copy_queue(VirtualHost& host, const std::string& name, std::vector<QueueSnapshot>& copies) {
    if (const Queue* queue = host.find_queue(name); queue != nullptr && !queue->exclusive()) {
        copies.push_back(snapshot_of(*queue));
    }
}

void copy_exchange(VirtualHost& host, const std::string& name, std::vector<ExchangeSnapshot>& copies) {
    if (const Exchange* exchange = host.find_exchange(name)) {
        copies.push_back(snapshot_of(*exchange));
    }
}

void copy_bindings(VirtualHost& host, const std::string& name, std::vector<BindingSnapshot>& copies) {
    if (const Exchange* exchange = host.find_exchange(name); exchange != nullptr && !exchange->is_default()) {
        std::vector<BindingSnapshot> bindings = bindings_from(*exchange);
        std::move(bindings.begin(), bindings.end(), std::back_inserter(copies));
    }
}

json::object exchange_definition(const ExchangeSnapshot& exchange, const std::string& host) {
    return {{"name", json_text(exchange.name)},
            {"vhost", json_text(host)},
            {"type", exchange.type},
            {"durable", exchange.durable},
            {"auto_delete", exchange.auto_delete},
            {"internal", exchange.internal},
            {"arguments", to_json(exchange.arguments)}};
}

json::object queue_definition(const QueueSnapshot& queue, const std::string& host) {
    return {{"name", json_text(queue.name)},    {"vhost", json_text(host)},
            {"type", name(queue.type)},         {"durable", queue.durable},
            {"auto_delete", queue.auto_delete}, {"arguments", to_json(queue.arguments)}};
}

json::object binding_definition(const BindingSnapshot& binding, const std::string& host) {
    const bool to_queue = binding.destination_kind == Destination::Kind::queue;
    return {{"source", json_text(binding.source)},           {"vhost", json_text(host)},
            {"destination", json_text(binding.destination)}, {"destination_type", to_queue ? "queue" : "exchange"},
            {"routing_key", json_text(binding.routing_key)}, {"arguments", to_json(binding.arguments)}};
}

boost::asio::awaitable<HostSections> sections_of(Api& api, VirtualHostPtr virtual_host, SettingsCopy settings) {
    const std::string& host = virtual_host->name();
    HostSections sections;
    add_settings(settings, host, sections);
    auto names = co_await on_strand(api, virtual_host, [](VirtualHost& on_it) { return exchange_names(on_it); });
    const auto exchanges = co_await collect<ExchangeSnapshot>(api, virtual_host, names, copy_exchange);
    for (const ExchangeSnapshot& exchange : exchanges) {
        if (is_exported(exchange)) {
            sections.exchanges.push_back(exchange_definition(exchange, host));
        }
    }
    const auto bindings = co_await collect<BindingSnapshot>(api, virtual_host, std::move(names), copy_bindings);
    auto queue_list = co_await on_strand(api, virtual_host, [](VirtualHost& on_it) { return queue_names(on_it); });
    const auto queues = co_await collect<QueueSnapshot>(api, virtual_host, std::move(queue_list), copy_queue);
    std::set<std::string_view> exported;
    for (const QueueSnapshot& queue : queues) {
        exported.insert(queue.name);
        sections.queues.push_back(queue_definition(queue, host));
    }
    for (const BindingSnapshot& binding : bindings) {
        if (binding.destination_kind == Destination::Kind::exchange || exported.contains(binding.destination)) {
            sections.bindings.push_back(binding_definition(binding, host));
        }
    }
    co_return sections;
}

json::object head(Api& api) {
    const NodeInfo& info = api.node.info();
    return {{"rabbit_version", info.version},
            {"rabbitmq_version", info.version},
            {"product_name", "RabbitMQ"},
            {"product_version", info.version}};
}

json::object virtual_host_definition(const storage::VirtualHostRecord& record, const SettingsCopy& settings) {
    const std::string type = record.default_queue_type.empty() ? "classic" : record.default_queue_type;
    return {{"name", json_text(record.name)},
            {"description", json_text(record.description)},
            {"tags", tags_json(record.tags)},
            {"default_queue_type", type},
            {"tracing", record.tracing},
            {"protected_from_deletion", record.protected_from_deletion},
            {"limits", limits_json(settings.limits)},
            {"metadata", json::object{{"description", json_text(record.description)},
                                      {"tags", tags_json(record.tags)},
                                      {"default_queue_type", type}}}};
}

void add_users(const UserTable& table, json::object& file) {
    json::array users, permissions, topic_permissions;
    for (const UserPtr& user : table) {
        users.push_back(user_json(*user));
        for (const auto& [host, patterns] : user->permissions) {
            permissions.push_back(json::object{{"user", json_text(user->name)},
                                               {"vhost", json_text(host)},
                                               {"configure", json_text(patterns.configure)},
                                               {"write", json_text(patterns.write)},
                                               {"read", json_text(patterns.read)}});
        }
        for (const auto& [host, exchanges] : user->topic_permissions) {
            for (const auto& [exchange, patterns] : exchanges) {
                topic_permissions.push_back(json::object{{"user", json_text(user->name)},
                                                         {"vhost", json_text(host)},
                                                         {"exchange", json_text(exchange)},
                                                         {"write", json_text(patterns.write)},
                                                         {"read", json_text(patterns.read)}});
            }
        }
    }
    file["users"] = std::move(users);
    file["permissions"] = std::move(permissions);
    file["topic_permissions"] = std::move(topic_permissions);
}

} // namespace

boost::asio::awaitable<json::object> export_definitions(Api& api) {
    json::object file = head(api);
    file["rabbitmq_definition_format"] = "cluster";
    file["original_cluster_name"] = json_text(cluster_name(api));
    file["explanation"] = "Definitions of cluster '" + json_text(cluster_name(api)) + "'";
    add_users(*api.node.users().table(), file);
    json::array virtual_hosts, global_parameters;
    HostSections all;
    const std::vector<VirtualHostPtr> hosts = api.node.virtual_hosts();
    for (const VirtualHostPtr& host : hosts) {
        auto settings = co_await on_strand(api, host, copy_settings);
        virtual_hosts.push_back(virtual_host_definition(host->record(), settings));
        auto sections = co_await sections_of(api, host, std::move(settings));
        all.add(std::move(sections));
    }
    for (const auto& [name, value] : api.node.global_parameters()) {
        global_parameters.push_back(json::object{{"name", json_text(name)}, {"value", stored_json(value)}});
    }
    file["vhosts"] = std::move(virtual_hosts);
    file["global_parameters"] = std::move(global_parameters);
    all.put_into(file);
    co_return file;
}

boost::asio::awaitable<json::object> export_definitions(Api& api, VirtualHostPtr virtual_host) {
    json::object file = head(api);
    file["rabbitmq_definition_format"] = "single_virtual_host";
    file["original_vhost_name"] = json_text(virtual_host->name());
    file["explanation"] = "Definitions of virtual host '" + json_text(virtual_host->name()) + "'";
    auto settings = co_await on_strand(api, virtual_host, copy_settings);
    const json::object definition = virtual_host_definition(virtual_host->record(), settings);
    for (const char* field : {"description", "default_queue_type", "limits", "metadata"}) {
        file[field] = definition.at(field);
    }
    auto sections = co_await sections_of(api, virtual_host, std::move(settings));
    sections.remove_host_names();
    sections.put_into(file);
    co_return file;
}

} // namespace broker
