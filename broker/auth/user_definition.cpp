#include "broker/auth/user_definition.hpp"

#include "broker/auth/permissions.hpp"

#include <algorithm>
#include <array>

namespace broker {

namespace {

constexpr std::array<std::string_view, 2> limit_names{"max-connections", "max-channels"};

// Names become parts of record keys, which are joined by NUL.
amqp::Result<> check_name(std::string_view what, std::string_view text) {
    if (text.empty() || text.size() > max_user_name_size || text.find('\0') != std::string_view::npos) {
        return amqp::precondition_failed(std::string(what) + " must have 1 to 255 bytes and no NUL");
    }
    return {};
}

amqp::Result<> check_tags(const std::optional<std::vector<std::string>>& tags) {
    if (!tags) {
        return amqp::precondition_failed("tags_not_present");
    }
    if (tags->size() > max_user_tags) {
        return amqp::precondition_failed("too many tags");
    }
    for (const std::string& tag : *tags) {
        if (auto checked = check_name("tag", tag); !checked) {
            return checked;
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

} // namespace

amqp::Result<PasswordHash> password_hash_of(const UserDefinition& definition, HashingAlgorithm for_passwords, Md5 md5) {
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

amqp::Result<> check_limit_name(std::string_view limit) {
    if (std::ranges::find(limit_names, limit) == limit_names.end()) {
        return amqp::precondition_failed("Unrecognised terms [{<<\"" + std::string(limit.substr(0, 64)) +
                                         "\">>}] in user-limits");
    }
    return {};
}

amqp::Result<> check_patterns(const PermissionPatterns& patterns) {
    for (const std::string* pattern : {&patterns.configure, &patterns.write, &patterns.read}) {
        if (auto checked = check_pattern(*pattern); !checked) {
            return checked;
        }
    }
    return {};
}

amqp::Result<> check_patterns(const TopicPatterns& patterns) {
    for (const std::string* pattern : {&patterns.write, &patterns.read}) {
        if (auto checked = check_pattern(*pattern); !checked) {
            return checked;
        }
        const auto expanded = expand_topic_pattern(*pattern, "user", "vhost");
        if (!expanded) {
            return expanded.error();
        }
        if (auto compiled = Pattern::compile(*expanded, max_expanded_pattern_size); !compiled) {
            return compiled.error();
        }
    }
    return {};
}

} // namespace broker
