// The files that a run leaves: JSON and CSV for programs, HTML with plots for people.
#pragma once

#include "bench/options.hpp"
#include "bench/report.hpp"

#include <string>

namespace bench {

// Those that the options ask for; throws std::runtime_error when one cannot be written.
void write_files(const Summary& summary, const Options& options);

std::string html_report(const Summary& summary, const Options& options);

} // namespace bench
