// A message as it goes over the wire: its frames are encoded once, only the time in them changes. Made before the load
// begins, owned by a Producer.
#pragma once

#include "protocol/properties.hpp"
#include "protocol/types.hpp"

#include <cstdint>
#include <cstring>
#include <string>

namespace bench {

class PreparedMessage {
 public:
    struct Envelope {
        amqp::ChannelNumber channel = 1;
        std::size_t frame_max = 0;
        std::string exchange;
        std::string properties; // encoded
        bool mandatory = false;
    };
    static constexpr std::size_t stamp_size = sizeof(std::uint64_t);

    PreparedMessage(const Envelope& envelope, const std::string& routing_key, std::string body);

    std::size_t size() const { return frames_.size(); }
    void copy_to(char* place) const { std::memcpy(place, frames_.data(), frames_.size()); }
    // The octets before and after the time, which is the first stamp_size octets of the body if it has so many.
    const std::string& frames() const { return frames_; }
    std::size_t stamp_place() const { return stamp_; }
    bool stamped() const { return stamped_; }

 private:
    std::string frames_;
    std::size_t stamp_ = 0;
    bool stamped_ = false;
};

} // namespace bench
