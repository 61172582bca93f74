// Users as the JSON of the API and of definitions files, and back. Pure functions.
#pragma once

#include "broker/auth/user_definition.hpp"

#include <boost/json/object.hpp>

#include <string>

namespace broker {

boost::json::object user_json(const User& user);
amqp::Result<UserDefinition> read_user(const boost::json::object& body, std::string name); // checked

} // namespace broker
