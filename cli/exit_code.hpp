// What leveretctl tells the shell, and how it ends early. The numbers are rabbitmqctl's, which are those of sysexits.h;
// `no_permission` is ours: rabbitmqctl has no passwords. A Failure carries the whole text for stderr; only main catches
// it.
#pragma once

#include <stdexcept>
#include <string>

namespace cli {

enum class ExitCode : int {
    ok = 0,
    usage = 64,
    data = 65,
    no_user = 67,
    unavailable = 69,
    software = 70,
    try_again = 75,
    no_permission = 77,
    configuration = 78,
};

class Failure : public std::runtime_error {
 public:
    Failure(ExitCode code, const std::string& text) : std::runtime_error(text), code_(code) {}
    ExitCode code() const { return code_; }

 private:
    ExitCode code_;
};

// The form in which rabbitmqctl says that a command was tried and did not work.
inline Failure failed(ExitCode code, const std::string& text) {
    return {code, "Error:\n" + text};
}

} // namespace cli
