#include "broker/auth/peer_address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <string>

namespace broker {

namespace {

constexpr std::array<std::uint8_t, 12> v4_mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr PeerAddress::V6 v6_loopback{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

} // namespace

PeerAddress::PeerAddress(const V4& bytes) {
    auto end = std::ranges::copy(v4_mapped_prefix, bytes_.begin()).out;
    std::ranges::copy(bytes, end);
}

std::optional<PeerAddress> PeerAddress::parse(std::string_view text) {
    if (text.size() >= INET6_ADDRSTRLEN || text.find('\0') != std::string_view::npos) {
        return std::nullopt;
    }
    const std::string terminated(text);
    V4 v4;
    if (inet_pton(AF_INET, terminated.c_str(), v4.data()) == 1) {
        return PeerAddress(v4);
    }
    V6 v6;
    if (inet_pton(AF_INET6, terminated.c_str(), v6.data()) == 1) {
        return PeerAddress(v6);
    }
    return std::nullopt;
}

bool PeerAddress::is_v4() const {
    return std::equal(v4_mapped_prefix.begin(), v4_mapped_prefix.end(), bytes_.begin());
}

std::string PeerAddress::network() const {
    constexpr std::ptrdiff_t prefix_size = 8;
    return {bytes_.begin(), is_v4() ? bytes_.end() : bytes_.begin() + prefix_size};
}

bool PeerAddress::is_loopback() const {
    return is_v4() ? bytes_[v4_mapped_prefix.size()] == 127 : bytes_ == v6_loopback;
}

} // namespace broker
