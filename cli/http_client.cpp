#include "cli/http_client.hpp"

#include "cli/exit_code.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <openssl/evp.h>

namespace cli {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using Milliseconds = std::chrono::milliseconds;

constexpr Milliseconds tick{100};
constexpr std::uint64_t largest_answer = std::uint64_t{1} << 30;

std::string base64(const std::string& text) {
    std::string result(4 * ((text.size() + 2) / 3) + 1, '\0');
    const auto* octets = reinterpret_cast<const unsigned char*>(text.data());
    const int size =
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(result.data()), octets, static_cast<int>(text.size()));
    result.resize(size);
    return result;
}

http::request<http::string_body> message_of(const HttpRequest& request, const Address& address) {
    http::request<http::string_body> message(request.verb, request.target, 11);
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

} // namespace

HttpClient::HttpClient(Address address, Milliseconds limit) : address_(std::move(address)), limit_(limit) {
    if (!address_.tls) {
        return;
    }
    boost::system::error_code error;
    if (address_.cacert.empty()) {
        tls_context_.set_default_verify_paths(error);
    } else {
        tls_context_.load_verify_file(address_.cacert, error);
    }
    if (error) {
        throw Failure(ExitCode::configuration, "Error: " + address_.cacert + ": " + error.message());
    }
}

HttpClient::~HttpClient() = default;

// Runs one asynchronous step to its end: Asio's blocking calls know no time limit.
template <class Start>
void HttpClient::finish(Start start) {
    std::optional<boost::system::error_code> ended;
    start([&ended](boost::system::error_code error, auto&&...) { ended = error; });
    const auto deadline = std::chrono::steady_clock::now() + limit_;
    io_.restart();
    while (!ended && std::chrono::steady_clock::now() < deadline) {
        io_.run_for(tick);
        if (!ended && watch_.waiting) {
            watch_.waiting();
        }
    }
    if (!ended) {
        io_.stop();
        throw boost::system::system_error(asio::error::timed_out);
    }
    if (*ended) {
        throw boost::system::system_error(*ended);
    }
}

void HttpClient::connect() {
    asio::ip::tcp::resolver resolver(io_);
    asio::ip::tcp::resolver::results_type endpoints;
    finish([&](auto done) {
        resolver.async_resolve(address_.host, address_.port, [&endpoints, done](auto error, auto results) mutable {
            endpoints = results;
            done(error);
        });
    });
    if (!address_.tls) {
        plain_.emplace(io_);
        finish([&](auto done) { plain_->async_connect(endpoints, done); });
        return;
    }
    tls_.emplace(io_, tls_context_);
    if (!address_.insecure) {
        tls_->set_verify_mode(asio::ssl::verify_peer);
        tls_->set_verify_callback(asio::ssl::host_name_verification(address_.host));
    }
    // What the macro SSL_set_tlsext_host_name does, without its casts.
    SSL_ctrl(tls_->native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, address_.host.data());
    finish([&](auto done) { beast::get_lowest_layer(*tls_).async_connect(endpoints, done); });
    finish([&](auto done) { tls_->async_handshake(asio::ssl::stream_base::client, done); });
}

template <class Stream>
HttpAnswer HttpClient::exchange(Stream& stream, const HttpRequest& request) {
    auto message = message_of(request, address_);
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
        if (watch_.sent && !request.body.empty()) {
            watch_.sent(std::min(sent, request.body.size()), request.body.size());
        }
    }
    beast::flat_buffer buffer;
    http::response_parser<http::string_body> parser;
    parser.body_limit(largest_answer);
    while (!parser.is_done()) {
        finish([&](auto done) { http::async_read_some(stream, buffer, parser, done); });
    }
    HttpAnswer answer{parser.get().result_int(), std::move(parser.get().body())};
    if (!parser.get().keep_alive()) {
        plain_.reset();
        tls_.reset();
    }
    return answer;
}

HttpAnswer HttpClient::send(const HttpRequest& request) {
    try {
        if (!plain_ && !tls_) {
            connect();
        }
        return plain_ ? exchange(*plain_, request) : exchange(*tls_, request);
    } catch (const boost::system::system_error& error) {
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
