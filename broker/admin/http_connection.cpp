#include "broker/admin/http_connection.hpp"

#include "broker/admin/gzip.hpp"
#include "broker/admin/http_headers.hpp"
#include "broker/admin/http_parts.hpp"
#include "broker/admin/text.hpp"
#include "broker/admin/web_socket_handshake.hpp"
#include "broker/net/socket_ends.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/json/object.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace broker {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t read_size = 4 << 10;

} // namespace

HttpConnection::HttpConnection(Api& api, asio::ip::tcp::socket socket, const TlsContext* tls)
    : api_(api),
      stream_(std::move(socket), tls),
      peer_(peer_address(stream_.socket())) {}

void HttpConnection::close() {
    stream_.close();
}

asio::awaitable<void> HttpConnection::run() {
    const auto self = shared_from_this();
    const boost::system::error_code refused = co_await stream_.handshake();
    if (refused) {
        spdlog::debug("HTTP: TLS handshake: {}", refused.message());
        co_return;
    }
    bool more = true;
    while (more) {
        const bool served = co_await serve_one();
        more = served;
    }
    if (upgraded_) {
        co_return;
    }
    co_await stream_.say_goodbye();
    boost::system::error_code ignored;
    stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    co_await discard_input();
}

asio::awaitable<bool> HttpConnection::serve_one() {
    waiting_since_ = std::chrono::steady_clock::now();
    if (buffer_.size() == 0) { // the next request may take its time to begin, but not to go on
        stream_.expires_after(api_.options.idle_timeout);
        auto [idle_error, received] = co_await stream_.async_read_some(buffer_.prepare(read_size), as_result);
        if (idle_error) {
            co_return false;
        }
        buffer_.commit(received);
    }
    Parser parser;
    parser.header_limit(static_cast<std::uint32_t>(api_.options.max_header_bytes));
    parser.body_limit(std::numeric_limits<std::uint64_t>::max()); // read_body knows the route's
    stream_.expires_after(api_.options.header_timeout);
    auto [error, octets] = co_await http::async_read_header(stream_, buffer_, parser, as_result);
    if (error == http::error::header_limit) {
        co_await write(HttpResponse::failed(431, "bad_request", "the request header is too long"), false, false, 11);
        co_return false;
    }
    if (error) {
        if (error != http::error::end_of_stream &&
            error.category() == make_error_code(http::error::end_of_stream).category()) {
            co_await write(HttpResponse::failed(400, "bad_request", "malformed request"), false, false, 11);
        }
        co_return false;
    }
    const bool head_only = parser.get().method() == http::verb::head;
    HttpResponse response = co_await answer(parser);
    if (parser.get().count("X-Requested-With") > 0) {
        response.challenge = false; // the page has a form of its own; the browser must not ask as well
    }
    response.origin = allowed_origin(parser.get().base());
    // Not over TLS: the size of a compressed answer tells of what is in it [BREACH].
    if (!stream_.has_tls() && response.encoding.empty() && response.body.size() >= min_gzip_size &&
        accepts_gzip(parser.get()[http::field::accept_encoding])) {
        response.body = gzip(response.body);
        response.encoding = "gzip";
    }
    // What is left of a body that was not wanted would be taken for the next request.
    const bool keep_alive = parser.is_done() && parser.keep_alive();
    const bool written = co_await write(std::move(response), head_only, keep_alive, parser.get().version());
    if (written && upgraded_) {
        api_.node.take_web_socket(stream_.release());
    }
    co_return written&& keep_alive && !upgraded_;
}

asio::awaitable<HttpResponse> HttpConnection::answer(Parser& parser) {
    if (!is_allowed_host(parser.get().base(), api_.options.allowed_hosts)) {
        co_return HttpResponse::failed(403, "forbidden", "Host is none of leveret.management.allowed_hosts");
    }
    if (api_.options.service == HttpService::management &&
        parser.get().target() == api_.options.path_prefix + "/api/login") {
        HttpResponse response = co_await log_in_or_out(parser);
        co_return response;
    }
    if (api_.options.service == HttpService::management && api_.options.web_socket &&
        asks_for_web_socket(parser.get().base(), api_.options.path_prefix)) {
        co_return begin_web_socket(parser);
    }
    Admission admission = co_await admit(parser.get().base());
    if (auto* response = std::get_if<HttpResponse>(&admission)) {
        co_return std::move(*response);
    }
    waiting_since_.reset();
    auto& [route, request] = std::get<Admitted>(admission);
    const bool read = co_await read_body(parser, route->body_limit);
    if (!read) {
        co_return HttpResponse::failed(400, "bad_request", "Exceeded HTTP request body size limit");
    }
    request.body = std::move(parser.get().body());
    HttpResult result = co_await route->handler(api_, request);
    co_return result ? std::move(*result) : response_of(result.error());
}

HttpResponse HttpConnection::begin_web_socket(const Parser& parser) {
    if (is_foreign(parser.get().base())) {
        return HttpResponse::failed(403, "forbidden", "the request comes from another origin");
    }
    // What came too early would have to be carried over; nobody who waits for the answer sends it.
    if (!parser.is_done() || buffer_.size() > 0 || stream_.has_input()) {
        return HttpResponse::failed(400, "bad_request", "something follows the request");
    }
    HttpResponse response = web_socket_response(parser.get().base());
    upgraded_ = response.status == 101;
    return response;
}

asio::awaitable<bool> HttpConnection::read_body(Parser& parser, std::size_t limit) {
    if (parser.is_done()) {
        co_return true;
    }
    const auto length = parser.content_length();
    if (length && *length > limit) {
        co_return false;
    }
    parser.body_limit(limit); // of a chunked one
    stream_.expires_after(api_.options.body_timeout);
    if (boost::beast::iequals(parser.get()[http::field::expect], "100-continue")) {
        http::response<http::empty_body> go_on(http::status::continue_, parser.get().version());
        auto [write_error, written] = co_await http::async_write(stream_, go_on, as_result);
        if (write_error) {
            co_return false;
        }
    }
    auto [error, octets] = co_await http::async_read(stream_, buffer_, parser, as_result);
    co_return !error;
}

asio::awaitable<bool> HttpConnection::write(HttpResponse response, bool head_only, bool keep_alive, unsigned version) {
    const auto prepare = [&](auto& message) {
        message.result(response.status);
        message.version(version);
        set_headers(message, response);
        message.keep_alive(keep_alive);
    };
    stream_.expires_after(api_.options.body_timeout);
    if (response.parts && !head_only) {
        http::response<http::empty_body> message;
        prepare(message);
        const bool written =
            co_await write_parts(stream_, std::move(message), std::move(response.parts), api_.options.body_timeout);
        co_return written;
    }
    if (head_only) {
        http::response<http::empty_body> message;
        prepare(message);
        message.content_length(response.body.size());
        auto [error, octets] = co_await http::async_write(stream_, message, as_result);
        co_return !error;
    }
    http::response<http::string_body> message;
    prepare(message);
    message.body() = std::move(response.body);
    message.prepare_payload();
    if (upgraded_) { // what follows is as long as the connection
        message.erase(http::field::content_length);
    }
    auto [error, octets] = co_await http::async_write(stream_, message, as_result);
    co_return !error;
}

// Closing a socket that has unread input makes a reset of it, which may overtake our last answer.
asio::awaitable<void> HttpConnection::discard_input() {
    constexpr std::size_t most = 4 << 20;
    std::size_t discarded = 0;
    buffer_.clear();
    stream_.expires_after(std::chrono::seconds(2));
    while (discarded < most) {
        auto [error, octets] = co_await stream_.async_read_some(buffer_.prepare(16 << 10), as_result);
        if (error) {
            break;
        }
        discarded += octets;
    }
}

} // namespace broker
