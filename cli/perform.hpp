// What a row of the table of commands does: its function, its list, or its one request. It prints nothing and explains
// no refusal.
#pragma once

#include "cli/api.hpp"
#include "cli/call.hpp"

namespace cli {

// Throws ApiError when the broker refuses.
Output perform(const Call& call, Api& api);

} // namespace cli
