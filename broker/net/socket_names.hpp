// Names and addresses of the two ends of a connection. Pure functions; a socket that is closed has ends 0.0.0.0:0.
#pragma once

#include "broker/auth/peer_address.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <string>

namespace broker {

std::string connection_name(const boost::asio::ip::tcp::socket& socket); // "10.0.0.1:49152 -> 10.0.0.2:5672" [P10]
PeerAddress peer_address(const boost::asio::ip::tcp::socket& socket);

} // namespace broker
