// The text of a report like `status`: sections with a title, bold on a terminal, and lines.
#pragma once

#include <string>
#include <string_view>

namespace cli {

class Page {
 public:
    void section(std::string_view title);
    void line(std::string_view text) { text_.append(text).append("\n"); }
    std::string text() && { return std::move(text_); }

 private:
    std::string text_;
};

// As rabbitmqctl writes sizes: `0.1388 gb`. Units are bytes, kb, mb, gb; anything else is taken for gb.
std::string size_text(double octets, std::string_view unit);
// Rounded, and without zeros behind: 25.6 for 25.598.
std::string rounded_text(double number, int digits);

} // namespace cli
