// All users with their permissions. Readers on any thread take the whole table as an immutable snapshot; a change
// builds a new table that shares all users but one, and swaps it in. Changes come from one thread at a time (the node's
// administration), which also commits the records that a change has put into its batch: the store does no I/O itself.
#pragma once

#include "broker/auth/user_definition.hpp"
#include "broker/auth/user_table.hpp"
#include "protocol/error.hpp"
#include "storage/records.hpp"
#include "storage/store.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace broker {

// Whether a PUT made something new (201) or replaced it (204).
enum class Put : std::uint8_t { created, replaced };

class UserStore {
 public:
    UserStore();

    // Any thread.
    UserTablePtr table() const;
    std::uint64_t generation() const { return generation_.load(std::memory_order_acquire); }

    // Start-up: takes what recovery has read. Permissions of users that do not exist are dropped.
    void load(const std::vector<storage::UserRecord>& users, const std::vector<storage::PermissionRecord>& permissions,
              const std::vector<storage::TopicPermissionRecord>& topic_permissions);

    // Changes. Each is visible at once and adds to `batch` (of the node's shard) what makes it last. On error nothing
    // has changed; PRECONDITION_FAILED is HTTP's 400, NOT_FOUND its 404, and the text is the reason.
    // put_user replaces tags and hash; limits and permissions stay. `hash` comes from password_hash_of(definition).
    amqp::Result<Put> put_user(const UserDefinition& definition, PasswordHash hash, storage::Batch& batch);
    amqp::Result<> change_password(std::string_view user, PasswordHash hash, storage::Batch& batch);
    amqp::Result<> delete_user(std::string_view user, storage::Batch& batch);
    amqp::Result<> set_limit(std::string_view user, std::string_view limit, std::int64_t value, storage::Batch& batch);
    amqp::Result<> clear_limit(std::string_view user, std::string_view limit, storage::Batch& batch); // if it is there

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
    // Puts a changed copy of the user in, unless `change(User&)`, which returns a Result, fails.
    template <class Change>
    std::invoke_result_t<Change, User&> edit(std::string_view user, Change change);
    void put(User user);
    void publish(std::shared_ptr<UserTable> table);

    // Held to copy or swap the pointer: GCC 12's std::atomic<std::shared_ptr> has a data race (load unlocks relaxed).
    mutable std::mutex table_mutex_;
    UserTablePtr table_;
    std::atomic<std::uint64_t> generation_{0};
};

} // namespace broker
