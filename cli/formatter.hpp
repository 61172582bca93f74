// Output in the form that --formatter names. `table` is what scripts parse: tabs between columns, one line an object, a
// line of names unless it is unwanted or there are no objects. The forms for machines (json, csv) come without
// headings.
#pragma once

#include "cli/command.hpp"

#include <optional>

namespace cli {

enum class Formatter { table, json, csv, pretty_table };

std::optional<Formatter> formatter_named(std::string_view name);
constexpr bool has_headings(Formatter formatter) {
    return formatter == Formatter::table || formatter == Formatter::pretty_table;
}

std::string format(const Output& output, Formatter formatter, bool with_names);

} // namespace cli
