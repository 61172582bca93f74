#include "cli/secrets.hpp"

#include "cli/exit_code.hpp"

#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iostream>

namespace cli {
namespace {

// What is typed on standard input stays invisible as long as this lives.
class Unseen {
 public:
    Unseen() {
        if (tcgetattr(STDIN_FILENO, &before_) == 0) {
            termios hidden = before_;
            hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
        }
    }
    ~Unseen() {
        tcsetattr(STDIN_FILENO, TCSADRAIN, &before_);
        std::fputc('\n', stderr);
    }
    Unseen(const Unseen&) = delete;
    Unseen& operator=(const Unseen&) = delete;

 private:
    termios before_{};
};

std::string first_line(std::istream& stream) {
    std::string line;
    std::getline(stream, line);
    if (line.ends_with('\r')) {
        line.pop_back();
    }
    return line;
}

} // namespace

std::string first_line_of(const std::string& file) {
    std::ifstream stream(file);
    if (!stream) {
        throw Failure(ExitCode::configuration, "Error: " + file + ": cannot be read");
    }
    return first_line(stream);
}

std::string read_secret(const std::string& question) {
    std::string secret;
    if (isatty(STDIN_FILENO) != 0) {
        const Unseen unseen; // before the question: an answer may come at once
        std::fputs(question.c_str(), stderr);
        secret = first_line(std::cin);
    } else {
        secret = first_line(std::cin);
    }
    if (secret.empty()) {
        throw failed(ExitCode::data, "Password is not provided via argument or stdin");
    }
    return secret;
}

} // namespace cli
