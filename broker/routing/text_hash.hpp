// Lets a hash table of strings be asked with a view, without making a string.
#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

namespace broker {

struct TextHash {
    using is_transparent = void;

    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
};

} // namespace broker
