// A definitions file: everything that can be declared, as a plain value. Reading it checks all that can be checked
// without looking at the broker, so that nothing is changed by a file with a mistake anywhere.
#pragma once

#include "broker/auth/user_definition.hpp"
#include "broker/core/commands.hpp"
#include "broker/core/policy.hpp"
#include "broker/core/virtual_host_settings.hpp"
#include "protocol/error.hpp"
#include "storage/records.hpp"

#include <boost/json/object.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace broker {

// What belongs to one virtual host.
struct HostDefinitions {
    std::vector<DeclareExchange> exchanges;
    std::vector<DeclareQueue> queues;
    std::vector<BindQueue> queue_bindings;
    std::vector<BindExchange> exchange_bindings;
    std::vector<std::pair<PolicyKind, Policy>> policies;
    VirtualHostSettings::Limits limits;
    VirtualHostSettings::Parameters parameters;
};

struct Definitions {
    struct Permission {
        std::string user, virtual_host;
        PermissionPatterns patterns;
    };
    struct TopicPermission {
        std::string user, virtual_host, exchange;
        TopicPatterns patterns;
    };

    std::vector<UserDefinition> users;
    std::vector<storage::VirtualHostRecord> virtual_hosts; // without shards
    std::vector<Permission> permissions;
    std::vector<TopicPermission> topic_permissions;
    std::map<std::string, std::string> global_parameters; // JSON
    std::map<std::string, HostDefinitions> hosts;         // by name
};

// With a virtual host: a file of that one alone, whose entries do not name it. Fails with PRECONDITION_FAILED.
amqp::Result<Definitions> read_definitions(const boost::json::object& body, std::optional<std::string> virtual_host);

} // namespace broker
