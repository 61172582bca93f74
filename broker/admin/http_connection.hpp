// One HTTP connection: reads requests, finds out who asks and whether he may, has them handled, writes answers. Kept
// alive by its coroutine; lives on the HTTP thread. Every step has a limit and a deadline.
#pragma once

#include "broker/admin/api.hpp"
#include "broker/admin/http_stream.hpp"
#include "broker/admin/login.hpp"
#include "broker/admin/route_table.hpp"
#include "broker/auth/peer_address.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <variant>

namespace broker {

class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
 public:
    HttpConnection(Api& api, boost::asio::ip::tcp::socket socket, const TlsContext* tls = nullptr);

    boost::asio::awaitable<void> run();
    void close(); // run() ends soon
    // Since when it has had no request of somebody known; nothing: it has one.
    const std::optional<std::chrono::steady_clock::time_point>& waiting_since() const { return waiting_since_; }

 private:
    using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;
    using Header = HttpHeader;
    using Login = std::variant<UserPtr, HttpResponse>;

    // What is asked for, once its right to be asked has been checked; or the answer to the request.
    struct Admitted {
        const Route* route = nullptr;
        HttpRequest request;
    };
    using Admission = std::variant<Admitted, HttpResponse>;

    boost::asio::awaitable<bool> serve_one(); // false: this was the last request
    boost::asio::awaitable<HttpResponse> answer(Parser& parser);
    boost::asio::awaitable<Admission> admit(const Header& header);
    boost::asio::awaitable<HttpResponse> log_in_or_out(Parser& parser);
    boost::asio::awaitable<Login> authenticate(const Header& header);
    boost::asio::awaitable<Login> check_password(Credentials credentials);
    Login resume_session(const Header& header);
    std::optional<HttpResponse> find_page(const Header& header) const; // what needs no login
    Admission find(const Header& header, Target target, UserPtr user) const;
    std::string allowed_origin(const Header& header) const; // empty: it has none, or may not
    bool is_foreign(const Header& header) const;            // comes from a page that may not change anything here
    HttpResponse begin_web_socket(const Parser& parser);
    RouteMatch find_path(std::span<const std::string> segments) const;
    static std::optional<Verb> verb_of(boost::beast::http::verb verb);
    static Admission find_metrics(const Header& header, std::string_view text);
    boost::asio::awaitable<bool> read_body(Parser& parser, std::size_t limit);
    boost::asio::awaitable<bool> write(HttpResponse response, bool head_only, bool keep_alive, unsigned version);
    boost::asio::awaitable<void> discard_input();

    Api& api_;
    HttpStream stream_;
    boost::beast::flat_buffer buffer_;
    PeerAddress peer_;
    bool upgraded_ = false; // what follows the answer is not HTTP
    std::optional<std::chrono::steady_clock::time_point> waiting_since_ = std::chrono::steady_clock::now();
};

} // namespace broker
