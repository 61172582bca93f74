// VirtualHost: settings and what they do. A changed policy is applied to what exists slice by slice: with a million
// queues nobody else may wait for all of them.
#include "broker/core/settings_events.hpp"
#include "broker/core/virtual_host.hpp"

#include <fmt/format.h>

#include <utility>

namespace broker {
namespace {

constexpr std::size_t objects_per_slice = 64;

} // namespace

void VirtualHost::change_settings(const SettingsChange& change, std::function<void(amqp::Result<bool>)> done,
                                  std::string_view actor) {
    const std::uint64_t revision = settings_.policy_revision();
    const auto before = teller_.heard() ? std::optional<SettingsState>(settings_) : std::nullopt;
    amqp::Result<bool> result = change(settings_, commits_.batch());
    if (result.has_error()) {
        return done(std::move(result));
    }
    if (before) {
        teller_.changed(*before, SettingsState(settings_), actor);
    }
    const auto connections = settings_.limit(VirtualHostSettings::max_connections);
    max_connections_.store(connections ? static_cast<std::int64_t>(*connections) : -1, std::memory_order_relaxed);
    if (settings_.policy_revision() != revision) {
        review_policies();
    }
    commits_.when_durable([done = std::move(done), result = std::move(result)] { done(result); });
}

std::optional<std::uint64_t> VirtualHost::max_connections() const {
    const std::int64_t limit = max_connections_.load(std::memory_order_relaxed);
    return limit < 0 ? std::nullopt : std::optional(static_cast<std::uint64_t>(limit));
}

// --- policies ------------------------------------------------------------------------------------------------------

void VirtualHost::apply_policies(Exchange& exchange) {
    // The default exchange leads to every queue and, in RabbitMQ too, to no alternate.
    AppliedPolicies policies =
        exchange.is_default() ? AppliedPolicies{} : settings_.policies().for_exchange(exchange.name());
    if (policies != exchange.policies()) {
        topology_changed();
        exchange.apply(std::move(policies));
    }
}

void VirtualHost::apply_policies(Queue& queue) {
    AppliedPolicies policies = settings_.policies().for_queue(queue.name(), queue.definition().options.type);
    if (policies != queue.policies()) {
        queue.apply(std::move(policies));
    }
}

void VirtualHost::review_policies() {
    PolicyReview review;
    for (const auto& [exchange_name, exchange] : exchanges_) {
        review.exchanges.push_back(exchange_name);
    }
    for (const auto& [queue_name, queue] : queues_) {
        review.queues.push_back(queue_name);
    }
    review_slice(std::move(review), settings_.policy_revision());
}

void VirtualHost::review_slice(PolicyReview review, std::uint64_t revision) {
    if (revision != settings_.policy_revision()) {
        return; // a newer review looks at everything
    }
    for (std::size_t left = objects_per_slice; left > 0 && !review.exchanges.empty(); --left) {
        if (Exchange* exchange = find_exchange(review.exchanges.back())) {
            apply_policies(*exchange);
        }
        review.exchanges.pop_back();
    }
    for (std::size_t left = objects_per_slice; left > 0 && !review.queues.empty(); --left) {
        if (Queue* queue = find_queue(review.queues.back())) {
            apply_policies(*queue);
        }
        review.queues.pop_back();
    }
    if (!review.exchanges.empty() || !review.queues.empty()) {
        strand_.submit_elsewhere(Strand::work(
            [this, review = std::move(review), revision]() mutable { review_slice(std::move(review), revision); }));
    }
}

// Nobody waits at start: everything at once.
void VirtualHost::recover_settings() {
    const auto connections = settings_.limit(VirtualHostSettings::max_connections);
    max_connections_.store(connections ? static_cast<std::int64_t>(*connections) : -1, std::memory_order_relaxed);
    if (std::exchange(recovered_policies_, settings_.policy_revision()) == settings_.policy_revision()) {
        return;
    }
    for (const auto& [exchange_name, exchange] : exchanges_) {
        apply_policies(*exchange);
    }
    for (const auto& [queue_name, queue] : queues_) {
        apply_policies(*queue);
    }
}

// --- limits and defaults -------------------------------------------------------------------------------------------

amqp::Result<> VirtualHost::check_queue_limit(std::string_view queue) const {
    const auto limit = settings_.limit(VirtualHostSettings::max_queues);
    if (!limit || queues_.size() < *limit) {
        return {};
    }
    return amqp::precondition_failed(
        fmt::format("cannot declare queue '{}': queue limit in vhost '{}' ({}) is reached", queue, name_, *limit));
}

// The type that a declaration gets that names none: the virtual host's, else the node's, else classic; classic also
// when the other properties fit no other type [C7].
void VirtualHost::set_default_type(DeclareQueue& request) const {
    if (!request.of_default_type || request.arguments.contains(queue_type_argument)) {
        return;
    }
    const std::string of_host = record().default_queue_type;
    const std::string& wanted = of_host.empty() || of_host == "undefined" ? environment_.default_queue_type : of_host;
    const bool fits = request.durable && !request.exclusive && !request.auto_delete && !request.server_named;
    // Without the argument it is classic. RabbitMQ 4.1 says so among the arguments, for which Terraform's provider
    // replaces the queue.
    if (fits && wanted == broker::name(QueueType::quorum)) {
        request.arguments.set(queue_type_argument, wanted);
    }
}

} // namespace broker
