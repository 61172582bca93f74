#include "broker/admin/definitions_import.hpp"

#include "broker/admin/admin_client.hpp"
#include "broker/admin/definitions_checks.hpp"
#include "broker/admin/settings_changes.hpp"
#include "broker/admin/user_changes.hpp"

#include <algorithm>
#include <set>

namespace broker {
namespace {

using Names = std::set<std::string, std::less<>>;

struct InPlace : Existing {
    VirtualHostSettings::Limits limits;
};

boost::asio::awaitable<InPlace> existing_in(Api& api, VirtualHostPtr virtual_host) {
    if (virtual_host == nullptr) { // still to be made
        InPlace none{predefined_objects(), {}};
        co_return none;
    }
    auto existing = co_await on_strand(api, virtual_host, [](VirtualHost& host) {
        InPlace result{{}, host.settings().limits()};
        for (const auto& [name, exchange] : host.exchanges()) {
            result.exchanges[name] = {exchange->definition().type, exchange->definition().arguments};
        }
        for (const auto& [name, queue] : host.queues()) {
            result.queues[name] = queue->is_quorum();
        }
        return result;
    });
    co_return existing;
}

// --- checks ---------------------------------------------------------------------------------------------------------

amqp::Result<> check_names(Api& api, const Definitions& definitions) {
    Names users, hosts;
    for (const UserDefinition& user : definitions.users) {
        users.insert(user.name);
    }
    for (const auto& record : definitions.virtual_hosts) {
        hosts.insert(record.name);
    }
    const auto check_host = [&](const std::string& host) -> amqp::Result<> {
        if (hosts.contains(host) || api.node.find_virtual_host(host) != nullptr) {
            return {};
        }
        return amqp::precondition_failed("vhost '" + host + "' does not exist");
    };
    const auto check_row = [&](const std::string& user, const std::string& host) {
        if (!users.contains(user) && api.node.users().table()->find(user) == nullptr) {
            return amqp::Result<>(amqp::precondition_failed("user '" + user + "' does not exist"));
        }
        return check_host(host);
    };
    amqp::Result<> result;
    for (auto row = definitions.permissions.begin(); result && row != definitions.permissions.end(); ++row) {
        result = check_row(row->user, row->virtual_host);
    }
    const auto& topics = definitions.topic_permissions;
    for (auto row = topics.begin(); result && row != topics.end(); ++row) {
        result = check_row(row->user, row->virtual_host);
    }
    for (auto host = definitions.hosts.begin(); result && host != definitions.hosts.end(); ++host) {
        result = check_host(host->first);
    }
    return result;
}

// --- changes --------------------------------------------------------------------------------------------------------

boost::asio::awaitable<amqp::Result<>> put_virtual_hosts(Api& api, const User& importer,
                                                         const Definitions& definitions) {
    for (const storage::VirtualHostRecord& record : definitions.virtual_hosts) {
        const auto done = co_await wait_for<amqp::Result<Put>>(
            api.io, [&](auto finished) { api.node.put_virtual_host(record, std::move(finished), importer.name); });
        if (!done) {
            co_return done.error();
        }
    }
    co_return amqp::Result<>();
}

boost::asio::awaitable<amqp::Result<Put>> put_users(Api& api, const User& importer, const Definitions& definitions,
                                                    std::vector<PasswordHash> hashes) {
    return change_users(
        api, importer,
        [&definitions, hashes = std::move(hashes)](UserStore& users, storage::Batch& batch) -> amqp::Result<Put> {
            for (std::size_t i = 0; i < definitions.users.size(); ++i) {
                if (auto put = users.put_user(definitions.users[i], hashes[i], batch); !put) {
                    return put;
                }
            }
            for (const auto& row : definitions.permissions) {
                if (auto put = users.set_permissions(row.user, row.virtual_host, row.patterns, batch); !put) {
                    return put;
                }
            }
            for (const auto& row : definitions.topic_permissions) {
                if (auto put =
                        users.set_topic_permissions(row.user, row.virtual_host, row.exchange, row.patterns, batch);
                    !put) {
                    return put;
                }
            }
            return Put::replaced;
        });
}

boost::asio::awaitable<amqp::Result<>> put_global_parameters(Api& api, const Definitions& definitions) {
    for (const auto& [name, value] : definitions.global_parameters) {
        const std::string *its_name = &name, *its_value = &value;
        const auto done = co_await wait_for<amqp::Result<Put>>(api.io, [&api, its_name, its_value](auto finished) {
            api.node.put_global_parameter(*its_name, *its_value, std::move(finished));
        });
        if (!done) {
            co_return done.error();
        }
    }
    co_return amqp::Result<>();
}

boost::asio::awaitable<amqp::Result<bool>> put_settings(Api& api, const User& importer, VirtualHostPtr virtual_host,
                                                        const HostDefinitions& definitions) {
    return change_settings(api, importer, std::move(virtual_host),
                           [&definitions](VirtualHostSettings& settings, storage::Batch& batch) -> amqp::Result<bool> {
                               amqp::Result<bool> result = true;
                               for (const auto& [kind, policy] : definitions.policies) {
                                   if (result = settings.put_policy(kind, policy, batch); !result) {
                                       return result;
                                   }
                               }
                               for (const auto& [limit, value] : definitions.limits) {
                                   if (result = settings.put_limit(limit, value, batch); !result) {
                                       return result;
                                   }
                               }
                               for (const auto& [key, value] : definitions.parameters) {
                                   if (result = settings.put_parameter(key.first, key.second, value, batch); !result) {
                                       return result;
                                   }
                               }
                               return result;
                           });
}

// What is not there yet, in the order in which it can be declared; of two with one name the first.
std::vector<Request> topology_of(HostDefinitions& definitions, Existing& existing) {
    std::vector<Request> requests;
    for (DeclareExchange& exchange : definitions.exchanges) {
        if (existing.exchanges.try_emplace(exchange.name).second) {
            requests.push_back(std::move(exchange));
        }
    }
    for (DeclareQueue& queue : definitions.queues) {
        if (existing.queues.try_emplace(queue.name).second) {
            queue.server_named = queue.name.starts_with("amq."); // such a name was the server's once
            requests.push_back(std::move(queue));
        }
    }
    for (BindQueue& binding : definitions.queue_bindings) {
        if (!binding.exchange.empty()) { // every queue has that one
            requests.push_back(std::move(binding));
        }
    }
    for (BindExchange& binding : definitions.exchange_bindings) {
        requests.push_back(std::move(binding));
    }
    return requests;
}

boost::asio::awaitable<amqp::Result<>> put_topology(Api& api, UserPtr who, VirtualHostPtr virtual_host,
                                                    std::vector<Request> requests) {
    constexpr std::size_t requests_per_batch = 256; // others want the strand too
    const auto client = AdminClient::open(api, std::move(virtual_host), *who);
    for (std::size_t first = 0; first < requests.size() && !client->error(); first += requests_per_batch) {
        const std::size_t end = std::min(first + requests_per_batch, requests.size());
        for (std::size_t i = first; i < end; ++i) {
            client->add(std::move(requests[i]));
        }
        co_await client->run(end);
    }
    co_await client->close();
    co_return client->error() ? amqp::Result<>(*client->error()) : amqp::Result<>();
}

} // namespace

boost::asio::awaitable<amqp::Result<>> import_definitions(Api& api, UserPtr who, Definitions definitions) {
    if (auto named = check_names(api, definitions); !named) {
        co_return named;
    }
    std::map<std::string, InPlace> existing;
    for (const auto& [host, in_host] : definitions.hosts) {
        VirtualHostPtr virtual_host = api.node.find_virtual_host(host);
        auto in_place = co_await existing_in(api, std::move(virtual_host));
        auto checked = check_bindings(in_host, in_place);
        if (checked) {
            checked = check_counts(in_host, in_place, in_place.limits);
        }
        existing[host] = std::move(in_place);
        if (!checked) {
            co_return checked;
        }
    }
    std::vector<PasswordHash> hashes;
    for (const UserDefinition& user : definitions.users) {
        UserDefinition copy = user;
        auto hash = co_await hash_password_of(api, std::move(copy), Md5::accepted);
        if (!hash) {
            co_return hash.error();
        }
        hashes.push_back(std::move(*hash));
    }
    const auto hosts_made = co_await put_virtual_hosts(api, *who, definitions);
    if (!hosts_made) {
        co_return hosts_made;
    }
    const auto users_made = co_await put_users(api, *who, definitions, std::move(hashes));
    if (!users_made) {
        co_return users_made.error();
    }
    const auto parameters_made = co_await put_global_parameters(api, definitions);
    if (!parameters_made) {
        co_return parameters_made;
    }
    for (auto& [host, in_host] : definitions.hosts) {
        const VirtualHostPtr virtual_host = api.node.find_virtual_host(host);
        if (virtual_host == nullptr) {
            co_return amqp::precondition_failed("vhost '" + host + "' does not exist"); // any more
        }
        const auto settings_made = co_await put_settings(api, *who, virtual_host, in_host);
        if (!settings_made) {
            co_return settings_made.error();
        }
        std::vector<Request> topology = topology_of(in_host, existing[host]);
        const auto topology_made = co_await put_topology(api, who, virtual_host, std::move(topology));
        if (!topology_made) {
            co_return topology_made;
        }
    }
    co_return amqp::Result<>();
}

} // namespace broker
