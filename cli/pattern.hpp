// A regular expression of a policy, as the broker reads it: PCRE, found anywhere in a name.
#pragma once

#include <string_view>

namespace cli {

// False when the expression is none, or takes too long: then the broker does not find it either.
bool matches(std::string_view expression, std::string_view name);

} // namespace cli
