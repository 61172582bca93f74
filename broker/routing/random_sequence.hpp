// Numbers that look random and follow from a seed: the seed is injected, so a test or a simulation repeats itself.
// Good enough to spread messages, not to keep a secret. Owned by one router.
#pragma once

#include "broker/routing/stable_hash.hpp"

#include <cstddef>
#include <cstdint>

namespace broker {

class RandomSequence {
 public:
    explicit RandomSequence(std::uint64_t seed) : state_(seed) {}

    std::uint64_t next() { return mix(state_ += 0x9e3779b97f4a7c15u); }

    // In [0, limit), limit at most 2^32; the bias of the product is far below anything that could be seen.
    std::size_t below(std::size_t limit) { return ((next() >> 32) * limit) >> 32; }

 private:
    std::uint64_t state_;
};

} // namespace broker
