#include "broker/log.hpp"

#include "broker/log_format.hpp"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace broker {
namespace {

// As in the keys log.NAME.level. Their loggers are "rabbitmq.NAME", the default one is "rabbitmq".
constexpr std::array category_names{"connection", "channel", "queue", "user"};

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

// What was set up, for change_log. Null: there is no such output.
struct Outputs {
    spdlog::sink_ptr console;
    spdlog::sink_ptr file;
};
Outputs outputs; // of the process, as spdlog's registry is

spdlog::sink_ptr make_file(const config::LogSettings& settings) {
    const std::filesystem::path path = std::filesystem::path(settings.directory) / settings.file;
    if (settings.rotation_bytes == 0) {
        return std::make_shared<spdlog::sinks::basic_file_sink_mt>(path.string());
    }
    return std::make_shared<spdlog::sinks::rotating_file_sink_mt>(path.string(), settings.rotation_bytes,
                                                                  settings.rotation_count);
}

spdlog::level::level_enum category_level(const config::LogSettings& settings, const std::string& category,
                                         spdlog::level::level_enum otherwise) {
    const auto found = settings.category_levels.find(category);
    return found == settings.category_levels.end() ? otherwise : level_of(found->second);
}

std::string logger_name(const std::string& category) {
    return "rabbitmq." + category;
}

std::shared_ptr<spdlog::logger> make_logger(std::string name) {
    std::vector<spdlog::sink_ptr> sinks;
    for (const spdlog::sink_ptr& sink : {outputs.console, outputs.file}) {
        if (sink) {
            sinks.push_back(sink);
        }
    }
    auto logger = std::make_shared<spdlog::logger>(std::move(name), sinks.begin(), sinks.end());
    logger->flush_on(spdlog::level::info);
    return logger;
}

} // namespace

void set_up_log(const config::LogSettings& settings) {
    spdlog::drop_all();
    outputs = {};
    if (settings.console) {
        outputs.console = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    }
    if (!settings.file.empty()) {
        outputs.file = make_file(settings);
    }
    spdlog::set_default_logger(make_logger("rabbitmq"));
    for (const char* category : category_names) {
        spdlog::register_logger(make_logger(logger_name(category)));
    }
    change_log(settings);
}

void change_log(const config::LogSettings& settings) {
    auto lowest = spdlog::level::off;
    if (outputs.console) {
        const auto level = settings.console ? level_of(settings.console_level) : spdlog::level::off;
        outputs.console->set_formatter(std::make_unique<LogFormatter>(settings.console_format));
        outputs.console->set_level(level);
        lowest = std::min(lowest, level);
    }
    if (outputs.file) {
        outputs.file->set_formatter(std::make_unique<LogFormatter>(settings.file_format));
        outputs.file->set_level(level_of(settings.file_level));
        lowest = std::min(lowest, level_of(settings.file_level));
    }
    spdlog::default_logger()->set_level(category_level(settings, "default", lowest));
    for (const char* category : category_names) {
        if (const auto logger = spdlog::get(logger_name(category))) {
            logger->set_level(category_level(settings, category, lowest));
        }
    }
}

} // namespace broker
