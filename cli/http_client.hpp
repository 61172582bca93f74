// One connection to the management port, with or without TLS, kept open between requests. Every step waits for the one
// before it and ends in time; failures to connect, send or receive are thrown as Failure. It knows no path and no JSON.
#pragma once

#include "cli/address.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/verb.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace cli {

struct HttpRequest {
    boost::beast::http::verb verb = boost::beast::http::verb::get;
    std::string target;
    std::string body;
    std::vector<std::pair<std::string, std::string>> fields;
    std::string user, password; // instead of the address's, when there is a user
};

struct HttpAnswer {
    unsigned status = 0;
    std::string body;
};

// What somebody may want to know while a request is on its way.
struct Watch {
    std::function<void(std::size_t sent, std::size_t total)> sent;
    std::function<void()> waiting;
};

class HttpClient {
 public:
    // The limit holds for every step: connecting, one piece sent, one piece received.
    HttpClient(Address address, std::chrono::milliseconds limit);
    ~HttpClient();

    HttpAnswer send(const HttpRequest& request);
    void watch(Watch watch) { watch_ = std::move(watch); }
    const Address& address() const { return address_; }

 private:
    template <class Start>
    void finish(Start start);
    template <class Stream>
    HttpAnswer exchange(Stream& stream, const HttpRequest& request);
    void connect();

    Address address_;
    std::chrono::milliseconds limit_;
    Watch watch_;
    boost::asio::io_context io_{1};
    boost::asio::ssl::context tls_context_{boost::asio::ssl::context::tls_client};
    std::optional<boost::beast::tcp_stream> plain_;
    std::optional<boost::beast::ssl_stream<boost::beast::tcp_stream>> tls_;
};

// Whether something accepts connections there, within the limit.
bool accepts_connections(const std::string& host, const std::string& port, std::chrono::milliseconds limit);

} // namespace cli
