// The setting table written as a page for people: docs/CONFIGURATION.md. Nothing else says what a key means.
#pragma once

#include <string>

namespace config {

std::string print_config_reference();

} // namespace config
