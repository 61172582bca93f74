// What a message can reach: the base of core's Queue, Exchange and ReplyConsumer, so that routing knows nothing else of
// them. Never owned or deleted through this class; lives on its virtual host's strand.
#pragma once

#include "broker/routing/stable_hash.hpp"

#include <cstdint>
#include <string_view>

namespace broker {

class Destination {
 public:
    enum class Kind : std::uint8_t { queue, exchange, reply_consumer };

    Destination(const Destination&) = delete;
    Destination& operator=(const Destination&) = delete;

    Kind kind() const { return kind_; }
    // Follows from kind and name: the routers that choose one destination choose the same one after a restart.
    std::uint64_t identity() const { return identity_; }

 protected:
    Destination(Kind kind, std::string_view name)
        : identity_(stable_hash(name, static_cast<std::uint64_t>(kind))), kind_(kind) {}
    ~Destination() = default;

 private:
    friend class Matches;

    std::uint64_t mark_ = 0; // the generation of the Matches that it was last added to
    const std::uint64_t identity_;
    const Kind kind_;
};

} // namespace broker
