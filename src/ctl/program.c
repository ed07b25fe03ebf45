/* SPDX-License-Identifier: MIT */
/* Runs another program and collects what it writes, in files in memory, so that it never waits for its reader. Ctrl-C reaches it
 * like any program on the terminal, whatever this one does about it. No clock. */
#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cardio/macro.h"
#include "memory.h"

/* What is beyond is not read. */
#define OUTPUT_MAX (256U * 1024U)

extern char **environ;

static void closep(int *fd)
{
        if (*fd >= 0)
                (void)close(*fd); /* only in memory */
}

/* All that was written. To be freed. */
static char *read_back(int fd)
{
        char *text = checked(calloc(1, OUTPUT_MAX + 1));
        size_t n = 0;
        ssize_t got;

        while (n < OUTPUT_MAX && (got = pread(fd, text + n, OUTPUT_MAX - n, (off_t)n)) > 0)
                n += (size_t)got;
        return text;
}

static int spawn(const char *const *argv, int output, int errors, pid_t *ret)
{
        posix_spawn_file_actions_t actions;
        posix_spawnattr_t attributes;
        sigset_t none;
        int r;

        (void)sigemptyset(&none);
        if (posix_spawn_file_actions_init(&actions) != 0 || posix_spawnattr_init(&attributes) != 0)
                out_of_memory();
        r = posix_spawnattr_setsigmask(&attributes, &none);
        if (r == 0)
                r = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
        if (r == 0)
                r = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        if (r == 0)
                r = posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
        if (r == 0)
                r = posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO);
        if (r == 0)
                r = posix_spawnp(
                                ret, argv[0], &actions, &attributes, (char *const *)(uintptr_t)argv, environ);
        (void)posix_spawn_file_actions_destroy(&actions); /* cannot fail */
        (void)posix_spawnattr_destroy(&attributes);
        return -r;
}

int program_run(const char *const *argv, char **ret_output, char **ret_errors)
{
        _cleanup_(closep) int output = memfd_create("output", MFD_CLOEXEC);
        _cleanup_(closep) int errors = memfd_create("errors", MFD_CLOEXEC);
        int r, status;
        pid_t pid;

        if (output < 0 || errors < 0)
                return -errno;
        r = spawn(argv, output, errors, &pid);
        if (r < 0)
                return r;
        while (waitpid(pid, &status, 0) < 0)
                if (errno != EINTR)
                        return -errno;
        *ret_output = read_back(output);
        *ret_errors = read_back(errors);
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
