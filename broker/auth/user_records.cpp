#include "broker/auth/user_records.hpp"

namespace broker {

namespace {

storage::UserRecord user_record(const User& user) {
    return {user.name,
            user.password_hash.text,
            std::string(name(user.password_hash.algorithm)),
            user.tags,
            {user.limits.begin(), user.limits.end()}};
}

storage::RecordKey permission_key(const User& user, std::string_view virtual_host) {
    return key_of(storage::PermissionRecord{user.name, std::string(virtual_host), {}, {}, {}});
}

storage::RecordKey topic_permission_key(const User& user, std::string_view virtual_host, std::string_view exchange) {
    return key_of(storage::TopicPermissionRecord{user.name, std::string(virtual_host), std::string(exchange), {}, {}});
}

} // namespace

void put_user_record(storage::Batch& batch, const User& user) {
    const auto record = user_record(user);
    batch.put(key_of(record), encode_record(record));
}

void put_permission_record(storage::Batch& batch, const User& user, std::string_view virtual_host) {
    const PermissionPatterns& patterns = user.permissions.find(virtual_host)->second;
    const storage::PermissionRecord record{user.name, std::string(virtual_host), patterns.configure, patterns.write,
                                           patterns.read};
    batch.put(key_of(record), encode_record(record));
}

void put_topic_permission_record(storage::Batch& batch, const User& user, std::string_view virtual_host,
                                 std::string_view exchange) {
    const TopicPatterns& patterns = user.topic_permissions.find(virtual_host)->second.find(exchange)->second;
    const storage::TopicPermissionRecord record{user.name, std::string(virtual_host), std::string(exchange),
                                                patterns.write, patterns.read};
    batch.put(key_of(record), encode_record(record));
}

void erase_permission_record(storage::Batch& batch, const User& user, std::string_view virtual_host) {
    batch.erase(permission_key(user, virtual_host));
}

void erase_topic_permission_record(storage::Batch& batch, const User& user, std::string_view virtual_host,
                                   std::string_view exchange) {
    batch.erase(topic_permission_key(user, virtual_host, exchange));
}

void erase_topic_permission_records(storage::Batch& batch, const User& user, std::string_view virtual_host) {
    const auto found = user.topic_permissions.find(virtual_host);
    if (found == user.topic_permissions.end()) {
        return;
    }
    for (const auto& [exchange, patterns] : found->second) {
        erase_topic_permission_record(batch, user, virtual_host, exchange);
    }
}

void erase_user_records(storage::Batch& batch, const User& user) {
    for (const auto& [virtual_host, patterns] : user.permissions) {
        erase_permission_record(batch, user, virtual_host);
    }
    for (const auto& [virtual_host, exchanges] : user.topic_permissions) {
        erase_topic_permission_records(batch, user, virtual_host);
    }
    batch.erase(key_of(user_record(user)));
}

std::map<std::string, User, std::less<>>
users_of(const std::vector<storage::UserRecord>& users, const std::vector<storage::PermissionRecord>& permissions,
         const std::vector<storage::TopicPermissionRecord>& topic_permissions) {
    std::map<std::string, User, std::less<>> by_name;
    for (const auto& record : users) {
        User& user = by_name[record.name];
        user.name = record.name;
        user.tags = record.tags;
        user.limits = {record.limits.begin(), record.limits.end()};
        // An algorithm that is not known (written by a newer version) closes the account, it does not open it.
        if (const auto algorithm = hashing_algorithm(record.hashing_algorithm)) {
            user.password_hash = {*algorithm, record.password_hash};
        }
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
    return by_name;
}

} // namespace broker
