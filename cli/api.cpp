#include "cli/api.hpp"

#include "cli/text.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace cli {
namespace {

std::string text_of(const boost::json::value& object, std::string_view key) {
    const boost::json::value& value = field_of(object, key);
    return value.is_string() ? std::string(value.get_string()) : value.is_null() ? "" : boost::json::serialize(value);
}

boost::json::value parsed(const HttpAnswer& answer) {
    boost::system::error_code error;
    boost::json::value value = answer.body.empty() ? nullptr : boost::json::parse(answer.body, error);
    const bool is_success = answer.status >= 200 && answer.status < 300;
    if (is_success && error) {
        throw Failure(ExitCode::software, "Error: the answer is not JSON: is this the management port?");
    }
    if (!is_success) {
        std::string reason = error ? "" : text_of(value, "reason");
        if (reason.empty()) {
            reason = "HTTP status " + std::to_string(answer.status);
        }
        throw ApiError(answer.status, error ? "" : text_of(value, "error"), reason);
    }
    return value;
}

} // namespace

boost::json::value Api::send(HttpRequest request) {
    request.target = address().prefix + "/api" + request.target;
    return parsed(client_.send(request));
}

std::string Api::metrics() {
    HttpAnswer answer = client_.send({Verb::get, address().prefix + "/metrics"});
    if (answer.status != 200) {
        parsed(answer); // says why
    }
    return std::move(answer.body);
}

boost::json::value Api::send(Verb verb, const std::string& path, const boost::json::value& body) {
    return send({verb, path, boost::json::serialize(body)});
}

std::optional<boost::json::value> Api::find(const std::string& path) {
    try {
        return get(path);
    } catch (const ApiError& error) {
        if (error.status() == 404) {
            return std::nullopt;
        }
        throw;
    }
}

const std::string& Api::node() {
    if (node_.empty()) {
        node_ = text_of(get("/overview?columns=node"), "node");
    }
    return node_;
}

void Api::show_progress(Progress& progress) {
    progress_ = &progress;
    client_.watch({[&progress](std::size_t sent, std::size_t total) { progress.show(sent, total); },
                   [&progress] { progress.tick(); }});
}

} // namespace cli
