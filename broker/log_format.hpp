// How a line of the log looks: plain text or one JSON object. Whatever a message holds, it is one line: names come from
// clients, and must not be able to write lines of their own. Owned by a sink of spdlog, used under its lock.
#pragma once

#include "config/settings.hpp"

#include <spdlog/formatter.h>

#include <memory>
#include <string>

namespace broker {

class LogFormatter final : public spdlog::formatter {
 public:
    explicit LogFormatter(config::LogFormat format) : format_(format) {}

    void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& line) override;
    std::unique_ptr<spdlog::formatter> clone() const override { return std::make_unique<LogFormatter>(format_); }

 private:
    void format_plaintext(const spdlog::details::log_msg& message, spdlog::memory_buf_t& line);
    void format_json(const spdlog::details::log_msg& message, spdlog::memory_buf_t& line);

    const config::LogFormat format_;
    std::string text_; // of the message, kept for its memory
};

} // namespace broker
