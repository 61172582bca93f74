#include "broker/log_format.hpp"

#include "broker/text/printable.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <spdlog/details/log_msg.h>
#include <spdlog/details/os.h>

#include <chrono>
#include <iterator>
#include <string_view>

namespace broker {
namespace {

// RabbitMQ's words.
std::string_view level_name(spdlog::level::level_enum level) {
    switch (level) {
    case spdlog::level::trace:
    case spdlog::level::debug:
        return "debug";
    case spdlog::level::info:
        return "info";
    case spdlog::level::warn:
        return "warning";
    case spdlog::level::err:
        return "error";
    default:
        return "critical";
    }
}

std::string_view view(const spdlog::string_view_t& text) {
    return {text.data(), text.size()};
}

auto microseconds_of(spdlog::log_clock::time_point time) {
    return std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count() % 1'000'000;
}

// Of a text that is printable: only these two mean something in JSON.
void append_json(spdlog::memory_buf_t& line, std::string_view text) {
    for (const char octet : text) {
        if (octet == '"' || octet == '\\') {
            line.push_back('\\');
        }
        line.push_back(octet);
    }
}

} // namespace

void LogFormatter::format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& line) {
    text_.clear();
    append_printable(text_, view(message.payload));
    if (format_ == config::LogFormat::json) {
        format_json(message, line);
    } else {
        format_plaintext(message, line);
    }
}

void LogFormatter::format_plaintext(const spdlog::details::log_msg& message, spdlog::memory_buf_t& line) {
    const std::tm local = spdlog::details::os::localtime(spdlog::log_clock::to_time_t(message.time));
    fmt::format_to(std::back_inserter(line), "{:%Y-%m-%d %H:%M:%S}.{:03} [{}] {}\n", local,
                   microseconds_of(message.time) / 1000, level_name(message.level), text_);
}

// The fields of RabbitMQ's JSON log.
void LogFormatter::format_json(const spdlog::details::log_msg& message, spdlog::memory_buf_t& line) {
    const std::tm utc = spdlog::details::os::gmtime(spdlog::log_clock::to_time_t(message.time));
    fmt::format_to(std::back_inserter(line), R"({{"time":"{:%Y-%m-%d %H:%M:%S}.{:06}+00:00","level":"{}","domain":")",
                   utc, microseconds_of(message.time), level_name(message.level));
    append_json(line, view(message.logger_name));
    fmt::format_to(std::back_inserter(line), R"(","pid":"{}","msg":")", message.thread_id);
    append_json(line, text_);
    line.append(std::string_view("\"}\n"));
}

} // namespace broker
