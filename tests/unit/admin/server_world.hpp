// A management API over one virtual host in memory and a node without anything else, and a small HTTP client for it.
#pragma once

#include "broker/admin/http_server.hpp"
#include "broker/auth/counted_authenticator.hpp"
#include "broker/auth/user_store_authenticator.hpp"
#include "broker/net/upgraded_socket.hpp"
#include "storage/memory_store.hpp"
#include "tests/support/fake_clock.hpp"

#include <boost/json/value.hpp>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace broker {

class StubNode final : public Node {
 public:
    StubNode();

    const NodeInfo& info() const override { return info_; }
    std::vector<ListenerInfo> listeners() const override {
        return {{"amqp", "127.0.0.1", 5673}, {"http", "127.0.0.1", 1}};
    }
    Resources resources() const override { return resources_; }
    const Clock& clock() const override { return clock_; }
    std::string effective_settings() const override { return "heartbeat = 60\n"; }
    void pass(std::int64_t ms) { clock_.advance(ms); }
    Authenticator& authenticator() override { return counted_authenticator_; }
    std::vector<AuthAttempts> auth_attempts() const override { return counted_authenticator_.attempts(); }
    void reset_auth_attempts() override { counted_authenticator_.reset(); }
    const UserStore& users() const override { return users_; }
    void change_users(UserChange change, std::function<void(amqp::Result<Put>)> done,
                      std::string_view actor = {}) override;
    std::vector<std::shared_ptr<VirtualHost>> virtual_hosts() const override;
    std::shared_ptr<VirtualHost> find_virtual_host(std::string_view name) const override;
    void put_virtual_host(storage::VirtualHostRecord record, std::function<void(amqp::Result<Put>)> done,
                          std::string_view actor = {}) override;
    void delete_virtual_host(std::string_view name, std::function<void(amqp::Result<>)> done,
                             std::string_view actor) override;
    std::map<std::string, std::string, std::less<>> global_parameters() const override;
    void put_global_parameter(std::string name, std::string value,
                              std::function<void(amqp::Result<Put>)> done) override;
    void delete_global_parameter(std::string_view name, std::function<void(amqp::Result<>)> done) override;
    void back_up(std::string name, std::function<void(amqp::Result<Backup>)> done) override {
        if (name == "refused") {
            return done(amqp::precondition_failed("no such name"));
        }
        done(Backup{name, "/backups/" + name, 1234, {}});
    }
    void list_backups(std::function<void(std::vector<Backup>)> done) override {
        done({{"one", "/backups/one", 1234, {}}});
    }
    void visit_connections(std::function<void(Connection&)>, std::function<void()> done) override { done(); }
    void take_web_socket(UpgradedSocket) override {} // closes it

    void set_resources(const Resources& resources) { resources_ = resources; } // before the server is asked
    void add_user(std::string name, std::vector<std::string> tags);

 private:
    NodeInfo info_;
    Resources resources_;
    storage::MemoryStore store_;
    FakeClock clock_;
    UserStore users_;
    UserStoreAuthenticator authenticator_;
    CountedAuthenticator counted_authenticator_{authenticator_};
    mutable std::mutex mutex_;
    std::map<std::string, std::shared_ptr<VirtualHost>, std::less<>> virtual_hosts_;
    std::map<std::string, std::string, std::less<>> global_parameters_;
    storage::ShardId last_shard_ = 0;
};

// A path of the route table with names that are fine but do not exist, but for the virtual host.
std::string concrete(std::string_view path);

struct Answer {
    unsigned status = 0;
    std::map<std::string, std::string> headers; // names in lower case
    std::string body;

    boost::json::value json() const;
};

struct ServerWorld {
    explicit ServerWorld(HttpOptions options = {});
    ~ServerWorld() { server.stop(); }

    // Below /api, as guest (administrator) or somebody else; the password is the name.
    Answer call(std::string_view verb, std::string_view path, std::string_view body = {},
                std::string_view user = "guest");
    // One request as it stands, everything that comes back until the server closes.
    std::string raw(std::string_view octets);

    StubNode node;
    HttpServer server;
};

} // namespace broker
