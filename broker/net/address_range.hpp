// A part of the internet, "10.0.0.0/8" or one address. A value.
#pragma once

#include "broker/auth/peer_address.hpp"

#include <optional>
#include <string_view>

namespace broker {

class AddressRange {
 public:
    static std::optional<AddressRange> parse(std::string_view text);

    bool contains(const PeerAddress& address) const;

 private:
    AddressRange(const PeerAddress& first, unsigned bits) : first_(first), bits_(bits) {}

    PeerAddress first_;
    unsigned bits_; // of 128 that have to be the same
};

} // namespace broker
