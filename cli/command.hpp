// A command of leveretctl as a row of data: what is typed, what is said, what is asked of the HTTP API, what is shown.
// Rows stand in commands/, one file a group of commands; most are complete without a function. In texts `{name}` is the
// value of an argument or option, or `{vhost}`, `{node}`, `{timeout}`; in paths it is percent-encoded.
#pragma once

#include "cli/exit_code.hpp"
#include "cli/verb.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace cli {

class Api;
class Call;

// How a table shows a field; `constant` shows what stands in place of the field's name.
enum class Form { value, names, json, protocol, constant };

struct Column {
    std::string_view name;
    std::string_view field = {}; // in the API's object, with dots; empty: the same as the column's name
    Form form = Form::value;

    std::string_view source() const { return field.empty() ? name : field; }
};

struct Line { // a sentence, or nothing
    std::string text;
};
struct Rows {
    std::vector<Column> columns;
    boost::json::array objects;
};
struct Report { // pages for people, and the same as JSON
    std::string text;
    boost::json::value value;
};
using Output = std::variant<Line, Rows, Report>;

struct Request {
    Verb verb = Verb::get;
    std::string_view path = {};
    std::string_view body = {}; // `key=argument` for a string, `key:=argument` for JSON, with blanks between
};

// What a 404 means when neither the virtual host nor the user is missing.
struct Missing {
    ExitCode code = ExitCode::unavailable;
    std::string_view text = {}; // empty: what the API says
    bool is_success = false;    // there was nothing to remove
};

enum class Group {
    help,
    node,
    users,
    access,
    virtual_hosts,
    monitoring,
    parameters,
    policies,
    queues,
    messages,
    definitions,
    operations
};
std::string_view title_of(Group group);

struct Command {
    Group group = Group::help;
    std::string_view name = {};
    std::string_view usage = {}; // see usage.hpp
    std::string_view description = {};
    std::string_view heading = {};  // said before anything is done, unless --quiet
    std::string_view defaults = {}; // of options: `name=value`, with blanks between
    Request request = {};
    Missing missing = {};
    std::span<const Column> columns = {};
    std::string_view shown = {};                // columns when none are named; empty: all
    Output (*run)(const Call&, Api&) = nullptr; // instead of the request
    std::string_view result = {};               // said in the end
    bool narrow = false;                        // the API is told which columns are wanted
    bool is_long = false;                       // shows progress, no time limit unless --timeout says one
    bool is_local = false;                      // asks no broker
};

} // namespace cli
