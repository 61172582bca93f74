#include "bench/uri.hpp"

#include <boost/url/parse.hpp>

#include <stdexcept>

namespace bench {

Uri Uri::parse(const std::string& text) {
    const auto parsed = boost::urls::parse_uri(text);
    const bool known = parsed && (parsed->scheme() == "amqp" || parsed->scheme() == "amqps");
    if (!known || parsed->host().empty()) {
        throw std::runtime_error("'" + text + "' is not a URI like amqp://user:password@host:port/vhost");
    }
    Uri uri;
    uri.tls = parsed->scheme() == "amqps";
    uri.host = parsed->host_address();
    if (parsed->has_port()) {
        uri.port = parsed->port();
    } else if (uri.tls) {
        uri.port = "5671";
    }
    if (parsed->has_userinfo()) {
        uri.user = parsed->user();
        uri.password = parsed->password();
    }
    if (parsed->path().size() > 1) {
        uri.virtual_host = parsed->path().substr(1);
    }
    return uri;
}

} // namespace bench
