// Where a connection comes from: the address of the accepted socket (or of a trusted PROXY header), never anything that
// the peer says about itself in AMQP or HTTP. IPv4 is kept as ::ffff:a.b.c.d, so there is one form of each address.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace broker {

class PeerAddress {
 public:
    using V4 = std::array<std::uint8_t, 4>;
    using V6 = std::array<std::uint8_t, 16>;

    PeerAddress() = default; // unspecified: not loopback
    explicit PeerAddress(const V4& bytes);
    explicit PeerAddress(const V6& bytes) : bytes_(bytes) {}
    static std::optional<PeerAddress> parse(std::string_view text); // "127.0.0.1", "::1"

    // 127.0.0.0/8, ::1 and ::ffff:127.0.0.0/104
    bool is_loopback() const;
    const V6& bytes() const { return bytes_; }
    // What one customer has of a network: the address, or of IPv6 its /64. Octets, to be compared with each other.
    std::string network() const;
    bool operator==(const PeerAddress&) const = default;

 private:
    bool is_v4() const;

    V6 bytes_{};
};

} // namespace broker
