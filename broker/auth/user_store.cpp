#include "broker/auth/user_store.hpp"

#include "broker/auth/permissions.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace broker {

namespace {

constexpr std::array<std::string_view, 2> limit_names{"max-connections", "max-channels"};

storage::UserRecord record_of(const User& user) {
    return {user.name, user.password_hash.text, std::string(name(user.password_hash.algorithm)), user.tags,
            {user.limits.begin(), user.limits.end()}};
}

storage::PermissionRecord record_of(const User& user, std::string_view virtual_host,
                                    const PermissionPatterns& patterns) {
    return {user.name, std::string(virtual_host), patterns.configure, patterns.write, patterns.read};
}

storage::TopicPermissionRecord record_of(const User& user, std::string_view virtual_host, std::string_view exchange,
                                         const TopicPatterns& patterns) {
    return {user.name, std::string(virtual_host), std::string(exchange), patterns.write, patterns.read};
}

template <class Record>
void put_record(storage::Batch& batch, const Record& record) {
    batch.put(key_of(record), encode_record(record));
}

void erase_topic_permissions(storage::Batch& batch, const User& user, std::string_view virtual_host) {
    const auto found = user.topic_permissions.find(virtual_host);
    if (found == user.topic_permissions.end()) {
        return;
    }
    for (const auto& [exchange, patterns] : found->second) {
        batch.erase(key_of(record_of(user, virtual_host, exchange, patterns)));
    }
}

// Names go into keys that are joined by NUL, into log lines and into JSON.
amqp::Result<> check_name(std::string_view what, std::string_view text) {
    if (text.empty() || text.size() > UserStore::max_name_size || text.find('\0') != std::string_view::npos) {
        return amqp::precondition_failed(std::string(what) + " must have 1 to 255 bytes and no NUL");
    }
    return {};
}

amqp::Result<> check_tags(const std::optional<std::vector<std::string>>& tags) {
    if (!tags) {
        return amqp::precondition_failed("tags_not_present");
    }
    if (tags->size() > UserStore::max_tags) {
        return amqp::precondition_failed("too many tags");
    }
    for (const std::string& tag : *tags) {
        if (auto checked = check_name("tag", tag); !checked) {
            return checked;
        }
    }
    return {};
}

amqp::Result<> check_limit_name(std::string_view limit) {
    if (std::ranges::find(limit_names, limit) == limit_names.end()) {
        return amqp::precondition_failed("Unrecognised terms [{<<\"" + std::string(limit.substr(0, 64)) +
                                         "\">>}] in user-limits");
    }
    return {};
}

amqp::Result<> check_definition(const UserDefinition& definition) {
    if (auto checked = check_name("user name", definition.name); !checked) {
        return checked;
    }
    if (auto checked = check_tags(definition.tags); !checked) {
        return checked;
    }
    if (definition.limits) {
        for (const auto& [limit, value] : *definition.limits) {
            if (auto checked = check_limit_name(limit); !checked) {
                return checked;
            }
        }
    }
    return {};
}

amqp::Result<> check_pattern(std::string_view pattern) {
    if (auto compiled = Pattern::compile(pattern); !compiled) {
        return compiled.error();
    }
    return {};
}

amqp::Result<> check_topic_pattern(std::string_view pattern) {
    if (auto checked = check_pattern(pattern); !checked) {
        return checked;
    }
    const auto expanded = expand_topic_pattern(pattern, "user", "vhost");
    if (!expanded) {
        return expanded.error();
    }
    return check_pattern(*expanded);
}

Put put_kind(bool created) {
    return created ? Put::created : Put::replaced;
}

amqp::Error no_such_user(std::string_view user) {
    return amqp::not_found("no such user '" + std::string(user.substr(0, UserStore::max_name_size)) + "'");
}

amqp::Error no_such_row() {
    return amqp::not_found("Not Found");
}

bool name_less(const UserPtr& user, std::string_view name) {
    return user->name < name;
}

} // namespace

UserPtr UserTable::find(std::string_view name) const {
    const auto found = std::lower_bound(users_.begin(), users_.end(), name, name_less);
    return found != users_.end() && (*found)->name == name ? *found : nullptr;
}

void UserTable::put(UserPtr user) {
    const auto place = std::lower_bound(users_.begin(), users_.end(), user->name, name_less);
    if (place != users_.end() && (*place)->name == user->name) {
        *place = std::move(user);
    } else {
        users_.insert(place, std::move(user));
    }
}

void UserTable::erase(std::string_view name) {
    std::erase_if(users_, [name](const UserPtr& user) { return user->name == name; });
}

amqp::Result<PasswordHash> password_hash_of(const UserDefinition& definition, HashingAlgorithm for_passwords,
                                            Md5 md5) {
    if (definition.password && definition.password_hash) {
        return amqp::precondition_failed("both_password_and_password_hash_are_provided");
    }
    if (definition.password) {
        if (definition.password->size() > max_password_size) {
            return amqp::precondition_failed("credential_validation_failed");
        }
        return hash_password(*definition.password, for_passwords);
    }
    return import_password_hash(definition.password_hash.value_or(""), definition.hashing_algorithm, md5);
}

UserStore::UserStore() : table_(std::make_shared<const UserTable>()) {}

void UserStore::load(const std::vector<storage::UserRecord>& users,
                     const std::vector<storage::PermissionRecord>& permissions,
                     const std::vector<storage::TopicPermissionRecord>& topic_permissions) {
    const std::uint64_t generation = generation_ + 1;
    std::map<std::string, User, std::less<>> by_name;
    for (const auto& record : users) {
        User& user = by_name[record.name];
        user.name = record.name;
        user.password_hash = {hashing_algorithm(record.hashing_algorithm).value_or(HashingAlgorithm::sha256),
                              record.password_hash};
        user.tags = record.tags;
        user.limits = {record.limits.begin(), record.limits.end()};
        user.version = generation;
    }
    for (const auto& record : permissions) {
        if (const auto user = by_name.find(record.user); user != by_name.end()) {
            user->second.permissions[record.virtual_host] = {record.configure, record.write, record.read};
        }
    }
    for (const auto& record : topic_permissions) {
        if (const auto user = by_name.find(record.user); user != by_name.end()) {
            user->second.topic_permissions[record.virtual_host][record.exchange] = {record.write, record.read};
        }
    }
    auto table = std::make_shared<UserTable>();
    for (auto& [name, user] : by_name) {
        table->users_.push_back(std::make_shared<const User>(std::move(user)));
    }
    publish(std::move(table));
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
    put_record(batch, record_of(user));
    put(std::move(user));
    return put_kind(existing == nullptr);
}

amqp::Result<> UserStore::change_password(std::string_view name, PasswordHash hash, storage::Batch& batch) {
    auto user = copy_of(name);
    if (!user) {
        return user.error();
    }
    user->password_hash = std::move(hash);
    put_record(batch, record_of(*user));
    put(std::move(*user));
    return {};
}

amqp::Result<> UserStore::delete_user(std::string_view name, storage::Batch& batch) {
    const UserPtr user = table()->find(name);
    if (!user) {
        return no_such_user(name);
    }
    for (const auto& [virtual_host, patterns] : user->permissions) {
        batch.erase(key_of(record_of(*user, virtual_host, patterns)));
    }
    for (const auto& [virtual_host, exchanges] : user->topic_permissions) {
        erase_topic_permissions(batch, *user, virtual_host);
    }
    batch.erase(key_of(record_of(*user)));
    auto changed = std::make_shared<UserTable>(*table());
    changed->erase(name);
    publish(std::move(changed));
    return {};
}

amqp::Result<> UserStore::set_limit(std::string_view name, std::string_view limit, std::int64_t value,
                                    storage::Batch& batch) {
    if (auto checked = check_limit_name(limit); !checked) {
        return checked;
    }
    auto user = copy_of(name);
    if (!user) {
        return user.error();
    }
    user->limits.insert_or_assign(std::string(limit), value);
    put_record(batch, record_of(*user));
    put(std::move(*user));
    return {};
}

amqp::Result<> UserStore::clear_limit(std::string_view name, std::string_view limit, storage::Batch& batch) {
    auto user = copy_of(name);
    if (!user) {
        return user.error();
    }
    const auto found = user->limits.find(limit);
    if (found == user->limits.end()) {
        return no_such_row();
    }
    user->limits.erase(found);
    put_record(batch, record_of(*user));
    put(std::move(*user));
    return {};
}

amqp::Result<Put> UserStore::set_permissions(std::string_view name, std::string_view virtual_host,
                                             PermissionPatterns patterns, storage::Batch& batch) {
    for (const std::string* pattern : {&patterns.configure, &patterns.write, &patterns.read}) {
        if (auto checked = check_pattern(*pattern); !checked) {
            return checked.error();
        }
    }
    auto user = copy_of(name);
    if (!user) {
        return user.error();
    }
    put_record(batch, record_of(*user, virtual_host, patterns));
    const bool created = user->permissions.insert_or_assign(std::string(virtual_host), std::move(patterns)).second;
    put(std::move(*user));
    return put_kind(created);
}

amqp::Result<> UserStore::clear_permissions(std::string_view name, std::string_view virtual_host,
                                            storage::Batch& batch) {
    auto user = copy_of(name);
    if (!user) {
        return user.error();
    }
    const auto found = user->permissions.find(virtual_host);
    if (found == user->permissions.end()) {
        return no_such_row();
    }
    batch.erase(key_of(record_of(*user, virtual_host, found->second)));
    user->permissions.erase(found);
    put(std::move(*user));
    return {};
}

amqp::Result<Put> UserStore::set_topic_permissions(std::string_view name, std::string_view virtual_host,
                                                   std::string_view exchange, TopicPatterns patterns,
                                                   storage::Batch& batch) {
    for (const std::string* pattern : {&patterns.write, &patterns.read}) {
        if (auto checked = check_topic_pattern(*pattern); !checked) {
            return checked.error();
        }
    }
    auto user = copy_of(name);
    if (!user) {
        return user.error();
    }
    put_record(batch, record_of(*user, virtual_host, exchange, patterns));
    TopicPatternsByExchange& exchanges = user->topic_permissions[std::string(virtual_host)];
    const bool created = exchanges.insert_or_assign(std::string(exchange), std::move(patterns)).second;
    put(std::move(*user));
    return put_kind(created);
}

amqp::Result<> UserStore::clear_topic_permissions(std::string_view name, std::string_view virtual_host,
                                                  std::optional<std::string_view> exchange, storage::Batch& batch) {
    auto user = copy_of(name);
    if (!user) {
        return user.error();
    }
    const auto exchanges = user->topic_permissions.find(virtual_host);
    if (exchanges == user->topic_permissions.end()) {
        return no_such_row();
    }
    if (exchange) {
        const auto found = exchanges->second.find(*exchange);
        if (found == exchanges->second.end()) {
            return no_such_row();
        }
        batch.erase(key_of(record_of(*user, virtual_host, *exchange, found->second)));
        exchanges->second.erase(found);
    } else {
        erase_topic_permissions(batch, *user, virtual_host);
        exchanges->second.clear();
    }
    if (exchanges->second.empty()) {
        user->topic_permissions.erase(exchanges);
    }
    put(std::move(*user));
    return {};
}

void UserStore::forget_virtual_host(std::string_view virtual_host, storage::Batch& batch) {
    auto changed = std::make_shared<UserTable>(*table());
    for (UserPtr& existing : changed->users_) {
        const auto permissions = existing->permissions.find(virtual_host);
        const auto topics = existing->topic_permissions.find(virtual_host);
        if (permissions == existing->permissions.end() && topics == existing->topic_permissions.end()) {
            continue;
        }
        User user = *existing;
        if (permissions != existing->permissions.end()) {
            batch.erase(key_of(record_of(user, virtual_host, permissions->second)));
        }
        erase_topic_permissions(batch, user, virtual_host);
        user.permissions.erase(std::string(virtual_host));
        user.topic_permissions.erase(std::string(virtual_host));
        user.version = generation_ + 1;
        existing = std::make_shared<const User>(std::move(user));
    }
    publish(std::move(changed));
}

amqp::Result<User> UserStore::copy_of(std::string_view name) const {
    const UserPtr user = table()->find(name);
    if (!user) {
        return no_such_user(name);
    }
    return *user;
}

void UserStore::put(User user) {
    user.version = generation_ + 1;
    auto changed = std::make_shared<UserTable>(*table());
    changed->put(std::make_shared<const User>(std::move(user)));
    publish(std::move(changed));
}

void UserStore::publish(std::shared_ptr<UserTable> table) {
    // The table first: whoever sees the new number finds the new table.
    table_.store(std::move(table));
    generation_.fetch_add(1, std::memory_order_release);
}

} // namespace broker
