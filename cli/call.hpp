// One command as it was typed, checked against its usage, with what its templates need. It belongs to main's run and is
// changed only while it is made.
#pragma once

#include "cli/command.hpp"

#include <boost/json/object.hpp>

#include <map>

namespace cli {

class Call {
 public:
    using Values = std::map<std::string, std::string, std::less<>>;

    Call(const Command& command, Values values, std::vector<std::string> words);

    const Command& command() const { return command_; }
    bool has(std::string_view name) const { return values_.contains(name); }
    // Empty when it was not given.
    const std::string& value(std::string_view name) const;
    // Of the one argument that may be repeated.
    const std::vector<std::string>& words() const { return words_; }
    void set(const std::string& name, std::string value) { values_[name] = std::move(value); }

    std::string expand(std::string_view text) const;
    // The same for a path and its query; an argument at the path's end that was not given and a parameter of the query
    // that would be empty are left out.
    std::string expand_target(std::string_view text) const;
    // Throws Failure when what must be JSON is not.
    boost::json::object body(std::string_view specification) const;

 private:
    const Command& command_;
    Values values_;
    std::vector<std::string> words_;
};

// Throws Failure when the text is not JSON.
boost::json::value parse_json(std::string_view text);
std::string percent_encoded(std::string_view text);
// The line that help and complaints show.
std::string usage_line(const Command& command);
Failure bad_usage(const Command& command, const std::string& problem);
// The columns that were named, or the usual ones. Throws Failure for one that does not exist.
std::vector<Column> chosen_columns(const Call& call);

} // namespace cli
