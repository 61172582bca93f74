// How AMQP over WebSocket begins on HTTP's port: the opening handshake [RFC 6455, section 4]. Pure functions over
// headers; who may ask from which page is decided by HttpConnection.
#pragma once

#include "broker/admin/http_message.hpp"
#include "broker/admin/login.hpp"

#include <string_view>

namespace broker {

// At /ws, or /ws/amqp as at CloudAMQP.
bool asks_for_web_socket(const HttpHeader& header, std::string_view path_prefix);
// 101: from its end on, WebSocket's frames are spoken. Everything else is HTTP's answer why not.
HttpResponse web_socket_response(const HttpHeader& header);

} // namespace broker
