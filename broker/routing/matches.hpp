// The destinations found for one message, each once. A destination carries the number of the last generation that it
// was added in, so telling a duplicate costs one comparison and nothing is allocated once the list has grown.
//
// Owned by the virtual host, one for all its exchanges: the generations of two Matches must not mix, and a route that
// goes through several exchanges collects into the same one. Lives on the virtual host's strand.
#pragma once

#include "broker/routing/destination.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace broker {

class Matches {
 public:
    Matches() = default;
    Matches(const Matches&) = delete;
    Matches& operator=(const Matches&) = delete;

    // Forgets everything; the next message's turn.
    void clear() {
        ++generation_;
        found_.clear();
        hits_ = 0;
    }

    // False if it is already there.
    bool add(Destination& destination) {
        ++hits_;
        if (destination.mark_ == generation_) {
            return false;
        }
        destination.mark_ = generation_;
        found_.push_back(&destination);
        return true;
    }

    // In order of arrival. The span dies at the next add(): a caller that adds while it walks goes by index.
    std::span<Destination* const> all() const { return found_; }
    Destination& operator[](std::size_t index) const { return *found_[index]; }
    std::size_t size() const { return found_.size(); }
    bool empty() const { return found_.empty(); }
    std::uint64_t hits() const { return hits_; } // calls of add(), duplicates counted

 private:
    std::uint64_t generation_ = 1; // 0 is the mark of a destination that was never added
    std::uint64_t hits_ = 0;
    std::vector<Destination*> found_;
};

} // namespace broker
