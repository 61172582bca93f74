#include "broker/net/socket_names.hpp"

#include <fmt/format.h>

namespace broker {
namespace {

namespace asio = boost::asio;

std::string endpoint_text(const asio::ip::tcp::endpoint& endpoint) {
    const auto address = endpoint.address();
    return fmt::format("{}:{}",
                       address.is_v6() && address.to_v6().is_v4_mapped()
                           ? asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string()
                           : address.to_string(),
                       endpoint.port());
}

} // namespace

std::string connection_name(const asio::ip::tcp::socket& socket) {
    boost::system::error_code ignored;
    return fmt::format("{} -> {}", endpoint_text(socket.remote_endpoint(ignored)),
                       endpoint_text(socket.local_endpoint(ignored)));
}

PeerAddress peer_address(const asio::ip::tcp::socket& socket) {
    boost::system::error_code error;
    const auto address = socket.remote_endpoint(error).address();
    return address.is_v4() ? PeerAddress(address.to_v4().to_bytes()) : PeerAddress(address.to_v6().to_bytes());
}

} // namespace broker
