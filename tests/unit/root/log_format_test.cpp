#include "broker/log_format.hpp"

#include <catch2/catch.hpp>
#include <spdlog/details/log_msg.h>

using namespace broker;

namespace {

std::string line_of(config::LogFormat format, std::string_view text) {
    spdlog::details::log_msg message(spdlog::log_clock::time_point{}, {}, "rabbitmq.connection", spdlog::level::warn,
                                     {text.data(), text.size()});
    message.thread_id = 7;
    spdlog::memory_buf_t line;
    LogFormatter(format).format(message, line);
    return {line.data(), line.size()};
}

} // namespace

TEST_CASE("log: a plain line has time, level and message", "[root][log]") {
    const std::string line = line_of(config::LogFormat::plaintext, "hello");
    CHECK(line.substr(line.find('[')) == "[warning] hello\n");
    CHECK(line.find(".000 [") != std::string::npos);
}

TEST_CASE("log: a line of JSON has RabbitMQ's fields", "[root][log]") {
    CHECK(line_of(config::LogFormat::json, "say \"hi\" \\") ==
          R"({"time":"1970-01-01 00:00:00.000000+00:00","level":"warning","domain":"rabbitmq.connection",)"
          R"("pid":"7","msg":"say \"hi\" \\"})"
          "\n");
}

TEST_CASE("log: a name from a client cannot write a line of its own", "[root][log]") {
    for (const auto format : {config::LogFormat::plaintext, config::LogFormat::json}) {
        const std::string line = line_of(format, "user 'x'\r\n1970-01-01 [info] user 'root' logged in\x1b[A\xff");
        CHECK(line.find('\n') == line.size() - 1);
        CHECK(line.find_first_of("\r\x1b\xff") == std::string::npos);
    }
    CHECK(line_of(config::LogFormat::json, "a\nb\"").ends_with("\"msg\":\"a\\\\nb\\\"\"}\n"));
}
