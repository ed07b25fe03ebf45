/* SPDX-License-Identifier: MIT */
/* A terminal that is drawn on in place.
 *
 * The escape sequences are the few that every terminal of today has: the alternate screen, cursor on and off, going to a
 * row, clearing its end. A changed row is overwritten as a whole, and nothing is cleared before, so nothing flickers;
 * everything is sent in one write.
 *
 * Always: writing does not block, so that signals are handled even while the terminal is stopped or its line is dead; while
 * a screen is open, restore() can undo everything, with async-signal-safe calls. No clock. */
#include "watch/screen.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "memory.h"

/* The size if the terminal does not say. */
#define ROWS_DEFAULT    24
#define COLUMNS_DEFAULT 80

#define HELD_MSEC 500

#define ENTER "\033[?1049h\033[?25l\033[H\033[2J"
#define LEAVE "\033[0m\033[?25h\033[?1049l"

/* Ctrl-\ is SIGQUIT: it is meant to leave a core, as crashes do. */
static const int crashes[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGQUIT };

struct Screen {
        int fd; /* a description of its own, if it can be opened: that of stdout is shared with other programs, and blocks */
        bool colour;
        bool ring;    /* the bell */
        char **shown; /* rows on the terminal, NULL = not known */
        unsigned rows, columns;
        char *pending; /* what the terminal has not taken yet */
        size_t pending_size, pending_done;
};

/* The terminal's state before; global, since neither a signal handler nor exit() passes anything on. */
static struct {
        volatile sig_atomic_t open; /* to be restored */
        int fd;
        bool keys; /* the settings of stdin are to be restored, too */
        struct termios settings;
        struct sigaction before[ELEMENTSOF(crashes)];
} terminal;

/* Only async-signal-safe calls. */
static void restore(void)
{
        int saved = errno;
        ssize_t unused;

        if (!terminal.open)
                return;
        terminal.open = 0;
        /* A stopped terminal gets a moment; one that is gone needs no restoring. */
        (void)poll(&(struct pollfd){ .fd = terminal.fd, .events = POLLOUT }, 1, HELD_MSEC);
        unused = write(terminal.fd, LEAVE, strlen(LEAVE));
        (void)unused;
        if (terminal.keys)
                (void)tcsetattr(STDIN_FILENO, TCSANOW, &terminal.settings);
        errno = saved;
}

static void on_crash(int number)
{
        restore();
        for (size_t i = 0; i < ELEMENTSOF(crashes); i++)
                if (crashes[i] == number)
                        (void)sigaction(number, &terminal.before[i], NULL);
        /* The signal is blocked here, and has its default effect once we return. */
        (void)raise(number);
}

static void take(Screen *s)
{
        struct termios settings;

        terminal.open = 1;
        if (terminal.keys) {
                settings = terminal.settings;
                settings.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
                settings.c_cc[VMIN] = 0;
                settings.c_cc[VTIME] = 0;
                (void)tcsetattr(STDIN_FILENO, TCSANOW, &settings);
        }
        for (unsigned i = 0; i < s->rows; i++)
                free(TAKE_PTR(s->shown[i]));
        free(s->pending);
        s->pending = checked(strdup(ENTER));
        s->pending_size = strlen(ENTER);
        s->pending_done = 0;
}

int screen_open(bool colour, Screen **ret)
{
        Screen *s = checked(calloc(1, sizeof(*s)));
        char name[128];

        s->colour = colour;
        /* Before anything is opened, which may get the number of a standard input that is closed. */
        terminal.keys = isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &terminal.settings) == 0;
        s->fd = ttyname_r(STDOUT_FILENO, name, sizeof(name)) == 0
                                ? open(name, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
                                : -1;
        if (s->fd < 0) /* as after `su`: then writing blocks */
                s->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
        if (s->fd < 0) {
                int r = -errno;

                free(s);
                return r;
        }

        terminal.fd = s->fd;
        for (size_t i = 0; i < ELEMENTSOF(crashes); i++)
                (void)sigaction(crashes[i], &(struct sigaction){ .sa_handler = on_crash },
                                &terminal.before[i]);
        (void)atexit(restore);
        take(s);
        *ret = s;
        return 0;
}

Screen *screen_close(Screen *s)
{
        if (!s)
                return NULL;
        restore();
        for (size_t i = 0; i < ELEMENTSOF(crashes); i++)
                (void)sigaction(crashes[i], &terminal.before[i], NULL);
        (void)close(s->fd);
        for (unsigned i = 0; i < s->rows; i++)
                free(s->shown[i]);
        free(s->shown);
        free(s->pending);
        free(s);
        return NULL;
}

void screen_suspend(Screen *s)
{
        (void)s;
        restore();
}

void screen_resume(Screen *s)
{
        take(s);
}

void screen_size(const Screen *s, Frame *f)
{
        struct winsize size = { 0 };

        if (ioctl(s->fd, TIOCGWINSZ, &size) < 0 || size.ws_row == 0 || size.ws_col == 0)
                size = (struct winsize){ .ws_row = ROWS_DEFAULT, .ws_col = COLUMNS_DEFAULT };
        frame_resize(f, size.ws_row, size.ws_col);
}

/* Forgets what is shown if the size has changed: a resized terminal may show anything. */
static bool fit(Screen *s, const Frame *f)
{
        if (s->rows == f->rows && s->columns == f->columns)
                return false;
        for (unsigned i = 0; i < s->rows; i++)
                free(s->shown[i]);
        free(s->shown);
        s->shown = checked(calloc(f->rows + 1, sizeof(*s->shown)));
        s->rows = f->rows;
        s->columns = f->columns;
        return true;
}

/* Writes as much as the terminal takes. Returns 1 if nothing is left, 0 if something is, or a negative errno. */
static int flush_pending(Screen *s)
{
        while (s->pending_done < s->pending_size) {
                ssize_t n = write(s->fd, s->pending + s->pending_done, s->pending_size - s->pending_done);

                if (n < 0 && errno == EAGAIN)
                        return 0;
                if (n < 0 && errno != EINTR)
                        return -errno;
                if (n > 0)
                        s->pending_done += (size_t)n;
        }
        s->pending_size = s->pending_done = 0;
        return 1;
}

int screen_draw(Screen *s, const Frame *f)
{
        FILE *stream;
        int r;

        r = flush_pending(s);
        if (r <= 0)
                return r;

        free(TAKE_PTR(s->pending));
        stream = checked(open_memstream(&s->pending, &s->pending_size));
        if (fit(s, f))
                fputs("\033[2J", stream);
        if (s->ring)
                fputc('\a', stream);
        s->ring = false;
        for (unsigned i = 0; i < f->rows; i++) {
                _cleanup_free_ char *row = frame_row(f, i, s->colour);

                if (s->shown[i] && strcmp(s->shown[i], row) == 0)
                        continue;
                fprintf(stream, "\033[%u;1H%s%s", i + 1, row, frame_row_is_full(f, i) ? "" : "\033[K");
                free(s->shown[i]);
                s->shown[i] = TAKE_PTR(row);
        }
        if (fclose(stream) != 0)
                out_of_memory();
        return flush_pending(s);
}

void screen_ring(Screen *s)
{
        s->ring = true;
}

bool screen_has_keys(const Screen *s)
{
        (void)s;
        return terminal.keys;
}

int screen_key(Screen *s)
{
        unsigned char key;
        ssize_t n;

        (void)s;
        n = read(STDIN_FILENO, &key, 1);
        if (n < 0)
                return errno == EAGAIN || errno == EINTR ? 0 : -errno;
        return n > 0 ? key : 0;
}
