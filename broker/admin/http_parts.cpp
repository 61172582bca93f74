#include "broker/admin/http_parts.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/chunk_encode.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/write.hpp>

namespace broker {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

} // namespace

asio::awaitable<bool> write_parts(HttpStream& stream, http::response<http::empty_body> head,
                                  std::function<bool(std::string&)> parts, std::chrono::milliseconds timeout) {
    const bool chunked = head.version() >= 11;
    chunked ? head.chunked(true) : head.keep_alive(false);
    http::response_serializer<http::empty_body> serializer(head);
    auto [head_error, head_octets] = co_await http::async_write_header(stream, serializer, as_result);
    bool failed = head_error.failed();
    std::string text;
    while (!failed && parts(text)) {
        stream.expires_after(timeout);
        if (chunked) {
            auto chunk = http::make_chunk(asio::buffer(text));
            auto [error, octets] = co_await asio::async_write(stream, chunk, as_result);
            failed = error.failed();
        } else {
            auto [error, octets] = co_await asio::async_write(stream, asio::buffer(text), as_result);
            failed = error.failed();
        }
    }
    if (!failed && chunked) {
        auto end = http::make_chunk_last();
        auto [error, octets] = co_await asio::async_write(stream, end, as_result);
        failed = error.failed();
    }
    co_return !failed && chunked;
}

} // namespace broker
