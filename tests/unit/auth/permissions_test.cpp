#include "broker/auth/permissions.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace broker;

namespace {

Permissions permissions(PermissionPatterns patterns) {
    return Permissions("u", "/", patterns);
}

Permissions topic_permissions(std::string pattern, std::string user = "u", std::string virtual_host = "/") {
    return Permissions(user, virtual_host, {".*", ".*", ".*"}, {{"events", {pattern, pattern}}});
}

} // namespace

TEST_CASE("permissions: each kind of access has its own pattern", "[auth][permissions][C5]") {
    Permissions subject = permissions({"^c-", "^w-", "^r-"});
    struct Row {
        Access access;
        std::string resource;
        bool allowed;
    };
    const auto row = GENERATE(values<Row>({
        {Access::configure, "c-1", true},
        {Access::configure, "w-1", false},
        {Access::write, "w-1", true},
        {Access::write, "c-1", false},
        {Access::read, "r-1", true},
        {Access::read, "w-1", false},
    }));
    CHECK(subject.allows(row.access, row.resource) == row.allowed);
    CHECK(subject.allows(row.access, row.resource) == row.allowed); // as remembered
}

TEST_CASE("permissions: the empty pattern permits nothing, .* everything, a bad one nothing",
          "[auth][permissions][C5]") {
    struct Row {
        std::string pattern;
        bool allowed;
    };
    const auto row = GENERATE(values<Row>({{"", false}, {"^$", false}, {".*", true}, {"q", true}, {"(", false}}));
    INFO(row.pattern);
    CHECK(permissions({row.pattern, "", ""}).allows(Access::configure, "q") == row.allowed);
}

TEST_CASE("permissions: the default exchange is matched as amq.default", "[auth][permissions][C5]") {
    CHECK(permissions({"", "^amq\\.default$", ""}).allows(Access::write, ""));
    CHECK_FALSE(permissions({"", "^$", ""}).allows(Access::write, ""));
    CHECK_FALSE(permissions({"", "", ""}).allows(Access::write, ""));
}

TEST_CASE("permissions: answers stay right however many resources are asked for", "[auth][permissions]") {
    Permissions subject = permissions({"^.*[02468]$", "^.*[13579]$", "5"});
    for (int round = 0; round < 3; ++round) {
        for (int number = 0; number < 100; ++number) {
            const std::string resource = "q" + std::to_string(number);
            INFO(resource);
            CHECK(subject.allows(Access::configure, resource) == (number % 2 == 0));
            CHECK(subject.allows(Access::write, resource) == (number % 2 == 1));
            CHECK(subject.allows(Access::read, resource) == (resource.find('5') != std::string::npos));
        }
    }
}

TEST_CASE("permissions: without a row for the virtual host there are none", "[auth][permissions][P20]") {
    User user;
    user.name = "u";
    user.permissions["/"] = {".*", ".*", ".*"};
    user.topic_permissions["/"]["events"] = {"^a", "^b"};
    user.topic_permissions["other"]["events"] = {".*", ".*"};
    CHECK(Permissions::of(user, "other") == nullptr);
    const PermissionsPtr own = Permissions::of(user, "/");
    REQUIRE(own);
    CHECK(own->allows(Access::read, "q"));
    CHECK(own->restricts_topics());
    CHECK(own->allows_topic(Access::write, "events", "a"));
    CHECK_FALSE(own->allows_topic(Access::write, "events", "b"));
    CHECK(own->allows_topic(Access::read, "events", "b"));
}

TEST_CASE("topic permissions: no row for the exchange means that every key is permitted", "[auth][permissions]") {
    CHECK_FALSE(permissions({}).restricts_topics());
    CHECK(permissions({}).allows_topic(Access::write, "events", "k"));
    CHECK(topic_permissions("^a$").allows_topic(Access::write, "others", "k"));
    CHECK_FALSE(topic_permissions("^a$").allows_topic(Access::write, "events", "k"));
    CHECK_FALSE(topic_permissions("").allows_topic(Access::write, "events", "k"));
    CHECK(topic_permissions("").allows_topic(Access::write, "events", ""));
}

TEST_CASE("topic permissions: variables are literals, whatever the user is called", "[auth][permissions]") {
    struct Row {
        std::string user, virtual_host, pattern, key;
        bool allowed;
    };
    const auto row = GENERATE(values<Row>({
        {"alice", "/", "^{username}\\.", "alice.x", true},
        {"alice", "/", "^{username}\\.", "bob.x", false},
        {"alice", "prod", "^{vhost}\\.{username}$", "prod.alice", true},
        {"alice", "/", "^{vhost}{username}$", "/alice", true},
        {".*", "/", "^{username}\\.", "bob.x", false},
        {".*", "/", "^{username}\\.", ".*.x", true},
        {"a-z", "/", "^{username}$", "a-z", true},
        {"a|.*", "/", "^{username}$", "bob", false},
        {"a|.*", "/", "^{username}$", "a|.*", true},
        {"]", "/", "^{username}$", "]", true},
        {"\\", "/", "^{username}$", "\\", true},
        {"\\E.*", "/", "^{username}$", "bob", false},
        {"#", "/", "^{username}$", "#", true},
        {"x)|(.*", "/", "^({username})$", "bob", false},
        {"{vhost}", "/", "^{username}$", "/", false}, // expanded once
        {"{vhost}", "/", "^{username}$", "{vhost}", true},
        {"ab", "/", "^{username}{2}$", "abab", true}, // a quantifier means the whole name
        {"d+", "/", "^\\{username}$", "7", false},    // no literal there: refuses everything
        {"a-z", "/", "^[{username}]$", "b", false},
        {"a-z", "/", "^[{username}]$", "a", false},
        {"\xc3\xa9", "/", "^{username}$", "\xc3\xa9", true},
        {"u", "/", "^{client_id}$", "u", false}, // not a variable of AMQP clients
    }));
    INFO(row.user << " " << row.pattern << " " << row.key);
    const Permissions subject = topic_permissions(row.pattern, row.user, row.virtual_host);
    CHECK(subject.allows_topic(Access::write, "events", row.key) == row.allowed);
    CHECK(subject.allows_topic(Access::read, "events", row.key) == row.allowed);
}

TEST_CASE("topic permissions: a variable stands only where a literal can stand", "[auth][permissions]") {
    struct Row {
        std::string pattern;
        bool accepted;
    };
    const auto row = GENERATE(values<Row>({
        {"{username}", true},
        {"[a-z]{username}", true},
        {"[]x]{username}", true},
        {"[^]x]{username}", true},
        {"[[:alpha:]]{username}", true},
        {"[[]{username}", true},
        {"[a[]{username}", true},
        {"\\[{username}", true},
        {"\\\\{username}", true},
        {"\\Q[\\E{username}", true},
        {"[\\]]{username}", true},
        {"{username", true}, // not a variable
        {"[{username}]", false},
        {"[^{vhost}]", false},
        {"[]{username}]", false},
        {"[^]{username}]", false},
        {"[[:alpha:]{username}]", false},
        {"[\\]{username}]", false},
        {"\\{username}", false},
        {"\\\\\\{username}", false},
        {"\\Q{username}\\E", false},
    }));
    INFO(row.pattern);
    CHECK(expand_topic_pattern(row.pattern, "u", "v").has_value() == row.accepted);
}

TEST_CASE("topic permissions: a long name does not make the pattern too long", "[auth][permissions]") {
    const std::string user(255, '.');
    CHECK(topic_permissions("^{username}$", user).allows_topic(Access::write, "events", user));
}

TEST_CASE("permissions: refusals read as RabbitMQ's", "[auth][permissions][C5]") {
    const amqp::Error queue = access_refused_error(Access::configure, "queue", "q", "/", "u");
    CHECK(queue.code == amqp::ReplyCode::access_refused);
    CHECK(queue.scope == amqp::Scope::channel);
    CHECK(queue.text == "configure access to queue 'q' in vhost '/' refused for user 'u'");
    CHECK(queue.reply_text() == "ACCESS_REFUSED - " + queue.text);
    CHECK(access_refused_error(Access::write, "exchange", "e", "v", "u").text ==
          "write access to exchange 'e' in vhost 'v' refused for user 'u'");
    CHECK(access_refused_error(Access::write, "exchange", "", "/", "u").text ==
          "write access to exchange 'amq.default' in vhost '/' refused for user 'u'");
    CHECK(access_refused_error(Access::read, "queue", "q", "/", "u").text ==
          "read access to queue 'q' in vhost '/' refused for user 'u'");
    CHECK(topic_access_refused_error(Access::write, "rk", "e", "/", "u").text ==
          "write access to topic 'rk' in exchange 'e' in vhost '/' refused for user 'u'");
    CHECK(topic_access_refused_error(Access::read, "a.#", "e", "/", "u").text ==
          "read access to topic 'a.#' in exchange 'e' in vhost '/' refused for user 'u'");
}
