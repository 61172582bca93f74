// Deterministic twins of what a session sees of the world: transport, users, random numbers.
#pragma once

#include "broker/session/random_source.hpp"
#include "broker/session/transport.hpp"
#include "tests/support/command_text.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace test {

// Remembers what a session asked for; answers logins when told to.
class RecordingTransport : public broker::Transport {
 public:
    std::string_view mechanisms() const override { return offered; }
    void authenticate(std::string_view mechanism, std::string_view response) override {
        logins.push_back(std::string(mechanism) + " " + std::string(response));
        if (on_authenticate) {
            on_authenticate();
        }
    }
    amqp::Result<> open_virtual_host(std::string_view name) override {
        virtual_host = name;
        return open_error ? amqp::Result<>(*open_error) : amqp::Result<>();
    }
    amqp::Result<broker::ChannelClaim> claim_channel(const broker::User&) override {
        if (claim_error) {
            return *claim_error;
        }
        return broker::ChannelClaim(claims);
    }
    void submit(broker::CommandBatch batch) override {
        ++batches;
        std::ranges::move(batch, std::back_inserter(commands));
    }
    void close_socket(std::chrono::milliseconds delay) override { closes.push_back(delay.count()); }

    std::string offered = "PLAIN AMQPLAIN";
    std::function<void()> on_authenticate;
    std::optional<amqp::Error> open_error;
    std::optional<amqp::Error> claim_error;
    std::shared_ptr<const int> claims = std::make_shared<const int>(0); // one more use for every channel

    std::vector<std::string> logins;
    std::string virtual_host;
    std::size_t batches = 0;
    broker::CommandBatch commands;
    std::vector<long> closes; // delays in ms; a session closes once
};

// One user with patterns for one virtual host; both may change.
class FakeAuthenticator : public broker::Authenticator {
 public:
    FakeAuthenticator() { set({".*", ".*", ".*"}); }

    void set(broker::PermissionPatterns patterns, std::vector<std::string> tags = {}) {
        auto changed = std::make_shared<broker::User>();
        changed->name = "alice";
        changed->tags = std::move(tags);
        changed->permissions["/"] = std::move(patterns);
        changed->topic_permissions = topic_permissions;
        changed->version = ++generation_;
        user_ = std::move(changed);
    }
    broker::UserPtr user() const { return user_; }

    std::string_view mechanisms() const override { return "PLAIN AMQPLAIN"; }
    std::string_view mechanisms_with_certificate() const override { return "PLAIN AMQPLAIN EXTERNAL"; }
    void authenticate(std::string_view, std::string_view, const broker::PeerAddress&, Done) override {}
    void authenticate_certificate(std::string_view, const broker::PeerAddress&, Done) override {}
    void authenticate_password(std::string_view, std::string_view, const broker::PeerAddress&, Done) override {}
    broker::UserPtr find_user(std::string_view name) const override { return name == user_->name ? user_ : nullptr; }
    broker::PermissionsPtr permissions(std::string_view, std::string_view virtual_host) const override {
        ++permission_requests;
        return broker::Permissions::of(*user_, virtual_host);
    }
    std::uint64_t generation() const override { return generation_; }

    mutable int permission_requests = 0;
    std::map<std::string, broker::TopicPatternsByExchange, std::less<>> topic_permissions; // of the next set()

 private:
    std::uint64_t generation_ = 0;
    broker::UserPtr user_;
};

// Octets 0, 1, 2, ...: every name differs and every run is alike.
class CountingRandom : public broker::RandomSource {
 public:
    void fill(std::span<std::byte> octets) override {
        for (std::byte& octet : octets) {
            octet = static_cast<std::byte>(next_++);
        }
    }

 private:
    unsigned char next_ = 0;
};

} // namespace test
