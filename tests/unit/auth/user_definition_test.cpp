#include "broker/auth/user_definition.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace broker;

namespace {

UserDefinition definition() {
    UserDefinition made;
    made.name = "u";
    made.tags.emplace();
    return made;
}

std::string refusal(const amqp::Result<>& result) {
    return result ? "" : result.error().text;
}

} // namespace

TEST_CASE("user tags: what each tag permits", "[auth][user]") {
    struct Row {
        std::string tag;
        bool administrator, monitoring, policymaker, management, impersonator;
    };
    const auto row = GENERATE(values<Row>({
        {"administrator", true, true, true, true, false},
        {"monitoring", false, true, false, true, false},
        {"policymaker", false, false, true, true, false},
        {"management", false, false, false, true, false},
        {"impersonator", false, false, false, false, true},
        {"Administrator", false, false, false, false, false},
        {"anything", false, false, false, false, false},
    }));
    INFO(row.tag);
    User user;
    user.tags = {"other", row.tag};
    CHECK(user.is_administrator() == row.administrator);
    CHECK(user.is_monitoring() == row.monitoring);
    CHECK(user.is_policymaker() == row.policymaker);
    CHECK(user.is_management() == row.management);
    CHECK(user.is_impersonator() == row.impersonator);
}

TEST_CASE("user limits: negative means none, zero forbids", "[auth][user]") {
    User user;
    CHECK_FALSE(user.max_connections());
    user.limits = {{"max-connections", -1}, {"max-channels", 0}};
    CHECK_FALSE(user.max_connections());
    CHECK(user.max_channels() == 0U);
    user.limits["max-connections"] = 5;
    CHECK(user.max_connections() == 5U);
}

TEST_CASE("user definition: the password is given, or its hash, or neither", "[auth][user]") {
    UserDefinition subject = definition();
    CHECK(password_hash_of(subject, HashingAlgorithm::sha256).value().empty());
    subject.password = "x";
    CHECK(verify_password(password_hash_of(subject, HashingAlgorithm::sha512).value(), "x"));
    subject.password_hash = "";
    CHECK(password_hash_of(subject, HashingAlgorithm::sha256).error().text ==
          "both_password_and_password_hash_are_provided");
    subject.password.reset();
    CHECK(password_hash_of(subject, HashingAlgorithm::sha256).value().empty());
    subject.password_hash = "kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR";
    CHECK(verify_password(password_hash_of(subject, HashingAlgorithm::argon2id).value(), "test12"));
    subject.password_hash = "???";
    CHECK_FALSE(password_hash_of(subject, HashingAlgorithm::sha256).has_value());
    subject.password_hash.reset();
    subject.password = std::string(max_password_size + 1, 'x');
    CHECK(password_hash_of(subject, HashingAlgorithm::sha256).error().text == "credential_validation_failed");
}

TEST_CASE("user definition: names, tags and limits are checked", "[auth][user]") {
    CHECK(check_definition(definition()).has_value());

    UserDefinition no_tags = definition();
    no_tags.tags.reset();
    CHECK(refusal(check_definition(no_tags)) == "tags_not_present");

    UserDefinition many_tags = definition();
    many_tags.tags->assign(max_user_tags, "t");
    CHECK(check_definition(many_tags).has_value());
    many_tags.tags->push_back("t");
    CHECK(refusal(check_definition(many_tags)) == "too many tags");

    const auto name = GENERATE(values<std::string>({"", std::string(256, 'x'), std::string("a\0b", 3)}));
    UserDefinition bad_name = definition();
    bad_name.name = name;
    CHECK(refusal(check_definition(bad_name)) == "user name must have 1 to 255 bytes and no NUL");
    UserDefinition bad_tag = definition();
    bad_tag.tags = {{name}};
    CHECK(refusal(check_definition(bad_tag)) == "tag must have 1 to 255 bytes and no NUL");

    UserDefinition limits = definition();
    limits.limits = {{"max-connections", 1}, {"max-channels", -1}};
    CHECK(check_definition(limits).has_value());
    limits.limits->emplace("max-queues", 1);
    CHECK(refusal(check_definition(limits)) == "Unrecognised terms [{<<\"max-queues\">>}] in user-limits");
}

TEST_CASE("user definition: patterns are checked before they are stored", "[auth][user]") {
    CHECK(check_patterns(PermissionPatterns{"", ".*", "^(?!x)"}).has_value());
    CHECK_FALSE(check_patterns(PermissionPatterns{"(", "", ""}).has_value());
    CHECK_FALSE(check_patterns(PermissionPatterns{"", "(", ""}).has_value());
    CHECK_FALSE(check_patterns(PermissionPatterns{"", "", "("}).has_value());
    CHECK(check_patterns(TopicPatterns{"^{username}-", "{vhost}"}).has_value());
    CHECK_FALSE(check_patterns(TopicPatterns{"[{username}]", ""}).has_value());
    CHECK_FALSE(check_patterns(TopicPatterns{"", "("}).has_value());
}
