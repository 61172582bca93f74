// Where a session gets its random octets from. Implemented with the system's generator, and by a counting twin in
// tests.
#pragma once

#include <cstddef>
#include <span>

namespace broker {

class RandomSource {
 public:
    virtual ~RandomSource() = default;

    // Fills `octets` with cryptographically strong random ones: the names made of them must not be guessable.
    virtual void fill(std::span<std::byte> octets) = 0;
};

} // namespace broker
