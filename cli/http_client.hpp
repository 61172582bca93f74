// One connection to the management port, with or without TLS, kept open between requests. Every step waits for the one
// before it and ends in time; failures to connect, send or receive are thrown as Failure. It knows no path and no JSON.
#pragma once

#include "cli/address.hpp"
#include "cli/verb.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace cli {

struct HttpRequest {
    Verb verb = Verb::get;
    std::string target = {};
    std::string body = {};
    std::vector<std::pair<std::string, std::string>> fields = {};
    std::string user = {}, password = {}; // instead of the address's, when there is a user
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
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    HttpAnswer send(const HttpRequest& request);
    void watch(Watch watch) { watch_ = std::move(watch); }
    const Address& address() const { return address_; }

 private:
    class Connection;

    Address address_;
    std::chrono::milliseconds limit_;
    Watch watch_;
    std::unique_ptr<Connection> connection_; // null: none is open
};

// Whether something accepts connections there, within the limit.
bool accepts_connections(const std::string& host, const std::string& port, std::chrono::milliseconds limit);

} // namespace cli
