// What one user may do in one virtual host, compiled from the user's patterns for one connection (or one HTTP request).
// Owned and used by that session on its own thread: it remembers recent answers. It does not notice changes; the
// session asks the authenticator for a new one when the user's version is another.
#pragma once

#include "broker/text/pattern.hpp"
#include "broker/auth/user.hpp"
#include "protocol/error.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace broker {

enum class Access : std::uint8_t { configure, write, read };
std::string_view name(Access access);

class Permissions {
 public:
    Permissions(std::string_view user, std::string_view virtual_host, const PermissionPatterns& patterns,
                const TopicPatternsByExchange& topic_patterns = {});
    // The permissions of `user`; null without a row for the virtual host, which means no access to it at all.
    static std::unique_ptr<Permissions> of(const User& user, std::string_view virtual_host);

    // The default exchange (empty name) is matched as "amq.default".
    bool allows(Access access, std::string_view resource);

    // Whether anything has to be asked: no row for a topic exchange means that every key is permitted.
    bool restricts_topics() const { return !topics_.empty(); }
    // `access` is write (publish) or read (bind); to be asked for topic exchanges only.
    bool allows_topic(Access access, std::string_view exchange, std::string_view routing_key) const;

 private:
    using Rule = std::optional<Pattern>; // nothing: refuses everything
    struct TopicRules {
        Rule write, read;
    };
    struct Answer {
        std::string resource;
        Access access = Access::configure;
        bool allowed = false;
    };
    static constexpr std::size_t max_answers = 16;

    std::array<Rule, 3> rules_; // by Access
    std::map<std::string, TopicRules, std::less<>> topics_;
    std::vector<Answer> answers_; // the oldest is overwritten first
    std::size_t next_answer_ = 0;
};

using PermissionsPtr = std::unique_ptr<Permissions>;

// Variables may make a pattern longer, but not without end.
inline constexpr std::size_t max_expanded_pattern_size = 8192;

// A topic pattern with {username} and {vhost} put in as literals. Fails where a literal cannot stand: in a character
// class, after a backslash, between \Q and \E.
amqp::Result<std::string> expand_topic_pattern(std::string_view pattern, std::string_view user,
                                               std::string_view virtual_host);

// "configure access to queue 'q' in vhost '/' refused for user 'u'"; `kind` is "queue" or "exchange".
amqp::Error access_refused_error(Access access, std::string_view kind, std::string_view name,
                                 std::string_view virtual_host, std::string_view user);
// "write access to topic 'rk' in exchange 'e' in vhost '/' refused for user 'u'"
amqp::Error topic_access_refused_error(Access access, std::string_view routing_key, std::string_view exchange,
                                       std::string_view virtual_host, std::string_view user);

} // namespace broker
