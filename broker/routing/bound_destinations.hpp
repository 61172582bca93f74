// The destinations bound to one thing (a key, a pattern, a fanout exchange), each with its number of bindings: several
// bindings may differ in their arguments only. Walking it is walking a vector; a large one gets an index, so that a
// hundred thousand bindings of one key are added and removed in constant time each.
//
// A part of the routers; knows destinations by address only.
#pragma once

#include "broker/routing/matches.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace broker {

class BoundDestinations {
 public:
    void add(Destination& destination);
    void remove(Destination& destination); // requires an add() before
    void collect(Matches& matches) const;

    bool empty() const { return bound_.empty(); }
    std::size_t size() const { return bound_.size(); }
    Destination& operator[](std::size_t place) const { return *bound_[place].destination; }

 private:
    struct Bound {
        Destination* destination;
        std::uint32_t bindings;
    };
    using Index = boost::unordered_flat_map<const Destination*, std::size_t>;

    std::size_t position(const Destination& destination) const; // size() if it is not there
    void build_index();

    std::vector<Bound> bound_;
    std::unique_ptr<Index> index_; // only while there are many
};

} // namespace broker
