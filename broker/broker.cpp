#include "broker/broker.hpp"

#include "broker/admin/definitions_file.hpp"
#include "broker/admin/http_server.hpp"
#include "broker/admin/machine_share.hpp"
#include "broker/net/random.hpp"
#include "broker/net/wake_timer.hpp"
#include "broker/node_events.hpp"
#include "broker/resource_limits.hpp"
#include "broker/version.hpp"
#include "storage/rocksdb_store.hpp"

#include <boost/asio/post.hpp>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <utility>

namespace broker {
namespace {

using namespace std::chrono_literals;

// How long connections may take to end once their sockets are closed.
constexpr auto drop_limit = 2s;

SessionConfig session_config_of(const config::Settings& settings, const NodeInfo& info) {
    SessionConfig result;
    result.product.version = info.version;
    result.product.cluster_name = info.cluster_name;
    result.channel_max = settings.channel_max;
    result.frame_max = settings.frame_max_bytes;
    result.heartbeat_s = settings.heartbeat_s;
    result.handshake_timeout_ms = settings.handshake_timeout_ms;
    result.initial_frame_max = settings.initial_frame_max_bytes;
    result.max_message_size = settings.max_message_size_bytes;
    result.consumer_max_per_channel = settings.consumer_max_per_channel;
    result.consumer_timeout_ms = settings.consumer_timeout_ms;
    return result;
}

std::uint64_t random_seed() {
    std::array<std::byte, sizeof(std::uint64_t)> octets;
    system_random().fill(octets);
    return std::bit_cast<std::uint64_t>(octets);
}

storage::RocksStoreOptions store_options(const config::Settings& settings) {
    storage::RocksStoreOptions options;
    options.directory = settings.data_dir;
    // It has five such buffers and the log in memory: together less than a fifth of what the node may use.
    const std::uint64_t memory = resource_limits(settings, total_memory_bytes(), options.reserve_bytes).memory;
    const std::uint64_t share = std::max<std::uint64_t>(memory / 32, 4u << 20);
    options.page_memtable_bytes = std::min(options.page_memtable_bytes, share);
    options.commit_log_bytes = std::min<std::size_t>(options.commit_log_bytes, share);
    options.log = [](storage::LogLevel level, std::string_view text) {
        spdlog::log(level == storage::LogLevel::info      ? spdlog::level::info
                    : level == storage::LogLevel::warning ? spdlog::level::warn
                                                          : spdlog::level::err,
                    "store: {}", text);
    };
    return options;
}

} // namespace

Broker::Broker(const config::Settings& settings, std::function<void()> on_failure)
    : settings_(settings),
      on_failure_(std::move(on_failure)),
      admission_({settings_.max_connections, settings_.channel_max_per_node, settings_.node_name}),
      pending_handshakes_({settings_.max_pending_handshakes, settings_.max_pending_handshakes_of_address}),
      backups_(settings_.backup_dir.empty() ? std::filesystem::path(settings_.data_dir) / "backups"
                                            : std::filesystem::path(settings_.backup_dir)),
      hashing_(1) {
    info_.node_name = settings_.node_name;
    info_.cluster_name = settings_.cluster_name.empty() ? settings_.node_name : settings_.cluster_name;
    info_.version = announced_version;
    info_.own_version = own_version;
    info_.data_directory = settings_.data_dir;
    info_.started_at = std::chrono::system_clock::now();
    info_.consumer_timeout_ms = settings_.consumer_timeout_ms;
    info_.io_threads = settings_.io_threads != 0 ? settings_.io_threads : processors();
    session_config_ = session_config_of(settings_, info_);

    UserStoreAuthenticator::Options options;
    options.loopback_users = {settings_.loopback_users.begin(), settings_.loopback_users.end()};
    options.default_algorithm = HashingAlgorithm::sha256;
    options.mechanisms = settings_.auth_mechanisms;
    options.anonymous = {settings_.anonymous_login_user, std::string(settings_.anonymous_login_pass.reveal())};
    user_store_authenticator_ = std::make_unique<UserStoreAuthenticator>(
        users_, [this](std::function<void()> task) { boost::asio::post(hashing_, std::move(task)); },
        std::move(options));
    throttled_authenticator_ = std::make_unique<ThrottledAuthenticator>(
        *user_store_authenticator_, [] { return std::chrono::steady_clock::now(); },
        [this](std::chrono::milliseconds delay, std::function<void()> function) {
            run_later(delay, std::move(function));
        });
    authenticator_ = std::make_unique<CountedAuthenticator>(*throttled_authenticator_);
}

// After a start that failed, too, nothing may run any more when the first member goes. The store is not closed then:
// the next start should not take it for a clean end.
Broker::~Broker() {
    stop_http();
    stop_threads();
    store_.reset();
}

// --- start ---------------------------------------------------------------------------------------------------------

void Broker::start() {
    storage::RocksStoreOptions options = store_options(settings_);
    options.on_disk_failed = [this](std::string_view reason) { end_without_store(reason); };
    store_ = storage::open_rocksdb(options);
    node_lease_ = store_->open_shard(storage::node_shard);
    for (std::size_t i = 0; i < info_.io_threads; ++i) {
        threads_.push_back(std::make_unique<IoThread>(
            std::max<std::size_t>(256 << 10, settings_.frame_max_bytes + (64u << 10)), latest_thread_));
    }
    recover();
    for (std::size_t i = 0; i < threads_.size(); ++i) {
        threads_[i]->start(fmt::format("amqp {}", i));
    }
    if (!settings_.load_definitions.empty()) { // then there are no default user and virtual host, as in RabbitMQ
        load_definitions(node(), settings_.load_definitions);
        spdlog::info("definitions of {} imported", settings_.load_definitions);
    } else if (virtual_hosts_.empty()) {
        create_defaults();
    }
    start_monitor();
    open_listeners();
}

VirtualHost::Environment Broker::environment(std::string_view virtual_host) {
    return {*store_,
            clock_,
            [this](std::function<void()> function) { post_anywhere(std::move(function)); },
            [this](storage::Outcome outcome) { store_failed(outcome); },
            settings_.default_queue_type == config::QueueType::quorum ? "quorum" : "classic",
            [this](std::function<void()> on_time) -> std::unique_ptr<Timer> {
                return std::make_unique<WakeTimer>(next_thread(), clock_, std::move(on_time));
            },
            random_seed(),
            info_.node_name,
            &events_,
            virtual_host == settings_.default_vhost,
            &memory_is_short_};
}

IoThread& Broker::next_thread() {
    return *threads_[next_thread_.fetch_add(1, std::memory_order_relaxed) % threads_.size()];
}

// What comes from the store goes to the thread that was busy last: the one whose publishers are waiting, as long as
// there are few.
void Broker::post_anywhere(std::function<void()> function) {
    IoThread* latest = latest_thread_.load(std::memory_order_relaxed);
    (latest != nullptr && !latest->is_current() ? *latest : next_thread()).post(std::move(function));
}

void Broker::store_failed(storage::Outcome outcome) {
    end_without_store(outcome == storage::Outcome::full ? "the disk is full"
                                                        : fmt::format("outcome {}", static_cast<int>(outcome)));
}

void Broker::end_without_store(std::string_view reason) {
    spdlog::critical("the store in {} has failed ({}): nothing more is confirmed, the broker ends", settings_.data_dir,
                     reason);
    on_failure_();
}

// --- stop ----------------------------------------------------------------------------------------------------------

void Broker::stop() {
    for (auto& listener : listeners_) {
        threads_.front()->post([&listener = *listener] { listener.stop(); });
    }
    stop_http();
    close_connections();
    stop_threads();
    if (store_) {
        store_->close();
    }
}

void Broker::stop_http() {
    for (HttpServer* server : {http_.get(), metrics_.get()}) {
        if (server != nullptr) {
            server->stop();
        }
    }
}

// All others that call the store: messages expire and are dead-lettered for as long as a network thread runs.
void Broker::stop_threads() {
    if (monitor_) {
        monitor_->stop();
    }
    backups_.stop();
    hashing_.join();
    for (auto& thread : threads_) {
        thread->stop();
    }
}

void Broker::close_connections() {
    const amqp::Error shutdown =
        amqp::make_error(amqp::ReplyCode::connection_forced, "broker forced connection closure with reason 'shutdown'");
    const auto for_all = [&](void (*close)(Connection&, const amqp::Error&)) {
        for (auto& thread : threads_) {
            thread->post([&thread = *thread, close, shutdown] {
                std::vector<std::shared_ptr<Connection>> connections;
                thread.for_each_connection(
                    [&](Connection& connection) { connections.push_back(connection.shared_from_this()); });
                for (const auto& connection : connections) {
                    close(*connection, shutdown);
                }
            });
        }
    };
    const auto wait_until_none = [&](auto limit) {
        const auto deadline = std::chrono::steady_clock::now() + limit;
        while (std::chrono::steady_clock::now() < deadline) {
            const bool none = std::all_of(threads_.begin(), threads_.end(),
                                          [](const auto& thread) { return thread->connection_count() == 0; });
            if (none) {
                return true;
            }
            std::this_thread::sleep_for(5ms);
        }
        return false;
    };
    for_all([](Connection& connection, const amqp::Error& error) { connection.close(error); });
    if (!wait_until_none(std::chrono::milliseconds(settings_.drain_timeout_ms))) {
        for_all([](Connection& connection, const amqp::Error&) { connection.drop(); });
        wait_until_none(drop_limit);
    }
}

// --- ConnectionHost ------------------------------------------------------------------------------------------------

amqp::Result<std::shared_ptr<VirtualHost>> Broker::enter(std::string_view virtual_host, const User& user) {
    if (auto admitted = admission_.check_node(); !admitted) {
        return admitted.error();
    }
    auto found = find_virtual_host(virtual_host);
    if (found == nullptr) {
        return amqp::not_allowed(fmt::format("vhost {} not found", virtual_host));
    }
    // The user as of now: limits may have changed since the login.
    const UserPtr now = authenticator_->find_user(user.name);
    if (auto admitted = admission_.enter(virtual_host, found->max_connections(), now ? *now : user); !admitted) {
        return admitted.error();
    }
    if (authenticator_->permissions(user.name, virtual_host) == nullptr) {
        admission_.leave(virtual_host, user.name);
        return amqp::not_allowed(fmt::format("access to vhost '{}' refused for user '{}'", virtual_host, user.name));
    }
    return found;
}

void Broker::left(VirtualHost& virtual_host, const User& user) {
    admission_.leave(virtual_host.name(), user.name);
}

// --- Node ----------------------------------------------------------------------------------------------------------

void Broker::commit_node(storage::Batch batch, std::function<void(storage::Outcome)> done) {
    batch.number = ++last_node_batch_;
    batch.promise();
    store_->commit(node_lease_, std::move(batch), [this, done = std::move(done)](storage::Outcome outcome) {
        if (outcome != storage::Outcome::durable) {
            return store_failed(outcome);
        }
        done(outcome);
    });
}

void Broker::change_users(UserChange change, std::function<void(amqp::Result<Put>)> done, std::string_view actor) {
    const std::lock_guard lock(mutex_);
    const UserTablePtr before = users_.table();
    storage::Batch batch;
    auto result = change(users_, batch);
    if (result.has_error()) {
        return done(std::move(result));
    }
    users_changed();
    tell_users(*before, actor);
    commit_node(std::move(batch), [done = std::move(done), result](storage::Outcome) { done(result); });
}

// Every connection looks at its permissions again, so that what is revoked ends within a moment. One look serves all
// changes that come before it begins: an import changes thousands of users.
void Broker::users_changed() {
    if (users_changed_.exchange(true)) {
        return;
    }
    for (auto& thread : threads_) {
        thread->post([this, &thread = *thread] {
            users_changed_ = false;
            thread.visit_connections([](Connection& connection) { connection.take_permissions(); }, [] {});
        });
    }
}

void Broker::visit_connections(std::function<void(Connection&)> visit, std::function<void()> done) {
    const auto left = std::make_shared<std::atomic<std::size_t>>(threads_.size());
    for (auto& thread : threads_) {
        thread->post([&thread = *thread, visit, done, left] {
            thread.visit_connections(visit, [done, left] {
                if (left->fetch_sub(1) == 1) {
                    done();
                }
            });
        });
    }
}

} // namespace broker
