// What connection.start says of the server [P6, P7].
#pragma once

#include "broker/session/session_config.hpp"
#include "protocol/field_table.hpp"

namespace broker {

amqp::FieldTable server_properties(const ProductInfo& product);

} // namespace broker
