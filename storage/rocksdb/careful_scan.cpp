#include "storage/rocksdb/careful_scan.hpp"

#include <algorithm>
#include <array>

namespace storage {
namespace {

// The beginning of a key as one large number, which tells any two keys of ours apart; records may have longer ones.
constexpr std::size_t prefix_size = 32;
using Prefix = std::array<std::uint8_t, prefix_size>;

Prefix prefix_of(std::string_view key) {
    Prefix prefix{};
    for (std::size_t i = 0; i < std::min(key.size(), prefix_size); ++i)
        prefix[i] = static_cast<std::uint8_t>(key[i]);
    return prefix;
}

std::string key_of(const Prefix& prefix) {
    return {prefix.begin(), prefix.end()};
}

// prefix + 2^bit; false when that is too much.
bool add_bit(Prefix& prefix, std::size_t bit) {
    unsigned carry = 1u << (bit % 8);
    for (std::size_t i = prefix_size - bit / 8; i-- > 0 && carry != 0;) {
        carry += prefix[i];
        prefix[i] = static_cast<std::uint8_t>(carry);
        carry >>= 8;
    }
    return carry == 0;
}

} // namespace

CarefulScan::CarefulScan(const Database& database, Family family, Found found)
    : family_(family),
      found_(std::move(found)) {
    rocksdb::ReadOptions options;
    options.fill_cache = false;
    options.total_order_seek = true;
    at_ = database.iterate(family, options);
    at_->SeekToFirst();
    pass_damage();
}

void CarefulScan::next() {
    last_ = key();
    at_->Next();
    pass_damage();
}

bool CarefulScan::can_seek(const std::string& target) {
    at_->Seek(target);
    return at_->status().ok();
}

// In growing steps from the last key on to one that can be sought, then back to the first of those, bit by bit: the
// sum of the bits that do not lead out of the damage.
void CarefulScan::pass_damage() {
    if (at_->status().ok())
        return;
    const std::string reason = at_->status().ToString();
    constexpr std::size_t bits = prefix_size * 8;
    std::size_t bit = 0;
    Prefix damaged = prefix_of(last_);
    for (; bit < bits; ++bit) {
        Prefix target = prefix_of(last_);
        if (!add_bit(target, bit)) {
            bit = bits;
            break;
        }
        if (can_seek(key_of(target)))
            break;
        damaged = target;
    }
    if (bit == bits) {
        found_({family_, last_, {}, reason});
        return;
    }
    for (; bit-- > 0;) {
        Prefix target = damaged;
        if (add_bit(target, bit) && !can_seek(key_of(target)))
            damaged = target;
    }
    add_bit(damaged, 0);
    can_seek(key_of(damaged));
    found_({family_, last_, at_->Valid() ? at_->key().ToString() : std::string(), reason});
}

} // namespace storage
