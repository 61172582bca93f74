// The octets of one run of a fuzz target, cut into parts. Lives as long as the call; every part points into it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

class Input {
 public:
    Input(const std::uint8_t* data, std::size_t size) : rest_(reinterpret_cast<const char*>(data), size) {}

    bool at_end() const { return rest_.empty(); }
    std::string_view rest() const { return rest_; }

    std::uint8_t octet() { // 0 at the end
        const std::string_view first = take(1);
        return first.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(first.front());
    }
    std::string_view line() { // without its end
        const std::string_view text = take(rest_.find('\n'));
        take(1);
        return text;
    }
    std::string_view take(std::size_t size) {
        const std::string_view part = rest_.substr(0, size);
        rest_.remove_prefix(part.size());
        return part;
    }

 private:
    std::string_view rest_;
};
