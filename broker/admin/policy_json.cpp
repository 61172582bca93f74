#include "broker/admin/policy_json.hpp"

#include "broker/admin/body.hpp"
#include "broker/admin/field_json.hpp"
#include "broker/admin/text.hpp"

#include <boost/json/parse.hpp>

namespace broker {

namespace json = boost::json;

json::object policy_json(const Policy& policy, std::string_view virtual_host) {
    return {{"vhost", json_text(virtual_host)},         {"name", json_text(policy.name)},
            {"pattern", json_text(policy.pattern)},     {"apply-to", name(policy.apply_to)},
            {"definition", to_json(policy.definition)}, {"priority", policy.priority}};
}

amqp::Result<Policy> read_policy(const json::object& body, std::string name, PolicyKind kind) {
    BodyFields fields(body);
    fields.require({"pattern", "definition"});
    Policy policy;
    policy.name = std::move(name);
    policy.pattern = fields.text("pattern").value_or("");
    policy.priority = fields.integer("priority").value_or(0);
    policy.definition = fields.table("definition");
    const std::string apply_to = fields.text("apply-to").value_or("all");
    if (fields.error()) {
        return *fields.error();
    }
    const auto known = apply_to_of(apply_to);
    if (!known) {
        return apply_to_refused(apply_to);
    }
    policy.apply_to = *known;
    if (auto checked = check_policy(policy, kind); !checked) {
        return checked.error();
    }
    return policy;
}

json::value stored_json(std::string_view text) {
    json::error_code error;
    json::value value = json::parse(text, error);
    return error ? json::value(nullptr) : value;
}

} // namespace broker
