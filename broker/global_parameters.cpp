// Broker: global parameters, names and JSON that nobody here reads but for the name of the cluster.
#include "broker/broker.hpp"

#include <fmt/format.h>

#include <utility>

namespace broker {
namespace {

constexpr std::size_t max_name_size = 255, max_value_size = 1 << 20, max_parameters = 10'000;

} // namespace

std::map<std::string, std::string, std::less<>> Broker::global_parameters() const {
    const std::lock_guard lock(mutex_);
    return global_parameters_;
}

void Broker::put_global_parameter(std::string name, std::string value, std::function<void(amqp::Result<Put>)> done) {
    const std::lock_guard lock(mutex_);
    if (name.empty() || name.size() > max_name_size || value.size() > max_value_size ||
        (global_parameters_.size() >= max_parameters && !global_parameters_.contains(name))) {
        return done(amqp::precondition_failed("a global parameter is too long, or there are too many"));
    }
    const storage::GlobalParameterRecord record{name, value};
    storage::Batch batch;
    batch.put(storage::key_of(record), storage::encode_record(record));
    tell("parameter.set", {{"component", "global"}, {"name", name}, {"value", value}}, {});
    const bool created = global_parameters_.insert_or_assign(std::move(name), std::move(value)).second;
    commit_node(std::move(batch),
                [done = std::move(done), created](storage::Outcome) { done(created ? Put::created : Put::replaced); });
}

void Broker::delete_global_parameter(std::string_view name, std::function<void(amqp::Result<>)> done) {
    const std::lock_guard lock(mutex_);
    const auto found = global_parameters_.find(name);
    if (found == global_parameters_.end()) {
        return done(amqp::not_found("Not Found"));
    }
    storage::Batch batch;
    batch.erase(storage::key_of(storage::GlobalParameterRecord{found->first, {}}));
    tell("parameter.cleared", {{"component", "global"}, {"name", found->first}}, {});
    global_parameters_.erase(found);
    commit_node(std::move(batch), [done = std::move(done)](storage::Outcome) { done({}); });
}

} // namespace broker
