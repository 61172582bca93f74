// What administration has set for a virtual host besides its topology: policies, limits, runtime parameters. Owned by
// the VirtualHost, on its strand; others read it there. Every change puts what makes it last into the batch that it is
// given. It applies nothing: VirtualHost does.
#pragma once

#include "broker/core/policy_set.hpp"
#include "protocol/error.hpp"
#include "storage/store.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace broker {

class VirtualHostSettings {
 public:
    using Limits = std::map<std::string, std::int64_t, std::less<>>;               // negative: none
    using Parameters = std::map<std::pair<std::string, std::string>, std::string>; // component and name: JSON

    const Policies& policies() const { return policies_; }
    const Limits& limits() const { return limits_; }
    const Parameters& parameters() const { return parameters_; }

    // Nothing: not limited.
    std::optional<std::uint64_t> limit(std::string_view name) const;
    static constexpr std::string_view max_connections = "max-connections", max_queues = "max-queues";

    // Rises with every change of a policy.
    std::uint64_t policy_revision() const { return policy_revision_; }

    // On error nothing has changed; PRECONDITION_FAILED is HTTP's 400. True: there was none of that name.
    amqp::Result<bool> put_policy(PolicyKind kind, Policy policy, storage::Batch& batch);
    amqp::Result<bool> put_limit(std::string_view name, std::int64_t value, storage::Batch& batch);
    // `value` is JSON.
    amqp::Result<bool> put_parameter(std::string_view component, std::string_view name, std::string value,
                                     storage::Batch& batch);
    // False: there was none.
    bool delete_policy(PolicyKind kind, std::string_view name, storage::Batch& batch);
    bool delete_limit(std::string_view name, storage::Batch& batch);
    bool delete_parameter(std::string_view component, std::string_view name, storage::Batch& batch);
    void delete_everything(storage::Batch& batch);

    // Checks alone, for those who change many things or nothing.
    static amqp::Result<> check_limit(std::string_view name);
    static amqp::Result<> check_parameter(std::string_view component, std::string_view name, std::string_view value);

    // Takes a record back; other types are not its business. Fails if it is damaged.
    amqp::Result<> recover(const storage::RecordKey& key, std::string_view value);

    static constexpr std::size_t max_policies = 10'000, max_parameters = 10'000; // of each kind
    static constexpr std::size_t max_parameter_size = 1 << 20;

 private:
    amqp::Result<> recover_policy(PolicyKind kind, std::string_view value);

    Policies policies_;
    Limits limits_;
    Parameters parameters_;
    std::uint64_t policy_revision_ = 0;
};

} // namespace broker
