// The header of an answer: what every answer says, and what this one's fields ask for.
#pragma once

#include "broker/admin/http_message.hpp"

#include <boost/beast/http/message.hpp>

namespace broker {

void set_headers(boost::beast::http::response_header<>& message, const HttpResponse& response);

} // namespace broker
