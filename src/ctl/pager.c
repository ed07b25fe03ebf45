/* SPDX-License-Identifier: MIT */
/* Long output goes through a pager, as git's does: CARDIO_PAGER, else PAGER, else less. It is held back until all of it is
 * there, so that a pager is only run for what is longer than the screen, an error is said on a screen that still shows it,
 * and where no pager can be run the text is printed as it is. Verbs print to stdout, which is the terminal again at the end.
 * No clock. */
#include "pager.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memory.h"
#include "text.h"

/* As a shell answers for what it cannot run. */
#define SHELL_CANNOT_RUN 126
#define SHELL_NOT_FOUND  127

/* -- Whether it is long ----------------------------------------------------------------------------------- */

/* The columns of a line: styles take none. */
static size_t line_columns(const char *line, size_t bytes)
{
        _cleanup_free_ char *plain = checked(malloc(bytes + 1));
        size_t n = 0;

        for (size_t i = 0; i < bytes; i++) {
                if (line[i] == '\033' && i + 1 < bytes && line[i + 1] == '[') {
                        while (i < bytes && line[i] != 'm')
                                i++;
                        continue;
                }
                plain[n++] = line[i];
        }
        plain[n] = '\0';
        return text_width(plain);
}

/* Whether a text, the prompt below it included, needs more rows than the terminal has. */
static bool is_long(const char *text)
{
        struct winsize size;
        size_t rows = 1;

        if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_row == 0 || size.ws_col == 0)
                return false;
        while (*text && rows <= size.ws_row) {
                size_t bytes = strcspn(text, "\n"), columns = line_columns(text, bytes);

                rows += columns > 0 ? (columns + size.ws_col - 1) / size.ws_col : 1;
                text += bytes + (text[bytes] == '\n');
        }
        return rows > size.ws_row;
}

/* -- Running it ------------------------------------------------------------------------------------------- */

/* NULL = less; "" = none, as with nothing but blanks, which a shell would run as nothing that shows anything. */
static const char *pager_command(void)
{
        const char *command = getenv("CARDIO_PAGER");

        if (!command)
                command = getenv("PAGER");
        if (!command)
                return NULL;
        return strcmp(command, "cat") == 0 || command[strspn(command, " \t\n")] == '\0' ? "" : command;
}

/* Ctrl-C is for the pager, and one that ends before it has read everything is no error. */
static void ignore_signals(bool ignore, struct sigaction before[static 3])
{
        static const int signals[] = { SIGINT, SIGQUIT, SIGPIPE };
        const struct sigaction ignored = { .sa_handler = SIG_IGN };

        for (size_t i = 0; i < ELEMENTSOF(signals); i++)
                if (ignore)
                        (void)sigaction(signals[i], &ignored, &before[i]);
                else
                        (void)sigaction(signals[i], &before[i], NULL);
}

/* Runs the command with a pipe as its input. Returns 0 or a negative errno. */
static int pager_spawn(const char *command, pid_t *ret_pid, int *ret_fd)
{
        static const char shell_characters[] = "|&;<>()$`\\\"' \t\n*?[#~=%";
        const char *argv[4] = { "less", "-FRX" };
        posix_spawn_file_actions_t actions;
        posix_spawnattr_t attributes;
        sigset_t signals;
        int ends[2], r;

        if (command && command[strcspn(command, shell_characters)] == '\0')
                argv[0] = command, argv[1] = NULL;
        else if (command)
                argv[0] = "sh", argv[1] = "-c", argv[2] = command;
        /* For a less that is named, or that a script runs. */
        (void)setenv("LESS", "FRX", 0);
        (void)setenv("LV", "-c", 0);

        if (pipe2(ends, O_CLOEXEC) < 0)
                return -errno;
        (void)sigemptyset(&signals);
        (void)sigaddset(&signals, SIGINT);
        (void)sigaddset(&signals, SIGQUIT);
        (void)sigaddset(&signals, SIGPIPE);
        if (posix_spawn_file_actions_init(&actions) != 0 || posix_spawnattr_init(&attributes) != 0 ||
                        posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO) != 0)
                out_of_memory();
        (void)posix_spawnattr_setsigdefault(&attributes, &signals);
        (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
        r = posix_spawnp(ret_pid, argv[0], &actions, &attributes, (char *const *)(uintptr_t)argv, environ);
        (void)posix_spawnattr_destroy(&attributes);
        (void)posix_spawn_file_actions_destroy(&actions);
        (void)close(ends[0]);
        if (r != 0) {
                (void)close(ends[1]);
                return -r;
        }
        *ret_fd = ends[1];
        return 0;
}

/* Shows the text through it. Returns 0, or a negative errno if it cannot be run. */
static int pager_show(const char *command, const char *text, size_t size)
{
        struct sigaction before[3];
        int fd = -1, r, status = 0;
        pid_t pid;

        ignore_signals(true, before);
        r = pager_spawn(command, &pid, &fd);
        while (r >= 0 && size > 0) {
                ssize_t n = write(fd, text, size);

                if (n < 0)
                        break; /* it has ended */
                text += n;
                size -= (size_t)n;
        }
        if (r >= 0) {
                (void)close(fd);
                while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
                        ;
                if (WIFEXITED(status) && (WEXITSTATUS(status) == SHELL_CANNOT_RUN ||
                                                         WEXITSTATUS(status) == SHELL_NOT_FOUND))
                        r = -ENOENT;
        }
        ignore_signals(false, before);
        return r;
}

/* -- What is printed --------------------------------------------------------------------------------------- */

Outcome pager_run(const Call *call, Outcome (*run)(const Call *call))
{
        const char *command = pager_command();
        FILE *const terminal = stdout;
        _cleanup_free_ char *text = NULL;
        size_t size = 0;
        Outcome outcome;
        int r;

        if (!call->out.pager || (command && !*command))
                return run(call);

        stdout = checked(open_memstream(&text, &size));
        outcome = run(call);
        if (fclose(stdout) != 0)
                out_of_memory();
        stdout = terminal;
        r = size > 0 && outcome == OUTCOME_DONE && is_long(text) ? pager_show(command, text, size)
                                                                 : -ECANCELED;
        if (r < 0)
                (void)fwrite(text, 1, size, stdout);
        /* That there is no less is nobody's mistake. */
        if (r < 0 && r != -ECANCELED && command)
                (void)fail(OUTCOME_FAILED, "cannot run the pager '%s': %s", command, strerror(-r));
        return outcome;
}
