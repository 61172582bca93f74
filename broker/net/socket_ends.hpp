// The two ends of a client's connection, as the log, the management API and the rules for logins see them: those of the
// socket, or those that a PROXY header names. A value, made once; a socket that is closed has ends 0.0.0.0:0.
#pragma once

#include "broker/auth/peer_address.hpp"
#include "broker/net/proxy_header.hpp"

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <string>

namespace broker {

using StreamSocket = boost::asio::generic::stream_protocol::socket; // TCP or UNIX

struct SocketEnd {
    std::string host; // an address; "unix" for who connects to a UNIX socket, whose path is the other end's
    std::uint16_t port = 0;
};

struct SocketEnds {
    SocketEnd peer;
    SocketEnd own;
    PeerAddress address; // of the peer; decides about loopback_users and slow logins

    std::string name() const; // "10.0.0.1:49152 -> 10.0.0.2:5672" [P10]
};

struct AddressAndPort {
    boost::asio::ip::address address;
    std::uint16_t port = 0;
};

AddressAndPort internet_address(const boost::asio::generic::stream_protocol::endpoint& endpoint); // UNIX: 0.0.0.0:0
SocketEnds ends_of(const StreamSocket& socket);
PeerAddress peer_address(const boost::asio::ip::tcp::socket& socket);
// As the proxy says. Local is only who is local to a proxy on this machine: a proxy elsewhere makes nobody local.
SocketEnds proxied_ends(const SocketEnds& of_proxy, const ProxyHeader::Ends& said);

} // namespace broker
