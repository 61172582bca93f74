// Which files are read, and in which order: later ones win.
#pragma once

#include "config/environment.hpp"

#include <string>
#include <vector>

namespace config {

// `main_file`, or if that is empty the one of RABBITMQ_CONFIG_FILE (with or without ".conf"; RabbitMQ starts without
// it, with a warning); then *.conf of conf.d beside it in lexical order, or instead of these what
// RABBITMQ_CONFIG_FILES names: a directory, a pattern of files or a file.
std::vector<std::string> config_files(const std::string& main_file, const Environment& environment,
                                      std::vector<std::string>& warnings);

} // namespace config
