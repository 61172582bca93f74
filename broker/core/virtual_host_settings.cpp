#include "broker/core/virtual_host_settings.hpp"

#include "storage/records.hpp"

#include <fmt/format.h>

namespace broker {
namespace {

template <class Record>
void put(storage::Batch& batch, const Record& record) {
    batch.put(storage::key_of(record), storage::encode_record(record));
}

storage::PolicyRecord record_of(const Policy& policy, PolicyKind kind) {
    return {policy.name,
            policy.pattern,
            std::string(name(policy.apply_to)),
            policy.priority,
            policy.definition.encode(),
            kind == PolicyKind::operators};
}

} // namespace

std::optional<std::uint64_t> VirtualHostSettings::limit(std::string_view name) const {
    const auto found = limits_.find(name);
    if (found == limits_.end() || found->second < 0) {
        return std::nullopt;
    }
    return static_cast<std::uint64_t>(found->second);
}

// --- policies ------------------------------------------------------------------------------------------------------

amqp::Result<bool> VirtualHostSettings::put_policy(PolicyKind kind, Policy policy, storage::Batch& batch) {
    if (auto checked = check_policy(policy, kind); !checked) {
        return checked.error();
    }
    PolicySet& set = policies_.of(kind);
    if (set.entries().size() >= max_policies && set.find(policy.name) == nullptr) {
        return validation_failed(fmt::format("a virtual host has at most {} policies", max_policies));
    }
    put(batch, record_of(policy, kind));
    ++policy_revision_;
    return set.put(std::move(policy));
}

bool VirtualHostSettings::delete_policy(PolicyKind kind, std::string_view name, storage::Batch& batch) {
    const PolicyPtr erased = policies_.of(kind).erase(name);
    if (erased == nullptr) {
        return false;
    }
    batch.erase(storage::key_of(record_of(*erased, kind)));
    ++policy_revision_;
    return true;
}

amqp::Result<> VirtualHostSettings::recover_policy(PolicyKind kind, std::string_view value) {
    auto record = storage::decode_record<storage::PolicyRecord>(value);
    if (!record) {
        return record.error();
    }
    const auto apply_to = apply_to_of(record->apply_to);
    auto definition = amqp::FieldTable::decode({record->definition});
    if (!apply_to || !definition) {
        return amqp::internal_error("the record of a policy is damaged");
    }
    Policy policy{std::move(record->name), std::move(record->pattern), *apply_to, record->priority,
                  std::move(*definition)};
    if (auto checked = check_policy(policy, kind); !checked) {
        return checked.error();
    }
    policies_.of(kind).put(std::move(policy));
    ++policy_revision_;
    return {};
}

// --- limits --------------------------------------------------------------------------------------------------------

amqp::Result<> VirtualHostSettings::check_limit(std::string_view name) {
    if (name != max_connections && name != max_queues) {
        return validation_failed(fmt::format("Unrecognised terms [{{<<\"{}\">>}}] in limits", name.substr(0, 64)));
    }
    return {};
}

amqp::Result<bool> VirtualHostSettings::put_limit(std::string_view name, std::int64_t value, storage::Batch& batch) {
    if (auto checked = check_limit(name); !checked) {
        return checked.error();
    }
    put(batch, storage::LimitRecord{std::string(name), value});
    return limits_.insert_or_assign(std::string(name), value).second;
}

bool VirtualHostSettings::delete_limit(std::string_view name, storage::Batch& batch) {
    if (limits_.erase(std::string(name)) == 0) {
        return false;
    }
    batch.erase(storage::key_of(storage::LimitRecord{std::string(name), 0}));
    return true;
}

// --- parameters ----------------------------------------------------------------------------------------------------

amqp::Result<> VirtualHostSettings::check_parameter(std::string_view component, std::string_view name,
                                                    std::string_view value) {
    if (component == "policy" || component == "operator_policy") {
        return amqp::precondition_failed("policies may not be set using this method");
    }
    if (component.empty() || component.size() > max_policy_name_size || name.size() > max_policy_name_size) {
        return validation_failed("component and name of a parameter have at most 255 bytes");
    }
    if (value.size() > max_parameter_size) {
        return validation_failed(fmt::format("the value of a parameter has at most {} bytes", max_parameter_size));
    }
    return {};
}

amqp::Result<bool> VirtualHostSettings::put_parameter(std::string_view component, std::string_view name,
                                                      std::string value, storage::Batch& batch) {
    if (auto checked = check_parameter(component, name, value); !checked) {
        return checked.error();
    }
    const std::pair key{std::string(component), std::string(name)};
    if (parameters_.size() >= max_parameters && !parameters_.contains(key)) {
        return validation_failed(fmt::format("a virtual host has at most {} parameters", max_parameters));
    }
    put(batch, storage::ParameterRecord{key.first, key.second, value});
    return parameters_.insert_or_assign(key, std::move(value)).second;
}

bool VirtualHostSettings::delete_parameter(std::string_view component, std::string_view name, storage::Batch& batch) {
    if (parameters_.erase({std::string(component), std::string(name)}) == 0) {
        return false;
    }
    batch.erase(storage::key_of(storage::ParameterRecord{std::string(component), std::string(name), {}}));
    return true;
}

// --- all of it -----------------------------------------------------------------------------------------------------

void VirtualHostSettings::delete_everything(storage::Batch& batch) {
    for (const PolicyKind kind : {PolicyKind::user, PolicyKind::operators}) {
        while (!policies_.of(kind).entries().empty()) {
            delete_policy(kind, std::string(policies_.of(kind).entries().back().policy->name), batch);
        }
    }
    while (!limits_.empty()) {
        delete_limit(std::string(limits_.begin()->first), batch);
    }
    while (!parameters_.empty()) {
        const auto [component, name] = parameters_.begin()->first;
        delete_parameter(component, name, batch);
    }
}

amqp::Result<> VirtualHostSettings::recover(const storage::RecordKey& key, std::string_view value) {
    if (key.type == storage::RecordType::policy) {
        return recover_policy(PolicyKind::user, value);
    }
    if (key.type == storage::RecordType::operator_policy) {
        return recover_policy(PolicyKind::operators, value);
    }
    if (key.type == storage::RecordType::limit) {
        auto record = storage::decode_record<storage::LimitRecord>(value);
        if (!record) {
            return record.error();
        }
        limits_[std::move(record->name)] = record->value;
    } else if (key.type == storage::RecordType::parameter) {
        auto record = storage::decode_record<storage::ParameterRecord>(value);
        if (!record) {
            return record.error();
        }
        parameters_[{std::move(record->component), std::move(record->name)}] = std::move(record->value);
    }
    return {};
}

} // namespace broker
