/* SPDX-License-Identifier: MIT */

/* --test: whether the runner would see and hear it. The next notice comes when the one before has been heard to its end, and has
 * been seen for a while: CLOCK_MONOTONIC. */

#include "trial.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>
#include <time.h>

#include "cardio/macro.h"

#include "client/notify-config.h"
#include "shared/clock.h"
#include "desktop.h"
#include "notification.h"
#include "sound.h"
#include "speech.h"
#include "worker.h"

#define CALL_USEC (2 * USEC_PER_SEC)
/* How long each is looked at, at least. What a server plays is not known to end. */
#define LOOK_USEC        (2 * USEC_PER_SEC)
#define LOOK_SERVER_USEC (7 * USEC_PER_SEC)

#define EXAMPLE_CEILING 146

/* Figures of an easy run and of a recovery run, to be recognised as examples. */
static const Breach above = {
        .kind = BREACH_HEART_RATE, .value = 165, .limit = EXAMPLE_CEILING, .seconds = 10
};
static const Breach below = {
        .kind = BREACH_HEART_RATE, .value = 140, .limit = EXAMPLE_CEILING, .seconds = 75
};
static const Breach faster = {
        .kind = BREACH_PACE, .value = 1000.0 / 340, .limit = 1000.0 / 405, .seconds = 15
};
static const Breach slower = {
        .kind = BREACH_PACE, .value = 1000.0 / 410, .limit = 1000.0 / 405, .seconds = 45
};

enum {
        PART_LOOK = 1 << 0,
        PART_SHOWN = 1 << 1,
        PART_SOUND = 1 << 2,
        PART_SPEECH = 1 << 3,
};

typedef enum TrialStep {
        STEP_OVER_LIMIT,
        STEP_BACK_IN_RANGE,
        STEP_OVER_PACE,
        STEP_PACE_IN_RANGE,
        STEP_CUE,
        STEP_TROUBLE,
        STEP_TROUBLE_OVER,
        STEP_SUMMARY,
        _STEP_MAX,
        _STEP_INVALID = -EINVAL,
} TrialStep;

typedef struct Trial {
        const NotifyConfig *config;
        sd_event *event;
        Desktop *desktop; /* NULL: nothing is shown */
        Worker *sound, *speech;
        sd_event_source *look, *next;
        TrialStep step;
        unsigned awaited;   /* the parts of this step that are not done yet */
        bool server_sounds; /* the notification server has the sounds */
        bool failed;
} Trial;

/* -- What there is --------------------------------------------------------------------------------------- */

static int server_call(sd_bus *bus, const char *member, sd_bus_message **ret, sd_bus_error *ret_error)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        int r;

        r = sd_bus_message_new_method_call(
                        bus, &m, NOTIFICATIONS_NAME, NOTIFICATIONS_PATH, NOTIFICATIONS_INTERFACE, member);
        return r < 0 ? r : sd_bus_call(bus, m, CALL_USEC, ret_error, ret);
}

static const struct {
        const char *name, *meaning;
} capabilities[] = {
        { "actions", "buttons" },
        { "body", "a text below the title" },
        { "persistence", "keeps notifications until they are closed" },
        { "sound", "plays the sounds itself" },
};

static int say_capabilities(Trial *t, sd_bus *bus, sd_bus_error *ret_error)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        bool has[ELEMENTSOF(capabilities)] = { 0 }, plasma = false;
        const char *capability;
        int r;

        r = server_call(bus, "GetCapabilities", &m, ret_error);
        if (r >= 0)
                r = sd_bus_message_enter_container(m, 'a', "s");
        while (r >= 0 && (r = sd_bus_message_read(m, "s", &capability)) > 0) {
                plasma = plasma || strcmp(capability, NOTIFY_CAPABILITY_OF_PLASMA) == 0;
                for (size_t i = 0; i < ELEMENTSOF(capabilities); i++)
                        has[i] = has[i] || strcmp(capability, capabilities[i].name) == 0;
        }
        if (r < 0)
                return r;
        for (size_t i = 0; i < ELEMENTSOF(capabilities); i++) {
                printf("  %-12s %-4s %s\n", capabilities[i].name, has[i] ? "yes" : "no",
                                capabilities[i].meaning);
                if (strcmp(capabilities[i].name, "sound") == 0)
                        t->server_sounds = has[i] && !plasma;
        }
        return 0;
}

static int say_server(Trial *t, sd_bus *bus, sd_bus_error *ret_error)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        const char *name, *vendor, *version, *specification;
        int r;

        r = server_call(bus, "GetServerInformation", &m, ret_error);
        if (r >= 0)
                r = sd_bus_message_read(m, "ssss", &name, &vendor, &version, &specification);
        if (r < 0)
                return r;
        printf("Notifications: %s %s, by %s, specification %s\n", name, version, vendor, specification);
        return say_capabilities(t, bus, ret_error);
}

/* Asks the server, which may be started by that, before anything is shown. */
static void trial_say_server(Trial *t)
{
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        sd_bus *bus = NULL;
        int r = sd_bus_open_user(&bus);

        if (r < 0)
                printf("Notifications: the session bus cannot be reached: %s\n", strerror(-r));
        else if ((r = say_server(t, bus, &error)) < 0)
                printf("Notifications: the server does not answer: %s\n",
                                error.message ? error.message : strerror(-r));
        t->failed = t->failed || r < 0;
        sd_bus_flush_close_unref(bus);
}

static void trial_say_heard(const Trial *t)
{
        const char *player = t->server_sounds && t->desktop ? "played by the notification server"
                             : sound_worker                 ? "played by libcanberra"
                                                            : "not built in";

        printf("Sound: %s\n", t->config->sound ? player : "off, by sound = no in notify.conf");
        if (!t->config->speak)
                puts("Speech: off, by speak = no in notify.conf");
        else if (!speech_worker)
                puts("Speech: not built in");
        else
                printf("Speech: by speech-dispatcher, voice %s\n", t->config->language);
}

/* -- One after the other --------------------------------------------------------------------------------- */

static void trial_begin(Trial *t);

static int trial_on_next(sd_event_source *source, void *userdata)
{
        Trial *t = userdata;

        (void)source;
        t->next = sd_event_source_disable_unref(t->next);
        t->step++;
        trial_begin(t);
        return 0;
}

/* reason NULL: it worked. */
static void trial_done(Trial *t, unsigned part, const char *good, const char *bad, const char *reason)
{
        if (!(t->awaited & part))
                return;
        t->awaited &= ~part;
        if (reason)
                printf("  %s: %s\n", bad, reason);
        else if (good)
                printf("  %s\n", good);
        (void)fflush(stdout); /* what cannot be written is seen at the end */
        t->failed = t->failed || reason;
        if (t->awaited == 0 && !t->next && sd_event_add_defer(t->event, &t->next, trial_on_next, t) < 0)
                (void)sd_event_exit(t->event, EXIT_FAILURE);
}

static int trial_on_look(sd_event_source *source, uint64_t usec, void *userdata)
{
        (void)source;
        (void)usec;
        trial_done(userdata, PART_LOOK, NULL, NULL, NULL);
        return 0;
}

static void trial_on_shown(void *userdata, NoticeType type, const char *reason)
{
        (void)type;
        trial_done(userdata, PART_SHOWN, "shown", "not shown", reason);
        if (reason) /* there is nothing to look at */
                trial_done(userdata, PART_LOOK, NULL, NULL, NULL);
}

static void trial_on_sounded(void *userdata, NoticeType type, bool by_server)
{
        (void)type;
        trial_done(userdata, PART_SOUND, "sound: left to the notification server", "no sound",
                        by_server ? NULL : "the server does not play it");
}

static void trial_on_action(void *userdata, DesktopAction action, int64_t session)
{
        (void)userdata;
        (void)session;
        printf("  a button was pressed%s\n", action == DESKTOP_SNOOZE ? ": snooze"
                                             : action == DESKTOP_MUTE ? ": mute"
                                                                      : "");
}

static void trial_on_played(void *userdata, const char *reason)
{
        trial_done(userdata, PART_SOUND, "sound: played", "no sound", reason);
}

static void trial_on_said(void *userdata, const char *reason)
{
        trial_done(userdata, PART_SPEECH, "said", "not said", reason);
}

static Notice step_notice(TrialStep step)
{
        SessionRow row = { .duration_s = 2520, .average = 138, .peak = 149, .ceiling = EXAMPLE_CEILING };

        switch (step) {
        case STEP_OVER_LIMIT:
                return notice_too_fast(&above, false);
        case STEP_BACK_IN_RANGE:
                return notice_in_range(&below, false);
        case STEP_OVER_PACE:
                return notice_too_fast(&faster, false);
        case STEP_PACE_IN_RANGE:
                return notice_in_range(&slower, false);
        case STEP_CUE:
                return notice_cue(0, "hard", 120);
        case STEP_TROUBLE:
                return notice_trouble(NOTICE_STRAP_LOST, 0, "No heart rate for a minute: check the strap");
        case STEP_TROUBLE_OVER:
                return notice_trouble(NOTICE_STRAP_BACK, 0, "The strap is back");
        case STEP_SUMMARY:
        case _STEP_MAX:
        case _STEP_INVALID:
                break;
        }
        text_copy(row.verdict, sizeof(row.verdict), "This is a test; there was no run.");
        return notice_session_ended(0, &row, false);
}

static void trial_play(Trial *t, const Notice *n)
{
        WorkerTask task = { .at_boot_usec = n->at_boot_usec, .wait = true, .urgent = true };

        if (n->sound && !(t->desktop && t->server_sounds)) {
                (void)snprintf(task.what, sizeof(task.what), "%s", n->sound);
                (void)snprintf(task.how, sizeof(task.how), "%s", n->summary);
                if (t->sound)
                        worker_give(t->sound, &task);
                else
                        trial_done(t, PART_SOUND, NULL, "no sound", "it is not built in");
        }
        if (t->awaited & PART_SPEECH) {
                (void)speech_text(n, task.what);
                (void)snprintf(task.how, sizeof(task.how), "%s", t->config->language);
                if (t->speech)
                        worker_give(t->speech, &task);
                else
                        trial_done(t, PART_SPEECH, NULL, "not said", "it is not built in");
        }
}

static usec_t look_usec(const Trial *t, bool sounds)
{
        if (!t->desktop)
                return 0;
        return sounds && t->server_sounds ? LOOK_SERVER_USEC : LOOK_USEC;
}

static void trial_begin(Trial *t)
{
        bool by_server = t->desktop && t->server_sounds;
        char text[WORKER_TEXT_MAX];
        Notice n;

        if (t->step == _STEP_MAX) {
                (void)sd_event_exit(t->event, EXIT_SUCCESS);
                return;
        }
        n = step_notice(t->step);
        n.at_boot_usec = now_boot_usec();
        n.sound = t->config->sound ? sound_name(n.type, t->config->speak && t->speech) : NULL;
        puts(n.summary);
        t->awaited = PART_LOOK | (t->desktop ? PART_SHOWN : 0) | (n.sound ? PART_SOUND : 0) |
                     (t->config->speak && speech_text(&n, text) ? PART_SPEECH : 0);
        t->look = sd_event_source_disable_unref(t->look);
        if (sd_event_add_time_relative(t->event, &t->look, CLOCK_MONOTONIC, look_usec(t, n.sound), 0,
                            trial_on_look, t) < 0) {
                (void)sd_event_exit(t->event, EXIT_FAILURE);
                return;
        }
        trial_play(t, &n);
        if (!by_server)
                n.sound = NULL;
        if (t->desktop)
                desktop_show(t->desktop, &n);
}

/* -- The whole ------------------------------------------------------------------------------------------- */

static const DesktopFuncs desktop_funcs = {
        .action = trial_on_action,
        .sounded = trial_on_sounded,
        .shown = trial_on_shown,
};

static int trial_prepare(Trial *t, bool print)
{
        int r;

        r = sd_event_new(&t->event);
        if (r >= 0 && !print)
                r = desktop_new(t->event, &desktop_funcs, t, &t->desktop);
        if (r >= 0 && sound_worker)
                r = worker_new(t->event, sound_worker, trial_on_played, t, &t->sound);
        if (r >= 0 && speech_worker)
                r = worker_new(t->event, speech_worker, trial_on_said, t, &t->speech);
        return r;
}

static void trial_clear(Trial *t)
{
        t->look = sd_event_source_disable_unref(t->look);
        t->next = sd_event_source_disable_unref(t->next);
        worker_free(t->sound);
        worker_free(t->speech);
        desktop_free(t->desktop);
        sd_event_unref(t->event);
}

int trial_run(const NotifyConfig *config, bool print)
{
        _cleanup_(trial_clear) Trial t = { .config = config };
        int r;

        r = trial_prepare(&t, print);
        if (r < 0)
                return r;
        if (t.desktop) {
                trial_say_server(&t);
                desktop_set_snooze(t.desktop, config->snooze_usec);
                desktop_start(t.desktop);
        }
        trial_say_heard(&t);
        trial_begin(&t);
        r = sd_event_loop(t.event);
        if (r < 0)
                return r;
        puts(t.failed ? "Something did not work." : "All of this worked.");
        return fflush(stdout) != 0 || t.failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
