#include "cli/http_client.hpp"

#include "cli/exit_code.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

#include <openssl/evp.h>

#include <algorithm>
#include <optional>

namespace cli {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using Milliseconds = std::chrono::milliseconds;
using Message = http::request<http::string_body>;

constexpr Milliseconds tick{100};
constexpr std::uint64_t largest_answer = std::uint64_t{1} << 30;

std::string base64(const std::string& text) {
    std::string result(4 * ((text.size() + 2) / 3) + 1, '\0');
    const auto* octets = reinterpret_cast<const unsigned char*>(text.data());
    auto* encoded = reinterpret_cast<unsigned char*>(result.data());
    result.resize(EVP_EncodeBlock(encoded, octets, static_cast<int>(text.size())));
    return result;
}

http::verb verb_of(Verb verb) {
    switch (verb) {
    case Verb::post:
        return http::verb::post;
    case Verb::put:
        return http::verb::put;
    case Verb::delete_:
        return http::verb::delete_;
    default:
        return http::verb::get;
    }
}

Message message_of(const HttpRequest& request, const Address& address) {
    Message message(verb_of(request.verb), request.target, 11);
    const std::string& user = request.user.empty() ? address.user : request.user;
    const std::string& password = request.user.empty() ? address.password : request.password;
    message.set(http::field::host, address.host + ":" + address.port);
    message.set(http::field::user_agent, "leveretctl");
    message.set(http::field::authorization, "Basic " + base64(user + ":" + password));
    for (const auto& [name, value] : request.fields) {
        message.set(name, value);
    }
    if (!request.body.empty()) {
        message.set(http::field::content_type, "application/json");
    }
    message.body() = request.body;
    message.prepare_payload();
    return message;
}

void set_up(asio::ssl::context& context, const std::string& cacert) {
    boost::system::error_code error;
    if (cacert.empty()) {
        context.set_default_verify_paths(error);
    } else {
        context.load_verify_file(cacert, error);
    }
    if (error) {
        throw Failure(ExitCode::configuration, "Error: " + cacert + ": " + error.message());
    }
}

} // namespace

// The open connection of a client, which owns it. It throws system_error, and is of no more use then.
class HttpClient::Connection {
 public:
    explicit Connection(HttpClient& client) : client_(client) { connect(); }

    // The answer, and whether the connection stays open.
    std::pair<HttpAnswer, bool> exchange(Message message) {
        return plain_ ? exchange(*plain_, std::move(message)) : exchange(*tls_, std::move(message));
    }

 private:
    template <class Start>
    void finish(Start start);
    template <class Stream>
    std::pair<HttpAnswer, bool> exchange(Stream& stream, Message message);
    void connect();
    void connect_tls(const asio::ip::tcp::resolver::results_type& endpoints);
    void close();

    HttpClient& client_;
    asio::io_context io_{1};
    asio::ssl::context context_{asio::ssl::context::tls_client};
    std::optional<beast::tcp_stream> plain_;
    std::optional<beast::ssl_stream<beast::tcp_stream>> tls_;
};

// Runs one asynchronous step to its end: Asio's blocking calls know no time limit.
template <class Start>
void HttpClient::Connection::finish(Start start) {
    std::optional<boost::system::error_code> ended;
    start([&ended](boost::system::error_code error, auto&&...) { ended = error; });
    const auto deadline = std::chrono::steady_clock::now() + client_.limit_;
    io_.restart();
    while (!ended && std::chrono::steady_clock::now() < deadline) {
        io_.run_for(tick);
        if (!ended && client_.watch_.waiting) {
            client_.watch_.waiting();
        }
    }
    if (!ended) { // the handler must not outlive what it refers to
        close();
        io_.run();
        throw boost::system::system_error(asio::error::timed_out);
    }
    if (*ended) {
        throw boost::system::system_error(*ended);
    }
}

void HttpClient::Connection::close() {
    if (plain_) {
        plain_->close();
    }
    if (tls_) {
        beast::get_lowest_layer(*tls_).close();
    }
}

void HttpClient::Connection::connect() {
    const Address& address = client_.address_;
    asio::ip::tcp::resolver resolver(io_);
    asio::ip::tcp::resolver::results_type endpoints;
    finish([&](auto done) {
        resolver.async_resolve(address.host, address.port, [&endpoints, done](auto error, auto results) mutable {
            endpoints = results;
            done(error);
        });
    });
    if (address.tls) {
        connect_tls(endpoints);
    } else {
        plain_.emplace(io_);
        finish([&](auto done) { plain_->async_connect(endpoints, done); });
    }
}

void HttpClient::Connection::connect_tls(const asio::ip::tcp::resolver::results_type& endpoints) {
    const Address& address = client_.address_;
    set_up(context_, address.cacert);
    tls_.emplace(io_, context_);
    if (!address.insecure) {
        tls_->set_verify_mode(asio::ssl::verify_peer);
        tls_->set_verify_callback(asio::ssl::host_name_verification(address.host));
    }
    // What the macro SSL_set_tlsext_host_name does, without its casts.
    std::string name = address.host;
    SSL_ctrl(tls_->native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data());
    finish([&](auto done) { beast::get_lowest_layer(*tls_).async_connect(endpoints, done); });
    finish([&](auto done) { tls_->async_handshake(asio::ssl::stream_base::client, done); });
}

template <class Stream>
std::pair<HttpAnswer, bool> HttpClient::Connection::exchange(Stream& stream, Message message) {
    const std::size_t total = message.body().size();
    http::request_serializer<http::string_body> serializer(message);
    std::size_t sent = 0;
    while (!serializer.is_done()) {
        std::size_t step = 0;
        finish([&](auto done) {
            http::async_write_some(stream, serializer, [&step, done](auto error, std::size_t count) mutable {
                step = count;
                done(error);
            });
        });
        sent += step;
        if (client_.watch_.sent && total > 0) {
            client_.watch_.sent(std::min(sent, total), total);
        }
    }
    beast::flat_buffer buffer;
    http::response_parser<http::string_body> parser;
    parser.body_limit(largest_answer);
    while (!parser.is_done()) {
        finish([&](auto done) { http::async_read_some(stream, buffer, parser, done); });
    }
    return {HttpAnswer{parser.get().result_int(), std::move(parser.get().body())}, parser.get().keep_alive()};
}

HttpClient::HttpClient(Address address, Milliseconds limit) : address_(std::move(address)), limit_(limit) {}

HttpClient::~HttpClient() = default;

HttpAnswer HttpClient::send(const HttpRequest& request) {
    try {
        if (!connection_) {
            connection_ = std::make_unique<Connection>(*this);
        }
        auto [answer, stays_open] = connection_->exchange(message_of(request, address_));
        if (!stays_open) {
            connection_.reset();
        }
        return answer;
    } catch (const boost::system::system_error& error) {
        connection_.reset(); // the next request begins anew
        if (error.code() == asio::error::timed_out) {
            throw Failure(ExitCode::try_again,
                          "Error: operation on node '" + address_.shown() +
                              "' timed out. Timeout value used: " + std::to_string(limit_.count()));
        }
        throw Failure(ExitCode::unavailable, "Error: unable to perform an operation on node '" + address_.shown() +
                                                 "': " + error.code().message());
    }
}

bool accepts_connections(const std::string& host, const std::string& port, Milliseconds limit) {
    asio::io_context io(1);
    beast::tcp_stream stream(io);
    boost::system::error_code error;
    asio::ip::tcp::resolver resolver(io);
    const auto endpoints = resolver.resolve(host, port, error);
    if (error) {
        return false;
    }
    stream.expires_after(limit);
    stream.async_connect(endpoints, [&error](auto outcome, const auto&) { error = outcome; });
    io.run();
    return !error;
}

} // namespace cli
