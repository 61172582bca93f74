// [first, first + count) without wrapping around.
#pragma once

#include "storage/store.hpp"

#include <limits>

namespace storage {

constexpr Sequence end_of_range(Sequence first, std::uint64_t count) {
    constexpr Sequence highest = std::numeric_limits<Sequence>::max();
    return count > highest - first ? highest : first + count;
}

} // namespace storage
