// The command line of leveret-perf.
#pragma once

#include "bench/options.hpp"

#include <optional>
#include <string>

namespace bench {

std::string usage();

// Throws std::runtime_error with one clear line. Nothing when help was asked for.
std::optional<Options> parse_options(int argc, const char* const* argv);

} // namespace bench
