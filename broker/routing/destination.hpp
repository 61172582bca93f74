// What a binding points to: a queue or another exchange. The base of core's Queue and Exchange, so that routing knows
// nothing else of them. Never owned or deleted through this class; lives on its virtual host's strand.
#pragma once

#include <cstdint>

namespace broker {

class Destination {
 public:
    enum class Kind : std::uint8_t { queue, exchange };

    Destination(const Destination&) = delete;
    Destination& operator=(const Destination&) = delete;

    Kind kind() const { return kind_; }

 protected:
    explicit Destination(Kind kind) : kind_(kind) {}
    ~Destination() = default;

 private:
    friend class Matches;

    std::uint64_t mark_ = 0; // the generation of the Matches that it was last added to
    Kind kind_;
};

} // namespace broker
