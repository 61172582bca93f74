#include "broker/admin/web_socket_handshake.hpp"

#include "broker/admin/text.hpp"

#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

#include <openssl/sha.h>

#include <array>
#include <string>

namespace broker {
namespace {

namespace http = boost::beast::http;

constexpr std::string_view version = "13";
constexpr std::string_view protocol = "amqp";
constexpr std::size_t key_octets = 16;
constexpr std::string_view server_guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // the same for all the world

std::string proof(std::string_view key) {
    const std::string text = std::string(key).append(server_guid);
    std::array<unsigned char, SHA_DIGEST_LENGTH> digest;
    ::SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
    return encode_base64({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

} // namespace

bool asks_for_web_socket(const HttpHeader& header, std::string_view path_prefix) {
    const std::string_view target = header.target();
    if (!target.starts_with(path_prefix) || !boost::beast::websocket::is_upgrade(header)) {
        return false;
    }
    const std::string_view path = target.substr(path_prefix.size(), target.find('?') - path_prefix.size());
    return path == "/ws" || path == "/ws/amqp";
}

HttpResponse web_socket_response(const HttpHeader& header) {
    if (header[http::field::sec_websocket_version] != version) {
        HttpResponse response = HttpResponse::failed(426, "upgrade_required", "only version 13 of WebSocket is spoken");
        response.headers.emplace_back("sec-websocket-version", version);
        return response;
    }
    const std::string_view key = header[http::field::sec_websocket_key];
    const auto decoded = decode_base64(key);
    if (!decoded || decoded->size() != key_octets) {
        return HttpResponse::failed(400, "bad_request", "Sec-WebSocket-Key is not 16 octets in base64");
    }
    HttpResponse response{101, {}};
    response.headers = {{"connection", "upgrade"}, {"upgrade", "websocket"}, {"sec-websocket-accept", proof(key)}};
    if (header.count(http::field::sec_websocket_protocol) > 0) {
        if (!http::token_list(header[http::field::sec_websocket_protocol]).exists(protocol)) {
            return HttpResponse::failed(400, "bad_request", "of Sec-WebSocket-Protocol only amqp is spoken");
        }
        response.headers.emplace_back("sec-websocket-protocol", protocol);
    }
    return response;
}

} // namespace broker
