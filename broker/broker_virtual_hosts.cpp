// Broker: virtual hosts that come and go.
#include "broker/broker.hpp"
#include "broker/node_events.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace broker {
namespace {

constexpr storage::QueueId no_queue = 0;

} // namespace

std::vector<std::shared_ptr<VirtualHost>> Broker::virtual_hosts() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::shared_ptr<VirtualHost>> result;
    for (const auto& [name, virtual_host] : virtual_hosts_) {
        result.push_back(virtual_host);
    }
    return result;
}

std::shared_ptr<VirtualHost> Broker::find_virtual_host(std::string_view name) const {
    const std::lock_guard lock(mutex_);
    const auto found = virtual_hosts_.find(name);
    return found == virtual_hosts_.end() ? nullptr : found->second;
}

void Broker::put_virtual_host(storage::VirtualHostRecord record, std::function<void(amqp::Result<Put>)> done,
                              std::string_view actor) {
    const std::lock_guard lock(mutex_);
    const auto found = virtual_hosts_.find(record.name);
    const Put put = found == virtual_hosts_.end() ? Put::created : Put::replaced;
    record.shard = put == Put::created ? ++last_shard_ : found->second->record().shard;
    storage::Batch batch;
    batch.put(storage::key_of(record), storage::encode_record(record));
    if (put == Put::created) {
        virtual_hosts_[record.name] = std::make_shared<VirtualHost>(record, environment(record.name));
        tell("vhost.created", virtual_host_headers(record, info_.node_name), actor);
    } else {
        found->second->set_record(record);
    }
    commit_node(std::move(batch), [done = std::move(done), put](storage::Outcome) { done(put); });
}

void Broker::delete_virtual_host(std::string_view name, std::function<void(amqp::Result<>)> done,
                                 std::string_view actor) {
    const std::lock_guard lock(mutex_);
    const auto found = virtual_hosts_.find(name);
    if (found == virtual_hosts_.end()) {
        return done(amqp::not_found(fmt::format("no vhost '{}'", name)));
    }
    const std::shared_ptr<VirtualHost> virtual_host = std::move(virtual_hosts_.extract(found).mapped());
    storage::Batch permissions;
    const UserTablePtr before = users_.table();
    users_.forget_virtual_host(name, permissions);
    tell_users(*before, actor);
    commit_node(std::move(permissions), [](storage::Outcome) {});
    retired_.push_back(virtual_host);
    // First everything in it goes, then its record: a crash in between leaves an empty virtual host, never lost queues
    // that come back under a new one of that name. Unless there is a new one already: the record is that one's then.
    virtual_host->remove_everything(
        amqp::make_error(amqp::ReplyCode::connection_forced, fmt::format("vhost '{}' is deleted", name)),
        [this, done = std::move(done), &removed = *virtual_host, actor = std::string(actor)] {
            const std::lock_guard relock(mutex_);
            tell("vhost.deleted", {{"name", removed.name()}}, actor);
            storage::Batch batch;
            if (!virtual_hosts_.contains(removed.name())) {
                batch.erase(storage::key_of(removed.record()));
            }
            commit_node(std::move(batch), [done](storage::Outcome) { done({}); });
            // Who tells events keeps no hold of the virtual host that publishes them: that one stays.
            if (removed.name() != settings_.default_vhost) { // the store answers in order: this is the last one for it
                store_->read(no_queue, 0, 1, 1, [this, &removed](storage::Store::Page) { free_when_unknown(removed); });
            }
        });
}

// Its strand may still be held by the thread that has emptied it, and connections and HTTP requests leave when they
// like.
void Broker::free_when_unknown(const VirtualHost& retired) {
    constexpr std::chrono::milliseconds next_look{100};
    run_later(next_look, [this, &retired] {
        std::shared_ptr<VirtualHost> unknown; // goes after the lock
        const std::lock_guard lock(mutex_);
        const auto found = std::ranges::find(retired_, &retired, &std::shared_ptr<VirtualHost>::get);
        if (found->use_count() > 1 || !retired.idle()) {
            return free_when_unknown(retired);
        }
        unknown = std::move(*found);
        retired_.erase(found);
    });
}

} // namespace broker
