#include "broker/admin/user_json.hpp"

#include "broker/admin/body.hpp"
#include "broker/admin/tags.hpp"
#include "broker/admin/text.hpp"

namespace broker {

namespace json = boost::json;

namespace {

void read_limits(BodyFields& fields, UserDefinition& definition) {
    const json::value* value = fields.find("limits");
    if (value == nullptr) {
        return;
    }
    if (!value->is_object()) {
        return fields.fail("the value of 'limits' is not an object");
    }
    definition.limits.emplace();
    BodyFields limits(value->get_object());
    for (const auto& [limit, number] : value->get_object()) {
        (*definition.limits)[limit] = limits.integer(limit).value_or(-1);
    }
    if (limits.error()) {
        fields.fail(limits.error()->text);
    }
}

} // namespace

json::object user_json(const User& user) {
    json::object limits;
    for (const auto& [limit, value] : user.limits) {
        limits[limit] = value;
    }
    return {{"name", json_text(user.name)},
            {"password_hash", user.password_hash.text},
            {"hashing_algorithm", name(user.password_hash.algorithm)},
            {"tags", tags_json(user.tags)},
            {"limits", std::move(limits)}};
}

amqp::Result<UserDefinition> read_user(const json::object& body, std::string name) {
    UserDefinition definition;
    BodyFields fields(body);
    definition.name = std::move(name);
    definition.password = fields.text("password");
    definition.password_hash = fields.text("password_hash");
    definition.hashing_algorithm = fields.text("hashing_algorithm").value_or("");
    definition.tags = read_tags(fields);
    if (!definition.tags && fields.find("administrator") != nullptr) { // as it was before there were tags
        definition.tags =
            fields.boolean("administrator") ? std::vector<std::string>{"administrator"} : std::vector<std::string>{};
    }
    read_limits(fields, definition);
    if (fields.error()) {
        return *fields.error();
    }
    if (auto valid = check_definition(definition); !valid) {
        return valid.error();
    }
    return definition;
}

} // namespace broker
