// The composition root: builds everything from the settings, starts it, and takes it down in order. One object for the
// process; start() and stop() are called by main.
#pragma once

#include "broker/admin/node.hpp"
#include "broker/admission.hpp"
#include "broker/auth/counted_authenticator.hpp"
#include "broker/auth/throttled_authenticator.hpp"
#include "broker/auth/user_store_authenticator.hpp"
#include "broker/backups.hpp"
#include "broker/core/clock.hpp"
#include "broker/core/event_sink.hpp"
#include "broker/core/virtual_host.hpp"
#include "broker/net/connection.hpp"
#include "broker/net/io_thread.hpp"
#include "broker/net/listener.hpp"
#include "broker/net/pending_handshakes.hpp"
#include "broker/resource_monitor.hpp"
#include "broker/session/session_config.hpp"
#include "broker/tls/tls_context.hpp"
#include "config/settings.hpp"
#include "storage/rocksdb_store.hpp"

#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace broker {

class HttpServer;

class Broker final : private ConnectionHost, private Node {
 public:
    // `on_failure` is called, on any thread, when the store has failed and the process must end.
    Broker(const config::Settings& settings, std::function<void()> on_failure);
    ~Broker() override;

    void start(); // throws std::runtime_error with one clear line
    void stop();  // connection.close 320 to every client, then everything is written and closed
    void reload(const config::Settings& settings); // follows those that may change at run time: the watermarks
    void show_settings(std::string text);          // what the management API shows as the settings that count

    // Reads the files of certificates and keys again; connections that are there stay. False: those of some family
    // cannot be used, the log says why, and the old ones stay in use.
    bool reload_certificates();

    // Whether every network thread has come round since the last call. On one thread only, after start().
    bool responsive();

    Node& node() { return *this; } // as the management API sees it

 private:
    using VirtualHostMap = std::map<std::string, std::shared_ptr<VirtualHost>, std::less<>>;

    // ConnectionHost
    const SessionConfig& session_config() const override { return session_config_; }
    amqp::Result<std::shared_ptr<VirtualHost>> enter(std::string_view virtual_host, const User& user) override;
    void left(VirtualHost& virtual_host, const User& user) override;
    amqp::Result<ChannelClaim> claim_channel(const User& user) override { return admission_.claim_channel(user); }
    PendingHandshakes& pending_handshakes() override { return pending_handshakes_; }
    ReadAllowance& read_allowance() override { return read_allowance_; }
    Alarms alarms() const override;

    // Node
    const NodeInfo& info() const override { return info_; }
    std::string effective_settings() const override;
    std::vector<ListenerInfo> listeners() const override;
    Resources resources() const override;
    const Clock& clock() const override { return clock_; }
    Authenticator& authenticator() override { return *authenticator_; }
    std::vector<AuthAttempts> auth_attempts() const override { return authenticator_->attempts(); }
    void reset_auth_attempts() override { authenticator_->reset(); }
    EventSink& events() override { return events_; }
    const UserStore& users() const override { return users_; }
    void change_users(UserChange change, std::function<void(amqp::Result<Put>)> done, std::string_view actor) override;
    std::vector<std::shared_ptr<VirtualHost>> virtual_hosts() const override;
    std::shared_ptr<VirtualHost> find_virtual_host(std::string_view name) const override;
    void put_virtual_host(storage::VirtualHostRecord record, std::function<void(amqp::Result<Put>)> done,
                          std::string_view actor) override;
    void delete_virtual_host(std::string_view name, std::function<void(amqp::Result<>)> done,
                             std::string_view actor) override;
    std::map<std::string, std::string, std::less<>> global_parameters() const override;
    void put_global_parameter(std::string name, std::string value,
                              std::function<void(amqp::Result<Put>)> done) override;
    void delete_global_parameter(std::string_view name, std::function<void(amqp::Result<>)> done) override;
    void back_up(std::string name, std::function<void(amqp::Result<Backup>)> done) override {
        backups_.make(*store_, std::move(name), std::move(done));
    }
    void list_backups(std::function<void(std::vector<Backup>)> done) override { backups_.list(std::move(done)); }
    void visit_connections(std::function<void(Connection&)> visit, std::function<void()> done) override;
    void take_web_socket(UpgradedSocket socket) override;

    // recovery.cpp of the broker
    void recover();
    void create_defaults(); // first start: default virtual host and user

    // broker_resources.cpp
    void start_monitor();
    void tell_connections(Alarms alarms);

    // broker_listeners.cpp
    void open_listeners();
    void open_management();
    void run_later(std::chrono::milliseconds delay, std::function<void()> function); // on some network thread

    void open_metrics();
    void close_connections();
    void stop_http();
    void stop_threads();
    VirtualHost::Environment environment(std::string_view virtual_host);
    void tell(std::string_view key, amqp::FieldTable headers, std::string_view actor);
    void tell_users(const UserTable& before, std::string_view actor);
    void users_changed();
    IoThread& next_thread();
    void post_anywhere(std::function<void()> function); // on some network thread
    void commit_node(storage::Batch batch, std::function<void(storage::Outcome)> done);
    void free_when_unknown(const VirtualHost& retired);
    void store_failed(storage::Outcome outcome);
    void end_without_store(std::string_view reason); // any thread

    const config::Settings settings_;
    const std::function<void()> on_failure_;
    SessionConfig session_config_;
    NodeInfo info_;
    Admission admission_;
    PendingHandshakes pending_handshakes_;
    SystemClock clock_;
    EventSink events_;
    std::unique_ptr<storage::LocalStore> store_;
    Backups backups_; // ends before store_
    UserStore users_;
    boost::asio::thread_pool hashing_;
    std::unique_ptr<UserStoreAuthenticator> user_store_authenticator_;
    std::unique_ptr<ThrottledAuthenticator> throttled_authenticator_;
    std::unique_ptr<CountedAuthenticator> authenticator_;
    std::unique_ptr<TlsContext> tls_; // of AMQP; null: no listener with TLS
    std::unique_ptr<TlsContext> management_tls_, metrics_tls_;
    std::atomic<IoThread*> latest_thread_{nullptr}; // that had something of its own to do
    std::vector<std::unique_ptr<IoThread>> threads_;
    std::vector<std::unique_ptr<Listener>> listeners_;
    std::unique_ptr<HttpServer> http_;
    std::atomic<bool> memory_is_short_{false}; // what queues know of the monitor's findings
    std::atomic<bool> users_changed_{false};   // and connections have still to look
    std::unique_ptr<ResourceMonitor> monitor_;
    ReadAllowance read_allowance_{[this] { monitor_->look_soon(); }};
    std::unique_ptr<HttpServer> metrics_; // null: its port could not be had
    std::atomic<std::size_t> next_thread_{0};
    std::shared_ptr<std::atomic<std::size_t>> came_round_; // how many threads, of those asked by responsive()

    // Guards what changes rarely and is asked from every thread: the map of virtual hosts and the node's own batches.
    mutable std::mutex mutex_;
    VirtualHostMap virtual_hosts_;
    std::vector<std::shared_ptr<VirtualHost>> retired_; // deleted, and somebody may still know of them
    std::map<std::string, std::string, std::less<>> global_parameters_;
    std::string effective_settings_;
    storage::Lease node_lease_;
    std::uint64_t last_node_batch_ = 0;
    storage::ShardId last_shard_ = storage::node_shard;
};

} // namespace broker
