#include "broker/auth/user_store.hpp"

#include "broker/auth/user_records.hpp"

#include <utility>

namespace broker {

namespace {

Put put_kind(bool created) {
    return created ? Put::created : Put::replaced;
}

amqp::Error no_such_user(std::string_view user) {
    return amqp::not_found("no such user '" + std::string(user.substr(0, max_user_name_size)) + "'");
}

amqp::Error no_such_row() {
    return amqp::not_found("Not Found");
}

} // namespace

UserStore::UserStore() : table_(std::make_shared<const UserTable>()) {}

UserTablePtr UserStore::table() const {
    const std::lock_guard lock(table_mutex_);
    return table_;
}

void UserStore::load(const std::vector<storage::UserRecord>& users,
                     const std::vector<storage::PermissionRecord>& permissions,
                     const std::vector<storage::TopicPermissionRecord>& topic_permissions) {
    auto loaded = std::make_shared<UserTable>();
    for (auto& [name, user] : users_of(users, permissions, topic_permissions)) {
        user.version = generation_ + 1;
        loaded->put(std::make_shared<const User>(std::move(user)));
    }
    publish(std::move(loaded));
}

template <class Change>
std::invoke_result_t<Change, User&> UserStore::edit(std::string_view name, Change change) {
    const UserPtr existing = table()->find(name);
    if (!existing) {
        return no_such_user(name);
    }
    User user = *existing;
    auto outcome = change(user);
    if (outcome) {
        put(std::move(user));
    }
    return outcome;
}

amqp::Result<Put> UserStore::put_user(const UserDefinition& definition, PasswordHash hash, storage::Batch& batch) {
    if (auto checked = check_definition(definition); !checked) {
        return checked.error();
    }
    const UserPtr existing = table()->find(definition.name);
    User user = existing ? *existing : User{};
    user.name = definition.name;
    user.password_hash = std::move(hash);
    user.tags = *definition.tags;
    if (definition.limits) {
        user.limits = *definition.limits;
    }
    put_user_record(batch, user);
    put(std::move(user));
    return put_kind(existing == nullptr);
}

amqp::Result<> UserStore::change_password(std::string_view name, PasswordHash hash, storage::Batch& batch) {
    return edit(name, [&](User& user) -> amqp::Result<> {
        user.password_hash = std::move(hash);
        put_user_record(batch, user);
        return {};
    });
}

amqp::Result<> UserStore::delete_user(std::string_view name, storage::Batch& batch) {
    const UserPtr user = table()->find(name);
    if (!user) {
        return no_such_user(name);
    }
    erase_user_records(batch, *user);
    auto changed = std::make_shared<UserTable>(*table());
    changed->erase(user->name);
    publish(std::move(changed));
    return {};
}

amqp::Result<> UserStore::set_limit(std::string_view name, std::string_view limit, std::int64_t value,
                                    storage::Batch& batch) {
    if (auto checked = check_limit_name(limit); !checked) {
        return checked;
    }
    return edit(name, [&](User& user) -> amqp::Result<> {
        user.limits.insert_or_assign(std::string(limit), value);
        put_user_record(batch, user);
        return {};
    });
}

amqp::Result<> UserStore::clear_limit(std::string_view name, std::string_view limit, storage::Batch& batch) {
    return edit(name, [&](User& user) -> amqp::Result<> {
        if (user.limits.erase(std::string(limit)) != 0) {
            put_user_record(batch, user);
        }
        return {};
    });
}

amqp::Result<Put> UserStore::set_permissions(std::string_view name, std::string_view virtual_host,
                                             PermissionPatterns patterns, storage::Batch& batch) {
    if (auto checked = check_patterns(patterns); !checked) {
        return checked.error();
    }
    return edit(name, [&](User& user) -> amqp::Result<Put> {
        const bool created = user.permissions.insert_or_assign(std::string(virtual_host), std::move(patterns)).second;
        put_permission_record(batch, user, virtual_host);
        return put_kind(created);
    });
}

amqp::Result<> UserStore::clear_permissions(std::string_view name, std::string_view virtual_host,
                                            storage::Batch& batch) {
    return edit(name, [&](User& user) -> amqp::Result<> {
        if (user.permissions.erase(std::string(virtual_host)) == 0) {
            return no_such_row();
        }
        erase_permission_record(batch, user, virtual_host);
        return {};
    });
}

amqp::Result<Put> UserStore::set_topic_permissions(std::string_view name, std::string_view virtual_host,
                                                   std::string_view exchange, TopicPatterns patterns,
                                                   storage::Batch& batch) {
    if (auto checked = check_patterns(patterns); !checked) {
        return checked.error();
    }
    return edit(name, [&](User& user) -> amqp::Result<Put> {
        TopicPatternsByExchange& exchanges = user.topic_permissions[std::string(virtual_host)];
        const bool created = exchanges.insert_or_assign(std::string(exchange), std::move(patterns)).second;
        put_topic_permission_record(batch, user, virtual_host, exchange);
        return put_kind(created);
    });
}

amqp::Result<> UserStore::clear_topic_permissions(std::string_view name, std::string_view virtual_host,
                                                  std::optional<std::string_view> exchange, storage::Batch& batch) {
    return edit(name, [&](User& user) -> amqp::Result<> {
        const auto exchanges = user.topic_permissions.find(virtual_host);
        if (exchanges == user.topic_permissions.end()) {
            return no_such_row();
        }
        if (!exchange) {
            erase_topic_permission_records(batch, user, virtual_host);
            exchanges->second.clear();
        } else if (exchanges->second.erase(std::string(*exchange)) != 0) {
            erase_topic_permission_record(batch, user, virtual_host, *exchange);
        } else {
            return no_such_row();
        }
        if (exchanges->second.empty()) {
            user.topic_permissions.erase(exchanges);
        }
        return {};
    });
}

void UserStore::forget_virtual_host(std::string_view virtual_host, storage::Batch& batch) {
    const UserTablePtr current = table();
    auto changed = std::make_shared<UserTable>(*current);
    for (const UserPtr& existing : *current) {
        if (!existing->permissions.contains(virtual_host) && !existing->topic_permissions.contains(virtual_host)) {
            continue;
        }
        User user = *existing;
        erase_topic_permission_records(batch, user, virtual_host);
        user.topic_permissions.erase(std::string(virtual_host));
        if (user.permissions.erase(std::string(virtual_host)) != 0) {
            erase_permission_record(batch, user, virtual_host);
        }
        user.version = generation_ + 1;
        changed->put(std::make_shared<const User>(std::move(user)));
    }
    publish(std::move(changed));
}

void UserStore::put(User user) {
    user.version = generation_ + 1;
    auto changed = std::make_shared<UserTable>(*table());
    changed->put(std::make_shared<const User>(std::move(user)));
    publish(std::move(changed));
}

void UserStore::publish(std::shared_ptr<UserTable> table) {
    UserTablePtr previous = std::move(table); // the old table is freed outside the lock
    {
        const std::lock_guard lock(table_mutex_);
        table_.swap(previous);
    }
    // After the table: whoever sees the new number finds the new table.
    generation_.fetch_add(1, std::memory_order_release);
}

} // namespace broker
