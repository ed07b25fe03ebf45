/* SPDX-License-Identifier: MIT */
/* A core that is fed with what was heard before. Its session begins with the first heart rate that has a zone of its own, or
 * whose successors can never give it one: until then the core's ring keeps them, as it does before a run is known to be one.
 * All of it is in whole milliseconds. No clock: times are the caller's. */

#include "manager/replay.h"

#include <math.h>
#include <stdlib.h>

#include "cardio/engine.h"

/* t = 0 on the core's clock: later than whatever is heard before a session. */
#define EPOCH_USEC (24 * USEC_PER_HOUR)
#define SENSOR     0U
/* Heart rates, and R-R intervals, that wait for a zone; what is in the ring before them makes no difference. */
#define WAITING_MAX    (RING_SAMPLES_MAX / 2)
#define WAITING_RR_MAX (RING_RR_MAX - MEASUREMENT_RR_MAX)

struct SessionReplay {
        Engine *engine;
        SessionWriter *writer;
        const char *expression; /* of the ceiling that is being set */
        bool ceiling_written;
        bool ended;
        int64_t last_t;
        size_t waiting, waiting_rr;
};

static void on_fact(void *userdata, const Fact *fact)
{
        SessionReplay *p = userdata;

        if (p->ended)
                return;
        switch (fact->type) {
        case FACT_SAMPLE:
        case FACT_OVER_LIMIT:
        case FACT_BACK_IN_RANGE:
        case FACT_GAP:
        case FACT_ZONE:
                session_writer_fact(p->writer, fact, NULL);
                break;
        case FACT_CEILING:
                session_writer_fact(p->writer, fact, p->expression);
                p->ceiling_written = true;
                break;
        case FACT_SESSION_ENDED:
                (void)session_writer_end(p->writer, p->last_t, false); /* there: nothing is kept later */
                p->ended = true;
                break;
        case FACT_REJECTED:
        case FACT_SENSOR:
        case FACT_HEART_RATE:
        case FACT_SESSION_STARTED:
        case FACT_SESSION_DISCARDED:
        case FACT_CONTACT_LOST:
        case FACT_STALE:
        case FACT_SNOOZE:
        case FACT_STRAP:
        case FACT_STRAP_LOST:
        case FACT_STRAP_BACK:
        case FACT_BATTERY_LOW:
        case FACT_BATTERY_RISEN:
        case _FACT_TYPE_MAX:
        case _FACT_TYPE_INVALID:
                break;
        }
}

static usec_t time_of(int64_t t)
{
        return (usec_t)((int64_t)EPOCH_USEC + t * (int64_t)USEC_PER_MSEC);
}

/* Never refused: whatever could be is checked before. */
static void handle(SessionReplay *p, const Event *event, int64_t t)
{
        (void)engine_handle(p->engine, event, time_of(t), on_fact, p);
}

static Intensity ceiling_at(double bpm)
{
        if (isnan(bpm))
                return (Intensity){ .kind = INTENSITY_OFF };
        return (Intensity){ .kind = INTENSITY_BPM, .value = bpm };
}

/* Nothing begins or ends by itself. */
static EngineConfig whole_config(const Config *config, const SessionReplayHead *head)
{
        Runner runner = config_runner(config, (Date){ 0 }); /* only for what the head has another one of */
        EngineConfig c = config_engine(config, &runner);

        c.runner = head->runner;
        c.zones = head->zones;
        c.ceiling = ceiling_at(head->ceiling);
        c.limiter.tolerance = head->tolerance;
        c.start_above = (Intensity){ .kind = INTENSITY_OFF };
        c.recorder.end_after_usec = USEC_INFINITY;
        return c;
}

int session_replay_begin(
                Store *store, const Config *config, const SessionReplayHead *head, SessionReplay **ret)
{
        _cleanup_(session_replay_freep) SessionReplay *p = calloc(1, sizeof(*p));
        const SessionHead figures = {
                .runner = head->runner, .ceiling = head->ceiling, .tolerance = head->tolerance
        };
        const EngineConfig c = whole_config(config, head);
        int r;

        if (!p)
                return -ENOMEM;
        p->last_t = INT64_MIN;
        p->engine = calloc(1, sizeof(*p->engine));
        if (!p->engine)
                return -ENOMEM;
        r = session_writer_stage(store, &figures, EPOCH_USEC, &p->writer);
        if (r < 0)
                return r;
        engine_begin(p->engine, &c);
        (void)engine_handle(p->engine,
                        &(Event){ .type = EVENT_LINK, .sensor = SENSOR, .link = SENSOR_LINK_ABSENT },
                        USEC_PER_SEC, on_fact, p); /* never refused */
        *ret = TAKE_PTR(p);
        return 0;
}

SessionReplay *session_replay_free(SessionReplay *p)
{
        if (!p)
                return NULL;
        session_writer_free(p->writer);
        free(p->engine);
        free(p);
        return NULL;
}

/* The session begins with what waits. */
static void begin_with_waiting(SessionReplay *p)
{
        if (p->waiting == 0 || engine_recording(p->engine))
                return;
        handle(p, &(Event){ .type = EVENT_WHOLE, .sensor = SENSOR, .begin_usec = EPOCH_USEC }, p->last_t);
}

static bool is_possible(const SessionReplay *p, int64_t t, uint16_t heart_rate, size_t n_rr)
{
        return t > p->last_t && t >= -(int64_t)(EPOCH_USEC / 2 / USEC_PER_MSEC) &&
               t <= SESSION_REPLAY_T_MAX && heart_rate >= HEART_RATE_MIN && heart_rate <= HEART_RATE_MAX &&
               n_rr <= MEASUREMENT_RR_MAX;
}

int session_replay_heart_rate(SessionReplay *p, int64_t t, uint16_t heart_rate, Contact contact,
                const uint16_t *rr, size_t n_rr)
{
        Measurement m = { .heart_rate = heart_rate, .contact = contact, .n_rr = n_rr };

        if (p->ended || !is_possible(p, t, heart_rate, n_rr))
                return -EINVAL;
        for (size_t i = 0; i < n_rr; i++)
                m.rr[i] = rr[i];
        p->last_t = t;
        handle(p, &(Event){ .type = EVENT_HEART_RATE, .sensor = SENSOR, .measurement = &m }, t);
        if (t < 0 || engine_recording(p->engine))
                return 0;
        p->waiting++;
        p->waiting_rr += n_rr;
        if (p->engine->track[SENSOR].zone >= 0 || p->waiting >= WAITING_MAX ||
                        p->waiting_rr >= WAITING_RR_MAX)
                begin_with_waiting(p);
        return 0;
}

void session_replay_ceiling(SessionReplay *p, int64_t t, double bpm, const char *expression)
{
        const Intensity ceiling = ceiling_at(bpm);

        if (p->ended)
                return;
        begin_with_waiting(p); /* under the ceiling before */
        p->expression = expression;
        p->ceiling_written = false;
        handle(p, &(Event){ .type = EVENT_CEILING, .intensity = &ceiling }, t);
        /* The core emits none that comes to the same. */
        if (!p->ceiling_written)
                (void)session_writer_event(p->writer, t, "ceiling", bpm,
                                expression); /* its failure is kept, for the end */
        p->expression = NULL;
}

void session_replay_event(SessionReplay *p, int64_t t, const char *type, double value, const char *detail)
{
        if (!p->ended)
                (void)session_writer_event(p->writer, t, type, value, detail); /* likewise */
}

int session_replay_end(SessionReplay *p, SessionWriter **ret)
{
        int r;

        if (p->waiting == 0)
                return -ENODATA;
        begin_with_waiting(p);
        handle(p, &(Event){ .type = EVENT_STOP }, p->last_t);
        r = session_writer_error(p->writer);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(p->writer);
        return 0;
}
