// Users and their permissions as the store's records, and back. Only UserStore uses it.
#pragma once

#include "broker/auth/user.hpp"
#include "storage/records.hpp"
#include "storage/store.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace broker {

// One user is a record of its own and one record per permission; these put or erase them in `batch`.
void put_user_record(storage::Batch& batch, const User& user);
void put_permission_record(storage::Batch& batch, const User& user, std::string_view virtual_host);
void put_topic_permission_record(storage::Batch& batch, const User& user, std::string_view virtual_host,
                                 std::string_view exchange);
void erase_permission_record(storage::Batch& batch, const User& user, std::string_view virtual_host);
void erase_topic_permission_record(storage::Batch& batch, const User& user, std::string_view virtual_host,
                                   std::string_view exchange);
void erase_topic_permission_records(storage::Batch& batch, const User& user, std::string_view virtual_host);
void erase_user_records(storage::Batch& batch, const User& user); // and all its permissions

// Users by name. A permission whose user is not there is left out.
std::map<std::string, User, std::less<>> users_of(const std::vector<storage::UserRecord>& users,
                                                  const std::vector<storage::PermissionRecord>& permissions,
                                                  const std::vector<storage::TopicPermissionRecord>& topic_permissions);

} // namespace broker
