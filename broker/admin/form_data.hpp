// A body of the type multipart/form-data, as browsers and `curl -F` send files. Pure functions over the body; what they
// return views it.
#pragma once

#include "protocol/error.hpp"

#include <string_view>
#include <vector>

namespace broker {

struct FormPart {
    std::string_view name, file_name; // empty: not said
    std::string_view content;
};

// Two dashes begin its first line, and no JSON.
bool is_form_data(std::string_view body);

// Fails with PRECONDITION_FAILED. The first line tells the delimiter.
amqp::Result<std::vector<FormPart>> read_form_data(std::string_view body);

inline constexpr std::size_t max_form_parts = 16;

} // namespace broker
