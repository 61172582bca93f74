// leveretctl: rabbitmqctl's commands over the management HTTP API.
#include "cli/run.hpp"

#include <cstdio>

int main(int argc, char** argv) {
    try {
        cli::run(argc, argv);
        return 0;
    } catch (const cli::Failure& failure) {
        std::fprintf(stderr, "%s\n", failure.what());
        return static_cast<int>(failure.code());
    } catch (const std::exception& error) {
        std::fprintf(stderr, "Error: %s\n", error.what());
        return static_cast<int>(cli::ExitCode::software);
    }
}
