// Every key of rabbitmq.conf that we know, and our own. The one place that says what can be set: the file, the
// environment, --set and --print-default-config all read this table.
#pragma once

#include "config/setting.hpp"

#include <vector>

namespace config {

const std::vector<Setting>& setting_table();

// A part of it: listeners.ssl, ssl_options and their like.
std::vector<Setting> tls_rows();
// Its last part: keys of RabbitMQ that change nothing here yet.
std::vector<Setting> accepted_rows();

} // namespace config
