// The request target: path segments, each percent-decoded once, and the query [A6]. Lenient about characters that
// should have been escaped, as RabbitMQ is. Pure functions.
#pragma once

#include "protocol/error.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace broker {

class Query {
 public:
    Query() = default;
    explicit Query(std::vector<std::pair<std::string, std::string>> entries) : entries_(std::move(entries)) {}

    std::optional<std::string_view> find(std::string_view name) const; // the first one
    std::vector<std::string_view> find_all(std::string_view name) const;
    bool is_true(std::string_view name) const { return find(name) == "true"; }

 private:
    std::vector<std::pair<std::string, std::string>> entries_;
};

struct Target {
    std::vector<std::string> segments; // of the path; a slash at the end makes no segment
    Query query;
};

inline constexpr std::size_t max_path_segments = 16;

// Fails with what makes a 400: a '%' without two hexadecimal digits, or too many segments.
amqp::Result<Target> parse_target(std::string_view target);

// A name as a segment of a path: everything but letters, digits and -._~ is escaped.
std::string encode_segment(std::string_view name);

} // namespace broker
