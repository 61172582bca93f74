// From the words on the command line to what is printed: the only place that knows all the others.
#pragma once

#include "cli/exit_code.hpp"

namespace cli {

// Throws Failure when the command did not do what it should.
void run(int argc, const char* const* argv);

} // namespace cli
