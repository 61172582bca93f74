// A peer's mistake, as a value. Handlers return it; Session alone turns it into channel.close or connection.close.
#pragma once

#include "protocol/types.hpp"

#include <boost/system/result.hpp>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace amqp {

enum class ReplyCode : std::uint16_t {
    reply_success = 200,
    content_too_large = 311,
    no_route = 312,
    no_consumers = 313,
    connection_forced = 320,
    invalid_path = 402,
    access_refused = 403,
    not_found = 404,
    resource_locked = 405,
    precondition_failed = 406,
    frame_error = 501,
    syntax_error = 502,
    command_invalid = 503,
    channel_error = 504,
    unexpected_frame = 505,
    resource_error = 506,
    not_allowed = 530,
    not_implemented = 540,
    internal_error = 541,
};

// What an error ends: the channel (the specification's soft errors) or the whole connection (hard errors).
enum class Scope : std::uint8_t { channel, connection };

std::string_view name(ReplyCode code);  // "PRECONDITION_FAILED"
Scope default_scope(ReplyCode code);    // 311..313 and 403..406 are soft

struct Error {
    ReplyCode code = ReplyCode::internal_error;
    Scope scope = Scope::connection;
    std::string text; // the explanation only, without the code's name

    // "NAME - explanation", cut to the 255 octets of a short string; only the name when there is no explanation.
    std::string reply_text() const;
    bool operator==(const Error&) const = default;
};

Error make_error(ReplyCode code, std::string text);              // with the code's default scope
Error make_error(ReplyCode code, Scope scope, std::string text);

// The only ways to make the common ones.
Error access_refused(std::string text);
Error not_found(std::string text);
Error resource_locked(std::string text);
Error precondition_failed(std::string text);
Error frame_error(std::string text);
Error syntax_error(std::string text);
Error command_invalid(std::string text);
Error channel_error(std::string text);
Error unexpected_frame(std::string text);
Error not_allowed(std::string text);
Error not_implemented(std::string text);
Error internal_error(std::string text = {});

// Found by argument-dependent look-up when a test calls .value() on a failed result.
[[noreturn]] inline void throw_exception_from_error(const Error& error, const boost::source_location&) {
    throw std::runtime_error(error.reply_text());
}

// boost::system::result is not [[nodiscard]]; this class is, so a dropped error is a warning.
template <class T = void>
class [[nodiscard]] Result : public boost::system::result<T, Error> {
 public:
    using boost::system::result<T, Error>::result;
};

} // namespace amqp
