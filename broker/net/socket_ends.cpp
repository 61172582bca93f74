#include "broker/net/socket_ends.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <atomic>
#include <cstddef>
#include <cstring>
#include <string_view>

namespace broker {
namespace {

namespace asio = boost::asio;
using Endpoint = asio::generic::stream_protocol::endpoint;

constexpr PeerAddress::V4 loopback{127, 0, 0, 1};

SocketEnd end_of(const AddressAndPort& at) {
    const auto& address = at.address;
    return {address.is_v6() && address.to_v6().is_v4_mapped()
                ? asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string()
                : address.to_string(),
            at.port};
}

PeerAddress plain_address(const asio::ip::address& address) {
    return address.is_v4() ? PeerAddress(address.to_v4().to_bytes()) : PeerAddress(address.to_v6().to_bytes());
}

// Whoever connects to a UNIX socket has no name; a number tells one from another.
SocketEnds unix_ends(const Endpoint& own) {
    static std::atomic<std::uint16_t> last_number{0};
    const auto* address = reinterpret_cast<const sockaddr_un*>(own.data());
    constexpr std::size_t before_path = offsetof(sockaddr_un, sun_path);
    const std::size_t size = own.size() > before_path ? own.size() - before_path : 0;
    return {{"unix", ++last_number},
            {std::string(address->sun_path, ::strnlen(address->sun_path, size)), 0},
            PeerAddress(loopback)};
}

} // namespace

AddressAndPort internet_address(const Endpoint& endpoint) {
    asio::ip::tcp::endpoint tcp;
    if (endpoint.size() <= tcp.capacity() && (endpoint.data()->sa_family == AF_INET || //
                                              endpoint.data()->sa_family == AF_INET6)) {
        std::memcpy(tcp.data(), endpoint.data(), endpoint.size());
        tcp.resize(endpoint.size());
    }
    return {tcp.address(), tcp.port()};
}

std::string SocketEnds::name() const {
    return fmt::format("{}:{} -> {}:{}", peer.host, peer.port, own.host, own.port);
}

SocketEnds ends_of(const StreamSocket& socket) {
    boost::system::error_code ignored;
    const Endpoint own = socket.local_endpoint(ignored);
    if (own.data()->sa_family == AF_UNIX) {
        return unix_ends(own);
    }
    const AddressAndPort peer = internet_address(socket.remote_endpoint(ignored));
    return {end_of(peer), end_of(internet_address(own)), plain_address(peer.address)};
}

PeerAddress peer_address(const asio::ip::tcp::socket& socket) {
    boost::system::error_code ignored;
    return plain_address(socket.remote_endpoint(ignored).address());
}

SocketEnds proxied_ends(const SocketEnds& of_proxy, const ProxyHeader::Ends& said) {
    const PeerAddress address = plain_address(said.source);
    const bool believed = !address.is_loopback() || of_proxy.address.is_loopback();
    return {end_of({said.source, said.source_port}), end_of({said.destination, said.destination_port}),
            believed ? address : of_proxy.address};
}

} // namespace broker
