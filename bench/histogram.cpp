#include "bench/histogram.hpp"

#include <cmath>
#include <numeric>

namespace bench {

void Histogram::Snapshot::add(const Histogram& histogram) {
    for (std::size_t i = 0; i < counts_.size(); ++i) {
        counts_[i] += histogram.counts_[i].load(std::memory_order_relaxed);
    }
}

Histogram::Snapshot Histogram::Snapshot::since(const Snapshot& earlier) const {
    Snapshot difference;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
        difference.counts_[i] = counts_[i] - earlier.counts_[i];
    }
    return difference;
}

std::uint64_t Histogram::Snapshot::total() const {
    return std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0});
}

std::uint64_t Histogram::Snapshot::percentile(double percent) const {
    const auto wanted = static_cast<std::uint64_t>(std::ceil(static_cast<double>(total()) * percent / 100));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
        seen += counts_[i];
        if (counts_[i] > 0 && seen >= wanted) {
            return value_of(i);
        }
    }
    return 0;
}

} // namespace bench
