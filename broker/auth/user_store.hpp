// All users with their permissions. Readers on any thread take the whole table as an immutable snapshot; a change
// builds a new table that shares all users but one, and swaps it in. Changes come from one thread at a time (the node's
// administration), which also commits the records that a change has put into its batch: the store does no I/O itself.
#pragma once

#include "broker/auth/user.hpp"
#include "protocol/error.hpp"
#include "storage/records.hpp"
#include "storage/store.hpp"

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace broker {

// Sorted by name. Never changes once it is shared.
class UserTable {
 public:
    UserPtr find(std::string_view name) const; // null if there is none
    bool empty() const { return users_.empty(); }
    std::size_t size() const { return users_.size(); }
    auto begin() const { return users_.begin(); }
    auto end() const { return users_.end(); }

 private:
    friend class UserStore;
    void put(UserPtr user);
    void erase(std::string_view name);

    std::vector<UserPtr> users_;
};
using UserTablePtr = std::shared_ptr<const UserTable>;

// A user as the body of PUT /api/users/{name} or a definitions file gives it. [section 5.1]
struct UserDefinition {
    std::string name;
    std::optional<std::string> password;
    std::optional<std::string> password_hash;
    std::string hashing_algorithm; // of password_hash; may be empty
    std::optional<std::vector<std::string>> tags;
    std::optional<std::map<std::string, std::int64_t, std::less<>>> limits; // nothing: as they are
};

// Whether a PUT made something new (201) or replaced it (204).
enum class Put : std::uint8_t { created, replaced };

// The hash that a definition asks for: of its password, its hash, or none. Apart from the store because argon2 is slow:
// to be called on the hashing pool.
amqp::Result<PasswordHash> password_hash_of(const UserDefinition& definition, HashingAlgorithm for_passwords,
                                            Md5 md5 = Md5::refused);

class UserStore {
 public:
    static constexpr std::size_t max_tags = 64;
    static constexpr std::size_t max_name_size = 255; // of users and tags

    UserStore();

    // Any thread.
    UserTablePtr table() const { return table_.load(); }
    std::uint64_t generation() const { return generation_.load(std::memory_order_acquire); }

    // Start-up: takes what recovery has read. Permissions of users that do not exist are dropped.
    void load(const std::vector<storage::UserRecord>& users, const std::vector<storage::PermissionRecord>& permissions,
              const std::vector<storage::TopicPermissionRecord>& topic_permissions);

    // Changes. Each is visible at once and adds to `batch` (of the node's shard) what makes it last. On error nothing
    // has changed; PRECONDITION_FAILED is HTTP's 400, NOT_FOUND its 404, and the text is the reason.
    amqp::Result<Put> put_user(const UserDefinition& definition, PasswordHash hash, storage::Batch& batch);
    amqp::Result<> change_password(std::string_view user, PasswordHash hash, storage::Batch& batch);
    amqp::Result<> delete_user(std::string_view user, storage::Batch& batch);
    amqp::Result<> set_limit(std::string_view user, std::string_view limit, std::int64_t value, storage::Batch& batch);
    amqp::Result<> clear_limit(std::string_view user, std::string_view limit, storage::Batch& batch);

    // The caller knows that the virtual host exists.
    amqp::Result<Put> set_permissions(std::string_view user, std::string_view virtual_host, PermissionPatterns patterns,
                                      storage::Batch& batch);
    amqp::Result<> clear_permissions(std::string_view user, std::string_view virtual_host, storage::Batch& batch);
    amqp::Result<Put> set_topic_permissions(std::string_view user, std::string_view virtual_host,
                                            std::string_view exchange, TopicPatterns patterns, storage::Batch& batch);
    // Without an exchange: of all exchanges of the virtual host.
    amqp::Result<> clear_topic_permissions(std::string_view user, std::string_view virtual_host,
                                           std::optional<std::string_view> exchange, storage::Batch& batch);
    // A virtual host has been deleted: nobody has permissions in it any more.
    void forget_virtual_host(std::string_view virtual_host, storage::Batch& batch);

 private:
    amqp::Result<User> copy_of(std::string_view user) const;
    void put(User user);
    void publish(std::shared_ptr<UserTable> table);

    std::atomic<UserTablePtr> table_;
    std::atomic<std::uint64_t> generation_{0};
};

} // namespace broker
