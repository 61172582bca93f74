#include "cli/formatter.hpp"

#include "cli/text.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace cli {
namespace {

using Cells = std::vector<std::string>;

Cells names_of(const Rows& rows) {
    Cells names;
    for (const Column& column : rows.columns) {
        names.emplace_back(column.name);
    }
    return names;
}

Cells cells_of(const Rows& rows, const boost::json::value& object) {
    Cells cells;
    for (const Column& column : rows.columns) {
        cells.push_back(cell_text(object, column));
    }
    return cells;
}

std::string tab_separated(const Cells& cells) {
    std::string line;
    for (const std::string& cell : cells) {
        line += (&cell == cells.data() ? "" : "\t") + cell;
    }
    return line + "\n";
}

std::string comma_separated(const Cells& cells) {
    std::string line;
    for (const std::string& cell : cells) {
        line += &cell == cells.data() ? "\"" : ",\"";
        for (const char each : cell) {
            line += each == '"' ? std::string("\"\"") : std::string(1, each);
        }
        line += '"';
    }
    return line + "\n";
}

std::string lines(const Rows& rows, bool with_names, std::string (*line)(const Cells&)) {
    std::string text = with_names && !rows.objects.empty() ? line(names_of(rows)) : "";
    for (const boost::json::value& object : rows.objects) {
        text += line(cells_of(rows, object));
    }
    return text;
}

// How many columns of the terminal a text takes, as far as that can be said without knowing its font.
std::size_t width_of(std::string_view text) {
    return std::ranges::count_if(text, [](char each) { return (static_cast<unsigned char>(each) & 0xC0) != 0x80; });
}

std::string repeated(std::string_view text, std::size_t count) {
    std::string result;
    while (count-- > 0) {
        result += text;
    }
    return result;
}

std::string rule(const std::vector<std::size_t>& widths, const char* left, const char* middle, const char* right) {
    std::string line = left;
    for (const std::size_t& width : widths) {
        line += (&width == widths.data() ? "" : middle) + repeated("─", width + 2);
    }
    return line + right + "\n";
}

std::string boxed(const Rows& rows, bool with_names) {
    std::vector<Cells> table;
    if (with_names) {
        table.push_back(names_of(rows));
    }
    for (const boost::json::value& object : rows.objects) {
        table.push_back(cells_of(rows, object));
    }
    std::vector<std::size_t> widths(rows.columns.size());
    for (Cells& cells : table) {
        for (std::size_t i = 0; i < cells.size(); ++i) {
            std::ranges::replace(cells[i], '\t', ' ');
            widths[i] = std::max(widths[i], width_of(cells[i]));
        }
    }
    std::string text = rule(widths, "┌", "┬", "┐");
    for (const Cells& cells : table) {
        if (&cells != table.data()) {
            text += rule(widths, "├", "┼", "┤");
        }
        for (std::size_t i = 0; i < cells.size(); ++i) {
            text += "│ " + cells[i] + std::string(widths[i] - width_of(cells[i]) + 1, ' ');
        }
        text += "│\n";
    }
    return text + rule(widths, "└", "┴", "┘");
}

std::string json_objects(const Rows& rows) {
    std::string text = "[\n";
    for (const boost::json::value& object : rows.objects) {
        boost::json::object shown;
        for (const Column& column : rows.columns) {
            shown[column.name] = cell_json(object, column);
        }
        text += (&object == rows.objects.data() ? "" : ",") + boost::json::serialize(shown) + "\n";
    }
    return text + "]\n";
}

std::string formatted(const Rows& rows, Formatter formatter, bool with_names) {
    switch (formatter) {
    case Formatter::json:
        return json_objects(rows);
    case Formatter::csv:
        return lines(rows, with_names, comma_separated);
    case Formatter::pretty_table:
        return rows.objects.empty() ? "" : boxed(rows, with_names);
    default:
        return lines(rows, with_names, tab_separated);
    }
}

std::string formatted(const Line& line, Formatter formatter, bool) {
    if (formatter != Formatter::json) {
        return line.text.empty() ? "" : line.text + "\n";
    }
    boost::json::object object{{"result", "ok"}};
    if (!line.text.empty()) {
        object["message"] = line.text;
    }
    return boost::json::serialize(object) + "\n";
}

std::string formatted(const Report& report, Formatter formatter, bool) {
    return formatter == Formatter::json ? boost::json::serialize(report.value) + "\n" : report.text;
}

} // namespace

std::optional<Formatter> formatter_named(std::string_view name) {
    constexpr std::pair<std::string_view, Formatter> all[] = {{"table", Formatter::table},
                                                              {"json", Formatter::json},
                                                              {"csv", Formatter::csv},
                                                              {"pretty_table", Formatter::pretty_table}};
    const auto* found = std::ranges::find(all, name, &std::pair<std::string_view, Formatter>::first);
    return found == std::end(all) ? std::nullopt : std::optional(found->second);
}

std::string format(const Output& output, Formatter formatter, bool with_names) {
    return std::visit([&](const auto& each) { return formatted(each, formatter, with_names); }, output);
}

} // namespace cli
