// The PROXY header of HAProxy, version 1 (a line of text) and 2 (binary): who is at the other end of the proxy. A pure
// function; whoever calls it has decided that the proxy is to be believed.
//
//   v1  "PROXY" SP ("TCP4" | "TCP6") SP source SP destination SP port SP port CR LF      at most 107 octets
//       "PROXY" SP "UNKNOWN" anything CR LF
//   v2  signature(12) version=2,command(1) family(1) length(2) addresses extensions
#pragma once

#include <boost/asio/ip/address.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace broker {

struct ProxyHeader {
    enum class Status : std::uint8_t { incomplete, malformed, complete };
    struct Ends {
        boost::asio::ip::address source, destination;
        std::uint16_t source_port = 0, destination_port = 0;
    };

    static constexpr std::size_t max_size = 4'096; // extensions of version 2 included

    Status status = Status::malformed;
    std::size_t size = 0;     // when complete: so many octets are the header's
    std::optional<Ends> ends; // absent: the proxy speaks for itself, or does not know (LOCAL, UNKNOWN)
};

// Of the octets that a connection begins with. Any prefix of a header is incomplete, everything else malformed.
ProxyHeader parse_proxy_header(std::string_view octets);

} // namespace broker
