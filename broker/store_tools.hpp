// leveret verify DIR and leveret repair DIR: what the executable does with a data directory besides running a broker on
// it. Print to standard output, an error as one line to standard error.
#pragma once

#include <optional>

namespace broker {

// The exit code: 0 for a store without findings, or repaired; 1 for one with findings; 2 when there is no telling.
// nullopt when the command line asks for neither.
std::optional<int> run_store_tool(int argc, const char* const* argv);

} // namespace broker
