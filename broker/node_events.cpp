#include "broker/node_events.hpp"

#include "broker/broker.hpp"

#include <string>
#include <utility>

namespace broker {
namespace {

amqp::Array texts(const std::vector<std::string>& list) {
    return {list.begin(), list.end()};
}

void add_permissions(const User& before, const User& after, std::vector<UserEvent>& events) {
    for (const auto& [host, patterns] : after.permissions) {
        const auto old = before.permissions.find(host);
        if (old == before.permissions.end() || old->second != patterns) {
            events.push_back({"permission.created",
                              {{"user", after.name},
                               {"vhost", host},
                               {"configure", patterns.configure},
                               {"write", patterns.write},
                               {"read", patterns.read}}});
        }
    }
    for (const auto& [host, patterns] : before.permissions) {
        if (!after.permissions.contains(host)) {
            events.push_back({"permission.deleted", {{"user", after.name}, {"vhost", host}}});
        }
    }
}

void add_topic_permissions(const User& before, const User& after, std::vector<UserEvent>& events) {
    const auto find = [](const User& user, const std::string& host,
                         const std::string& exchange) -> const TopicPatterns* {
        const auto exchanges = user.topic_permissions.find(host);
        if (exchanges == user.topic_permissions.end()) {
            return nullptr;
        }
        const auto patterns = exchanges->second.find(exchange);
        return patterns == exchanges->second.end() ? nullptr : &patterns->second;
    };
    for (const auto& [host, exchanges] : after.topic_permissions) {
        for (const auto& [exchange, patterns] : exchanges) {
            const TopicPatterns* old = find(before, host, exchange);
            if (old == nullptr || *old != patterns) {
                events.push_back({"topic.permission.created",
                                  {{"user", after.name},
                                   {"vhost", host},
                                   {"exchange", exchange},
                                   {"write", patterns.write},
                                   {"read", patterns.read}}});
            }
        }
    }
    for (const auto& [host, exchanges] : before.topic_permissions) {
        for (const auto& [exchange, patterns] : exchanges) {
            if (find(after, host, exchange) == nullptr) {
                events.push_back(
                    {"topic.permission.deleted", {{"user", after.name}, {"vhost", host}, {"exchange", exchange}}});
            }
        }
    }
}

void add_limits(const User& before, const User& after, std::vector<UserEvent>& events) {
    if (before.limits == after.limits) {
        return;
    }
    amqp::FieldTable headers{{"name", "limits"}, {"username", after.name}};
    for (const auto& [limit, value] : after.limits) {
        headers.append(limit, value);
    }
    events.push_back({after.limits.empty() ? "user.limits.cleared" : "user.limits.set", std::move(headers)});
}

void add_changes(const User* before, const User& after, std::vector<UserEvent>& events) {
    const User nobody{};
    if (before == nullptr) {
        events.push_back({"user.created", {{"name", after.name}}});
    } else if (before->password_hash != after.password_hash) {
        events.push_back(
            {after.password_hash.empty() ? "user.password.cleared" : "user.password.changed", {{"name", after.name}}});
    }
    if (before == nullptr || before->tags != after.tags) {
        events.push_back({"user.tags.set", {{"name", after.name}, {"tags", texts(after.tags)}}});
    }
    add_permissions(before != nullptr ? *before : nobody, after, events);
    add_topic_permissions(before != nullptr ? *before : nobody, after, events);
    add_limits(before != nullptr ? *before : nobody, after, events);
}

} // namespace

std::vector<UserEvent> user_events(const UserTable& before, const UserTable& after) {
    std::vector<UserEvent> events;
    for (const UserPtr& user : after) {
        const UserPtr old = before.find(user->name);
        if (old != user) { // the same object: the same user
            add_changes(old.get(), *user, events);
        }
    }
    for (const UserPtr& user : before) {
        if (after.find(user->name) == nullptr) {
            events.push_back({"user.deleted", {{"name", user->name}}});
        }
    }
    return events;
}

amqp::FieldTable virtual_host_headers(const storage::VirtualHostRecord& record, std::string_view node) {
    amqp::FieldTable metadata{{"description", record.description}, {"tags", texts(record.tags)}};
    amqp::FieldTable state;
    state.append(node, "running");
    return {{"name", record.name},
            {"description", record.description},
            {"tags", texts(record.tags)},
            {"default_queue_type", record.default_queue_type.empty() ? "undefined" : record.default_queue_type},
            {"metadata", std::move(metadata)},
            {"tracing", record.tracing},
            {"cluster_state", std::move(state)}};
}

// --- Broker: telling them ------------------------------------------------------------------------------------------

void Broker::tell(std::string_view key, amqp::FieldTable headers, std::string_view actor) {
    if (events_.wanted()) {
        if (!actor.empty()) {
            headers.append("user_who_performed_action", actor);
        }
        events_.emit(key, std::move(headers));
    }
}

void Broker::tell_users(const UserTable& before, std::string_view actor) {
    if (!events_.wanted()) {
        return;
    }
    for (UserEvent& event : user_events(before, *users_.table())) {
        tell(event.key, std::move(event.headers), actor);
    }
}

} // namespace broker
