#include "broker/admin/parameter_values.hpp"

#include "broker/admin/body.hpp"
#include "broker/admin/policy_json.hpp"

#include <utility>

namespace broker {

amqp::Result<VirtualHostSettings::Limits> read_limits(const boost::json::value* value) {
    VirtualHostSettings::Limits limits;
    if (value == nullptr || (value->is_array() && value->get_array().empty())) {
        return limits;
    }
    if (!value->is_object()) {
        return amqp::precondition_failed("the limits are not an object");
    }
    BodyFields fields(value->get_object());
    for (const auto& [limit, ignored] : value->get_object()) {
        if (auto checked = VirtualHostSettings::check_limit(limit); !checked) {
            return checked.error();
        }
        if (const auto number = fields.integer(limit)) {
            limits[limit] = *number;
        }
    }
    if (fields.error()) {
        return *fields.error();
    }
    return limits;
}

amqp::Result<Policy> read_operator_policy(const boost::json::value* value, std::string name) {
    if (value == nullptr || !value->is_object()) {
        return amqp::precondition_failed("the value of an operator policy is not an object");
    }
    return read_policy(value->get_object(), std::move(name), PolicyKind::operators);
}

} // namespace broker
