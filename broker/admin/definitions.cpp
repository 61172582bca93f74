#include "broker/admin/definitions.hpp"

#include "broker/admin/body.hpp"
#include "broker/admin/definitions_checks.hpp"
#include "broker/admin/parameter_values.hpp"
#include "broker/admin/policy_json.hpp"
#include "broker/admin/user_json.hpp"
#include "broker/admin/virtual_host_fields.hpp"
#include "broker/core/queue_arguments.hpp"
#include "broker/core/queue_options.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

namespace broker {
namespace {

namespace json = boost::json;

amqp::Error wrong(std::string_view section, const std::string& reason) {
    return amqp::precondition_failed(std::string(section) + ": " + reason);
}

class DefinitionsReader {
 public:
    explicit DefinitionsReader(std::optional<std::string> virtual_host) : only_(std::move(virtual_host)) {}

    // Reads section `name` entry by entry; does nothing once something was wrong.
    template <class Read>
    void section(const json::object& body, std::string_view name, Read read) {
        const json::value* entries = body.if_contains(name);
        if (error_ || entries == nullptr || entries->is_null()) {
            return;
        }
        if (!entries->is_array()) {
            error_ = wrong(name, "not a list");
            return;
        }
        for (const json::value& entry : entries->get_array()) {
            if (!entry.is_object()) {
                error_ = wrong(name, "an entry is not an object");
                return;
            }
            BodyFields fields(entry.get_object());
            if (amqp::Result<> result = (this->*read)(entry.get_object(), fields); !result) {
                error_ = wrong(name, result.error().text);
            } else if (fields.error()) {
                error_ = wrong(name, fields.error()->text);
            }
            if (error_) {
                return;
            }
        }
    }

    amqp::Result<> user(const json::object& entry, BodyFields& fields) {
        auto definition = read_user(entry, name_of(fields));
        if (!definition) {
            return definition.error();
        }
        result_.users.push_back(std::move(*definition));
        return {};
    }

    amqp::Result<> virtual_host(const json::object&, BodyFields& fields) {
        storage::VirtualHostRecord record;
        record.name = name_of(fields);
        if (const json::value* metadata = fields.find("metadata"); metadata != nullptr && metadata->is_object()) {
            BodyFields inner(metadata->get_object());
            read_virtual_host(inner, record);
        }
        read_virtual_host(fields, record);
        auto added = add_limits(fields.find("limits"), result_.hosts[record.name]);
        result_.virtual_hosts.push_back(std::move(record));
        return added;
    }

    amqp::Result<> permission(const json::object&, BodyFields& fields) {
        fields.require({"configure", "write", "read"});
        Definitions::Permission permission{fields.short_text("user").value_or(""),
                                           host_name(fields),
                                           {fields.text("configure").value_or(""), fields.text("write").value_or(""),
                                            fields.text("read").value_or("")}};
        result_.permissions.push_back(permission);
        return check_patterns(permission.patterns);
    }

    amqp::Result<> topic_permission(const json::object&, BodyFields& fields) {
        fields.require({"exchange", "write", "read"});
        Definitions::TopicPermission permission{fields.short_text("user").value_or(""),
                                                host_name(fields),
                                                fields.short_text("exchange").value_or(""),
                                                {fields.text("write").value_or(""), fields.text("read").value_or("")}};
        result_.topic_permissions.push_back(permission);
        return check_patterns(permission.patterns);
    }

    amqp::Result<> global_parameter(const json::object&, BodyFields& fields) {
        const json::value* value = fields.find("value");
        result_.global_parameters[name_of(fields)] = value == nullptr ? "null" : json::serialize(*value);
        return {};
    }

    // Limits and operator policies travel as parameters.
    amqp::Result<> parameter(const json::object&, BodyFields& fields) {
        const std::string component = fields.short_text("component").value_or("");
        std::string name = fields.short_text("name").value_or("");
        HostDefinitions& definitions = host(fields);
        const json::value* value = fields.find("value");
        if (component == limits_component) {
            return add_limits(value, definitions);
        }
        if (component == operator_policy_component) {
            return add_policy(read_operator_policy(value, std::move(name)), PolicyKind::operators, definitions);
        }
        std::string text = value == nullptr ? "null" : json::serialize(*value);
        auto checked = VirtualHostSettings::check_parameter(component, name, text);
        definitions.parameters[{component, std::move(name)}] = std::move(text);
        return checked;
    }

    amqp::Result<> policy(const json::object& entry, BodyFields& fields) {
        HostDefinitions& definitions = host(fields);
        return add_policy(read_policy(entry, name_of(fields), PolicyKind::user), PolicyKind::user, definitions);
    }

    amqp::Result<> exchange(const json::object&, BodyFields& fields) {
        DeclareExchange declare;
        declare.name = name_of(fields);
        declare.type = fields.short_text("type").value_or("");
        declare.durable = fields.boolean("durable", true);
        declare.auto_delete = fields.boolean("auto_delete");
        declare.internal = fields.boolean("internal");
        declare.arguments = fields.table("arguments");
        auto checked = check_exchange(declare, host_name(fields));
        host(fields).exchanges.push_back(std::move(declare));
        return checked;
    }

    amqp::Result<> queue(const json::object&, BodyFields& fields) {
        DeclareQueue declare;
        declare.name = name_of(fields);
        declare.durable = fields.boolean("durable", true);
        declare.auto_delete = fields.boolean("auto_delete");
        declare.arguments = fields.table("arguments");
        if (const auto type = fields.short_text("type"); type && !declare.arguments.contains(queue_type_argument)) {
            declare.of_default_type = false;
            if (*type != name(QueueType::classic)) { // which is meant without it
                declare.arguments.set(queue_type_argument, *type);
            }
        }
        const std::string virtual_host = host_name(fields);
        const auto options = parse_queue_options(declare.arguments, declare.name, virtual_host);
        if (!options) {
            return options.error();
        }
        auto fitting = check_queue_properties(options->type, {declare.durable, false, declare.auto_delete},
                                              declare.name, virtual_host);
        host(fields).queues.push_back(std::move(declare));
        return fitting;
    }

    amqp::Result<> binding(const json::object&, BodyFields& fields) {
        fields.require({"source", "destination"});
        std::string source = fields.short_text("source").value_or("");
        std::string destination = fields.short_text("destination").value_or("");
        std::string routing_key = fields.short_text("routing_key").value_or("");
        amqp::FieldTable arguments = fields.table("arguments");
        const std::string type = fields.text("destination_type").value_or("queue");
        HostDefinitions& definitions = host(fields);
        if (type == "queue") {
            definitions.queue_bindings.push_back({destination, source, routing_key, std::move(arguments), false});
        } else if (type == "exchange") {
            definitions.exchange_bindings.push_back({destination, source, routing_key, std::move(arguments), false});
        } else {
            return amqp::precondition_failed("unknown destination_type '" + type + "'");
        }
        return {};
    }

    amqp::Result<Definitions> finish() {
        if (error_) {
            return *error_;
        }
        return std::move(result_);
    }

 private:
    std::string name_of(BodyFields& fields) {
        fields.require({"name"});
        std::string name = fields.short_text("name").value_or("");
        if (name.empty()) {
            fields.fail("an empty name");
        }
        return name;
    }
    std::string host_name(BodyFields& fields) {
        if (only_) {
            return *only_;
        }
        fields.require({"vhost"});
        return fields.short_text("vhost").value_or("");
    }
    HostDefinitions& host(BodyFields& fields) { return result_.hosts[host_name(fields)]; }

    static amqp::Result<> add_policy(amqp::Result<Policy> policy, PolicyKind kind, HostDefinitions& definitions) {
        if (!policy) {
            return policy.error();
        }
        definitions.policies.emplace_back(kind, std::move(*policy));
        return {};
    }

    static amqp::Result<> add_limits(const json::value* value, HostDefinitions& definitions) {
        auto limits = read_limits(value);
        if (!limits) {
            return limits.error();
        }
        limits->merge(definitions.limits); // the newer ones count
        definitions.limits = std::move(*limits);
        return {};
    }

    const std::optional<std::string> only_;
    Definitions result_;
    std::optional<amqp::Error> error_;
};

} // namespace

amqp::Result<Definitions> read_definitions(const json::object& body, std::optional<std::string> virtual_host) {
    const bool whole = !virtual_host;
    DefinitionsReader reader(std::move(virtual_host));
    if (whole) {
        reader.section(body, "users", &DefinitionsReader::user);
        reader.section(body, "vhosts", &DefinitionsReader::virtual_host);
        reader.section(body, "permissions", &DefinitionsReader::permission);
        reader.section(body, "topic_permissions", &DefinitionsReader::topic_permission);
        reader.section(body, "global_parameters", &DefinitionsReader::global_parameter);
    }
    reader.section(body, "policies", &DefinitionsReader::policy);
    reader.section(body, "parameters", &DefinitionsReader::parameter);
    reader.section(body, "exchanges", &DefinitionsReader::exchange);
    reader.section(body, "queues", &DefinitionsReader::queue);
    reader.section(body, "bindings", &DefinitionsReader::binding);
    return reader.finish();
}

} // namespace broker
