#include "broker/log.hpp"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>
#include <vector>

namespace broker {
namespace {

spdlog::level::level_enum level_of(config::LogLevel level) {
    switch (level) {
    case config::LogLevel::debug:
        return spdlog::level::debug;
    case config::LogLevel::info:
    case config::LogLevel::notice:
        return spdlog::level::info;
    case config::LogLevel::warning:
        return spdlog::level::warn;
    case config::LogLevel::error:
        return spdlog::level::err;
    case config::LogLevel::critical:
        return spdlog::level::critical;
    case config::LogLevel::none:
        break;
    }
    return spdlog::level::off;
}

} // namespace

void set_up_log(const config::LogSettings& settings) {
    std::vector<spdlog::sink_ptr> sinks;
    auto lowest = spdlog::level::off;
    const auto add = [&](spdlog::sink_ptr sink, config::LogLevel level) {
        sink->set_level(level_of(level));
        lowest = std::min(lowest, level_of(level));
        sinks.push_back(std::move(sink));
    };
    if (settings.console) {
        add(std::make_shared<spdlog::sinks::stderr_sink_mt>(), settings.console_level);
    }
    if (!settings.file.empty()) {
        add(std::make_shared<spdlog::sinks::basic_file_sink_mt>(settings.file), settings.file_level);
    }
    auto logger = std::make_shared<spdlog::logger>("leveret", sinks.begin(), sinks.end());
    logger->set_level(lowest);
    logger->set_pattern("%Y-%m-%d %H:%M:%S.%e [%l] %v");
    logger->flush_on(spdlog::level::info);
    spdlog::set_default_logger(std::move(logger));
}

} // namespace broker
