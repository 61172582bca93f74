// Tags of users and virtual hosts: a list in JSON, but a text with commas is accepted, too. Pure functions.
#pragma once

#include "broker/admin/body.hpp"

#include <boost/json/array.hpp>

#include <optional>
#include <string>
#include <vector>

namespace broker {

boost::json::array tags_json(const std::vector<std::string>& tags);
std::optional<std::vector<std::string>> read_tags(BodyFields& fields); // nothing: not said

} // namespace broker
