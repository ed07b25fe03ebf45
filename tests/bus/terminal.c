/* SPDX-License-Identifier: MIT */

/* A program on a terminal. Its output is read whenever the harness's loop runs, and interpreted by libvterm as by a
 * terminal; every wait ends on what the screen shows. */

#include "terminal.h"

#include <fcntl.h>
#include <fnmatch.h>
#include <pty.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <vterm.h>

#include "harness-private.h"

#define ROW_MAX  4096U
#define ARGUMENT 16U

struct Terminal {
        Harness *h;
        pid_t pid;
        int fd;
        sd_event_source *io, *child;
        VTerm *vt;
        VTermScreen *screen;
        unsigned rows, columns;
        bool alternate, cursor;
        bool ended;
        int status;
        char *sent;
        size_t n_sent;
        char row[ROW_MAX];
};

static int on_property(VTermProp property, VTermValue *value, void *userdata)
{
        Terminal *t = userdata;

        if (property == VTERM_PROP_ALTSCREEN)
                t->alternate = value->boolean;
        else if (property == VTERM_PROP_CURSORVISIBLE)
                t->cursor = value->boolean;
        return 1;
}

static int on_output(sd_event_source *source, int fd, uint32_t events _unused_, void *userdata)
{
        Terminal *t = userdata;
        char buffer[4096];
        ssize_t n = read(fd, buffer, sizeof(buffer));

        if (n <= 0) { /* nobody has it open any more */
                (void)sd_event_source_set_enabled(source, SD_EVENT_OFF);
                return 0;
        }
        t->sent = realloc(t->sent, t->n_sent + (size_t)n + 1);
        assert_non_null(t->sent);
        memcpy(t->sent + t->n_sent, buffer, (size_t)n);
        t->n_sent += (size_t)n;
        t->sent[t->n_sent] = '\0';
        (void)vterm_input_write(t->vt, buffer, (size_t)n);
        return 0;
}

static int on_ended(sd_event_source *source _unused_, const siginfo_t *info, void *userdata)
{
        Terminal *t = userdata;

        t->ended = true;
        t->status = info->si_code == CLD_EXITED ? info->si_status : 128 + info->si_status;
        return 0;
}

/* In the child. */
static void run(pid_t parent, const char *const *argv)
{
        sigset_t none;

        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent)
                _exit(127);
        (void)sigemptyset(&none);
        (void)sigprocmask(SIG_SETMASK, &none, NULL);
        (void)signal(SIGPIPE, SIG_DFL);
        (void)execvp(argv[0], (char *const *)(uintptr_t)argv);
        _exit(127);
}

Terminal *terminal_run_program(Harness *h, unsigned rows, unsigned columns, const char *const *argv)
{
        static const VTermScreenCallbacks callbacks = { .settermprop = on_property };
        const struct winsize size = { .ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns };
        Terminal *t = calloc(1, sizeof(*t));
        pid_t parent = getpid();

        assert_non_null(t);
        *t = (Terminal){ .h = h, .rows = rows, .columns = columns, .cursor = true, .sent = strdup("") };
        t->vt = vterm_new((int)rows, (int)columns);
        assert_non_null(t->vt);
        vterm_set_utf8(t->vt, 1);
        t->screen = vterm_obtain_screen(t->vt);
        vterm_screen_enable_altscreen(t->screen, 1);
        vterm_screen_set_callbacks(t->screen, &callbacks, t);
        vterm_screen_reset(t->screen, 1);

        t->pid = forkpty(&t->fd, NULL, NULL, &size);
        assert_true(t->pid >= 0);
        if (t->pid == 0)
                run(parent, argv);
        (void)fcntl(t->fd, F_SETFD, FD_CLOEXEC);
        need(h, sd_event_add_io(h->event, &t->io, t->fd, EPOLLIN, on_output, t));
        need(h, sd_event_add_child(h->event, &t->child, t->pid, WEXITED, on_ended, t));
        return t;
}

Terminal *terminal_run(Harness *h, unsigned rows, unsigned columns, ...)
{
        const char *argv[ARGUMENT] = { BUILD "/cardioctl" };
        va_list arguments;
        size_t n = 1;

        va_start(arguments, columns);
        do {
                assert_true(n < ELEMENTSOF(argv));
                argv[n] = va_arg(arguments, const char *);
        } while (argv[n++]);
        va_end(arguments);
        return terminal_run_program(h, rows, columns, argv);
}

static bool has_ended(Harness *h _unused_, void *userdata)
{
        return ((const Terminal *)userdata)->ended;
}

Terminal *terminal_free(Terminal *t)
{
        if (!t)
                return NULL;
        if (!t->ended) {
                (void)kill(t->pid, SIGKILL);
                (void)harness_wait(t->h, has_ended, t, HARNESS_TIMEOUT);
        }
        sd_event_source_disable_unref(t->io);
        sd_event_source_disable_unref(t->child);
        if (t->fd >= 0)
                (void)close(t->fd);
        vterm_free(t->vt);
        free(t->sent);
        free(t);
        return NULL;
}

void terminal_resize(Terminal *t, unsigned rows, unsigned columns)
{
        const struct winsize size = { .ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns };

        t->rows = rows;
        t->columns = columns;
        vterm_set_size(t->vt, (int)rows, (int)columns);
        assert_int_equal(ioctl(t->fd, TIOCSWINSZ, &size), 0);
}

void terminal_type(Terminal *t, const char *keys)
{
        assert_int_equal(write(t->fd, keys, strlen(keys)), strlen(keys));
}

void terminal_hang_up(Terminal *t)
{
        t->io = sd_event_source_disable_unref(t->io);
        (void)close(t->fd);
        t->fd = -1;
}

pid_t terminal_pid(const Terminal *t)
{
        return t->pid;
}

/* -- What is seen ---------------------------------------------------------------------------------------- */

const char *terminal_row(Terminal *t, unsigned row)
{
        VTermRect rect = { .start_row = (int)row, .end_row = (int)row + 1, .end_col = (int)t->columns };
        size_t n = vterm_screen_get_text(t->screen, t->row, sizeof(t->row) - 1, rect);

        while (n > 0 && t->row[n - 1] == ' ')
                n--;
        t->row[n] = '\0';
        return t->row;
}

typedef struct Wanted {
        Terminal *t;
        unsigned first, n_rows, found; /* that many rows from there on, of which one is to match, and has */
        const char *pattern;
        const char *const *patterns;
        size_t n;
        bool alternate;
} Wanted;

static bool row_matches(Harness *h _unused_, void *userdata)
{
        Wanted *w = userdata;

        for (w->found = w->first; w->found < w->first + w->n_rows; w->found++)
                if (fnmatch(w->pattern, terminal_row(w->t, w->found), 0) == 0)
                        return true;
        return false;
}

static void show(Terminal *t)
{
        for (unsigned i = 0; i < t->rows; i++)
                print_error("|%s\n", terminal_row(t, i));
}

static unsigned wait_row(Terminal *t, unsigned first, unsigned n_rows, const char *pattern)
{
        Wanted wanted = { .t = t, .first = first, .n_rows = n_rows, .pattern = pattern };

        assert_true(first + n_rows <= t->rows);
        if (harness_wait(t->h, row_matches, &wanted, 4 * HARNESS_TIMEOUT))
                return wanted.found;
        show(t);
        harness_fail(t->h, "row %u%s does not become '%s'", first, n_rows > 1 ? " or a later one" : "",
                        pattern);
}

void terminal_wait(Terminal *t, unsigned row, const char *pattern)
{
        (void)wait_row(t, row, 1, pattern);
}

unsigned terminal_find(Terminal *t, unsigned first, const char *pattern)
{
        return wait_row(t, first, t->rows - first, pattern);
}

static bool screen_matches(Harness *h _unused_, void *userdata)
{
        const Wanted *w = userdata;

        for (unsigned i = 0; i < w->n; i++)
                if (fnmatch(w->patterns[i], terminal_row(w->t, i), 0) != 0)
                        return false;
        return true;
}

void terminal_wait_screen(Terminal *t, const char *const *patterns, size_t n)
{
        assert_int_equal(n, t->rows);
        if (harness_wait(t->h, screen_matches, &(Wanted){ .t = t, .patterns = patterns, .n = n },
                            4 * HARNESS_TIMEOUT))
                return;
        show(t);
        for (unsigned i = 0; i < n; i++)
                if (fnmatch(patterns[i], terminal_row(t, i), 0) != 0)
                        print_error("row %u is not '%s'\n", i, patterns[i]);
        harness_fail(t->h, "the screen does not become what is expected");
}

static bool page_matches(Harness *h _unused_, void *userdata)
{
        const Wanted *w = userdata;

        return w->t->alternate == w->alternate;
}

void terminal_wait_page(Terminal *t, bool alternate)
{
        if (!harness_wait(t->h, page_matches, &(Wanted){ .t = t, .alternate = alternate },
                            4 * HARNESS_TIMEOUT))
                harness_fail(t->h, "it does not %s the alternate page", alternate ? "enter" : "leave");
}

bool terminal_shows_cursor(const Terminal *t)
{
        return t->cursor;
}

bool terminal_is_cooked(const Terminal *t)
{
        struct termios settings;

        assert_int_equal(tcgetattr(t->fd, &settings), 0);
        return (settings.c_lflag & (ICANON | ECHO)) == (ICANON | ECHO);
}

static bool has_colour(Terminal *t, unsigned row, unsigned colour, bool background)
{
        for (unsigned column = 0; column < t->columns; column++) {
                VTermScreenCell cell;
                const VTermColor *c = background ? &cell.bg : &cell.fg;

                if (vterm_screen_get_cell(t->screen, (VTermPos){ (int)row, (int)column }, &cell) &&
                                VTERM_COLOR_IS_INDEXED(c) && c->indexed.idx == colour)
                        return true;
        }
        return false;
}

bool terminal_has_background(Terminal *t, unsigned row, unsigned colour)
{
        return has_colour(t, row, colour, true);
}

bool terminal_has_foreground(Terminal *t, unsigned row, unsigned colour)
{
        return has_colour(t, row, colour, false);
}

const char *terminal_sent(const Terminal *t)
{
        return t->sent;
}

int terminal_wait_end(Terminal *t)
{
        if (!harness_wait(t->h, has_ended, t, 4 * HARNESS_TIMEOUT))
                harness_fail(t->h, "cardioctl does not end");
        /* What it sent last may still be on its way. */
        while (t->io && sd_event_run(t->h->event, 0) > 0)
                ;
        return t->status;
}
