// The log of AMQP connections, `log.connection.level` in the settings. Any thread.
#pragma once

#include <spdlog/spdlog.h>

#include <memory>

namespace broker {

// Its level is a setting of its own; where nobody has set the log up, the default one.
inline spdlog::logger& connection_log() {
    static const std::shared_ptr<spdlog::logger> own = spdlog::get("rabbitmq.connection");
    static const std::shared_ptr<spdlog::logger> logger = own ? own : spdlog::default_logger();
    return *logger;
}

} // namespace broker
