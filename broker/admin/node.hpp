// What the management API needs of the broker around it. Implemented by Broker; every call may come from the API's
// thread.
#pragma once

#include "broker/auth/auth_attempts.hpp"
#include "broker/auth/authenticator.hpp"
#include "broker/auth/user_store.hpp"
#include "broker/core/alarms.hpp"
#include "broker/core/clock.hpp"
#include "broker/core/virtual_host.hpp"
#include "broker/tls/tls_context.hpp"
#include "protocol/error.hpp"
#include "storage/records.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace broker {

class Connection;
struct UpgradedSocket;

struct ListenerInfo {
    std::string protocol; // "amqp", "amqp/ssl", "http", "https", "http/prometheus", "https/prometheus"
    std::string address;
    std::uint16_t port = 0;
    std::optional<CertificateExpiry> certificate{}; // of a listener with TLS
};

struct NodeInfo {
    std::string node_name; // rabbit@host
    std::string cluster_name;
    std::string version;     // as announced to clients: 4.2.0
    std::string own_version; // Leveret's
    std::string data_directory;
    std::chrono::system_clock::time_point started_at;
    std::size_t io_threads = 1;
    std::int64_t consumer_timeout_ms = 0; // of deliveries to consumers that say nothing; 0: none
};

// What there is of memory and disk, and the limits beyond which publishers are blocked.
struct Resources {
    Alarms alarms;
    std::uint64_t memory_limit = 0;
    std::uint64_t disk_free_limit = 0;
};

// A copy of the data at one moment: a data directory to start on.
struct Backup {
    std::string name;
    std::string path;
    std::uint64_t bytes = 0; // of all its files, those included that are shared with the broker's own
    std::chrono::sys_time<std::chrono::milliseconds> made_at;
};

class Node {
 public:
    virtual ~Node() = default;

    virtual const NodeInfo& info() const = 0;
    virtual std::vector<ListenerInfo> listeners() const = 0;
    virtual Resources resources() const = 0;
    virtual const Clock& clock() const = 0;
    virtual std::string effective_settings() const = 0; // in the form of rabbitmq.conf, without secrets

    virtual Authenticator& authenticator() = 0;
    virtual std::vector<AuthAttempts> auth_attempts() const = 0; // of each protocol
    virtual void reset_auth_attempts() = 0;
    virtual const UserStore& users() const = 0;
    // Changes users, permissions and the like: runs `change` with the store and a batch, one change at a time; commits
    // the batch; `done` is called (any thread) once that is durable. Both on error and on success exactly one call of
    // done.
    using UserChange = std::function<amqp::Result<Put>(UserStore&, storage::Batch&)>;
    // `actor`: the user who does it, for events.
    virtual void change_users(UserChange change, std::function<void(amqp::Result<Put>)> done,
                              std::string_view actor) = 0;

    virtual std::vector<std::shared_ptr<VirtualHost>> virtual_hosts() const = 0;             // sorted by name
    virtual std::shared_ptr<VirtualHost> find_virtual_host(std::string_view name) const = 0; // null if none
    virtual void put_virtual_host(storage::VirtualHostRecord record, std::function<void(amqp::Result<Put>)> done,
                                  std::string_view actor) = 0;
    virtual void delete_virtual_host(std::string_view name, std::function<void(amqp::Result<>)> done,
                                     std::string_view actor) = 0;

    // Global parameters: their names and JSON. A change is durable when `done` is called, on any thread.
    virtual std::map<std::string, std::string, std::less<>> global_parameters() const = 0;
    virtual void put_global_parameter(std::string name, std::string value,
                                      std::function<void(amqp::Result<Put>)> done) = 0;
    virtual void delete_global_parameter(std::string_view name, std::function<void(amqp::Result<>)> done) = 0;

    // `done` on any thread. A backup has what was confirmed before it was asked for; without a name it is named after
    // the time.
    virtual void back_up(std::string name, std::function<void(amqp::Result<Backup>)> done) = 0;
    virtual void list_backups(std::function<void(std::vector<Backup>)> done) = 0;

    // Visits every AMQP connection on its own network thread, then calls `done` (on one of them). `visit` may be called
    // by several threads, one connection at a time each; it must only read.
    virtual void visit_connections(std::function<void(Connection&)> visit, std::function<void()> done) = 0;

    // An AMQP connection begins on it.
    virtual void take_web_socket(UpgradedSocket socket) = 0;
};

} // namespace broker
