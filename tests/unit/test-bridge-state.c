/* SPDX-License-Identifier: MIT */

/* What the state messages say of what came from the bus, and when they are due. Time is an input. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "bridge/state.h"
#include "cardio/bus-api.h"
#include "cardio/macro.h"

#define A CARDIO_SENSOR_PREFIX "/A"
#define B CARDIO_SENSOR_PREFIX "/B"

#define S USEC_PER_SEC

/* -- What comes from the bus ----------------------------------------------------------------------------- */

typedef enum What {
        END,
        APPEARED,
        READY,
        SILENT,
        LOST,
        SESSION, /* a: id */
        CEILING, /* a */
        TOLERANCE,
        BREACH,  /* a session runs, and is too fast: a: its id; b: whether */
        WORKOUT, /* text: the step; NULL = none runs any more */
        STRAP,   /* text: state; a: session */
        OTHER,   /* the second strap: the same */
        POD,     /* a foot pod: the same */
        SCANNED, /* a strap that is not the runner's: the same */
        BATTERY,
        REMOVED,
        RATE,       /* a: heart rate, b: smoothed, c: zone */
        OTHER_RATE, /* of the second strap */
        OVER,       /* a: session */
        IN_RANGE,   /* a: session */
        STARTED,
        ENDED,
        DISCARDED,
        WAIT, /* a: seconds */
        SENT,
        UNSENT,
} What;

typedef struct Step {
        What what;
        double a, b, c;
        const char *text;
} Step;

static FollowerEvent sensor(const char *path, const char *kind, bool configured, const Step *step)
{
        return (FollowerEvent){ .type = FOLLOWER_SENSOR_CHANGED,
                .sensor = { .path = path,
                                .properties = { .given = SENSOR_CONFIGURED | SENSOR_SESSION,
                                                .configured = configured,
                                                .kind = kind,
                                                .name = strcmp(path, A) == 0 ? "Strap A" : "Strap B",
                                                .address = "C0:FF:EE:00:00:01",
                                                .contact = "yes",
                                                .state = step->text,
                                                .session = (int64_t)step->a } } };
}

static FollowerEvent manager(unsigned given, double value)
{
        return (FollowerEvent){
                .type = FOLLOWER_MANAGER,
                .manager = { .given = given, .session = (int64_t)value, .ceiling = value, .tolerance = value }
        };
}

static FollowerEvent measurement(const char *path, const Step *step)
{
        return (FollowerEvent){ .type = FOLLOWER_MEASUREMENT,
                .measurement = { .path = path,
                                .heart_rate = (uint16_t)step->a,
                                .smoothed = step->b,
                                .zone = (uint8_t)step->c } };
}

static FollowerEvent event_of(const Step *step)
{
        static const FollowerEventType plain[] = {
                [APPEARED] = FOLLOWER_APPEARED,
                [READY] = FOLLOWER_READY,
                [SILENT] = FOLLOWER_SILENT,
                [LOST] = FOLLOWER_LOST,
                [STARTED] = FOLLOWER_SESSION_STARTED,
                [ENDED] = FOLLOWER_SESSION_ENDED,
                [DISCARDED] = FOLLOWER_SESSION_DISCARDED,
        };

        switch (step->what) {
        case SESSION:
                return manager(MANAGER_SESSION, step->a);
        case CEILING:
                return manager(MANAGER_CEILING, step->a);
        case TOLERANCE:
                return manager(MANAGER_TOLERANCE, step->a);
        case BREACH:
                return (FollowerEvent){ .type = FOLLOWER_MANAGER,
                        .manager = { .given = MANAGER_SESSION | MANAGER_CEILING | MANAGER_TOLERANCE |
                                              MANAGER_OVER_CEILING,
                                        .session = (int64_t)step->a,
                                        .ceiling = 145,
                                        .tolerance = 2,
                                        .over_ceiling = step->b > 0 } };
        case WORKOUT:
                return (FollowerEvent){ .type = FOLLOWER_COACH,
                        .coach = { .workout = step->text ? "fartlek" : "",
                                        .step = step->text ? step->text : "" } };
        case STRAP:
                return sensor(A, "strap", true, step);
        case OTHER:
                return sensor(B, "strap", true, step);
        case POD:
                return sensor(B, "foot-pod", true, step);
        case SCANNED:
                return sensor(B, "strap", false, step);
        case BATTERY:
                return (FollowerEvent){ .type = FOLLOWER_SENSOR_CHANGED,
                        .sensor = { .path = A,
                                        .properties = { .given = SENSOR_BATTERY,
                                                        .battery = (uint8_t)step->a } } };
        case REMOVED:
                return (FollowerEvent){ .type = FOLLOWER_SENSOR_REMOVED, .sensor = { .path = A } };
        case RATE:
                return measurement(A, step);
        case OTHER_RATE:
                return measurement(B, step);
        case OVER:
        case IN_RANGE:
                return (FollowerEvent){ .type = step->what == OVER ? FOLLOWER_OVER_LIMIT
                                                                   : FOLLOWER_BACK_IN_RANGE,
                        .limit = { .session = (int64_t)step->a, .sensor = A } };
        case APPEARED:
        case READY:
        case SILENT:
        case LOST:
        case STARTED:
        case ENDED:
        case DISCARDED:
                return (FollowerEvent){ .type = plain[step->what], .session = { .id = (int64_t)step->a } };
        case END:
        case WAIT:
        case SENT:
        case UNSENT:
                break;
        }
        fail();
        return (FollowerEvent){ .type = _FOLLOWER_EVENT_TYPE_INVALID };
}

/* Returns the time at the end of the steps. */
static usec_t play(State *s, const Step *step, usec_t now_usec)
{
        for (; step->what != END; step++) {
                FollowerEvent e;
                StateView v;

                if (step->what == WAIT) {
                        now_usec += (usec_t)(step->a * S);
                } else if (step->what == SENT) {
                        v = state_view(s, now_usec);
                        state_sent(s, &v, now_usec);
                } else if (step->what == UNSENT) {
                        state_unsent(s);
                } else {
                        e = event_of(step);
                        state_follow(s, &e, now_usec);
                }
        }
        return now_usec;
}

/* A daemon that records session 7 with strap A, under a ceiling of 145 and a tolerance of 2. */
#define RUN                                                                                       \
        { .what = APPEARED }, { .what = SESSION, .a = 7 }, { .what = CEILING, .a = 145 },         \
                        { .what = TOLERANCE, .a = 2 }, { .what = STRAP, .a = 7, .text = "live" }, \
                        { .what = BATTERY, .a = 80 }, { .what = READY },                          \
        {                                                                                         \
                .what = RATE, .a = 150, .b = 149.5, .c = 3                                        \
        }

/* The same, of which it is told at the beginning that it is too fast, or is not. */
#define IN_BREACH(over)                                                                          \
        { .what = APPEARED }, { .what = BREACH, .a = 7, .b = (over) },                           \
                        { .what = STRAP, .a = 7, .text = "live" }, { .what = BATTERY, .a = 80 }, \
        {                                                                                        \
                .what = READY                                                                    \
        }

/* -- What is said ---------------------------------------------------------------------------------------- */

static void test_view(void **state)
{
        static const struct {
                const char *name;
                Step steps[16];
                /* Expected. rate 0: heart rate, smoothed, zone are not known; battery, contact only while live */
                StrapState state;
                const char *strap;
                unsigned rate;
                bool over, recording;
                double ceiling;
                int64_t session;
        } cases[] = {
                { "nothing known", { { .what = END } }, STRAP_ABSENT, NULL, 0, false, false, 0, 0 },
                { "a run", { RUN }, STRAP_LIVE, "Strap A", 150, false, true, 145, 7 },
                { "too fast", { RUN, { .what = OVER, .a = 7 } }, STRAP_LIVE, "Strap A", 150, true, true, 145,
                                7 },
                { "too fast and back", { RUN, { .what = OVER, .a = 7 }, { .what = IN_RANGE, .a = 7 } },
                                STRAP_LIVE, "Strap A", 150, false, true, 145, 7 },
                { "the end of another session's breach is none of this one",
                                { RUN, { .what = OVER, .a = 7 }, { .what = IN_RANGE, .a = 6 } }, STRAP_LIVE,
                                "Strap A", 150, true, true, 145, 7 },
                { "too fast, then the session ends",
                                { RUN, { .what = OVER, .a = 7 }, { .what = ENDED, .a = 7 } }, STRAP_LIVE,
                                "Strap A", 150, false, true, 145, 7 },
                { "too fast, then the session is discarded",
                                { RUN, { .what = OVER, .a = 7 }, { .what = DISCARDED, .a = 7 } }, STRAP_LIVE,
                                "Strap A", 150, false, true, 145, 7 },
                { "too fast, then nothing is recorded",
                                { RUN, { .what = OVER, .a = 7 }, { .what = SESSION, .a = 0 } }, STRAP_LIVE,
                                "Strap A", 150, false, false, 145, 0 },
                { "too fast, then there is no ceiling",
                                { RUN, { .what = OVER, .a = 7 }, { .what = CEILING, .a = 0 } }, STRAP_LIVE,
                                "Strap A", 150, false, true, 0, 7 },
                { "no ceiling, and then one: that was the end",
                                { RUN, { .what = OVER, .a = 7 }, { .what = CEILING, .a = 0 },
                                                { .what = CEILING, .a = 140 } },
                                STRAP_LIVE, "Strap A", 150, false, true, 140, 7 },
                { "a workout's hard step",
                                { RUN, { .what = OVER, .a = 7 }, { .what = WORKOUT, .text = "hard" } },
                                STRAP_LIVE, "Strap A", 150, false, true, 145, 7 },
                { "a workout's easy step",
                                { RUN, { .what = OVER, .a = 7 }, { .what = WORKOUT, .text = "easy" } },
                                STRAP_LIVE, "Strap A", 150, true, true, 145, 7 },
                { "a workout's warm-up",
                                { RUN, { .what = OVER, .a = 7 }, { .what = WORKOUT, .text = "warm-up" } },
                                STRAP_LIVE, "Strap A", 150, true, true, 145, 7 },
                { "after the workout",
                                { RUN, { .what = OVER, .a = 7 }, { .what = WORKOUT, .text = "hard" },
                                                { .what = WORKOUT } },
                                STRAP_LIVE, "Strap A", 150, true, true, 145, 7 },
                { "started in the midst of it",
                                { IN_BREACH(1), { .what = RATE, .a = 150, .b = 149.5, .c = 3 } }, STRAP_LIVE,
                                "Strap A", 150, true, true, 145, 7 },
                { "started in the midst of a run",
                                { IN_BREACH(0), { .what = RATE, .a = 150, .b = 149.5, .c = 3 } }, STRAP_LIVE,
                                "Strap A", 150, false, true, 145, 7 },
                { "started in the midst of it, and back",
                                { IN_BREACH(1), { .what = RATE, .a = 150, .b = 149.5, .c = 3 },
                                                { .what = IN_RANGE, .a = 7 } },
                                STRAP_LIVE, "Strap A", 150, false, true, 145, 7 },
                { "stale", { RUN, { .what = OVER, .a = 7 }, { .what = STRAP, .a = 7, .text = "stale" } },
                                STRAP_STALE, "Strap A", 0, false, true, 145, 7 },
                { "no contact", { RUN, { .what = STRAP, .a = 7, .text = "no-contact" } }, STRAP_NO_CONTACT,
                                "Strap A", 0, false, true, 145, 7 },
                { "absent", { RUN, { .what = STRAP, .a = 7, .text = "absent" } }, STRAP_ABSENT, "Strap A", 0,
                                false, true, 145, 7 },
                { "connecting", { RUN, { .what = STRAP, .a = 7, .text = "connecting" } }, STRAP_CONNECTING,
                                "Strap A", 0, false, true, 145, 7 },
                { "a state of another version", { RUN, { .what = STRAP, .a = 7, .text = "dreaming" } },
                                STRAP_ABSENT, "Strap A", 0, false, true, 145, 7 },
                { "back, without a heart rate yet",
                                { RUN, { .what = OVER, .a = 7 }, { .what = STRAP, .a = 7, .text = "stale" },
                                                { .what = STRAP, .a = 7, .text = "live" } },
                                STRAP_LIVE, "Strap A", 0, false, true, 145, 7 },
                { "back within the tolerance: perhaps it is over",
                                { RUN, { .what = OVER, .a = 7 }, { .what = STRAP, .a = 7, .text = "stale" },
                                                { .what = STRAP, .a = 7, .text = "live" },
                                                { .what = RATE, .a = 147, .b = 147, .c = 3 } },
                                STRAP_LIVE, "Strap A", 147, false, true, 145, 7 },
                { "back and still above",
                                { RUN, { .what = OVER, .a = 7 }, { .what = STRAP, .a = 7, .text = "stale" },
                                                { .what = STRAP, .a = 7, .text = "live" },
                                                { .what = RATE, .a = 148, .b = 147.5, .c = 3 } },
                                STRAP_LIVE, "Strap A", 148, true, true, 145, 7 },
                { "below for a moment, and not back in range yet",
                                { RUN, { .what = OVER, .a = 7 },
                                                { .what = RATE, .a = 140, .b = 144, .c = 2 } },
                                STRAP_LIVE, "Strap A", 140, true, true, 145, 7 },
                { "a heart rate of before a suspension",
                                { RUN, { .what = OVER, .a = 7 }, { .what = WAIT, .a = 60 } }, STRAP_STALE,
                                "Strap A", 0, false, true, 145, 7 },
                { "one that is nearly as old", { RUN, { .what = WAIT, .a = 59.9 } }, STRAP_LIVE, "Strap A",
                                150, false, true, 145, 7 },
                { "the strap is removed", { RUN, { .what = REMOVED } }, STRAP_ABSENT, NULL, 0, false, true,
                                145, 7 },
                { "the daemon is gone", { RUN, { .what = OVER, .a = 7 }, { .what = LOST } }, STRAP_ABSENT,
                                NULL, 0, false, false, 0, 0 },
                { "another daemon", { RUN, { .what = APPEARED } }, STRAP_ABSENT, NULL, 0, false, false, 0,
                                0 },
                { "a daemon that does not answer", { RUN, { .what = APPEARED }, { .what = SILENT } },
                                STRAP_ABSENT, NULL, 0, false, false, 0, 0 },
                { "the strap that is recorded goes before the one that is live",
                                { RUN, { .what = STRAP, .a = 7, .text = "stale" },
                                                { .what = OTHER, .text = "live" },
                                                { .what = OTHER_RATE, .a = 90, .b = 90 } },
                                STRAP_STALE, "Strap A", 0, false, true, 145, 7 },
                { "the session goes on with the other",
                                { RUN, { .what = STRAP, .text = "stale" },
                                                { .what = OTHER, .a = 7, .text = "live" },
                                                { .what = OTHER_RATE, .a = 151, .b = 151 } },
                                STRAP_LIVE, "Strap B", 151, false, true, 145, 7 },
                { "without a session the one that is live",
                                { RUN, { .what = SESSION, .a = 0 }, { .what = STRAP, .text = "absent" },
                                                { .what = OTHER, .text = "live" },
                                                { .what = OTHER_RATE, .a = 90, .b = 90 } },
                                STRAP_LIVE, "Strap B", 90, false, false, 145, 0 },
                { "a foot pod is no strap",
                                { { .what = APPEARED }, { .what = POD, .text = "live" }, { .what = READY },
                                                { .what = OTHER_RATE, .a = 90, .b = 90 } },
                                STRAP_ABSENT, NULL, 0, false, false, 0, 0 },
                { "nor is one that was found by a scan the runner's",
                                { { .what = APPEARED }, { .what = SCANNED, .text = "live" },
                                                { .what = READY }, { .what = OTHER_RATE, .a = 90, .b = 90 } },
                                STRAP_ABSENT, NULL, 0, false, false, 0, 0 },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                State s;
                StateView v;
                usec_t now_usec;
                bool live;

                state_init(&s);
                now_usec = play(&s, cases[i].steps, 1000 * S);
                v = state_view(&s, now_usec);
                live = cases[i].state == STRAP_LIVE;
                if (v.state != cases[i].state || !v.strap != !cases[i].strap ||
                                (v.strap && strcmp(v.strap, cases[i].strap) != 0) ||
                                v.heart_rate != cases[i].rate || v.over != cases[i].over ||
                                v.recording != cases[i].recording || v.ceiling < cases[i].ceiling ||
                                v.ceiling > cases[i].ceiling || v.session != cases[i].session ||
                                !v.contact != !live || (!live && v.battery != CARDIO_BATTERY_UNKNOWN))
                        fail_msg("%s: %s, strap %s, %u bpm, over %d, recording %d, ceiling %g, session %lld, battery %u, contact %s",
                                        cases[i].name, strap_state_to_string(v.state),
                                        v.strap ? v.strap : "-", v.heart_rate, v.over, v.recording, v.ceiling,
                                        (long long)v.session, v.battery, v.contact ? v.contact : "-");
        }
}

static void test_figures(void **state)
{
        static const Step steps[] = { RUN, { .what = END } };
        StateView v;
        State s;

        (void)state;
        state_init(&s);
        (void)play(&s, steps, S);
        v = state_view(&s, S);
        assert_int_equal(v.heart_rate, 150);
        assert_true(v.smoothed > 149.4 && v.smoothed < 149.6);
        assert_int_equal(v.zone, 3);
        assert_int_equal(v.battery, 80);
        assert_string_equal(v.contact, "yes");
}

/* A name from the air: too long, and with what a terminal would obey. */
static void test_hostile_name(void **state)
{
        char name[300];
        FollowerEvent e = { .type = FOLLOWER_SENSOR_ADDED,
                .sensor = { .path = A, .properties = { .name = name, .state = "live" } } };
        StateView v;
        State s;

        (void)state;
        memset(name, 'n', sizeof(name));
        memcpy(name, "\x1b[2J\n", 5);
        name[sizeof(name) - 1] = '\0';
        state_init(&s);
        state_follow(&s, &e, S);
        v = state_view(&s, S);
        assert_int_equal(strlen(v.strap), STATE_TEXT_MAX - 1);
        assert_memory_equal(v.strap, "?[2J?nnn", 8);
        name[0] = '\0';
        state_follow(&s, &e, S);
        assert_null(state_view(&s, S).strap); /* neither name nor address */
}

static void test_too_many_straps(void **state)
{
        State s;

        (void)state;
        state_init(&s);
        for (unsigned i = 0; i < 2 * STATE_STRAPS_MAX; i++) {
                char path[64];
                FollowerEvent e = { .type = FOLLOWER_SENSOR_ADDED,
                        .sensor = { .path = path, .properties = { .state = "absent" } } };

                (void)snprintf(path, sizeof(path), CARDIO_SENSOR_PREFIX "/%u", i);
                state_follow(&s, &e, S);
        }
        assert_int_equal(s.n_straps, STATE_STRAPS_MAX);
}

/* A scan in a full room, and then the bridge is started: what it finds first are straps of others. */
static void test_room_full_of_straps(void **state)
{
        static const FollowerEvent rate = { .type = FOLLOWER_MEASUREMENT,
                .measurement = { .path = A, .heart_rate = 131, .smoothed = 130, .zone = 2 } };
        FollowerEvent own = sensor(A, "strap", true, &(Step){ .text = "live" });
        State s;

        (void)state;
        state_init(&s);
        for (unsigned i = 0; i < 32; i++) { /* so many the daemon keeps */
                char path[64];
                FollowerEvent e = { .type = FOLLOWER_SENSOR_ADDED,
                        .sensor = { .path = path,
                                        .properties = { .given = SENSOR_CONFIGURED, .state = "absent" } } };

                (void)snprintf(path, sizeof(path), CARDIO_SENSOR_PREFIX "/%u", i);
                state_follow(&s, &e, S);
        }
        state_follow(&s, &own, S);
        state_follow(&s, &rate, S);
        assert_int_equal(state_view(&s, S).heart_rate, 131);
}

/* -- When it is due -------------------------------------------------------------------------------------- */

static void test_due(void **state)
{
        static const struct {
                const char *name;
                Step steps[16];
                double in_s; /* from the end of the steps; -1: not at all */
        } cases[] = {
                { "whether there is a daemon is not known yet", { { .what = END } }, -1 },
                { "there is none", { { .what = LOST } }, 0 },
                { "a daemon has appeared and tells", { { .what = APPEARED }, { .what = SESSION, .a = 7 } },
                                -1 },
                { "it has told all", { { .what = APPEARED }, { .what = READY } }, 0 },
                { "it does not answer", { { .what = APPEARED }, { .what = SILENT } }, 0 },
                { "nothing new", { RUN, { .what = SENT } }, 30 },
                { "nothing new for a while", { RUN, { .what = SENT }, { .what = WAIT, .a = 12 } }, 18 },
                { "overdue", { RUN, { .what = SENT }, { .what = WAIT, .a = 31 } }, -0.5 },
                { "a new heart rate", { RUN, { .what = SENT }, { .what = RATE, .a = 150, .b = 150 } }, 1 },
                { "a new heart rate a little later",
                                { RUN, { .what = SENT }, { .what = WAIT, .a = 0.75 },
                                                { .what = RATE, .a = 150, .b = 150 } },
                                0.25 },
                { "that of another strap is none",
                                { RUN, { .what = OTHER, .text = "live" }, { .what = SENT },
                                                { .what = OTHER_RATE, .a = 90, .b = 90 } },
                                30 },
                { "the battery is no reason", { RUN, { .what = SENT }, { .what = BATTERY, .a = 20 } }, 30 },
                { "too fast", { RUN, { .what = SENT }, { .what = OVER, .a = 7 } }, 0 },
                { "too fast and back before that was sent",
                                { RUN, { .what = SENT }, { .what = OVER, .a = 7 },
                                                { .what = IN_RANGE, .a = 7 } },
                                30 },
                { "the ceiling", { RUN, { .what = SENT }, { .what = CEILING, .a = 120 } }, 0 },
                { "the ceiling goes", { RUN, { .what = SENT }, { .what = CEILING, .a = 0 } }, 0 },
                { "recording ends", { RUN, { .what = SENT }, { .what = SESSION, .a = 0 } }, 0 },
                { "stale", { RUN, { .what = SENT }, { .what = STRAP, .a = 7, .text = "stale" } }, 0 },
                { "the daemon is gone", { RUN, { .what = SENT }, { .what = LOST } }, 0 },
                { "a new connection", { RUN, { .what = SENT }, { .what = UNSENT } }, 0 },
                { "a new connection while a daemon tells",
                                { RUN, { .what = SENT }, { .what = APPEARED }, { .what = UNSENT } }, -1 },
                { "the heart rate becomes too old before the next one is due",
                                { RUN, { .what = WAIT, .a = 40 }, { .what = SENT } }, 20 },
                { "it has become too old",
                                { RUN, { .what = SENT }, { .what = WAIT, .a = 29 }, { .what = SENT },
                                                { .what = WAIT, .a = 31 } },
                                0 },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                usec_t now_usec, due_usec;
                State s;
                bool right;

                state_init(&s);
                now_usec = play(&s, cases[i].steps, 1000 * S);
                due_usec = state_due(&s, now_usec);
                if (cases[i].in_s >= 0)
                        right = due_usec == now_usec + (usec_t)(cases[i].in_s * S);
                else if (cases[i].in_s > -1)
                        right = due_usec < now_usec;
                else
                        right = due_usec == USEC_INFINITY;
                if (!right)
                        fail_msg("%s: due at %+.3f s", cases[i].name,
                                        ((double)due_usec - (double)now_usec) / 1e6);
        }
}

/* However often a strap sends, and however often the ceiling changes between: heart rates alone make one message a second. */
static void test_rate(void **state)
{
        static const Step begin[] = { RUN, { .what = SENT }, { .what = END } };
        const Step rate = { .what = RATE, .a = 140, .b = 140, .c = 2 };
        unsigned sent = 0;
        usec_t now_usec;
        State s;

        (void)state;
        state_init(&s);
        now_usec = play(&s, begin, 1000 * S);
        for (unsigned i = 0; i < 600; i++) { /* ten a second, for a minute */
                FollowerEvent e = event_of(&rate);
                StateView v;

                now_usec += S / 10;
                state_follow(&s, &e, now_usec);
                if (state_due(&s, now_usec) > now_usec)
                        continue;
                v = state_view(&s, now_usec);
                state_sent(&s, &v, now_usec);
                sent++;
        }
        assert_int_equal(sent, 60);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_view),
                cmocka_unit_test(test_figures),
                cmocka_unit_test(test_hostile_name),
                cmocka_unit_test(test_too_many_straps),
                cmocka_unit_test(test_room_full_of_straps),
                cmocka_unit_test(test_due),
                cmocka_unit_test(test_rate),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
