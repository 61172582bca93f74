#include "broker/auth/permissions.hpp"

#include "protocol/assert.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

namespace broker {

namespace {

std::optional<Pattern> compile_rule(std::string_view expression, std::size_t size_limit = Pattern::max_size) {
    auto pattern = Pattern::compile(expression.empty() ? "^$" : expression, size_limit);
    if (!pattern) {
        return std::nullopt;
    }
    return std::move(*pattern);
}

std::optional<Pattern> compile_topic_rule(std::string_view expression, std::string_view user,
                                          std::string_view virtual_host) {
    const auto expanded = expand_topic_pattern(expression, user, virtual_host);
    if (!expanded) {
        return std::nullopt;
    }
    return compile_rule(*expanded, max_expanded_pattern_size);
}

// As a group, so that a quantifier behind the variable means the whole of it.
void append_literal(std::string& pattern, std::string_view text) {
    pattern += "(?:";
    for (const char c : text) {
        const auto octet = static_cast<unsigned char>(c);
        if (octet < 0x80 && std::isalnum(octet) == 0) {
            pattern += '\\';
        }
        pattern += c;
    }
    pattern += ')';
}

// Follows a pattern far enough to know whether text put in here would be a literal.
class LiteralPositions {
 public:
    bool literal_here() const { return !escaped_ && !quoted_ && !in_class_; }

    void pass(char c) {
        if (escaped_) {
            quoted_ = c == 'Q' || (quoted_ && c != 'E');
            escaped_ = false;
            first_in_class_ = false;
            previous_ = '\\';
        } else if (c == '\\') {
            escaped_ = true;
        } else if (!quoted_) {
            pass_unquoted(c);
        }
    }

 private:
    void pass_unquoted(char c) {
        if (!in_class_) {
            in_class_ = c == '[';
            first_in_class_ = in_class_;
        } else if (in_posix_class_) {
            in_posix_class_ = !(previous_ == ':' && c == ']');
        } else if (c == ']' && !first_in_class_) {
            in_class_ = false;
        } else {
            in_posix_class_ = previous_ == '[' && c == ':' && !first_in_class_;
            first_in_class_ = first_in_class_ && c == '^'; // a ']' at the very start stands for itself
        }
        previous_ = c;
    }

    bool escaped_ = false;
    bool quoted_ = false;
    bool in_class_ = false;
    bool first_in_class_ = false;
    bool in_posix_class_ = false;
    char previous_ = 0;
};

} // namespace

std::string_view name(Access access) {
    switch (access) {
    case Access::configure:
        return "configure";
    case Access::write:
        return "write";
    case Access::read:
        return "read";
    }
    LEVERET_UNREACHABLE("no such access");
}

Permissions::Permissions(std::string_view user, std::string_view virtual_host, const PermissionPatterns& patterns,
                         const TopicPatternsByExchange& topic_patterns)
    : rules_{compile_rule(patterns.configure), compile_rule(patterns.write), compile_rule(patterns.read)} {
    for (const auto& [exchange, topic] : topic_patterns) {
        topics_.emplace(exchange, TopicRules{compile_topic_rule(topic.write, user, virtual_host),
                                             compile_topic_rule(topic.read, user, virtual_host)});
    }
}

PermissionsPtr Permissions::of(const User& user, std::string_view virtual_host) {
    const auto patterns = user.permissions.find(virtual_host);
    if (patterns == user.permissions.end()) {
        return nullptr;
    }
    const auto topics = user.topic_permissions.find(virtual_host);
    return std::make_unique<Permissions>(user.name, virtual_host, patterns->second,
                                         topics == user.topic_permissions.end() ? TopicPatternsByExchange{}
                                                                                : topics->second);
}

bool Permissions::allows(Access access, std::string_view resource) {
    const Rule& rule = rules_[static_cast<std::size_t>(access)];
    if (!rule || rule->matches_everything()) {
        return rule.has_value();
    }
    if (resource.empty()) {
        resource = "amq.default";
    }
    const auto known = std::ranges::find_if(
        answers_, [&](const Answer& answer) { return answer.access == access && answer.resource == resource; });
    if (known != answers_.end()) {
        return known->allowed;
    }
    Answer answer{std::string(resource), access, rule->matches(resource)};
    const bool allowed = answer.allowed;
    if (answers_.size() < max_answers) {
        answers_.push_back(std::move(answer));
    } else {
        answers_[next_answer_] = std::move(answer);
        next_answer_ = (next_answer_ + 1) % max_answers;
    }
    return allowed;
}

bool Permissions::allows_topic(Access access, std::string_view exchange, std::string_view routing_key) const {
    LEVERET_ASSERT(access != Access::configure);
    const auto found = topics_.find(exchange);
    if (found == topics_.end()) {
        return true;
    }
    const Rule& rule = access == Access::write ? found->second.write : found->second.read;
    return rule && rule->matches(routing_key);
}

amqp::Result<std::string> expand_topic_pattern(std::string_view pattern, std::string_view user,
                                               std::string_view virtual_host) {
    const std::array<std::pair<std::string_view, std::string_view>, 2> variables{
        {{"{username}", user}, {"{vhost}", virtual_host}}};
    std::string expanded;
    LiteralPositions positions;
    while (!pattern.empty()) {
        const auto variable = std::ranges::find_if(
            variables, [&](const auto& candidate) { return pattern.starts_with(candidate.first); });
        if (variable == variables.end()) {
            positions.pass(pattern.front());
            expanded += pattern.front();
            pattern.remove_prefix(1);
            continue;
        }
        if (!positions.literal_here()) {
            return amqp::precondition_failed(std::string(variable->first) +
                                             " cannot stand in a character class, after a backslash or in \\Q...\\E");
        }
        append_literal(expanded, variable->second);
        pattern.remove_prefix(variable->first.size());
    }
    return expanded;
}

amqp::Error access_refused_error(Access access, std::string_view kind, std::string_view name,
                                 std::string_view virtual_host, std::string_view user) {
    std::string text(broker::name(access));
    text.append(" access to ").append(kind).append(" '").append(name.empty() ? "amq.default" : name);
    text.append("' in vhost '").append(virtual_host).append("' refused for user '").append(user).append("'");
    return amqp::access_refused(std::move(text));
}

amqp::Error topic_access_refused_error(Access access, std::string_view routing_key, std::string_view exchange,
                                       std::string_view virtual_host, std::string_view user) {
    std::string text(broker::name(access));
    text.append(" access to topic '").append(routing_key).append("' in exchange '").append(exchange);
    text.append("' in vhost '").append(virtual_host).append("' refused for user '").append(user).append("'");
    return amqp::access_refused(std::move(text));
}

} // namespace broker
