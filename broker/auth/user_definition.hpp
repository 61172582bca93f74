// A user as the body of PUT /api/users/{name} or a definitions file describes it, and the checks that RabbitMQ makes on
// it [section 5.1]. Plain values and functions, any thread. Errors are PRECONDITION_FAILED (HTTP's 400); the text is
// the reason.
#pragma once

#include "broker/auth/password_hash.hpp"
#include "broker/auth/user.hpp"
#include "protocol/error.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace broker {

inline constexpr std::size_t max_user_tags = 64;
inline constexpr std::size_t max_user_name_size = 255; // also of a tag

struct UserDefinition {
    std::string name;
    std::optional<std::string> password;
    std::optional<std::string> password_hash;
    std::string hashing_algorithm; // of password_hash; may be empty
    std::optional<std::vector<std::string>> tags;
    std::optional<std::map<std::string, std::int64_t, std::less<>>> limits; // nothing: they stay as they are
};

// The hash that a definition asks for: of its password, its own hash, or none, which closes the account to passwords.
// Apart from UserStore because argon2 is slow: to be called on the hashing pool.
amqp::Result<PasswordHash> password_hash_of(const UserDefinition& definition, HashingAlgorithm for_passwords,
                                            Md5 md5 = Md5::refused);

amqp::Result<> check_definition(const UserDefinition& definition);
amqp::Result<> check_limit_name(std::string_view limit);
amqp::Result<> check_patterns(const PermissionPatterns& patterns);
amqp::Result<> check_patterns(const TopicPatterns& patterns);

} // namespace broker
