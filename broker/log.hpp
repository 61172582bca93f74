// Sets spdlog up as the settings say: console and file, each with its level.
#pragma once

#include "config/settings.hpp"

namespace broker {

void set_up_log(const config::LogSettings& settings);

} // namespace broker
