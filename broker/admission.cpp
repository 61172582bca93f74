#include "broker/admission.hpp"

#include <fmt/format.h>

#include <utility>

namespace broker {

std::size_t Admission::count(const Counts& counts, std::string_view name) {
    const auto found = counts.find(name);
    return found == counts.end() ? 0 : found->second;
}

void Admission::subtract(Counts& counts, std::string_view name) {
    const auto found = counts.find(name);
    if (found != counts.end() && --found->second == 0) {
        counts.erase(found);
    }
}

amqp::Result<> Admission::check_node() const {
    const std::lock_guard lock(mutex_);
    if (connections_ >= limits_.connections) {
        return amqp::not_allowed(
            fmt::format("connection refused: node connection limit ({}) is reached", limits_.connections));
    }
    return {};
}

amqp::Result<> Admission::enter(std::string_view virtual_host, std::optional<std::uint64_t> max_in_virtual_host,
                                const User& user) {
    const std::lock_guard lock(mutex_);
    if (max_in_virtual_host && count(in_virtual_host_, virtual_host) >= *max_in_virtual_host) {
        return amqp::not_allowed(
            fmt::format("access to vhost '{}' refused for user '{}': connection limit ({}) is reached", virtual_host,
                        user.name, *max_in_virtual_host));
    }
    const auto max_of_user = user.max_connections();
    if (max_of_user && count(of_user_, user.name) >= *max_of_user) {
        return amqp::not_allowed(fmt::format("connection refused for user '{}': user connection limit ({}) is reached",
                                             user.name, *max_of_user));
    }
    ++connections_;
    ++in_virtual_host_[std::string(virtual_host)];
    ++of_user_[user.name];
    return {};
}

void Admission::leave(std::string_view virtual_host, std::string_view user) {
    const std::lock_guard lock(mutex_);
    --connections_;
    subtract(in_virtual_host_, virtual_host);
    subtract(of_user_, user);
}

amqp::Result<std::shared_ptr<const void>> Admission::claim_channel(const User& user) {
    const std::lock_guard lock(mutex_);
    if (channels_ >= limits_.channels) {
        return amqp::not_allowed(
            fmt::format("number of channels opened on node '{}' has reached the maximum allowed limit of {}",
                        limits_.node_name, limits_.channels));
    }
    const auto max_of_user = user.max_channels();
    if (max_of_user && count(channels_of_user_, user.name) >= *max_of_user) {
        return amqp::not_allowed(
            fmt::format("number of channels opened for user '{}' has reached the maximum allowed user limit of {}",
                        user.name, *max_of_user));
    }
    ++channels_;
    const auto entry = channels_of_user_.try_emplace(user.name, 0).first;
    ++entry->second;
    // The name lives as long as anybody has a channel under it.
    return std::shared_ptr<const void>(
        &entry->first, [this](const void* name) { release_channel(*static_cast<const std::string*>(name)); });
}

void Admission::release_channel(const std::string& user) {
    const std::lock_guard lock(mutex_);
    --channels_;
    subtract(channels_of_user_, user);
}

} // namespace broker
