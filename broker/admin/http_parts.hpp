// Writes an answer whose body is given out in parts, so that it need not be in memory at once. On the HTTP thread.
#pragma once

#include "broker/admin/http_stream.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>

#include <chrono>
#include <functional>
#include <string>

namespace broker {

// Chunked, unless the client is too old for that: then the end of the connection is the end of the body. Each part has
// the time `timeout`. False: the connection is good for nothing more.
boost::asio::awaitable<bool> write_parts(HttpStream& stream,
                                         boost::beast::http::response<boost::beast::http::empty_body> head,
                                         std::function<bool(std::string&)> parts, std::chrono::milliseconds timeout);

} // namespace broker
