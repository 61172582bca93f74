// A programmer's mistake ends the process; this runs it in a child.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

template <class Mistake>
bool dies(Mistake mistake) {
    const pid_t child = fork();
    if (child == 0) {
        std::signal(SIGABRT, SIG_DFL); // Catch2 would report the abort as a failed test
        close(STDERR_FILENO);
        mistake();
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}
