// A value as Erlang prints it, because RabbitMQ's texts of mistakes in policies show values that way: <<"abc">>, [1,2],
// #{<<"a">> => true}. Pure function.
#pragma once

#include "protocol/field_table.hpp"

#include <string>

namespace broker {

// Cut to about `max_size` octets: a text for a person, not a place to store what a peer sent.
std::string erlang_term(const amqp::FieldValue& value, std::size_t max_size = 256);
// A table as a list of pairs, which is how RabbitMQ holds a policy's definition: [{<<"a">>,1}].
std::string erlang_pairs(const amqp::FieldTable& table, std::size_t max_size = 256);

} // namespace broker
