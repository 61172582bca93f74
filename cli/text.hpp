// Values of the HTTP API as rabbitmqctl writes them in tables: the text of a string, `true`, `[{"x-max-length",50}]`
// for a table of arguments. Control characters are left out, so that a name cannot steer the terminal that shows it.
#pragma once

#include "cli/command.hpp"

namespace cli {

std::string printable(std::string_view text);
std::string term_text(const boost::json::value& value);

// What the path leads to ("queue.name"), or null.
const boost::json::value& field_of(const boost::json::value& object, std::string_view path);
std::string cell_text(const boost::json::value& object, const Column& column);
boost::json::value cell_json(const boost::json::value& object, const Column& column);

} // namespace cli
