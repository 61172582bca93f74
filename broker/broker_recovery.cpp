// Broker: what was on disk becomes users, virtual hosts, exchanges and queues again; or, the first time, the defaults.
#include "broker/broker.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <future>
#include <stdexcept>
#include <utility>

namespace broker {
namespace {

// Takes records in as they come and builds the virtual hosts when the node's own are known.
class Recovery final : public storage::RecoveryVisitor {
 public:
    using MakeVirtualHost = std::function<VirtualHost&(storage::VirtualHostRecord)>;
    explicit Recovery(MakeVirtualHost make) : make_virtual_host_(std::move(make)) {}

    void on_record(storage::ShardId shard, storage::RecordKey key, std::string_view value) override {
        if (shard != storage::node_shard) {
            const auto found = by_shard_.find(shard);
            if (found != by_shard_.end()) { // else: of a virtual host whose deletion was cut short
                found->second->recover_record(std::move(key), value);
            }
            return;
        }
        switch (key.type) {
        case storage::RecordType::virtual_host: {
            auto record = storage::decode_or_throw<storage::VirtualHostRecord>(key, value);
            by_shard_[record.shard] = &make_virtual_host_(record);
            break;
        }
        case storage::RecordType::user:
            users.push_back(storage::decode_or_throw<storage::UserRecord>(key, value));
            break;
        case storage::RecordType::permission:
            permissions.push_back(storage::decode_or_throw<storage::PermissionRecord>(key, value));
            break;
        case storage::RecordType::topic_permission:
            topic_permissions.push_back(storage::decode_or_throw<storage::TopicPermissionRecord>(key, value));
            break;
        case storage::RecordType::global_parameter: {
            auto record = storage::decode_or_throw<storage::GlobalParameterRecord>(key, value);
            global_parameters[std::move(record.name)] = std::move(record.value);
            break;
        }
        default:
            break;
        }
    }

    void on_queue(const storage::QueueState& state) override {
        bind();
        messages += state.messages;
        for (const auto& [shard, virtual_host] : by_shard_) {
            if (virtual_host->recover_queue(state)) {
                return;
            }
        }
        spdlog::warn("the store holds {} messages of a queue that is not there any more", state.messages);
    }

    // All records have been seen: bindings find both their ends.
    void bind() {
        for (const auto& [shard, virtual_host] : by_shard_) {
            virtual_host->recover_bindings();
        }
    }

    void end() {
        bind();
        for (const auto& [shard, virtual_host] : by_shard_) {
            virtual_host->end_recovery();
        }
    }

    std::vector<storage::UserRecord> users;
    std::vector<storage::PermissionRecord> permissions;
    std::vector<storage::TopicPermissionRecord> topic_permissions;
    std::map<std::string, std::string, std::less<>> global_parameters;
    std::uint64_t messages = 0;

 private:
    MakeVirtualHost make_virtual_host_;
    std::map<storage::ShardId, VirtualHost*> by_shard_;
};

} // namespace

void Broker::recover() {
    Recovery recovery([this](storage::VirtualHostRecord record) -> VirtualHost& {
        last_shard_ = std::max(last_shard_, record.shard);
        auto virtual_host = std::make_shared<VirtualHost>(record, environment(record.name));
        return *(virtual_hosts_[record.name] = std::move(virtual_host));
    });
    store_->recover(recovery);
    recovery.end();
    global_parameters_ = std::move(recovery.global_parameters);
    users_.load(recovery.users, recovery.permissions, recovery.topic_permissions);
    spdlog::info("{} virtual hosts and {} users recovered, {} messages waiting", virtual_hosts_.size(),
                 recovery.users.size(), recovery.messages);
}

void Broker::create_defaults() {
    const config::DefaultUser& user = settings_.default_user;
    storage::VirtualHostRecord record;
    record.name = settings_.default_vhost;
    record.description = "Default virtual host";
    std::promise<void> created; // start-up may wait
    put_virtual_host(
        record,
        [&](amqp::Result<Put> result) {
            (void)result;
            created.set_value();
        },
        internal_actor);
    created.get_future().wait();

    UserDefinition definition;
    definition.name = user.name;
    definition.password = std::string(user.password.reveal());
    definition.tags = std::vector<std::string>(user.tags.begin(), user.tags.end());
    auto hash = password_hash_of(definition, HashingAlgorithm::sha256);
    if (hash.has_error()) {
        throw std::runtime_error("default_pass: " + hash.error().text);
    }
    std::promise<amqp::Result<Put>> done;
    change_users(
        [&](UserStore& users, storage::Batch& batch) -> amqp::Result<Put> {
            if (auto put = users.put_user(definition, *hash, batch); put.has_error()) {
                return put.error();
            }
            return users.set_permissions(user.name, settings_.default_vhost, {user.configure, user.write, user.read},
                                         batch);
        },
        [&](amqp::Result<Put> result) { done.set_value(std::move(result)); }, internal_actor);
    if (auto result = done.get_future().get(); result.has_error()) {
        throw std::runtime_error("default_user: " + result.error().text);
    }
}

} // namespace broker
