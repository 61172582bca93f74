// AMQP's field values as JSON and back. JSON has fewer types: what comes in becomes long, double, longstr, bool, array
// or table, as with RabbitMQ; what goes out loses its type letter. Pure functions.
#pragma once

#include "protocol/error.hpp"
#include "protocol/field_table.hpp"
#include "protocol/properties.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

namespace broker {

// Timestamps are seconds, decimals numbers, void null, octets that are no text base64.
boost::json::value to_json(const amqp::FieldValue& value);
boost::json::object to_json(const amqp::FieldTable& table);
boost::json::object to_json(const amqp::BasicProperties& properties);

// Fails with PRECONDITION_FAILED: null, an integer beyond 64 bits, a key longer than 255 octets.
amqp::Result<amqp::FieldValue> field_value(const boost::json::value& value);
amqp::Result<amqp::FieldTable> field_table(const boost::json::object& object);
// The properties of a message to be published; unknown ones are ignored.
amqp::Result<amqp::BasicProperties> basic_properties(const boost::json::object& object);

} // namespace broker
