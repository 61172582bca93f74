/* Preloaded into the broker: every sync to disk takes as many milliseconds longer as the file SLOW_SYNC_FILE says. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void wait_as_told(void) {
    long ms = 0;
    const char *name = getenv("SLOW_SYNC_FILE");
    FILE *file = name ? fopen(name, "r") : NULL;
    if (file) {
        if (fscanf(file, "%ld", &ms) != 1)
            ms = 0;
        fclose(file);
    }
    if (ms > 0)
        usleep((useconds_t)ms * 1000);
}

int fdatasync(int fd) {
    static int (*real)(int);
    if (!real)
        real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    wait_as_told();
    return real(fd);
}

int fsync(int fd) {
    static int (*real)(int);
    if (!real)
        real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    wait_as_told();
    return real(fd);
}
