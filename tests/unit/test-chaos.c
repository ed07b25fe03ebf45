/* SPDX-License-Identifier: MIT */

/* Four straps, a runner and a daemon go through thousands of hours of everything that can happen to them, in no order:
 * runs, silence, frozen values, lost contact, odd packets, nonsense, duplicates, packets that come late and all at once,
 * slow sensors and hasty ones, links that come and go, straps that are forgotten, commands, reloads, a loop that is late, a machine that sleeps for hours, a daemon that is killed and comes back. After
 * each step the core must have said exactly what the model (chaos-model.h) expects, and be in the state that it is in; and,
 * whatever the model thinks, one session is open at a time, its heart rates come one after the other, and there is an alert
 * only in a session that is above its limit.
 *
 * The wall clock is not here: the core does not know it, which is why a step of it cannot matter.
 *
 * A walk is of WALK_HOURS and follows from its seed alone. CHAOS_SEED: the first walk's, 1 unless set. CHAOS_HOURS: how
 * many hours, at least one walk; with CHAOS_SEED one walk unless set. A failing walk prints its seed. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "cardio/macro.h"

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
        STRAP_FLICKER, /* one packet in a few is odd */
        STRAP_SILENT,
        _STRAP_MODE_MAX,
} StrapMode;

typedef struct WalkStrap {
        StrapMode mode;
        double bpm, target;
        usec_t next_usec, period_usec;
        unsigned echo;  /* one packet in so many comes again at once */
        unsigned burst; /* so many come at once */
        unsigned odd;   /* one in so many, when it flickers */
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

        struct { /* as emitted by the core */
                bool open, begun, breach;
                bool lost; /* its strap */
                unsigned n_losses;
                usec_t begin_usec, last_usec;
        } session;
        size_t n_emitted;
        Expected emitted[EXPECTED_MAX];
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
        print_message("  %s: fact %d of strap %u at %.6f s, length %.6f s, %.2f bpm (%u, %u intervals, zone %u, settled %u), "
                      "first %.2f, ceiling %.2f,%s%s%s reason %d\n",
                        title, (int)e->type, e->sensor, (double)e->at_usec / 1e6,
                        (double)e->length_usec / 1e6, e->heart_rate, e->bpm, e->n_rr, e->zone, e->settled,
                        e->first_heart_rate, e->ceiling, e->begins ? " begins" : "",
                        e->announce ? " announce" : "", e->resumable ? " resumable" : "", (int)e->reason);
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
        return type != FACT_SENSOR && type != FACT_ZONE && type != FACT_STRAP_LOST &&
               type != FACT_STRAP_BACK && type != FACT_BATTERY_LOW && type != FACT_BATTERY_RISEN;
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

        if (f->at_usec > w->now_usec + ENGINE_AHEAD_USEC)
                return "a fact of the future";
        if (begins && w->session.open)
                return "a session within a session";
        if ((ends || limit || f->type == FACT_SAMPLE) && !w->session.open)
                return "there is no session of which it is emitted";
        if (f->type == FACT_SAMPLE &&
                        (f->at_usec < w->session.last_usec ||
                                        (w->session.begun && f->at_usec == w->session.last_usec)))
                return "a heart rate before the one before it, or at once with it";
        if (f->type == FACT_SAMPLE && f->at_usec % USEC_PER_MSEC != 0)
                return "a heart rate between two milliseconds";
        if (limit && (f->at_usec < w->session.begin_usec || f->at_usec > w->session.last_usec ||
                                     f->length_usec > w->session.last_usec - w->session.begin_usec))
                return "a breach that is not within its session";
        if ((f->type == FACT_STRAP_LOST || f->type == FACT_STRAP_BACK) && !w->session.open)
                return "a strap is lost, or back, outside of a session";
        if (f->type == FACT_STRAP_LOST && (w->session.lost || w->session.n_losses == SILENCE_TOLD_MAX ||
                                                          f->at_usec != w->session.last_usec ||
                                                          f->length_usec < SILENCE_LOST_USEC))
                return "a strap is lost that is, too often, or that was heard";
        if (f->type == FACT_STRAP_BACK && (!w->session.lost || f->at_usec != w->session.last_usec ||
                                                          f->length_usec < SILENCE_LOST_USEC))
                return "a strap is back that was not lost, or is not heard";
        if (f->type == FACT_GAP && f->length_usec > w->now_usec)
                return "a gap longer than time";
        if (f->type == FACT_OVER_LIMIT && !(f->heart_rate > f->ceiling + w->engine->config.limiter.tolerance))
                return "an alert without a reason";
        if ((f->type == FACT_BACK_IN_RANGE || (f->type == FACT_OVER_LIMIT && !f->begins)) !=
                                        w->session.breach &&
                        limit)
                return "a breach within a breach, or the end of none";
        if (ends && (w->session.breach || f->at_usec < w->session.begin_usec ||
                                    f->at_usec > w->session.last_usec))
                return "a session that ends before its time, or not all of it";

        if (begins)
                w->session.begin_usec = w->session.last_usec = f->at_usec;
        if (f->type == FACT_SAMPLE)
                w->session.last_usec = f->at_usec;
        w->session.begun = !begins && (w->session.begun || f->type == FACT_SAMPLE);
        if (f->type == FACT_STRAP_LOST || f->type == FACT_STRAP_BACK)
                w->session.lost = f->type == FACT_STRAP_LOST;
        w->session.n_losses += f->type == FACT_STRAP_LOST;
        if (begins || ends) {
                w->session.lost = false;
                w->session.n_losses = 0;
        }
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

        if (contradiction)
                walk_fail(w, contradiction);
        if (!is_compared(f->type))
                return;
        if (w->n_emitted == EXPECTED_MAX)
                walk_fail(w, "more facts than can be");
        w->emitted[w->n_emitted++] = (Expected){
                .type = f->type,
                .sensor = f->sensor,
                .at_usec = f->at_usec,
                .length_usec = f->length_usec,
                .heart_rate = f->heart_rate,
                .first_heart_rate = f->first_heart_rate,
                .ceiling = f->ceiling,
                .bpm = f->sample ? f->sample->heart_rate : 0,
                .n_rr = f->sample ? f->sample->n_rr : 0,
                .zone = f->sample ? f->sample->zone : 0,
                .settled = f->sample ? f->sample->settled : 0,
                .begins = f->begins,
                .announce = f->announce,
                .resumable = f->resumable,
                .reason = f->reason,
        };
        /* See ModelEffort: what the core says of it is taken, and checked. */
        if (f->type == FACT_SESSION_STARTED)
                w->model->core_began_usec = w->engine->recorder.first_effort_usec;
}

static bool expected_same(const Expected *a, const Expected *b)
{
        return a->type == b->type && a->sensor == b->sensor && a->at_usec == b->at_usec &&
               a->length_usec == b->length_usec && same(a->heart_rate, b->heart_rate) &&
               same(a->first_heart_rate, b->first_heart_rate) && same(a->ceiling, b->ceiling) &&
               a->bpm == b->bpm && a->n_rr == b->n_rr && a->zone == b->zone && a->settled == b->settled &&
               a->begins == b->begins && a->announce == b->announce && a->resumable == b->resumable &&
               a->reason == b->reason;
}

static void walk_compare(Walk *w)
{
        const Model *m = w->model;

        for (size_t i = 0; i < w->n_emitted || i < m->n_expected; i++) {
                if (i < w->n_emitted && i < m->n_expected && expected_same(&w->emitted[i], &m->expected[i])) {
                        count(w, &w->emitted[i]);
                        continue;
                }
                if (i < m->n_expected)
                        expected_show("expected", &m->expected[i]);
                if (i < w->n_emitted)
                        expected_show("emitted", &w->emitted[i]);
                walk_fail(w, i >= m->n_expected     ? "a fact that is not expected"
                                : i >= w->n_emitted ? "a fact is missing"
                                                    : "another fact than expected");
        }
        if (m->doubted)
                walk_fail(w, "a session that has too little effort, or one that is missing");
}

static void walk_check(Walk *w, EventType event)
{
        const Model *m = w->model;

        walk_compare(w);
        if (engine_recording(w->engine) != m->recording || !same(w->engine->ceiling, m->ceiling))
                walk_fail(w, "recording, or the ceiling, is not as expected");
        for (unsigned i = 0; i < MODEL_STRAPS; i++) {
                const Track *t = &w->engine->track[slots[i]];
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

/* Returns what the core is to answer. */
static int model_handle(Model *m, const Event *event, unsigned strap, usec_t clock_usec)
{
        usec_t now_usec = model_time(m, clock_usec);

        switch (event->type) {
        case EVENT_LINK:
                model_link(m, strap, event->link, now_usec);
                break;
        case EVENT_NOTIFICATION:
                model_packet(m, strap, event->value, event->size, clock_usec, now_usec);
                break;
        case EVENT_TICK:
        case EVENT_AWAKE:
        case EVENT_HEART_RATE: /* of files, which nobody walks through */
        case EVENT_WHOLE:
                break;
        case EVENT_BATTERY:
                return m->strap[strap].used ? 0 : -ENODEV;
        case EVENT_START:
                return model_start(m, now_usec);
        case EVENT_STOP:
                return model_stop(m, now_usec);
        case EVENT_CEILING:
                model_set_ceiling(m, event->intensity, now_usec);
                break;
        case EVENT_HOLD:
                return model_hold(m, now_usec);
        case EVENT_RELEASE:
                model_release(m, now_usec);
                break;
        case EVENT_SNOOZE:
                model_snooze(m, event->length_usec, now_usec);
                break;
        case EVENT_RESUME:
                model_resume(m, strap, event->by_hand, event->begin_usec, event->past, event->n_past);
                break;
        case EVENT_STOPPED:
                return model_stopped(m, event->last_usec, now_usec);
        case EVENT_SUSPEND:
                model_suspend(m, now_usec);
                break;
        case EVENT_CONFIGURE:
                model_configure(m, event->config, now_usec);
                break;
        case EVENT_FORGET:
                model_forget(m, strap);
                break;
        case _EVENT_TYPE_MAX:
        case _EVENT_TYPE_INVALID:
                break;
        }
        return 0;
}

static void walk_step(Walk *w, Event event, unsigned strap)
{
        static const char *const names[_EVENT_TYPE_MAX] = { "link", "packet", "heart rate", "tick", "start",
                "whole", "stop", "ceiling", "hold", "release", "snooze", "resume", "stopped", "suspend",
                "awake", "battery", "configure", "forget" };
        int r;

        if (event.type != EVENT_TICK && event.type != EVENT_NOTIFICATION)
                walk_remember(w, names[event.type], slots[strap],
                                event.type == EVENT_LINK ? event.link : (double)event.length_usec / 1e6);
        event.sensor = slots[strap];
        w->model->n_expected = w->n_emitted = 0;
        w->model->core_began_usec = 0;
        if (event.type == EVENT_RESUME) {
                w->session.open = w->session.begun = true;
                w->session.begin_usec = event.begin_usec;
                w->session.last_usec = event.past[event.n_past - 1].at_usec;
                w->session.lost = event.lost;
                w->session.n_losses = event.told;
        }
        r = engine_handle(w->engine, &event, w->now_usec, on_fact, w);
        if (r != model_handle(w->model, &event, strap, w->now_usec))
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
                .sensor = { .stale_usec = SEC(once_in(w, 4) ? 5 : 0),
                                .frozen_usec = SEC(30 + pick(w, 2) * 90) },
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

        /* The window is of what is in it: another length of it shows only from then on. */
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

/* What the next daemon finds of the session that is recorded. Returns how many heart rates. */
static size_t walk_past(Walk *w, bool killed, PastSample **ret)
{
        const History *h = &w->model->session;
        size_t n = w->model->recording ? h->n : 0,
               lost = killed ? pick(w, 5) : 0; /* what was not committed */

        if (n > 10)
                n -= lost;
        *ret = calloc(n + 1, sizeof(**ret));
        assert_non_null(*ret);
        for (size_t i = 0; i < n; i++)
                (*ret)[i] = (PastSample){ .at_usec = h->beat[i].at_usec,
                        .smoothed = h->beat[i].smoothed,
                        .counts = h->beat[i].counts,
                        .zone = (uint8_t)h->beat[i].zone };
        return n;
}

/* It is stopped or killed, away for a while, and takes up what is young enough. The strap may be another number now. */
static void walk_restart(Walk *w)
{
        bool killed = once_in(w, 2), by_hand = w->model->by_hand, stopped, lost;
        usec_t away_usec = once_in(w, 2) ? SEC(pick(w, 5)) : SEC(pick(w, 1200)), begin_usec, effort_usec;
        unsigned strap = pick(w, MODEL_STRAPS), n_losses;
        _cleanup_free_ PastSample *past = NULL;
        size_t n;

        walk_step(w, (Event){ .type = EVENT_TICK }, 0);
        stopped = w->model->stopped;
        begin_usec = w->model->begin_usec;
        effort_usec = w->model->effort_usec;
        lost = w->session.lost;
        n_losses = w->session.n_losses;
        n = walk_past(w, killed, &past);
        if (!killed)
                walk_step(w, (Event){ .type = EVENT_SUSPEND }, 0);
        walk_remember(w, killed ? "killed" : "restarted", 0, (double)away_usec / 1e6);
        w->now_usec = w->model->now_usec + away_usec + (once_in(w, 2) ? 1 : 0);
        walk_begin_daemon(w);
        if (n > 0 && w->now_usec - past[n - 1].at_usec < w->config.recorder.end_after_usec)
                walk_step(w,
                                (Event){ .type = EVENT_RESUME,
                                                .by_hand = by_hand,
                                                .begin_usec = begin_usec,
                                                .past = past,
                                                .n_past = n,
                                                .lost = lost,
                                                .told = n_losses },
                                strap);
        if (stopped || once_in(w, 8)) /* refused while a session goes on */
                walk_step(w, (Event){ .type = EVENT_STOPPED, .last_usec = effort_usec }, strap);
        for (unsigned i = 0; i < MODEL_STRAPS; i++)
                walk_step(w, (Event){ .type = EVENT_LINK, .link = pick(w, _SENSOR_LINK_MAX) }, i);
}

/* -- Straps -- */

static void strap_value(Walk *w, WalkStrap *s, StrapMode mode)
{
        static const uint8_t flags[] = { 0x10, 0x16, 0x14, 0x1e, 0x06 };
        unsigned bpm = s->bpm < 1 ? 0 : (unsigned)s->bpm, rr = 61440 / (bpm > 0 ? bpm : 1);
        uint8_t *p = s->value;

        switch (mode) {
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
        case STRAP_FLICKER: /* as it is asked for */
        case STRAP_SILENT:
        case _STRAP_MODE_MAX:
                break;
        }
}

/* What kind of packet comes now. */
static StrapMode strap_mode_now(Walk *w, const WalkStrap *s)
{
        static const StrapMode odd[] = { STRAP_ZERO, STRAP_NO_CONTACT, STRAP_NOISE, STRAP_SILENT };

        if (s->mode != STRAP_FLICKER)
                return s->mode;
        return s->odd > 0 && once_in(w, s->odd) ? odd[pick(w, 4)] : STRAP_BEATS;
}

static void strap_sends_one(Walk *w, unsigned strap)
{
        WalkStrap *s = &w->strap[strap];
        StrapMode mode = strap_mode_now(w, s);
        const Event packet = { .type = EVENT_NOTIFICATION, .value = s->value };

        if (mode == STRAP_SILENT || !w->model->strap[strap].used)
                return;
        if (mode != STRAP_FROZEN) {
                s->bpm += (s->target - s->bpm) / 20 + (pick(w, 9) - 4.0) / 2;
                if (once_in(w, 200))
                        s->bpm += pick(w, 100); /* a spike */
        }
        strap_value(w, s, mode);
        walk_step(w, (Event){ .type = packet.type, .value = packet.value, .size = s->size }, strap);
        if (s->echo == 0 || !once_in(w, s->echo))
                return;
        /* Again, at once or just within or beyond the time for it. */
        w->now_usec += (const usec_t[]){ 0, 1000, 199999, 200000, 200001, 250000, 600000 }[pick(w, 7)];
        walk_step(w, (Event){ .type = packet.type, .value = packet.value, .size = s->size }, strap);
}

static void strap_sends(Walk *w, unsigned strap)
{
        WalkStrap *s = &w->strap[strap];

        s->next_usec = w->now_usec + s->period_usec - s->period_usec / 10 +
                       pick(w, (unsigned)s->period_usec / 5 + 1);
        for (unsigned i = 0; i < s->burst; i++) {
                if (i > 0 && once_in(w, 3))
                        w->now_usec += pick(w, 3) * 400;
                strap_sends_one(w, strap);
        }
}

/* -- What happens -- */

/* A length that matters, to the microsecond, just short of it or just beyond; or a millisecond, which heart rates have. */
static usec_t walk_edge(Walk *w)
{
        const EngineConfig *c = &w->config;
        static const usec_t offsets[] = { 0, 999, 1000, 1001, 2000 };
        const usec_t edges[] = { strap_stale(&w->model->strap[0], c), SEC(3), SEC(60), SEC(300),
                c->sensor.frozen_usec, c->recorder.end_after_usec, c->recorder.switch_after_usec,
                c->recorder.start_after_usec, c->limiter.hold_usec, c->limiter.clear_usec,
                c->recorder.cool_down_usec };

        return usec_sub(edges[pick(w, ELEMENTSOF(edges))] + offsets[pick(w, 5)], 1000);
}

static void strap_changes(Walk *w, unsigned strap)
{
        static const double efforts[] = { 65, 90, 125, 140, 147, 165, 185 };
        static const StrapMode modes[] = { STRAP_BEATS, STRAP_BEATS, STRAP_BEATS, STRAP_BARE, STRAP_FROZEN,
                STRAP_NO_CONTACT, STRAP_ZERO, STRAP_NOISE, STRAP_SILENT, STRAP_SILENT, STRAP_FLICKER,
                STRAP_FLICKER, STRAP_FLICKER };
        static const unsigned periods_ms[] = { 1000, 1000, 1000, 1000, 1000, 500, 250, 1700, 3000, 5200, 6000,
                11000 };
        WalkStrap *s = &w->strap[strap];

        switch (pick(w, 5)) {
        case 0:
        case 1:
                s->target = efforts[pick(w, 7)];
                break;
        case 2:
                s->mode = modes[pick(w, 13)];
                s->odd = 2 + pick(w, 18);
                break;
        case 3:
                s->period_usec = periods_ms[pick(w, 12)] * USEC_PER_MSEC;
                s->echo = pick(w, 4) * 5;
                s->burst = once_in(w, 6) ? 2 + pick(w, 6) : 1;
                if (once_in(w, 100)) /* more than there are milliseconds */
                        for (unsigned i = 1000 + pick(w, 200); i > 0; i--)
                                strap_sends_one(w, strap);
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
        walk_step(w,
                        (Event){ .type = EVENT_BATTERY,
                                        .percent = (int)pick(w, 40) - 1,
                                        .low = w->engine->track[slots[strap]].battery.low },
                        strap);
        if (!w->model->strap[strap].used || once_in(w, 2))
                walk_step(w, (Event){ .type = EVENT_LINK, .link = SENSOR_LINK_CONNECTED }, strap);
}

/* Nobody runs meanwhile, and no timer fires. */
static void machine_sleeps(Walk *w)
{
        usec_t length_usec = once_in(w, 2) ? walk_edge(w) : SEC(pick(w, once_in(w, 4) ? 8 * 3600 : 120));

        walk_remember(w, "asleep", 0, (double)length_usec / 1e6);
        w->now_usec += length_usec;
        if (once_in(w, 2)) /* else the daemon was stalled */
                walk_step(w, (Event){ .type = EVENT_AWAKE }, 0);
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
                        .bpm = 70, .target = 70, .period_usec = SEC(1), .next_usec = w->now_usec, .burst = 1
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
        free(w->model->after.beat);
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
        _cleanup_free_ Walk *w = calloc(1, sizeof(*w));

        (void)state;
        assert_non_null(w);
        for (unsigned i = 0; i * WALK_HOURS < hours; i++) {
                walk_begin(w, first + i);
                while (w->now_usec < w->end_usec)
                        walk_on(w);
                samples += w->samples;
                sessions += w->sessions;
                alerts += w->alerts;
                steps += w->steps;
                /* A walk in which nothing happens tests nothing. */
                if (w->samples < 1000 || w->sessions < 10 || w->alerts < 10)
                        walk_fail(w, "hardly anything happened");
                walk_end(w);
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
