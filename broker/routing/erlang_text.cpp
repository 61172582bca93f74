#include "broker/routing/erlang_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace broker {

std::string erlang_binary(std::string_view text) {
    std::string printed = "<<";
    if (!text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; })) {
        printed += '"';
        for (const char c : text) {
            if (c == '"' || c == '\\') {
                printed += '\\';
            }
            printed += c;
        }
        printed += '"';
    } else {
        for (const char c : text) {
            fmt::format_to(std::back_inserter(printed), "{}{}", printed.size() > 2 ? "," : "",
                           static_cast<unsigned char>(c));
        }
    }
    return printed + ">>";
}

} // namespace broker
