// A hash that is the same in every process and build: what it decides (which queue a key goes to) must not change with
// a restart. Fast, well mixed, not secret: a peer that looks for collisions finds them and only unbalances its own
// queues.
#pragma once

#include <cstdint>
#include <string_view>

namespace broker {

constexpr std::uint64_t mix(std::uint64_t value) {
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
    return value ^ (value >> 31);
}

constexpr std::uint64_t stable_hash(std::string_view text, std::uint64_t seed = 0) {
    std::uint64_t hash = 0xcbf29ce484222325u ^ mix(seed);
    for (const char c : text) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
    }
    return mix(hash ^ text.size());
}

} // namespace broker
