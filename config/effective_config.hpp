// The settings that count, as a text in the form of rabbitmq.conf: what was assigned, and the defaults of the rest.
#pragma once

#include <map>
#include <string>

namespace config {

using Assigned = std::map<std::string, std::string>; // key to value, as written

// Secrets are "***"; keys that are not set are left out.
std::string print_effective_config(const Assigned& assigned);

// After the files have been read again: of what they say now, what follows at run time.
Assigned followed(const Assigned& at_start, const Assigned& now);

} // namespace config
