/* SPDX-License-Identifier: MIT */
/* `watch`: shows the current state until it is ended. One event loop: events of the daemon and a tick each second come in,
 * and a screen or lines go out. Times are of the live clock, and CLOCK_REALTIME for times of day. */
#include "watch/watch.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <systemd/sd-event.h>

#include "bus.h"
#include "watch/bell.h"
#include "watch/keys.h"
#include "watch/live-clock.h"
#include "watch/live-feed.h"
#include "watch/orders.h"
#include "watch/screen.h"
#include "watch/stream.h"
#include "watch/view.h"

typedef enum WatchForm {
        WATCH_SCREEN,
        WATCH_LINES,
        WATCH_JSON,
        WATCH_WAYBAR,
} WatchForm;

typedef struct Watch {
        const Call *call;
        WatchForm form;
        sd_event *event;
        Live live;
        LiveFeed *follow;
        Screen *screen; /* WATCH_SCREEN */
        Frame frame;
        bool dirty; /* needs to be drawn */
        bool whole; /* the graph is of the whole run */
        KeyReader reader;
        KeyOrders keys;
        Orders *orders;
        Bell *bell; /* NULL = not asked for */
        char line[STREAM_LINE_MAX];
        json_object *waybar; /* the last line */
} Watch;

static void watch_end(Watch *w)
{
        w->orders = orders_free(w->orders);
        w->bell = bell_free(w->bell);
        w->follow = live_feed_free(w->follow);
        w->screen = screen_close(w->screen);
        frame_free(&w->frame);
        json_object_put(w->waybar);
        w->event = sd_event_unref(w->event);
}

static ViewNow view_now(void)
{
        return (ViewNow){ .boot_usec = live_clock_usec(), .realtime_usec = now_realtime_usec() };
}

static void on_ring(void *userdata)
{
        Watch *w = userdata;

        if (w->screen) {
                screen_ring(w->screen);
                w->dirty = true;
                return;
        }
        putchar('\a');
        (void)fflush(stdout);
}

static void on_news(void *userdata, LiveEvent event, int64_t session)
{
        Watch *w = userdata;
        ViewNow now = view_now();

        if (w->orders && event == LIVE_EVENT_REACH)
                orders_lose(w->orders);
        if (w->bell && event == LIVE_EVENT_OVER_LIMIT)
                bell_want(w->bell, BELL_OVER_LIMIT);
        if (w->bell && event == LIVE_EVENT_OVER_PACE)
                bell_want(w->bell, BELL_OVER_PACE);
        if (w->bell && event == LIVE_EVENT_CUE)
                bell_want(w->bell, BELL_CUE);
        if (w->bell && event == LIVE_EVENT_TROUBLE)
                bell_want(w->bell, BELL_TROUBLE);
        switch (w->form) {
        case WATCH_SCREEN:
                w->dirty = true;
                return;
        case WATCH_LINES:
                stream_line(&w->live, &now, event, w->line);
                break;
        case WATCH_JSON:
                stream_json(&w->live, &now, event, session);
                break;
        case WATCH_WAYBAR:
                stream_waybar(&w->live, &now, &w->waybar);
                break;
        }
        if (ferror(stdout))
                (void)sd_event_exit(w->event, -EPIPE);
}

/* -- Screen ---------------------------------------------------------------------------------------------- */

/* The last row: a question, what became of an order, what is wrong; else the keys. */
static void choose_words(const Watch *w, const ViewNow *now, ViewMode *mode)
{
        mode->words = orders_words(w->orders, now->boot_usec, &mode->style);
        if (!mode->words) {
                mode->words = live_trouble(&w->live, now->boot_usec);
                mode->style = STYLE_BAD;
        }
        if (key_asks(&w->keys, &w->live, now->boot_usec)) {
                mode->words = "Press space again to stop the recording";
                mode->style = STYLE_WARNING;
        }
}

/* After all other sources of the loop, so that many changes at once are drawn once. */
static int on_post(sd_event_source *source, void *userdata)
{
        Watch *w = userdata;
        ViewMode mode = { .utf8 = w->call->out.utf8, .keys = screen_has_keys(w->screen), .whole = w->whole };
        ViewNow now;
        int r;

        (void)source;
        if (!w->dirty)
                return 0;
        now = view_now();
        choose_words(w, &now, &mode);
        view_draw(&w->live, &now, &mode, &w->frame);
        r = screen_draw(w->screen, &w->frame);
        if (r < 0)
                return sd_event_exit(w->event, r);
        w->dirty = r == 0;
        return 0;
}

static int on_tick(sd_event_source *source, uint64_t usec, void *userdata)
{
        Watch *w = userdata;
        ViewNow now = view_now();
        int r;

        /* Waybar keeps what it shows until the daemon has replied. */
        if (w->form == WATCH_WAYBAR && w->live.reach != REACH_LOOKING)
                stream_waybar(&w->live, &now, &w->waybar);
        w->dirty = true;
        r = sd_event_source_set_time(source, usec + USEC_PER_SEC);
        return r < 0 ? r : sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static void on_words(void *userdata)
{
        Watch *w = userdata;

        w->dirty = true;
}

/* Programs that use the terminal in between leave anything on it, and signals of the daemon wait. */
static void screen_return(Watch *w)
{
        screen_resume(w->screen);
        screen_size(w->screen, &w->frame);
        live_feed_reread(w->follow);
        w->dirty = true;
}

static int take_key(Watch *w, int key)
{
        ViewNow now = view_now();
        KeyOrder order = key_order(&w->keys, &w->live, key, now.boot_usec, now.realtime_usec);

        w->dirty = true;
        switch (order) {
        case ORDER_QUIT:
                return sd_event_exit(w->event, 0);
        case ORDER_REDRAW:
                screen_suspend(w->screen);
                screen_resume(w->screen);
                break;
        case ORDER_WHOLE:
                w->whole = !w->whole;
                if (w->whole) /* what lay before the beginning of this program, and was not stored yet then */
                        live_feed_reread(w->follow);
                break;
        case ORDER_START:
        case ORDER_STOP:
        case ORDER_SNOOZE:
        case ORDER_ALERT:
        case ORDER_MARK:
                orders_give(w->orders, order, now.boot_usec, now.realtime_usec);
                break;
        case ORDER_NONE:
        case ORDER_ASK:
                break;
        }
        return 0;
}

static int on_key(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
        Watch *w = userdata;
        int byte;

        (void)source;
        (void)fd;
        while ((byte = screen_key(w->screen)) > 0) {
                int key = key_read(&w->reader, (unsigned char)byte, live_clock_usec());
                int r = key > 0 ? take_key(w, key) : 0;

                if (r < 0 || sd_event_get_state(w->event) == SD_EVENT_EXITING)
                        return r;
        }
        if (byte < 0 || events & (EPOLLHUP | EPOLLERR))
                return sd_event_exit(w->event, byte < 0 ? byte : -EIO);
        return 0;
}

/* As Ctrl-Z does to any other program: in a window of its own, where no shell could make it go on, nothing. SIGTSTP has its
 * default effect, but is blocked. */
static void stop(void)
{
        sigset_t mask;

        (void)sigemptyset(&mask);
        (void)sigaddset(&mask, SIGTSTP);
        (void)raise(SIGTSTP);
        (void)sigprocmask(SIG_UNBLOCK, &mask, NULL); /* here it stops, and goes on; cannot fail */
        (void)sigprocmask(SIG_BLOCK, &mask, NULL);
}

static int on_signal(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
        Watch *w = userdata;

        (void)source;
        switch (info->ssi_signo) {
        case SIGWINCH:
                screen_size(w->screen, &w->frame);
                w->dirty = true;
                return 0;
        case SIGTSTP:
                screen_suspend(w->screen);
                stop();
                screen_return(w);
                return 0;
        case SIGCONT: /* after SIGSTOP */
                screen_return(w);
                return 0;
        default: /* SIGINT, SIGTERM, SIGHUP: end */
                return sd_event_exit(w->event, 0);
        }
}

static int open_screen(Watch *w)
{
        static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGTSTP, SIGCONT };
        sigset_t mask;
        int r;

        (void)sigemptyset(&mask);
        for (size_t i = 0; i < ELEMENTSOF(signals); i++)
                (void)sigaddset(&mask, signals[i]);
        if (sigprocmask(SIG_BLOCK, &mask, NULL) < 0)
                return -errno;
        for (size_t i = 0; i < ELEMENTSOF(signals); i++) {
                r = sd_event_add_signal(w->event, NULL, signals[i], on_signal, w);
                if (r < 0)
                        return r;
        }

        r = screen_open(w->call->out.colour, &w->screen);
        if (r < 0)
                return r;
        screen_size(w->screen, &w->frame);
        w->dirty = true;
        if (screen_has_keys(w->screen)) {
                r = sd_event_add_io(w->event, NULL, STDIN_FILENO, EPOLLIN, on_key, w);
                if (r < 0)
                        return r;
        }
        return sd_event_add_post(w->event, NULL, on_post, w);
}

/* -- The loop -------------------------------------------------------------------------------------------- */

static int on_reader_gone(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
        Watch *w = userdata;

        (void)source;
        (void)fd;
        (void)events;
        return sd_event_exit(w->event, -EPIPE);
}

static int watch_run(Watch *w)
{
        int r;

        r = sd_event_new(&w->event);
        if (r < 0)
                return r;
        live_lose(&w->live, REACH_LOOKING);
        if (w->form == WATCH_SCREEN) {
                r = open_screen(w);
        } else {
                /* If the reader of a pipe exits while nothing happens, that would go unnoticed. A file has no reader. */
                r = sd_event_add_io(w->event, NULL, STDOUT_FILENO, 0, on_reader_gone, w);
                r = r == -EPERM ? 0 : r;
        }
        if (r >= 0)
                r = sd_event_add_time_relative(w->event, NULL, CLOCK_MONOTONIC, USEC_PER_SEC, 0, on_tick, w);
        if (r >= 0 && call_option(w->call, "bell") && w->call->out.terminal)
                r = bell_new(w->event, &w->live, on_ring, w, &w->bell);
        if (r >= 0)
                r = live_feed_new(w->event, w->call->user, &w->live, on_news, w, &w->follow);
        if (r >= 0)
                r = orders_new(live_feed_follower(w->follow), &w->live, on_words, w, &w->orders);
        return r < 0 ? r : sd_event_loop(w->event);
}

static WatchForm watch_form(const Call *call)
{
        const char *term = getenv("TERM");

        if (call->json)
                return WATCH_JSON;
        if (call_option(call, "waybar"))
                return WATCH_WAYBAR;
        return call->out.terminal && term && *term && strcmp(term, "dumb") != 0 ? WATCH_SCREEN : WATCH_LINES;
}

Outcome verb_watch(const Call *call)
{
        Watch w = { .call = call, .form = watch_form(call) };
        _cleanup_bus_ DaemonBus bus = { .bus = NULL };
        Outcome outcome;
        int r;

        if (call->json && call_option(call, "waybar"))
                return fail(OUTCOME_USAGE, "--json and --waybar are two forms of the same; give one of them");
        if (call_option(call, "bell") && (call->json || call_option(call, "waybar")))
                return fail(OUTCOME_USAGE, "--bell is for a terminal; leave it out with --%s",
                                call->json ? "json" : "waybar");
        if (call_option(call, "bell") && !call->out.terminal)
                (void)fail(OUTCOME_DONE, "no bell: standard output is no terminal");
        /* A status bar starts before everything else and cannot start this again: it waits for the daemon. */
        if (w.form != WATCH_WAYBAR) {
                outcome = bus_open(call, &bus);
                if (outcome != OUTCOME_DONE)
                        return outcome;
                bus_close(&bus);
        }

        r = watch_run(&w);
        watch_end(&w);                /* restores the terminal before anything is printed on it */
        if (r == -EPIPE || r == -EIO) /* nobody reads any more */
                return OUTCOME_DONE;
        return r < 0 ? fail(OUTCOME_FAILED, "cannot watch: %s", strerror(-r)) : OUTCOME_DONE;
}

const Option watch_options[] = {
        { .name = "bell", .help = "ring the terminal's bell when it is too fast" },
        { .name = "waybar", .help = "lines for a custom module of Waybar" },
        { .name = NULL },
};
