#include "broker/routing/bound_destinations.hpp"

#include "protocol/assert.hpp"

#include <algorithm>

namespace broker {

namespace {

// Up to here a walk over the vector is as quick as a look-up.
constexpr std::size_t unindexed_max = 16;

} // namespace

void BoundDestinations::add(Destination& destination) {
    const std::size_t at = position(destination);
    if (at < bound_.size()) {
        ++bound_[at].bindings;
        return;
    }
    bound_.push_back({&destination, 1});
    if (index_) {
        index_->emplace(&destination, at);
    } else if (bound_.size() > unindexed_max) {
        build_index();
    }
}

void BoundDestinations::remove(Destination& destination) {
    const std::size_t at = position(destination);
    LEVERET_ASSERT(at < bound_.size());
    if (--bound_[at].bindings > 0) {
        return;
    }
    bound_[at] = bound_.back();
    bound_.pop_back();
    if (index_) {
        index_->erase(&destination);
        if (at < bound_.size()) {
            (*index_)[bound_[at].destination] = at;
        }
        if (bound_.size() <= unindexed_max / 2) {
            index_.reset();
        }
    }
    if (bound_.empty()) {
        bound_ = {};
    }
}

void BoundDestinations::collect(Matches& matches) const {
    for (const Bound& bound : bound_) {
        matches.add(*bound.destination);
    }
}

std::size_t BoundDestinations::position(const Destination& destination) const {
    if (index_) {
        const auto found = index_->find(&destination);
        return found == index_->end() ? bound_.size() : found->second;
    }
    const auto found =
        std::find_if(bound_.begin(), bound_.end(), [&](const Bound& b) { return b.destination == &destination; });
    return static_cast<std::size_t>(found - bound_.begin());
}

void BoundDestinations::build_index() {
    index_ = std::make_unique<Index>();
    for (std::size_t at = 0; at < bound_.size(); ++at) {
        index_->emplace(bound_[at].destination, at);
    }
}

} // namespace broker
