// Sets spdlog up as the settings say: console and file, each with its level and form; a logger for each category of
// RabbitMQ that has a level of its own. Called by main; spdlog itself is used from every thread.
#pragma once

#include "config/settings.hpp"

namespace broker {

void set_up_log(const config::LogSettings& settings);
// While the broker runs: levels and the form of a line follow the settings, where the log goes stays.
void change_log(const config::LogSettings& settings);

} // namespace broker
