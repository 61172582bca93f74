#include "cli/page.hpp"

#include <unistd.h>

#include <cmath>
#include <cstdio>

namespace cli {

void Page::section(std::string_view title) {
    static const bool on_terminal = isatty(STDOUT_FILENO) != 0;
    if (!text_.empty()) {
        line("");
    }
    line(on_terminal ? "\033[1m" + std::string(title) + "\033[0m" : std::string(title));
    line("");
}

std::string rounded_text(double number, int digits) {
    char buffer[64];
    std::snprintf(buffer, sizeof buffer, "%.*f", digits, number);
    std::string text = buffer;
    while (text.ends_with('0') && !text.ends_with(".0")) {
        text.pop_back();
    }
    return text;
}

std::string size_text(double octets, std::string_view unit) {
    if (unit == "bytes") {
        return std::to_string(std::llround(octets)) + " bytes";
    }
    const double divisor = unit == "kb" ? 1e3 : unit == "mb" ? 1e6 : 1e9;
    return rounded_text(octets / divisor, 4) + " " + (divisor == 1e9 ? "gb" : std::string(unit));
}

} // namespace cli
