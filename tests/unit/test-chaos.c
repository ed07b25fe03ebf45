/* SPDX-License-Identifier: MIT */

/* Four straps, a runner and a daemon go through thousands of hours of everything that can happen to them, in no order:
 * runs, silence, frozen values, lost contact, nonsense, duplicates, links that come and go, straps that are forgotten,
 * commands, reloads, a loop that is late, a machine that sleeps for hours, a daemon that is killed and comes back. After
 * each step the core must have said exactly what the model (chaos-model.h) expects, and be in the state that it is in; and,
 * whatever the model thinks, one session is open at a time, its heart rates come one after the other, and there is an alert
 * only in a session that is above its limit.
 *
 * The wall clock is not here: the core does not know it, which is why a step of it cannot matter.
 *
 * A walk is of WALK_HOURS and follows from its seed alone. CHAOS_SEED: the first walk's, 1 unless told. CHAOS_HOURS: how
 * many hours, at least one walk; with CHAOS_SEED one walk unless told. A failing walk tells its seed. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "chaos-model.h"

#define SEC(s)          ((usec_t)((s)*1000000))
#define WALK_HOURS      50U
#define DEFAULT_HOURS   1000U
#define HISTORY_OF_ACTS 24U
#define VALUE_MAX       96U

typedef enum StrapMode {
        STRAP_BEATS,
        STRAP_BARE, /* no R-R intervals, no contact bits */
        STRAP_FROZEN,
        STRAP_NO_CONTACT,
        STRAP_ZERO,
        STRAP_NOISE,
        STRAP_SILENT,
        _STRAP_MODE_MAX,
} StrapMode;

typedef struct WalkStrap {
        StrapMode mode;
        double bpm, target;
        usec_t next_usec, period_usec;
        unsigned echo; /* one packet in so many comes again at once */
        uint8_t value[VALUE_MAX];
        size_t size;
} WalkStrap;

typedef struct Walk {
        uint64_t seed, random;
        usec_t now_usec, end_usec;
        usec_t tick_usec; /* when the loop gets round to what is due */
        usec_t act_usec;
        usec_t lateness_usec; /* of the loop */
        Engine *engine;
        Model *model;
        EngineConfig config;
        WalkStrap strap[MODEL_STRAPS];

        struct { /* as told by the core */
                bool open, breach;
                usec_t begin_usec, last_usec;
        } session;
        size_t n_told;
        uint64_t steps, samples, sessions, alerts;
        char act[HISTORY_OF_ACTS][96];
        size_t n_acts;
} Walk;

static const unsigned slots[MODEL_STRAPS] = { 0, 1, 7, SENSORS_MAX - 1 };

/* splitmix64 (Steele, Lea, Flood 2014) */
static uint64_t next_random(Walk *w)
{
        uint64_t z = (w->random += 0x9e3779b97f4a7c15U);

        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
        return z ^ (z >> 31);
}

static unsigned pick(Walk *w, unsigned n)
{
        return (unsigned)(next_random(w) % n);
}

static bool once_in(Walk *w, unsigned n)
{
        return pick(w, n) == 0;
}

/* -- What went wrong -- */

static void walk_remember(Walk *w, const char *what, unsigned strap, double figure)
{
        (void)snprintf(w->act[w->n_acts++ % HISTORY_OF_ACTS], sizeof(w->act[0]), "%12.6f s  %s %u %g",
                        (double)w->now_usec / 1e6, what, strap, figure);
}

static void expected_show(const char *title, const Expected *e)
{
        print_message("  %s: fact %d of strap %u at %.6f s, length %.6f s, %.2f bpm (%u, %u intervals), "
                      "ceiling %.2f,"
                      "%s%s%s reason %d\n",
                        title, (int)e->type, e->sensor, (double)e->at_usec / 1e6,
                        (double)e->length_usec / 1e6, e->heart_rate, e->bpm, e->n_rr, e->ceiling,
                        e->begins ? " begins" : "", e->announce ? " announce" : "",
                        e->resumable ? " resumable" : "", (int)e->reason);
}

static void walk_fail(const Walk *w, const char *why)
{
        print_message("CHAOS_SEED=%llu fails after %llu steps, at %.6f s: %s; before that:\n",
                        (unsigned long long)w->seed, (unsigned long long)w->steps, (double)w->now_usec / 1e6,
                        why);
        for (size_t i = w->n_acts > HISTORY_OF_ACTS ? w->n_acts - HISTORY_OF_ACTS : 0; i < w->n_acts; i++)
                print_message("  %s\n", w->act[i % HISTORY_OF_ACTS]);
        fail();
}

/* -- One step: the same event to both, and the same facts from both -- */

static bool same(double a, double b)
{
        return fabs(a - b) < 1e-9 || (isnan(a) && isnan(b));
}

static bool is_compared(FactType type)
{
        return type != FACT_SENSOR && type != FACT_ZONE;
}

static void count(Walk *w, const Expected *e)
{
        w->samples += e->type == FACT_SAMPLE;
        w->sessions += e->type == FACT_SESSION_ENDED;
        w->alerts += e->type == FACT_OVER_LIMIT && e->announce;
}

/* What must be so whatever has happened; NULL, or what is not. */
static const char *walk_contradiction(Walk *w, const Fact *f)
{
        bool limit = f->type == FACT_OVER_LIMIT || f->type == FACT_BACK_IN_RANGE,
             begins = f->type == FACT_SESSION_STARTED,
             ends = f->type == FACT_SESSION_ENDED || f->type == FACT_SESSION_DISCARDED;

        if (f->at_usec > w->now_usec)
                return "told of the future";
        if (begins && w->session.open)
                return "a session within a session";
        if ((ends || limit || f->type == FACT_SAMPLE) && !w->session.open)
                return "there is no session of which it is told";
        if (f->type == FACT_SAMPLE && f->at_usec < w->session.last_usec)
                return "a heart rate before the one before it";
        if (limit && f->length_usec > w->now_usec - w->session.begin_usec)
                return "a breach longer than its session";
        if (f->type == FACT_OVER_LIMIT && !(f->heart_rate > f->ceiling + w->engine->config.limiter.tolerance))
                return "an alert without a reason";
        if ((f->type == FACT_BACK_IN_RANGE || (f->type == FACT_OVER_LIMIT && !f->begins)) !=
                                        w->session.breach &&
                        limit)
                return "a breach within a breach, or the end of none";
        if (ends && (w->session.breach || f->at_usec < w->session.begin_usec))
                return "a session that ends before its time, or not all of it";

        if (begins)
                w->session.begin_usec = w->session.last_usec = f->at_usec;
        if (f->type == FACT_SAMPLE)
                w->session.last_usec = f->at_usec;
        if (begins || ends)
                w->session.open = begins;
        if (limit)
                w->session.breach = f->type == FACT_OVER_LIMIT;
        return NULL;
}

static void on_fact(void *userdata, const Fact *f)
{
        Walk *w = userdata;
        const char *contradiction = walk_contradiction(w, f);
        const Expected *x;
        Expected told = {
                .type = f->type,
                .sensor = f->sensor,
                .at_usec = f->at_usec,
                .length_usec = f->length_usec,
                .heart_rate = f->heart_rate,
                .ceiling = f->ceiling,
                .bpm = f->sample ? f->sample->heart_rate : 0,
                .n_rr = f->sample ? f->sample->n_rr : 0,
                .begins = f->begins,
                .announce = f->announce,
                .resumable = f->resumable,
                .reason = f->reason,
        };

        if (contradiction)
                walk_fail(w, contradiction);
        if (!is_compared(f->type))
                return;
        if (w->n_told >= w->model->n_expected) {
                expected_show("told", &told);
                walk_fail(w, "a fact that is not expected");
        }
        x = &w->model->expected[w->n_told++];
        if (x->type != told.type || x->sensor != told.sensor || x->at_usec != told.at_usec ||
                        x->length_usec != told.length_usec || !same(x->heart_rate, told.heart_rate) ||
                        !same(x->ceiling, told.ceiling) || x->bpm != told.bpm || x->n_rr != told.n_rr ||
                        x->begins != told.begins || x->announce != told.announce ||
                        x->resumable != told.resumable || x->reason != told.reason) {
                expected_show("expected", x);
                expected_show("told", &told);
                walk_fail(w, "another fact than expected");
        }
        count(w, x);
}

static void walk_check(Walk *w, EventType event)
{
        const Model *m = w->model;

        if (w->n_told < m->n_expected) {
                expected_show("expected", &m->expected[w->n_told]);
                walk_fail(w, "a fact is missing");
        }
        if (engine_recording(w->engine) != m->recording || !same(w->engine->ceiling, m->ceiling))
                walk_fail(w, "recording, or the ceiling, is not as expected");
        for (unsigned i = 0; i < MODEL_STRAPS; i++) {
                const EngineTrack *t = &w->engine->track[slots[i]];
                if (t->used != m->strap[i].used || (t->used && t->state != m->strap[i].state)) {
                        print_message("  strap %u is %s, expected %s\n", slots[i],
                                        sensor_state_to_string(t->state),
                                        sensor_state_to_string(m->strap[i].state));
                        walk_fail(w, "a strap's state is not as expected");
                }
        }
        /* Another event may bring what is due at once: a reload with a shorter end-after. */
        if (event == EVENT_TICK && engine_deadline(w->engine) <= w->now_usec)
                walk_fail(w, "what is due now is not done");
}

static void walk_step(Walk *w, Event event, unsigned strap)
{
        static const char *const names[_EVENT_TYPE_MAX] = { "link", "packet", "tick", "start", "stop",
                "ceiling", "hold", "release", "snooze", "quiet", "resume", "stopped", "suspend", "configure",
                "forget" };
        Model *m = w->model;
        int expected = 0, r;

        if (event.type != EVENT_TICK && event.type != EVENT_NOTIFICATION)
                walk_remember(w, names[event.type], slots[strap],
                                event.type == EVENT_LINK ? event.link : (double)event.length_usec / 1e6);
        event.sensor = slots[strap];
        m->n_expected = w->n_told = 0;
        model_time(m, w->now_usec);
        switch (event.type) {
        case EVENT_LINK:
                model_link(m, strap, event.link, w->now_usec);
                break;
        case EVENT_NOTIFICATION:
                model_packet(m, strap, event.value, event.size, w->now_usec);
                break;
        case EVENT_TICK:
                break;
        case EVENT_START:
                expected = model_start(m, w->now_usec);
                break;
        case EVENT_STOP:
                expected = model_stop(m, w->now_usec);
                break;
        case EVENT_CEILING:
                model_set_ceiling(m, event.intensity, w->now_usec);
                break;
        case EVENT_HOLD:
                expected = model_hold(m, w->now_usec);
                break;
        case EVENT_RELEASE:
                model_release(m, w->now_usec);
                break;
        case EVENT_SNOOZE:
                model_snooze(m, event.length_usec, w->now_usec);
                break;
        case EVENT_QUIET:
                expected = model_quiet(m, event.quiet);
                break;
        case EVENT_RESUME:
                model_resume(m, strap, event.by_hand,
                                &(RecorderPast){ event.begin_usec, event.effort_usec, event.kept_usec,
                                                event.last_usec });
                break;
        case EVENT_STOPPED:
                expected = model_stopped(m, event.last_usec, w->now_usec);
                break;
        case EVENT_SUSPEND:
                model_suspend(m, w->now_usec);
                break;
        case EVENT_CONFIGURE:
                model_configure(m, event.config, w->now_usec);
                break;
        case EVENT_FORGET:
                model_forget(m, strap);
                break;
        case _EVENT_TYPE_MAX:
        case _EVENT_TYPE_INVALID:
                break;
        }
        if (event.type == EVENT_RESUME) {
                w->session.open = true;
                w->session.begin_usec = event.begin_usec;
                w->session.last_usec = event.last_usec;
        }
        r = engine_handle(w->engine, &event, w->now_usec, on_fact, w);
        if (r != expected)
                walk_fail(w, "an event is answered otherwise than expected");
        walk_check(w, event.type);
        w->steps++;
}

/* -- The daemon -- */

static EngineConfig walk_config(Walk *w)
{
        static const Intensity starts[] = { { INTENSITY_PERCENT_RESERVE, 30 },
                { INTENSITY_PERCENT_RESERVE, 30 }, { INTENSITY_BPM, 110 }, { .kind = INTENSITY_CONTACT },
                { .kind = INTENSITY_OFF } };
        static const Intensity ceilings[] = { { INTENSITY_PERCENT_RESERVE, 65 },
                { INTENSITY_PERCENT_RESERVE, 65 }, { INTENSITY_BPM, 150 }, { .kind = INTENSITY_OFF } };
        const ZoneTable bounds = zone_model_default(ZONE_MODEL_HRR);
        EngineConfig c = {
                .runner = { .resting = 50, .maximum = 197 },
                .ceiling = ceilings[pick(w, 4)],
                .limiter = { .tolerance = pick(w, 5),
                                .hold_usec = SEC(pick(w, 3) * 10),
                                .clear_usec = SEC(pick(w, 3) * 5),
                                .repeat_usec = SEC(pick(w, 3) * 30) },
                .zone_hysteresis = 1,
                .sensor = { .stale_usec = SEC(5), .frozen_usec = SEC(30 + pick(w, 2) * 90) },
                .trust_contact = !once_in(w, 4),
                .window_usec = SEC(1 + pick(w, 8)),
                .start_above = starts[pick(w, 5)],
                .recorder = { .start_after_usec = SEC(pick(w, 3) * 10),
                                .pre_roll_usec = SEC(pick(w, 3) * 30),
                                .end_after_usec = SEC(30 + pick(w, 3) * 135),
                                .cool_down_usec = SEC(pick(w, 3) * 60),
                                .min_duration_usec = SEC(pick(w, 3) * 60),
                                .switch_after_usec = SEC(1 + pick(w, 3) * 15) },
        };

        assert_int_equal(zone_table_resolve(ZONE_MODEL_HRR, &bounds, &c.runner, &c.zones), 0);
        return c;
}

static void walk_reload(Walk *w)
{
        EngineConfig c = walk_config(w);

        /* The window is of what is in it: another length of it tells only from then on. */
        c.window_usec = w->config.window_usec;
        w->config = c;
        walk_step(w, (Event){ .type = EVENT_CONFIGURE, .config = &w->config }, 0);
}

static void walk_begin_daemon(Walk *w)
{
        free(w->engine);
        w->engine = calloc(1, sizeof(*w->engine));
        assert_non_null(w->engine);
        w->config = walk_config(w);
        engine_begin(w->engine, &w->config);
        w->session.open = w->session.breach = false;
        model_begin_life(w->model, &w->config);
}

static usec_t earlier(usec_t a, usec_t b)
{
        return a < b ? a : b;
}

/* What the next daemon finds of the session that is recorded. */
static RecorderPast walk_past(Walk *w, bool killed)
{
        const Model *m = w->model;
        usec_t last_usec = m->last_usec;

        if (killed && last_usec > m->begin_usec + SEC(10))
                last_usec -= SEC(pick(w, 5)); /* what was not committed */
        return (RecorderPast){
                .begin_usec = m->begin_usec,
                .effort_usec = earlier(m->effort_usec, last_usec),
                .kept_usec = earlier(m->resumed ? m->trimmed_usec : m->kept_usec, last_usec),
                .last_usec = last_usec,
        };
}

/* It is stopped or killed, away for a while, and takes up what is young enough. The strap may be another number now. */
static void walk_restart(Walk *w)
{
        bool killed = once_in(w, 2), by_hand = w->model->by_hand, open, stopped;
        usec_t away_usec = once_in(w, 2) ? SEC(pick(w, 5)) : SEC(pick(w, 1200));
        unsigned strap = pick(w, MODEL_STRAPS);
        RecorderPast past;

        walk_step(w, (Event){ .type = EVENT_TICK }, 0);
        open = w->model->recording;
        stopped = w->model->stopped;
        past = open ? walk_past(w, killed) : (RecorderPast){ .effort_usec = w->model->effort_usec };
        if (!killed)
                walk_step(w, (Event){ .type = EVENT_SUSPEND }, 0);
        walk_remember(w, killed ? "killed" : "restarted", 0, (double)away_usec / 1e6);
        w->now_usec += away_usec + 1;
        walk_begin_daemon(w);
        if (open && w->now_usec - past.last_usec < w->config.recorder.end_after_usec)
                walk_step(w,
                                (Event){ .type = EVENT_RESUME,
                                                .by_hand = by_hand,
                                                .begin_usec = past.begin_usec,
                                                .effort_usec = past.effort_usec,
                                                .kept_usec = past.kept_usec,
                                                .last_usec = past.last_usec },
                                strap);
        if (stopped || once_in(w, 8)) /* refused while a session goes on */
                walk_step(w, (Event){ .type = EVENT_STOPPED, .last_usec = past.effort_usec }, strap);
        for (unsigned i = 0; i < MODEL_STRAPS; i++)
                walk_step(w, (Event){ .type = EVENT_LINK, .link = pick(w, _SENSOR_LINK_MAX) }, i);
}

/* -- Straps -- */

static void strap_value(Walk *w, WalkStrap *s)
{
        static const uint8_t flags[] = { 0x10, 0x16, 0x14, 0x1e, 0x06 };
        unsigned bpm = s->bpm < 1 ? 0 : (unsigned)s->bpm, rr = 61440 / (bpm > 0 ? bpm : 1);
        uint8_t *p = s->value;

        switch (s->mode) {
        case STRAP_BEATS:
                p[0] = flags[pick(w, 2)];
                if (once_in(w, 50))
                        p[0] = flags[pick(w, 5)];
                *++p = (uint8_t)bpm;
                if (s->value[0] & 8) {
                        *++p = (uint8_t)next_random(w);
                        *++p = 0;
                }
                for (unsigned n = (s->value[0] & 16) ? pick(w, 3) : 0; n > 0; n--) {
                        *++p = (uint8_t)rr;
                        *++p = (uint8_t)(rr >> 8);
                }
                s->size = (size_t)(p - s->value) + 1;
                break;
        case STRAP_BARE:
        case STRAP_FROZEN:
                s->size = 2;
                s->value[0] = 0;
                s->value[1] = (uint8_t)bpm;
                break;
        case STRAP_NO_CONTACT:
                s->size = 2;
                s->value[0] = 4;
                s->value[1] = (uint8_t)bpm;
                break;
        case STRAP_ZERO:
                s->size = 2;
                s->value[0] = s->value[1] = 0;
                break;
        case STRAP_NOISE:
                s->size = pick(w, VALUE_MAX + 1);
                for (size_t i = 0; i < s->size; i++)
                        s->value[i] = (uint8_t)next_random(w);
                break;
        case STRAP_SILENT:
        case _STRAP_MODE_MAX:
                break;
        }
}

static void strap_sends(Walk *w, unsigned strap)
{
        WalkStrap *s = &w->strap[strap];
        const Event echo = { .type = EVENT_NOTIFICATION, .value = s->value, .size = s->size };

        s->next_usec = w->now_usec + s->period_usec - s->period_usec / 10 +
                       pick(w, (unsigned)s->period_usec / 5 + 1);
        if (s->mode == STRAP_SILENT || !w->model->strap[strap].used)
                return;
        if (s->mode != STRAP_FROZEN) {
                s->bpm += (s->target - s->bpm) / 20 + (pick(w, 9) - 4.0) / 2;
                if (once_in(w, 200))
                        s->bpm += pick(w, 100); /* a spike */
        }
        strap_value(w, s);
        walk_step(w, (Event){ .type = EVENT_NOTIFICATION, .value = s->value, .size = s->size }, strap);
        if (s->echo == 0 || !once_in(w, s->echo))
                return;
        /* Again, at once or just within or beyond the time for it. */
        w->now_usec += (const usec_t[]){ 0, 1000, 199999, 200000, 200001 }[pick(w, 5)];
        walk_step(w, (Event){ .type = EVENT_NOTIFICATION, .value = echo.value, .size = s->size }, strap);
}

/* -- What happens -- */

/* A length that matters to the configuration, to the microsecond, just short of it or just beyond. */
static usec_t walk_edge(Walk *w)
{
        const EngineConfig *c = &w->config;
        const usec_t edges[] = { c->sensor.stale_usec, c->sensor.frozen_usec, c->recorder.end_after_usec,
                c->recorder.switch_after_usec, c->recorder.start_after_usec, c->limiter.hold_usec,
                c->limiter.clear_usec, c->recorder.cool_down_usec };

        return usec_sub(edges[pick(w, sizeof(edges) / sizeof(edges[0]))] + pick(w, 3), 1);
}

static void strap_changes(Walk *w, unsigned strap)
{
        static const double efforts[] = { 65, 90, 125, 140, 147, 165, 185 };
        static const StrapMode modes[] = { STRAP_BEATS, STRAP_BEATS, STRAP_BEATS, STRAP_BARE, STRAP_FROZEN,
                STRAP_NO_CONTACT, STRAP_ZERO, STRAP_NOISE, STRAP_SILENT, STRAP_SILENT };
        static const unsigned periods_ms[] = { 1000, 1000, 1000, 500, 250, 1700 };
        WalkStrap *s = &w->strap[strap];

        switch (pick(w, 5)) {
        case 0:
        case 1:
                s->target = efforts[pick(w, 7)];
                break;
        case 2:
                s->mode = modes[pick(w, 10)];
                break;
        case 3:
                s->period_usec = periods_ms[pick(w, 6)] * USEC_PER_MSEC;
                s->echo = pick(w, 4) * 5;
                break;
        case 4: /* silent for a length that matters, and on */
                s->next_usec = w->now_usec + walk_edge(w);
                break;
        }
        walk_remember(w, "strap", slots[strap], s->mode);
}

static void runner_commands(Walk *w, unsigned strap)
{
        static const Intensity ceilings[] = { { .kind = INTENSITY_OFF }, { INTENSITY_BPM, 120 },
                { INTENSITY_BPM, 150 } };
        unsigned which = pick(w, 4);

        switch (pick(w, 9)) {
        case 0:
                walk_step(w, (Event){ .type = EVENT_START }, strap);
                break;
        case 1:
                walk_step(w, (Event){ .type = EVENT_STOP }, strap);
                if (once_in(w, 2)) /* within a beat */
                        walk_step(w, (Event){ .type = EVENT_START }, strap);
                break;
        case 2:
                walk_step(w,
                                (Event){ .type = EVENT_CEILING,
                                                .intensity = which < 3 ? &ceilings[which] : NULL },
                                strap);
                break;
        case 3:
        case 4:
                walk_step(w, (Event){ .type = EVENT_SNOOZE, .length_usec = SEC(which * 40) }, strap);
                break;
        case 5:
                walk_reload(w);
                break;
        case 6:
                walk_step(w, (Event){ .type = EVENT_HOLD }, strap);
                break;
        case 7:
                walk_step(w, (Event){ .type = EVENT_RELEASE }, strap);
                break;
        case 8:
                walk_step(w, (Event){ .type = EVENT_QUIET, .quiet = once_in(w, 2) }, strap);
                break;
        }
}

static void link_changes(Walk *w, unsigned strap)
{
        if (once_in(w, 5) && w->model->strap[strap].used)
                walk_step(w, (Event){ .type = EVENT_FORGET }, strap);
        else if (once_in(w, 3)) /* a drop, and back at once */
                walk_step(w, (Event){ .type = EVENT_LINK, .link = SENSOR_LINK_ABSENT }, strap);
        else
                walk_step(w, (Event){ .type = EVENT_LINK, .link = pick(w, _SENSOR_LINK_MAX) }, strap);
        if (!w->model->strap[strap].used || once_in(w, 2))
                walk_step(w, (Event){ .type = EVENT_LINK, .link = SENSOR_LINK_CONNECTED }, strap);
}

/* Nobody runs meanwhile, and no timer fires. */
static void machine_sleeps(Walk *w)
{
        usec_t length_usec = once_in(w, 2) ? walk_edge(w) : SEC(pick(w, once_in(w, 4) ? 8 * 3600 : 120));

        walk_remember(w, "asleep", 0, (double)length_usec / 1e6);
        w->now_usec += length_usec;
}

static void something_happens(Walk *w)
{
        unsigned strap = pick(w, MODEL_STRAPS);
        unsigned which = pick(w, 100);

        w->act_usec = w->now_usec + SEC(pick(w, 60)) + pick(w, 1000000);
        if (which < 60)
                strap_changes(w, strap);
        else if (which < 75)
                link_changes(w, strap);
        else if (which < 91)
                runner_commands(w, strap);
        else if (which < 94)
                machine_sleeps(w);
        else if (which < 97)
                w->lateness_usec = once_in(w, 2) ? 0 : SEC(pick(w, 10));
        else
                walk_restart(w);
}

/* -- The walk -- */

static void walk_begin(Walk *w, uint64_t seed)
{
        *w = (Walk){ .seed = seed, .random = seed, .now_usec = SEC(1000) };
        w->model = calloc(1, sizeof(*w->model));
        assert_non_null(w->model);
        w->model->slot = slots;
        walk_begin_daemon(w);
        for (unsigned i = 0; i < MODEL_STRAPS; i++) {
                w->strap[i] = (WalkStrap){
                        .bpm = 70, .target = 70, .period_usec = SEC(1), .next_usec = w->now_usec
                };
                walk_step(w, (Event){ .type = EVENT_LINK, .link = SENSOR_LINK_CONNECTED }, i);
        }
        /* Mostly one is worn. */
        for (unsigned i = 1; i < MODEL_STRAPS; i++)
                w->strap[i].mode = STRAP_SILENT;
        w->end_usec = w->now_usec + WALK_HOURS * USEC_PER_HOUR;
}

static void walk_end(Walk *w)
{
        for (unsigned i = 0; i < MODEL_STRAPS; i++)
                free(w->model->strap[i].beats.beat);
        free(w->model->session.beat);
        free(w->model);
        free(w->engine);
}

/* The next thing in time: a packet, something that happens, or what has come due; the loop may be late for that. */
static void walk_on(Walk *w)
{
        usec_t due_usec = usec_add(engine_deadline(w->engine), w->lateness_usec), next_usec = due_usec;
        int what = -1;

        if (w->act_usec < next_usec) {
                next_usec = w->act_usec;
                what = MODEL_STRAPS;
        }
        for (unsigned i = 0; i < MODEL_STRAPS; i++)
                if (w->strap[i].next_usec < next_usec) {
                        next_usec = w->strap[i].next_usec;
                        what = (int)i;
                }
        if (next_usec > w->now_usec)
                w->now_usec = next_usec;
        if (what < 0)
                walk_step(w, (Event){ .type = EVENT_TICK }, 0);
        else if (what == (int)MODEL_STRAPS)
                something_happens(w);
        else
                strap_sends(w, (unsigned)what);
}

static unsigned variable(const char *name, unsigned otherwise)
{
        const char *text = getenv(name);
        unsigned long value;
        char *end;

        if (!text || !*text)
                return otherwise;
        value = strtoul(text, &end, 10);
        if (*end || value == 0 || value > UINT32_MAX)
                fail_msg("%s=%s: a number is expected", name, text);
        return (unsigned)value;
}

static void test_chaos(void **state)
{
        unsigned first = variable("CHAOS_SEED", 1);
        unsigned hours = variable("CHAOS_HOURS", getenv("CHAOS_SEED") ? WALK_HOURS : DEFAULT_HOURS);
        uint64_t samples = 0, sessions = 0, alerts = 0, steps = 0;

        (void)state;
        for (unsigned i = 0; i * WALK_HOURS < hours; i++) {
                Walk w;

                walk_begin(&w, first + i);
                while (w.now_usec < w.end_usec)
                        walk_on(&w);
                samples += w.samples;
                sessions += w.sessions;
                alerts += w.alerts;
                steps += w.steps;
                /* A walk in which nothing happens tests nothing. */
                if (w.samples < 1000 || w.sessions < 10 || w.alerts < 10)
                        walk_fail(&w, "hardly anything happened");
                walk_end(&w);
        }
        print_message("# %u hours, %llu events, %llu samples, %llu sessions, %llu alerts\n", hours,
                        (unsigned long long)steps, (unsigned long long)samples, (unsigned long long)sessions,
                        (unsigned long long)alerts);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_chaos),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
