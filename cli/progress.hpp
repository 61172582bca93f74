// A bar on stderr while long work goes on, for people: only when stderr is a terminal, and not before a moment has
// passed. Without known amounts it shows that time passes. The line is wiped when the work has ended.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace cli {

class Progress {
 public:
    using Clock = std::chrono::steady_clock;

    explicit Progress(std::string what) : what_(std::move(what)) {}
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    void show(std::uint64_t done, std::uint64_t total);
    void tick();

 private:
    bool is_due();
    void draw(const std::string& text);

    std::string what_;
    Clock::time_point began_ = Clock::now();
    Clock::time_point next_ = began_ + std::chrono::milliseconds(500);
    bool is_drawn_ = false;
};

// What is drawn: `[#####     ]  50 %`.
std::string bar_text(std::uint64_t done, std::uint64_t total);

} // namespace cli
