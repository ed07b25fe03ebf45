/* SPDX-License-Identifier: MIT */

/* The harness of a bus test: its life, its loop, the signals it keeps. One event loop has the test's bus connections, the
 * ends of its children and an inotify watch on its folder, where the children's output and the database are; so every wait
 * is woken by what it waits for. Deadlines run on CLOCK_BOOTTIME. */

#include "harness.h"

#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cardio/parse.h"
#include "harness-private.h"

/* Conditions without an event are checked this often. */
#define LOOK_USEC (50 * USEC_PER_MSEC)

#define READ_MAX (64U * 1024U * 1024U)

/* -- For all parts -- */

void harness_fail(Harness *h _unused_, const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        vprint_error(format, arguments);
        va_end(arguments);
        print_error("\n");
        fail();
        abort(); /* not reached */
}

void harness_skip(Harness *h, const char *format, ...)
{
        va_list arguments;

        h->passed = true;
        va_start(arguments, format);
        vprint_message(format, arguments);
        va_end(arguments);
        print_message("\n");
        skip();
        abort(); /* not reached */
}

int need_success(Harness *h, int r, const char *file, int line)
{
        if (r < 0)
                harness_fail(h, "%s:%d: %s", file, line, strerror(-r));
        return r;
}

char *format_text(const char *format, ...)
{
        va_list arguments;
        char *text;
        int r;

        va_start(arguments, format);
        r = vasprintf(&text, format, arguments);
        va_end(arguments);
        assert_true(r >= 0);
        return text;
}

usec_t now_boot_usec(void)
{
        struct timespec ts;

        (void)clock_gettime(CLOCK_BOOTTIME, &ts);
        return (usec_t)ts.tv_sec * USEC_PER_SEC + (usec_t)ts.tv_nsec / 1000;
}

/* -- Files -- */

const char *harness_path(Harness *h, const char *name)
{
        char *path = format_text("%s/%s", h->folder, name);

        for (size_t i = 0; i < h->n_paths; i++)
                if (strcmp(h->paths[i], path) == 0) {
                        free(path);
                        return h->paths[i];
                }
        assert_true(h->n_paths < PATHS_MAX);
        h->paths[h->n_paths] = path;
        return h->paths[h->n_paths++];
}

void harness_write_file(Harness *h, const char *name, const char *text)
{
        FILE *f = fopen(harness_path(h, name), "we");

        if (!f || fputs(text, f) < 0 || fclose(f) != 0)
                harness_fail(h, "cannot write %s: %s", name, strerror(errno));
}

char *read_whole(const char *path, size_t offset)
{
        char *text = NULL;
        struct stat st;
        size_t size = 0;
        ssize_t n = 0;
        int fd;

        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd >= 0 && fstat(fd, &st) == 0 && (size_t)st.st_size > offset)
                size = (size_t)st.st_size - offset;
        assert_true(size < READ_MAX);
        text = malloc(size + 1);
        assert_non_null(text);
        if (size > 0)
                n = pread(fd, text, size, (off_t)offset);
        text[n > 0 ? n : 0] = '\0';
        if (fd >= 0)
                close(fd);
        return text;
}

char *harness_read_file(Harness *h, const char *name)
{
        return read_whole(harness_path(h, name), 0);
}

static int remove_entry(
                const char *path, const struct stat *st _unused_, int type _unused_, struct FTW *ftw _unused_)
{
        (void)remove(path);
        return 0;
}

/* -- Waiting -- */

/* Returns false at the deadline. */
static bool loop_once(Harness *h, usec_t deadline_usec)
{
        usec_t left_usec = usec_sub(deadline_usec, now_boot_usec());

        if (left_usec == 0)
                return false;
        need(h, sd_event_run(h->event, left_usec < LOOK_USEC ? left_usec : LOOK_USEC));
        return true;
}

bool harness_wait(Harness *h, bool (*condition)(Harness *h, void *userdata), void *userdata,
                usec_t timeout_usec)
{
        usec_t deadline_usec = now_boot_usec() + timeout_usec * h->scale;

        while (!condition(h, userdata)) {
                harness_clock_nudge(h);
                if (!loop_once(h, deadline_usec))
                        return condition(h, userdata);
        }
        return true;
}

void harness_pass_time(Harness *h, usec_t usec)
{
        usec_t deadline_usec = now_boot_usec() + usec;
        bool more = true;

        while (more)
                more = loop_once(h, deadline_usec);
}

/* Only there to wake the loop. */
static int on_file_changed(sd_event_source *source _unused_, const struct inotify_event *event _unused_,
                void *userdata _unused_)
{
        return 0;
}

/* -- Signals -- */

static bool signal_matches(sd_bus_message *m, const char *interface, const char *member)
{
        return (!interface || strcmp(sd_bus_message_get_interface(m), interface) == 0) &&
               (!member || strcmp(sd_bus_message_get_member(m), member) == 0);
}

static int on_signal(sd_bus_message *m, void *userdata, sd_bus_error *error _unused_)
{
        Harness *h = userdata;

        /* Two match rules may match the same message. */
        if (h->n_signals > 0 && h->signals[h->n_signals - 1] == m)
                return 0;
        if (h->n_signals == SIGNALS_MAX)
                harness_fail(h, "more than %u signals were kept", SIGNALS_MAX);
        if (h->n_signals == h->n_signals_allocated) {
                h->n_signals_allocated = h->n_signals_allocated ? 2 * h->n_signals_allocated : 64;
                h->signals = reallocarray(h->signals, h->n_signals_allocated, sizeof(sd_bus_message *));
                assert_non_null(h->signals);
        }
        h->signals[h->n_signals++] = sd_bus_message_ref(m);
        return 0;
}

/* Only there to wake the loop. */
static int on_name_changed(sd_bus_message *m _unused_, void *userdata _unused_, sd_bus_error *error _unused_)
{
        return 0;
}

static void bus_subscribe(Harness *h, BusKind kind)
{
        sd_bus *bus = h->buses[kind];

        need(h, sd_bus_add_match(
                                bus, NULL, "type='signal',path_namespace='" CARDIO_OBJECT "'", on_signal, h));
        need(h, sd_bus_add_match(bus, NULL,
                                "type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged'",
                                on_name_changed, h));
        for (size_t i = 0; i < h->n_subscriptions; i++)
                if (h->subscriptions[i].kind == kind)
                        need(h, sd_bus_add_match(bus, NULL, h->subscriptions[i].match, on_signal, h));
}

void harness_subscribe(Harness *h, BusKind kind, const char *match)
{
        assert_true(h->n_subscriptions < SUBSCRIPTIONS_MAX);
        need(h, sd_bus_add_match(harness_bus(h, kind), NULL, match, on_signal, h));
        h->subscriptions[h->n_subscriptions++] = (Subscription){ kind, strdup(match) };
}

typedef struct SignalWanted {
        const char *interface, *member;
        sd_bus_message *found;
} SignalWanted;

static bool take_signal(Harness *h, void *userdata)
{
        SignalWanted *wanted = userdata;

        for (size_t i = 0; i < h->n_signals; i++) {
                if (!signal_matches(h->signals[i], wanted->interface, wanted->member))
                        continue;
                wanted->found = h->signals[i];
                h->n_signals--;
                memmove(h->signals + i, h->signals + i + 1, (h->n_signals - i) * sizeof(sd_bus_message *));
                return true;
        }
        return false;
}

static sd_bus_message *keep_taken(Harness *h, const SignalWanted *wanted, usec_t usec)
{
        if (!wanted->found)
                harness_fail(h, "no signal %s.%s in %" PRIu64 " ms",
                                wanted->interface ? wanted->interface : "*",
                                wanted->member ? wanted->member : "*", usec / USEC_PER_MSEC);
        assert_true(h->n_taken < ELEMENTSOF(h->taken));
        h->taken[h->n_taken++] = wanted->found;
        return wanted->found;
}

sd_bus_message *harness_wait_signal(
                Harness *h, const char *interface, const char *member, usec_t timeout_usec)
{
        SignalWanted wanted = { interface, member, NULL };

        (void)harness_wait(h, take_signal, &wanted, timeout_usec);
        return keep_taken(h, &wanted, timeout_usec * h->scale);
}

sd_bus_message *harness_pass_until_signal(
                Harness *h, const char *interface, const char *member, usec_t most_usec)
{
        SignalWanted wanted = { interface, member, NULL };

        (void)harness_clock_wait(h, take_signal, &wanted, most_usec);
        return keep_taken(h, &wanted, most_usec);
}

void loop_drain(Harness *h)
{
        int r = 1;

        while (r > 0)
                r = need(h, sd_event_run(h->event, 0));
}

unsigned harness_count_signals(Harness *h, const char *interface, const char *member)
{
        unsigned n = 0;

        loop_drain(h);
        for (size_t i = 0; i < h->n_signals; i++)
                n += signal_matches(h->signals[i], interface, member);
        return n;
}

static void signals_unref(Harness *h)
{
        while (h->n_signals > 0)
                sd_bus_message_unref(h->signals[--h->n_signals]);
}

void harness_clear_signals(Harness *h)
{
        loop_drain(h);
        signals_unref(h);
}

void harness_refute_signal(Harness *h, const char *interface, const char *member, usec_t usec)
{
        SignalWanted wanted = { interface, member, NULL };
        usec_t deadline_usec = now_boot_usec() + usec;

        do {
                if (take_signal(h, &wanted)) {
                        sd_bus_message_unref(wanted.found);
                        harness_fail(h, "a signal %s.%s came", interface ? interface : "*",
                                        member ? member : "*");
                }
        } while (loop_once(h, deadline_usec));
}

/* -- Buses -- */

sd_bus *harness_bus(Harness *h, BusKind kind)
{
        if (!h->buses[kind])
                harness_fail(h, "that bus does not run");
        return h->buses[kind];
}

sd_bus *harness_bus_open(Harness *h, BusKind kind)
{
        sd_bus *bus = NULL;

        if (kind == BUS_SYSTEM)
                need(h, sd_bus_open_system(&bus));
        else
                need(h, sd_bus_open_user(&bus));
        need(h, sd_bus_set_exit_on_disconnect(bus, 0));
        need(h, sd_bus_attach_event(bus, h->event, SD_EVENT_PRIORITY_NORMAL));
        return bus;
}

static bool daemon_listens(Harness *h _unused_, void *userdata)
{
        Child *daemon = userdata;
        _cleanup_free_ char *text = read_whole(daemon->out_path, 0);

        return daemon->ended || strchr(text, '\n');
}

void harness_bus_start(Harness *h, BusKind kind)
{
        const char *name = kind == BUS_SYSTEM ? "dbus-system" : "dbus-session";
        _cleanup_free_ char *config = format_text("--config-file=%s/%s.conf", h->folder, name);
        const char *const argv[] = { "dbus-daemon", config, "--nofork", "--nosyslog", "--print-address",
                NULL };
        Child *daemon;

        assert_null(h->daemons[kind]);
        daemon = child_start(h, name, CHILD_PLAIN, argv);
        if (!harness_wait(h, daemon_listens, daemon, HARNESS_TIMEOUT) || daemon->ended)
                harness_fail(h, "%s does not start", name);
        h->daemons[kind] = daemon;
        h->buses[kind] = harness_bus_open(h, kind);
        bus_subscribe(h, kind);
}

static void bus_close(Harness *h, BusKind kind)
{
        if (!h->buses[kind])
                return;
        sd_bus_detach_event(h->buses[kind]);
        h->buses[kind] = sd_bus_close_unref(h->buses[kind]);
}

void harness_bus_stop(Harness *h, BusKind kind)
{
        assert_non_null(h->daemons[kind]);
        bus_close(h, kind);
        (void)harness_child_end(h, h->daemons[kind], SIGTERM);
        h->daemons[kind] = NULL;
}

static void buses_close(Harness *h)
{
        for (BusKind kind = 0; kind < _BUS_KIND_MAX; kind++)
                bus_close(h, kind);
}

/* -- Life -- */

static void harness_set_environment(Harness *h)
{
        _cleanup_free_ char *system_bus = format_text("unix:path=%s/system-bus", h->folder);
        _cleanup_free_ char *session_bus = format_text("unix:path=%s/session-bus", h->folder);
        static const char *const unwanted[] = { "NOTIFY_SOCKET", "WATCHDOG_USEC", "LISTEN_FDS", "DISPLAY",
                "DBUS_STARTER_ADDRESS" };

        (void)setenv("DBUS_SYSTEM_BUS_ADDRESS", system_bus, 1);
        (void)setenv("DBUS_SESSION_BUS_ADDRESS", session_bus, 1);
        (void)setenv("HOME", h->folder, 1);
        (void)setenv("XDG_RUNTIME_DIR", h->folder, 1);
        (void)setenv("XDG_CONFIG_HOME", harness_path(h, "config"), 1);
        (void)setenv("XDG_STATE_HOME", harness_path(h, "state"), 1);
        for (size_t i = 0; i < ELEMENTSOF(unwanted); i++)
                (void)unsetenv(unwanted[i]);
}

static void harness_block_signals(void)
{
        sigset_t signals;

        /* The loop needs SIGCHLD to itself; a child that has exited must not end the test by SIGPIPE. */
        sigemptyset(&signals);
        sigaddset(&signals, SIGCHLD);
        (void)sigprocmask(SIG_BLOCK, &signals, NULL);
        (void)signal(SIGPIPE, SIG_IGN);
}

Harness *harness_new(void)
{
        const char *scale = getenv("CARDIO_TIMEOUT_SCALE"), *base = getenv("TMPDIR");
        Harness *h = calloc(1, sizeof(*h));

        assert_non_null(h);
        h->scale = 1;
        if (scale && (parse_unsigned(scale, &h->scale) < 0 || h->scale == 0))
                harness_fail(h, "CARDIO_TIMEOUT_SCALE is not a number from 1 on: %s", scale);
        h->folder = format_text("%s/cardio-test-XXXXXX", base ? base : "/tmp");
        if (!mkdtemp(h->folder))
                harness_fail(h, "no temporary folder %s: %s", h->folder, strerror(errno));
        harness_block_signals();
        harness_set_environment(h);
        need(h, sd_event_new(&h->event));
        need(h, sd_event_add_inotify(h->event, &h->folder_watch, h->folder,
                                IN_MODIFY | IN_CREATE | IN_MOVED_TO, on_file_changed, NULL));
        for (BusKind kind = 0; kind < _BUS_KIND_MAX; kind++) {
                bus_configure(h, kind);
                harness_bus_start(h, kind);
        }
        return h;
}

static void harness_free(Harness *h)
{
        signals_unref(h);
        free(h->signals);
        for (size_t i = 0; i < h->n_taken; i++)
                sd_bus_message_unref(h->taken[i]);
        for (size_t i = 0; i < h->n_children; i++)
                child_free(h->children[i]);
        for (size_t i = 0; i < h->n_subscriptions; i++)
                free(h->subscriptions[i].match);
        for (size_t i = 0; i < h->n_paths; i++)
                free(h->paths[i]);
        sd_event_source_disable_unref(h->folder_watch);
        sd_event_unref(h->event);
        harness_clock_free(h);
        (void)nftw(h->folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
        free(h->folder);
        free(h);
}

static int harness_finish(Harness *h, bool show)
{
        bool bad = false;

        buses_close(h);
        /* The bus daemons, which were started first, end last. */
        for (size_t i = h->n_children; i-- > 0;) {
                Child *child = h->children[i];

                bad = !child_finish(child) || bad;
        }
        for (size_t i = 0; (show || bad) && i < h->n_children; i++)
                child_show(h->children[i]);
        harness_free(h);
        return bad ? -1 : 0;
}

int harness_end(Harness *h)
{
        return harness_finish(h, false);
}

int harness_end_failed(Harness *h)
{
        return harness_finish(h, true);
}

int harness_set_up(void **state)
{
        Harness *h;

        h = harness_new();
        h->test = (harness_test_t)*state;
        *state = h;
        return 0;
}

int harness_set_up_clock(void **state)
{
        (void)harness_set_up(state); /* fails the test by itself */
        harness_clock_begin(*state);
        return 0;
}

void harness_run_test(void **state)
{
        Harness *h = *state;

        h->test(h);
        h->passed = true;
}

int harness_tear_down(void **state)
{
        Harness *h = *state;

        return harness_finish(h, !h->passed);
}
