/* SPDX-License-Identifier: MIT */

/* The page of a run on its way to the desktop. Time limits run on CLOCK_MONOTONIC. */

#include "page.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <systemd/sd-bus.h>
#include <time.h>
#include <unistd.h>

#include "shared/clock.h"

#include "say.h"
#include "shell.h"

#define PORTAL_NAME      "org.freedesktop.portal.Desktop"
#define PORTAL_PATH      "/org/freedesktop/portal/desktop"
#define PORTAL_INTERFACE "org.freedesktop.portal.OpenURI"

#define SYSTEMD_NAME      "org.freedesktop.systemd1"
#define SYSTEMD_PATH      "/org/freedesktop/systemd1"
#define SYSTEMD_INTERFACE "org.freedesktop.systemd1.Manager"

#define FOLDER      "cardio-notify"
#define PATH_LENGTH 512U

struct Page {
        sd_event *event;
        void (*failed)(void *userdata, int64_t session, const char *reason);
        void *userdata;

        int64_t session; /* of the page that is, or was last, asked for; 0 = none */
        bool busy;
        usec_t asked_usec; /* CLOCK_MONOTONIC, when the runner asked last */
        char path[PATH_LENGTH];
        pid_t pid; /* of cardioctl */
        sd_event_source *exited, *timer;
        /* Ours as long as the page may be of use: a portal that asks which program is to open it ends that when its caller
         * leaves the bus. */
        sd_bus *bus;
        sd_bus_slot *call;
};

static void page_rest(Page *p)
{
        p->exited = sd_event_source_disable_unref(p->exited);
        p->timer = sd_event_source_disable_unref(p->timer);
        p->call = sd_bus_slot_unref(p->call);
        p->busy = false;
}

static void page_failed(Page *p, const char *reason)
{
        page_rest(p);
        say("the page of session %" PRId64 " is not opened: %s", p->session, reason);
        p->failed(p->userdata, p->session, reason);
}

/* -- Opening it -- */

/* xdg-open from where programs of the system are; NULL = it is not there. */
static const char *find_xdg_open(void)
{
        static const char *const places[] = { "/usr/bin/xdg-open", "/usr/local/bin/xdg-open",
                "/bin/xdg-open" };

        for (size_t i = 0; i < ELEMENTSOF(places); i++)
                if (access(places[i], X_OK) == 0)
                        return places[i];
        return NULL;
}

static int on_started(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        Page *p = userdata;

        (void)ret_error;
        if (sd_bus_message_is_method_error(m, NULL))
                page_failed(p, "no program opens pages here: xdg-desktop-portal or xdg-utils is missing");
        else
                page_rest(p);
        return 0;
}

/* A unit of its own, which ends with the program that it starts. */
static int compose_unit(Page *p, const char *program, sd_bus_message **ret)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        char name[64];
        int r;

        (void)snprintf(name, sizeof(name), "cardio-report-%" PRId64 "-%" PRIu64 ".service", p->session,
                        p->asked_usec);
        r = sd_bus_message_new_method_call(
                        p->bus, &m, SYSTEMD_NAME, SYSTEMD_PATH, SYSTEMD_INTERFACE, "StartTransientUnit");
        if (r >= 0)
                r = sd_bus_message_append(m, "ss", name, "fail");
        if (r >= 0)
                r = sd_bus_message_append(m, "a(sv)", 3, "Description", "s", "The page of a run",
                                "CollectMode", "s", "inactive-or-failed", "ExecStart", "a(sasb)", 1, program,
                                2, program, p->path, 0);
        if (r >= 0)
                r = sd_bus_message_append(m, "a(sa(sv))", 0);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(m);
        return 0;
}

static void page_xdg_open(Page *p)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        const char *program = find_xdg_open();
        int r;

        p->call = sd_bus_slot_unref(p->call);
        if (!program) {
                page_failed(p, "no program opens pages here: xdg-desktop-portal or xdg-utils is missing");
                return;
        }
        r = compose_unit(p, program, &m);
        if (r >= 0)
                r = sd_bus_call_async(p->bus, &p->call, m, on_started, p, PAGE_TIMEOUT_USEC);
        if (r < 0)
                page_failed(p, strerror(-r));
}

static int on_portal(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        Page *p = userdata;

        (void)ret_error;
        if (sd_bus_message_is_method_error(m, NULL))
                page_xdg_open(p);
        else
                page_rest(p);
        return 0;
}

static int page_ask_portal(Page *p)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        int r, fd = open(p->path, O_RDONLY | O_CLOEXEC);

        if (fd < 0)
                return -errno;
        r = sd_bus_message_new_method_call(
                        p->bus, &m, PORTAL_NAME, PORTAL_PATH, PORTAL_INTERFACE, "OpenFile");
        if (r >= 0)
                r = sd_bus_message_append(m, "sha{sv}", "", fd, 0); /* it has a copy */
        (void)close(fd);
        if (r >= 0)
                r = sd_bus_call_async(p->bus, &p->call, m, on_portal, p, PAGE_TIMEOUT_USEC);
        return r;
}

static void page_show(Page *p)
{
        int r = 0;

        if (p->bus && sd_bus_is_open(p->bus) <= 0)
                p->bus = sd_bus_flush_close_unref(p->bus);
        if (!p->bus) {
                r = sd_bus_open_user(&p->bus);
                if (r >= 0)
                        r = sd_bus_attach_event(p->bus, p->event, SD_EVENT_PRIORITY_NORMAL);
        }
        if (r >= 0)
                r = page_ask_portal(p);
        if (r < 0)
                page_failed(p, strerror(-r));
}

/* -- Writing it -- */

static int on_exited(sd_event_source *source, const siginfo_t *info, void *userdata)
{
        Page *p = userdata;
        char reason[96];

        (void)source;
        p->exited = sd_event_source_disable_unref(p->exited);
        p->timer = sd_event_source_disable_unref(p->timer);
        if (info->si_code == CLD_EXITED && info->si_status == 0) {
                page_show(p);
                return 0;
        }
        (void)snprintf(reason, sizeof(reason),
                        "cardioctl could not write it; `cardioctl report %" PRId64 "` says why", p->session);
        page_failed(p, reason);
        return 0;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
        Page *p = userdata;

        (void)source;
        (void)usec;
        (void)kill(p->pid, SIGKILL); /* can only be gone already */
        return 0;
}

/* The one beside this program, else whatever the shell finds. */
static void find_cardioctl(char buf[static PATH_LENGTH])
{
        static const char name[] = "cardioctl";
        ssize_t n = readlink("/proc/self/exe", buf, PATH_LENGTH - sizeof(name));
        char *slash;

        if (n > 0) {
                buf[n] = '\0';
                slash = strrchr(buf, '/');
                if (slash) {
                        (void)stpcpy(slash + 1, name);
                        if (access(buf, X_OK) == 0)
                                return;
                }
        }
        (void)stpcpy(buf, name);
}

/* $XDG_RUNTIME_DIR/cardio-notify, which only the runner enters. */
static int make_path(Page *p)
{
        const char *runtime = getenv("XDG_RUNTIME_DIR");
        struct stat st;
        int n;

        if (!runtime || *runtime != '/')
                return -ENOENT;
        n = snprintf(p->path, sizeof(p->path), "%s/" FOLDER, runtime);
        if (n < 0 || (size_t)n + 48 > sizeof(p->path))
                return -ENAMETOOLONG;
        if (mkdir(p->path, 0700) < 0 && errno != EEXIST)
                return -errno;
        if (lstat(p->path, &st) < 0)
                return -errno;
        if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid() || (st.st_mode & 0077) != 0)
                return -EPERM;
        (void)snprintf(p->path + n, sizeof(p->path) - (size_t)n, "/run-%" PRId64 ".html", p->session);
        return 0;
}

static int page_write(Page *p, bool of_user)
{
        char cardioctl[PATH_LENGTH], id[24], shell[] = "sh", option[] = "-c", verb[] = "report",
                                             force[] = "-f", output[] = "-o", user[] = "--user";
        /* The shell has an umask that posix_spawn() cannot give; where the page is need not be said. */
        char script[] = "umask 077 && exec \"$0\" \"$@\" >/dev/null";
        char *argv[] = { shell, option, script, cardioctl, verb, id, force, output, p->path,
                of_user ? user : NULL, NULL };
        int r;

        find_cardioctl(cardioctl);
        (void)snprintf(id, sizeof(id), "%" PRId64, p->session);
        r = make_path(p);
        if (r >= 0)
                r = shell_start(argv, environ, &p->pid);
        if (r < 0)
                return r;
        r = sd_event_add_child(p->event, &p->exited, p->pid, WEXITED, on_exited, p);
        if (r >= 0)
                r = sd_event_add_time_relative(
                                p->event, &p->timer, CLOCK_MONOTONIC, PAGE_TIMEOUT_USEC, 0, on_timer, p);
        if (r < 0) {
                /* Unwatched, it would never be reaped. */
                (void)kill(p->pid, SIGKILL);
                (void)waitpid(p->pid, NULL, 0);
        }
        return r;
}

void page_open(Page *p, int64_t session, bool of_user)
{
        usec_t now = clock_usec(CLOCK_MONOTONIC);
        int r;

        if (session == p->session && (p->busy || now - p->asked_usec < PAGE_AGAIN_USEC)) {
                p->asked_usec = now;
                return;
        }
        if (p->busy) {
                say("the page of session %" PRId64 " is not opened: another one is on its way", session);
                p->failed(p->userdata, session, "another one is on its way");
                return;
        }
        p->session = session;
        p->asked_usec = now;
        p->busy = true;
        r = page_write(p, of_user);
        if (r == -ENOENT)
                page_failed(p, "there is no private place for it: XDG_RUNTIME_DIR is not set");
        else if (r < 0)
                page_failed(p, strerror(-r));
}

int page_new(sd_event *event, void (*failed)(void *userdata, int64_t session, const char *reason),
                void *userdata, Page **ret)
{
        Page *p = calloc(1, sizeof(*p));

        if (!p)
                return -ENOMEM;
        p->event = sd_event_ref(event);
        p->failed = failed;
        p->userdata = userdata;
        *ret = p;
        return 0;
}

Page *page_free(Page *p)
{
        if (!p)
                return NULL;
        page_rest(p);
        sd_bus_flush_close_unref(p->bus);
        sd_event_unref(p->event);
        free(p);
        return NULL;
}
