// The body of a request as a JSON object, and its fields, read as leniently as RabbitMQ reads them [A4]: numbers and
// booleans may be strings. Every failure is a PRECONDITION_FAILED with the reason of the 400. Plain values, one
// request's.
#pragma once

#include "protocol/error.hpp"
#include "protocol/field_table.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace broker {

// Nothing at all, null and undefined are an empty object.
amqp::Result<boost::json::object> decode_body(std::string_view body);

// Reads fields and notes the first failure: read all of them, then ask for error(). Absent and null are the same.
class BodyFields {
 public:
    explicit BodyFields(const boost::json::object& body) : body_(body) {} // must outlive this

    void require(std::initializer_list<std::string_view> names);
    std::optional<std::string> text(std::string_view name);
    std::optional<std::string> short_text(std::string_view name); // at most 255 octets
    std::optional<std::int64_t> integer(std::string_view name);
    std::optional<std::uint8_t> octet(std::string_view name);
    bool boolean(std::string_view name, bool otherwise = false);
    amqp::FieldTable table(std::string_view name);               // [] is {}
    const boost::json::value* find(std::string_view name) const; // null if absent

    void fail(std::string text);
    const std::optional<amqp::Error>& error() const { return error_; }

 private:
    const boost::json::object& body_;
    std::optional<amqp::Error> error_;
};

} // namespace broker
