// The SASL mechanisms of AMQP clients that carry a password, as parsers of the response in connection.start-ok. Pure
// functions, total on hostile input. They do not look at users.
//
//   PLAIN     %x00 user %x00 password          (the authorization identity before the first NUL must be empty)
//   AMQPLAIN  body of a field table, without its length, with LOGIN and PASSWORD as long strings or binaries
#pragma once

#include "broker/auth/credentials.hpp"
#include "protocol/error.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace broker {

inline constexpr std::size_t max_sasl_response_size = 4096;

// An error's text is for the log only and never contains bytes of the response: they may be a password.
amqp::Result<Credentials> parse_plain(std::string_view response);
amqp::Result<Credentials> parse_amqplain(std::string_view response);
amqp::Error unknown_mechanism(std::string_view mechanism);
// By mechanism; COMMAND_INVALID for any other.
amqp::Result<Credentials> parse_sasl_response(std::string_view mechanism, std::string_view response);

} // namespace broker
