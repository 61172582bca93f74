// A text that must not reach a log, a page or an error message: whoever prints it gets "***".
// Part of Settings, which owns it. It does not wipe its memory.
#pragma once

#include <ostream>
#include <string>
#include <utility>

namespace config {

class Secret {
 public:
    Secret() = default;
    explicit Secret(std::string text) : text_(std::move(text)) {}

    const std::string& reveal() const { return text_; }
    bool operator==(const Secret&) const = default;

    friend std::ostream& operator<<(std::ostream& out, const Secret&) { return out << "***"; }

 private:
    std::string text_;
};

} // namespace config
