#include "broker/net/address_range.hpp"

#include <algorithm>
#include <charconv>

namespace broker {

std::optional<AddressRange> AddressRange::parse(std::string_view text) {
    const std::size_t slash = text.find('/');
    const auto first = PeerAddress::parse(text.substr(0, slash));
    if (!first) {
        return std::nullopt;
    }
    const bool v6 = text.substr(0, slash).find(':') != std::string_view::npos;
    const unsigned size = v6 ? 128 : 32;
    unsigned bits = size;
    if (slash != std::string_view::npos) {
        const std::string_view digits = text.substr(slash + 1);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
        if (error != std::errc() || end != digits.data() + digits.size() || bits > size) {
            return std::nullopt;
        }
    }
    return AddressRange(*first, 128 - size + bits); // IPv4 is kept as ::ffff:a.b.c.d
}

bool AddressRange::contains(const PeerAddress& address) const {
    const std::size_t octets = bits_ / 8;
    const auto& a = first_.bytes();
    const auto& b = address.bytes();
    if (!std::equal(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(octets), b.begin())) {
        return false;
    }
    const unsigned rest = bits_ % 8;
    return rest == 0 || (a[octets] ^ b[octets]) >> (8 - rest) == 0;
}

} // namespace broker
