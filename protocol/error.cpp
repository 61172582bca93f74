#include "protocol/error.hpp"

#include <cstdlib>
#include <utility>

namespace amqp {

std::string_view name(ReplyCode code) {
    switch (code) {
    case ReplyCode::reply_success:
        return "REPLY_SUCCESS";
    case ReplyCode::content_too_large:
        return "CONTENT_TOO_LARGE";
    case ReplyCode::no_route:
        return "NO_ROUTE";
    case ReplyCode::no_consumers:
        return "NO_CONSUMERS";
    case ReplyCode::connection_forced:
        return "CONNECTION_FORCED";
    case ReplyCode::invalid_path:
        return "INVALID_PATH";
    case ReplyCode::access_refused:
        return "ACCESS_REFUSED";
    case ReplyCode::not_found:
        return "NOT_FOUND";
    case ReplyCode::resource_locked:
        return "RESOURCE_LOCKED";
    case ReplyCode::precondition_failed:
        return "PRECONDITION_FAILED";
    case ReplyCode::frame_error:
        return "FRAME_ERROR";
    case ReplyCode::syntax_error:
        return "SYNTAX_ERROR";
    case ReplyCode::command_invalid:
        return "COMMAND_INVALID";
    case ReplyCode::channel_error:
        return "CHANNEL_ERROR";
    case ReplyCode::unexpected_frame:
        return "UNEXPECTED_FRAME";
    case ReplyCode::resource_error:
        return "RESOURCE_ERROR";
    case ReplyCode::not_allowed:
        return "NOT_ALLOWED";
    case ReplyCode::not_implemented:
        return "NOT_IMPLEMENTED";
    case ReplyCode::internal_error:
        return "INTERNAL_ERROR";
    }
    std::abort(); // no enumerator: a programmer's mistake
}

Scope default_scope(ReplyCode code) {
    switch (code) {
    case ReplyCode::content_too_large:
    case ReplyCode::no_route:
    case ReplyCode::no_consumers:
    case ReplyCode::access_refused:
    case ReplyCode::not_found:
    case ReplyCode::resource_locked:
    case ReplyCode::precondition_failed:
        return Scope::channel;
    default:
        return Scope::connection;
    }
}

std::string Error::reply_text() const {
    std::string reply(name(code));
    if (text.empty()) {
        return reply;
    }
    reply.append(" - ").append(text);
    if (reply.size() > ShortString::max_size) {
        // Clients decode it as UTF-8, so a character is cut as a whole: its later octets are 10xxxxxx.
        std::size_t size = ShortString::max_size;
        while (size > 0 && (static_cast<unsigned char>(reply[size]) & 0xC0) == 0x80) {
            --size;
        }
        reply.resize(size);
    }
    return reply;
}

Error make_error(ReplyCode code, std::string text) {
    return make_error(code, default_scope(code), std::move(text));
}

Error make_error(ReplyCode code, Scope scope, std::string text) {
    return {code, scope, std::move(text)};
}

Error access_refused(std::string text) {
    return make_error(ReplyCode::access_refused, std::move(text));
}
Error not_found(std::string text) {
    return make_error(ReplyCode::not_found, std::move(text));
}
Error resource_locked(std::string text) {
    return make_error(ReplyCode::resource_locked, std::move(text));
}
Error precondition_failed(std::string text) {
    return make_error(ReplyCode::precondition_failed, std::move(text));
}
Error frame_error(std::string text) {
    return make_error(ReplyCode::frame_error, std::move(text));
}
Error syntax_error(std::string text) {
    return make_error(ReplyCode::syntax_error, std::move(text));
}
Error command_invalid(std::string text) {
    return make_error(ReplyCode::command_invalid, std::move(text));
}
Error channel_error(std::string text) {
    return make_error(ReplyCode::channel_error, std::move(text));
}
Error unexpected_frame(std::string text) {
    return make_error(ReplyCode::unexpected_frame, std::move(text));
}
Error not_allowed(std::string text) {
    return make_error(ReplyCode::not_allowed, std::move(text));
}
Error not_implemented(std::string text) {
    return make_error(ReplyCode::not_implemented, std::move(text));
}
Error internal_error(std::string text) {
    return make_error(ReplyCode::internal_error, std::move(text));
}

} // namespace amqp
