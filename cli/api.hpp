// The management HTTP API as commands use it: JSON in, JSON out, a refusal as ApiError. It belongs to main's run.
#pragma once

#include "cli/command.hpp"
#include "cli/http_client.hpp"
#include "cli/progress.hpp"

#include <optional>

namespace cli {

// An answer that is not a success. What it means is the command's business (see explained in run.cpp).
class ApiError : public std::runtime_error {
 public:
    ApiError(unsigned status, std::string error, const std::string& reason)
        : std::runtime_error(reason),
          status_(status),
          error_(std::move(error)) {}
    unsigned status() const { return status_; }
    const std::string& error() const { return error_; }

 private:
    unsigned status_;
    std::string error_;
};

class Api {
 public:
    explicit Api(HttpClient& client) : client_(client) {}

    // The path begins behind /api and may have a query; null when the answer has no body.
    boost::json::value get(const std::string& path) { return send({Verb::get, path}); }
    std::optional<boost::json::value> find(const std::string& path);
    boost::json::value send(Verb verb, const std::string& path, const boost::json::value& body);
    boost::json::value send(Verb verb, const std::string& path) { return send({verb, path}); }
    boost::json::value send(HttpRequest request);
    // The page for Prometheus, which this port has, too.
    std::string metrics();

    const std::string& node();
    const Address& address() const { return client_.address(); }

    // From now on requests show how far they are; the Progress outlives them.
    void show_progress(Progress& progress);
    Progress* progress() { return progress_; }

 private:
    HttpClient& client_;
    Progress* progress_ = nullptr;
    std::string node_;
};

} // namespace cli
