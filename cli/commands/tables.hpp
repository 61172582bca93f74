// Shared by the files of rows: how a table of commands is written down.
#pragma once

#include "cli/api.hpp"
#include "cli/call.hpp"
#include "cli/command_table.hpp"
#include "cli/text.hpp"

#include <boost/json/object.hpp>

namespace cli {

inline std::string string_of(const boost::json::value& object, std::string_view path) {
    return cell_text(object, {.name = path});
}

} // namespace cli
