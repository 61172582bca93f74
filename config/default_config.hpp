// The setting table written as a rabbitmq.conf: every key with its default and a word about it.
#pragma once

#include <string>

namespace config {

// Help begins with "## ", a setting with "# "; take that away to change it. config/leveret.conf is this text.
std::string print_default_config();

} // namespace config
