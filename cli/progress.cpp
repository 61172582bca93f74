#include "cli/progress.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace cli {

std::string bar_text(std::uint64_t done, std::uint64_t total) {
    constexpr std::uint64_t width = 40;
    const std::uint64_t part = std::min(done, total);
    const std::uint64_t filled = total == 0 ? 0 : part * width / total;
    std::string percent = std::to_string(total == 0 ? 0 : part * 100 / total);
    percent.insert(0, 3 - percent.size(), ' ');
    return "[" + std::string(filled, '#') + std::string(width - filled, ' ') + "] " + percent + " %";
}

Progress::~Progress() {
    if (is_drawn_) {
        std::fputs("\r\033[K", stderr);
    }
}

void Progress::show(std::uint64_t done, std::uint64_t total) {
    if (is_due()) {
        draw(what_ + " " + bar_text(done, total));
    }
}

void Progress::tick() {
    if (is_due()) {
        const auto passed = std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - began_);
        draw(what_ + " ... " + std::to_string(passed.count()) + " s");
    }
}

bool Progress::is_due() {
    static const bool on_terminal = isatty(STDERR_FILENO) != 0;
    const Clock::time_point now = Clock::now();
    if (!on_terminal || now < next_) {
        return false;
    }
    next_ = now + std::chrono::milliseconds(100);
    return true;
}

void Progress::draw(const std::string& text) {
    is_drawn_ = true;
    std::fprintf(stderr, "\r\033[K%s", text.c_str());
    std::fflush(stderr);
}

} // namespace cli
