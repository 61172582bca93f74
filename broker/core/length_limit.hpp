// How many ready messages, and how many octets of them, a queue may hold [x-max-length] [x-max-length-bytes], and what
// is done about more [x-overflow]. A value; its Queue counts.
#pragma once

#include "broker/core/queue_options.hpp"

#include <cstdint>

namespace broker {

class LengthLimit {
 public:
    explicit LengthLimit(const QueueOptions& options)
        : messages_(limit(options.max_length)),
          bytes_(limit(options.max_length_bytes)),
          overflow_(options.overflow.value_or(Overflow::drop_head)) {}

    bool set() const { return messages_ != unlimited || bytes_ != unlimited; }
    // Whether a message is turned away that would make so many.
    bool refuses(std::uint64_t messages, std::uint64_t bytes) const {
        return overflow_ != Overflow::drop_head && exceeded(messages, bytes);
    }
    bool dead_letters_what_it_refuses() const { return overflow_ == Overflow::reject_publish_dlx; }
    // Whether one of so many has to go.
    bool must_drop(std::uint64_t messages, std::uint64_t bytes) const {
        return overflow_ == Overflow::drop_head && exceeded(messages, bytes);
    }

 private:
    static constexpr std::uint64_t unlimited = UINT64_MAX;

    static std::uint64_t limit(const std::optional<std::int64_t>& option) {
        return option ? static_cast<std::uint64_t>(*option) : unlimited;
    }
    bool exceeded(std::uint64_t messages, std::uint64_t bytes) const { return messages > messages_ || bytes > bytes_; }

    std::uint64_t messages_;
    std::uint64_t bytes_;
    Overflow overflow_;
};

} // namespace broker
