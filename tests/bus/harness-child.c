/* SPDX-License-Identifier: MIT */

/* The processes of a bus test. Their output goes to files, so that none of them ever waits for the test to read it.
 * They die with the test program. Deadlines run on CLOCK_BOOTTIME. */

#include <fcntl.h>
#include <fnmatch.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness-private.h"

#define END_USEC (30 * USEC_PER_SEC)
/* How much of a log is shown. */
#define SHOW_MAX (64U * 1024U)

static int on_child_ended(sd_event_source *source _unused_, const siginfo_t *info, void *userdata)
{
        Child *child = userdata;

        child->ended = true;
        child->status = info->si_code == CLD_EXITED ? info->si_status : 128 + info->si_status;
        return 0;
}

/* -- The start -- */

static int open_output(const char *path)
{
        return open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

/* In the child. */
static void child_run(const Child *child, int input, pid_t parent, char *const *argv)
{
        sigset_t none;
        int out, err;

        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent)
                _exit(127);
        sigemptyset(&none);
        (void)sigprocmask(SIG_SETMASK, &none, NULL);
        (void)signal(SIGPIPE, SIG_DFL);
        /* A shell that runs this program in the background ignores them. */
        (void)signal(SIGINT, SIG_DFL);
        (void)signal(SIGQUIT, SIG_DFL);
        out = open_output(child->out_path);
        err = open_output(child->err_path);
        if (out < 0 || err < 0 || dup2(input, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 ||
                        dup2(err, STDERR_FILENO) < 0)
                _exit(127);
        execvp(argv[0], argv);
        dprintf(STDERR_FILENO, "%s: %s\n", argv[0], strerror(errno));
        _exit(127);
}

/* CARDIO_WRAP's words, then the program's own. The words live in *wrap. */
static void build_argv(Harness *h, const char *const *program, bool wrapped, char **wrap, char **argv)
{
        const char *wrapper = wrapped ? getenv("CARDIO_WRAP") : NULL;
        char *save = NULL;
        size_t n = 0;

        *wrap = wrapper ? strdup(wrapper) : NULL;
        if (*wrap)
                for (char *word = strtok_r(*wrap, " ", &save); word && n < ARGUMENTS_MAX;
                                word = strtok_r(NULL, " ", &save))
                        argv[n++] = word;
        for (; *program && n < ARGUMENTS_MAX; program++)
                argv[n++] = (char *)*program;
        if (*program)
                harness_fail(h, "more than %u arguments", ARGUMENTS_MAX);
        argv[n] = NULL;
}

static Child *child_new(Harness *h, const char *name, bool wrapped)
{
        Child *child = calloc(1, sizeof(*child));

        assert_non_null(child);
        assert_true(h->n_children < CHILDREN_MAX);
        child->harness = h;
        child->wrapped = wrapped;
        child->input = -1;
        /* Numbered, since a program may be started more than once. */
        child->name = format_text("%zu-%s", h->n_children, name);
        child->out_path = format_text("%s/%s.out", h->folder, child->name);
        child->err_path = format_text("%s/%s.err", h->folder, child->name);
        h->children[h->n_children++] = child;
        return child;
}

Child *child_start(Harness *h, const char *name, ChildFlags flags, const char *const *argv)
{
        Child *child = child_new(h, name, flags & CHILD_WRAPPED);
        char *words[ARGUMENTS_MAX + 1];
        _cleanup_free_ char *wrap = NULL;
        pid_t parent = getpid();
        int input[2] = { -1, -1 };

        build_argv(h, argv, child->wrapped, &wrap, words);
        if (flags & CHILD_INPUT)
                need(h, pipe2(input, O_CLOEXEC) < 0 ? -errno : 0);
        else
                input[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
        child->pid = fork();
        need(h, child->pid < 0 ? -errno : 0);
        if (child->pid == 0)
                child_run(child, input[0], parent, words);
        close(input[0]);
        child->input = input[1];
        need(h, sd_event_add_child(h->event, &child->source, child->pid, WEXITED, on_child_ended, child));
        return child;
}

Child *harness_spawn(Harness *h, const char *name, bool wrapped, const char *const *argv)
{
        return child_start(h, name, CHILD_INPUT | (wrapped ? CHILD_WRAPPED : CHILD_PLAIN), argv);
}

/* -- The end -- */

bool child_has_ended(Harness *h _unused_, void *userdata)
{
        return ((const Child *)userdata)->ended;
}

int harness_child_end(Harness *h, Child *child, int signal)
{
        child->expected = true;
        if (signal != 0 && !child->ended)
                (void)kill(child->pid, signal);
        if (!harness_wait(h, child_has_ended, child, END_USEC))
                harness_fail(h, "%s does not end", child->name);
        return child->status;
}

/* The texts by which sanitizers and valgrind report errors. */
static bool text_is_tainted(const char *text)
{
        static const char *const complaints[] = {
                "ERROR: AddressSanitizer",
                "ERROR: LeakSanitizer",
                "runtime error:",
                "== Invalid ",
                "uninitialised value",
                "definitely lost",
        };

        for (size_t i = 0; i < ELEMENTSOF(complaints); i++)
                if (strstr(text, complaints[i]))
                        return true;
        return false;
}

static bool child_is_tainted(const Child *child)
{
        _cleanup_free_ char *errors = read_whole(child->err_path, 0);

        return text_is_tainted(errors);
}

/* At the end of a test. Returns false if the child has ended other than it should. */
bool child_finish(Child *child)
{
        bool late = false;

        if (!child->ended) {
                (void)kill(child->pid, SIGTERM);
                late = !harness_wait(child->harness, child_has_ended, child, END_USEC);
        }
        if (late) {
                (void)kill(child->pid, SIGKILL);
                (void)harness_wait(child->harness, child_has_ended, child, END_USEC);
                print_error("%s did not end on SIGTERM\n", child->name);
                return false;
        }
        if (!child->expected && child->status != 0) {
                print_error("%s has ended with status %d\n", child->name, child->status);
                return false;
        }
        if (child_is_tainted(child)) {
                print_error("%s has complaints in its log\n", child->name);
                return false;
        }
        return true;
}

Child *child_free(Child *child)
{
        if (!child)
                return NULL;
        sd_event_source_disable_unref(child->source);
        if (child->input >= 0)
                close(child->input);
        free(child->name);
        free(child->out_path);
        free(child->err_path);
        free(child);
        return NULL;
}

/* -- What it writes and reads -- */

static void show_file(const Child *child, const char *what, const char *path)
{
        _cleanup_free_ char *text = read_whole(path, 0);
        size_t size = strlen(text);
        const char *begin = size > SHOW_MAX ? text + size - SHOW_MAX : text;

        if (size > 0)
                fprintf(stderr, "---- %s, %s%s:\n%s\n", child->name, what, begin > text ? " (its end)" : "",
                                begin);
}

void child_show(const Child *child)
{
        show_file(child, "output", child->out_path);
        show_file(child, "errors", child->err_path);
}

bool harness_child_is_running(const Child *child)
{
        return !child->ended;
}

int harness_child_pid(const Child *child)
{
        return (int)child->pid;
}

void harness_stop_child(const Child *child)
{
        siginfo_t info;

        assert_int_equal(kill(child->pid, SIGSTOP), 0);
        assert_int_equal(waitid(P_PID, (id_t)child->pid, &info, WSTOPPED), 0);
}

void harness_continue_child(const Child *child)
{
        assert_int_equal(kill(child->pid, SIGCONT), 0);
}

char *harness_child_output(Harness *h _unused_, const Child *child, bool errors)
{
        return read_whole(errors ? child->err_path : child->out_path, 0);
}

unsigned count_lines(char *text, const char *pattern)
{
        char *save = NULL;
        unsigned n = 0;

        for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
                n += fnmatch(pattern, line, 0) == 0;
        return n;
}

typedef struct LineWanted {
        const Child *child;
        bool errors;
        const char *pattern;
} LineWanted;

static bool line_is_there(Harness *h, void *userdata)
{
        const LineWanted *wanted = userdata;
        _cleanup_free_ char *text = harness_child_output(h, wanted->child, wanted->errors);

        return count_lines(text, wanted->pattern) > 0;
}

void harness_wait_output(
                Harness *h, const Child *child, bool errors, const char *pattern, usec_t timeout_usec)
{
        LineWanted wanted = { child, errors, pattern };

        if (!harness_wait(h, line_is_there, &wanted, timeout_usec))
                harness_fail(h, "%s has not written: %s", child->name, pattern);
}

void harness_refute_output(Harness *h, const Child *child, bool errors, const char *pattern)
{
        LineWanted wanted = { child, errors, pattern };

        if (line_is_there(h, &wanted))
                harness_fail(h, "%s has written: %s", child->name, pattern);
}

void harness_child_write(Harness *h, Child *child, const char *line)
{
        if (child->input < 0 || dprintf(child->input, "%s\n", line) < 0)
                harness_fail(h, "%s does not read: %s", child->name, strerror(errno));
}
