/* SPDX-License-Identifier: MIT */
/* A session that was recorded elsewhere becomes one of ours: by the runner's figures as of its date, through a core of its own
 * (replay.c), and in one transaction. Nothing of it is announced but that sessions have changed, and what is being recorded
 * goes on as it did: the coach is asked about the new run only when that has ended. Times are the wall clock's. */

#include "manager/import.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "cardio/bus-api.h"
#include "cardio/text.h"
#include "local.h"
#include "log.h"
#include "manager/changes.h"
#include "manager/import-check.h"
#include "manager/internal.h"
#include "manager/replay.h"
#include "shared/clock.h"
#include "store/import.h"

typedef struct Import {
        const BusImport *in;
        ImportTimes times;
        ImportRow row;
        StorePace *pace;
        Day date;
        ZoneTable zones; /* bpm */
        char expression[INTENSITY_STRING_MAX], bounds[ZONE_BOUNDS_STRING_MAX];
        char device[DIARY_WORDS_MAX + 1], sport[DIARY_WORDS_MAX + 1], workout[DIARY_WORDS_MAX + 1];
} Import;

/* ms since the first heart rate. */
static int64_t time_of(const Import *i, uint64_t at_usec)
{
        return (int64_t)(at_usec / 1000) - i->times.base_ms;
}

/* -- Refusals -- */

/* Nothing is stored, whatever the database has against it. */
static int refuse_stored(int r, sd_bus_error *error)
{
        if (r == -EAGAIN || r == -ENOMEM)
                return r;
        return sd_bus_error_setf(error, CARDIO_ERROR_BUSY,
                        "The database cannot be written now (%s): nothing is stored, try again",
                        strerror(-r));
}

static int refuse_same(int64_t id, sd_bus_error *error)
{
        return sd_bus_error_setf(error, CARDIO_ERROR_ALREADY_IMPORTED,
                        "The same content is session %" PRIi64 " already", id);
}

/* By the clock of where it was. */
static void print_moment(int64_t unix_ms, int offset_s, bool with_date, char *buf, size_t size)
{
        time_t at = (time_t)(unix_ms / 1000 + offset_s);
        struct tm tm;

        if (!gmtime_r(&at, &tm) || strftime(buf, size, with_date ? "%Y-%m-%d %H:%M" : "%H:%M", &tm) == 0)
                buf[0] = '\0';
}

static int refuse_overlap(const StoreOverlap *o, sd_bus_error *error)
{
        char began[32], ended[16], others[40] = "";

        print_moment(o->started_at, o->utc_offset_s, true, began, sizeof(began));
        print_moment(o->ended_at, o->utc_offset_s, false, ended, sizeof(ended));
        if (o->n > 1)
                (void)snprintf(others, sizeof(others), " and %u other%s", o->n - 1, o->n > 2 ? "s" : "");
        return sd_bus_error_setf(error, CARDIO_ERROR_OVERLAPS,
                        "More than half of it lies in session %" PRIi64 " (%s – %s)%s", o->id, began, ended,
                        others);
}

/* -- Whether it is there already -- */

static int check_new(Manager *m, const Import *i, sd_bus_error *error)
{
        /* A single heart rate has no length. */
        int64_t length_ms = i->times.length_ms > 0 ? i->times.length_ms : 1;
        int64_t same = store_find_content(m->store, i->in->content);
        StoreOverlap overlap;
        int r;

        if (same != 0)
                return same < 0 ? refuse_stored((int)same, error) : refuse_same(same, error);
        if (i->in->keep_overlap)
                return 0;
        r = store_get_overlap(m->store, i->times.started_at, i->times.started_at + length_ms, &overlap);
        if (r < 0)
                return refuse_stored(r, error);
        return 2 * overlap.length_ms > length_ms ? refuse_overlap(&overlap, error) : 0;
}

/* -- The row -- */

/* The figures of that date: as the file has them, else the nearest mornings, and the maximum of that age. */
static int set_runner(Manager *m, Import *i, sd_bus_error *error)
{
        Runner runner = config_runner_then(m->config, date_of_day(i->date));
        RestingInForce resting;
        int r = store_get_resting(m->store, i->date, m->config->resting_heart_rate, &resting);

        if (r < 0)
                return refuse_stored(r, error);
        runner.resting = resting.heart_rate;
        if (!isnan(i->in->max_hr))
                runner.maximum = i->in->max_hr;
        if (runner.resting >= runner.maximum)
                runner.resting = m->config->resting_heart_rate;
        if (!isnan(i->in->resting_hr))
                runner.resting = i->in->resting_hr;
        if (i->in->sex && i->in->sex[0])
                runner.sex = sex_from_string(i->in->sex);
        if (runner.resting >= runner.maximum)
                return sd_bus_error_setf(error, CARDIO_ERROR_INVALID_ARGUMENT,
                                "The resting heart rate, %g bpm, is not below the maximum, %g bpm; accepted: one that is",
                                runner.resting, runner.maximum);
        i->row.head.runner = runner;
        return 0;
}

static int set_zones(Manager *m, Import *i, sd_bus_error *error)
{
        SessionHead *head = &i->row.head;
        bool given = i->in->zone_model && i->in->zone_model[0];
        int r = config_zones(m->config, i->in->zone_model, i->in->zone_bounds, &head->runner, &i->zones);

        if (r == -EINVAL)
                return sd_bus_error_set(error, CARDIO_ERROR_INVALID_ARGUMENT,
                                "zone_model and zone_bounds are no zones; accepted: hrr, max, lthr or custom, and 1 to 7 "
                                "rising bounds");
        if (r == 0 && given) {
                head->zone_model = i->in->zone_model;
                head->zone_bounds = i->in->zone_bounds;
                return 0;
        }
        /* As configured: also where a threshold is wanted that is not known any more. */
        head->zone_model = zone_model_to_string(m->config->zone_model);
        head->zone_bounds = config_zone_bounds(m->config, i->bounds);
        (void)config_zones(m->config, NULL, NULL, &head->runner, &i->zones); /* checked when it was read */
        return 0;
}

/* As readers say it; "" = running, or not said. */
static bool is_running(const char *sport)
{
        return !sport || !sport[0] || strcasestr(sport, "run") || strcasestr(sport, "jog");
}

static const char *copy_plain(char buf[static DIARY_WORDS_MAX + 1], const char *text)
{
        (void)snprintf(buf, DIARY_WORDS_MAX + 1, "%s", text ? text : ""); /* checked to fit */
        return text_make_plain(buf);
}

static bool is_recent(Day date)
{
        Day today = local_today();

        return date > today - VERDICT_DAYS && date <= today;
}

/* What that day asked for is told only of the last days: of longer ago nobody asked. */
static int set_day_kind(Manager *m, Import *i, sd_bus_error *error)
{
        CoachFacts facts;
        CoachDay day;
        int r;

        if (i->in->day_kind && i->in->day_kind[0]) {
                i->row.head.day_kind = i->in->day_kind;
                return 0;
        }
        if (!is_recent(i->date))
                return 0;
        r = coach_of_date(m, i->date, &facts, &day);
        if (r < 0)
                return refuse_stored(r, error);
        i->row.head.day_kind = kind_to_string(day.kind);
        return 0;
}

static void set_said(const Manager *m, Import *i)
{
        const BusImport *in = i->in;
        SessionHead *head = &i->row.head;
        bool said = in->said.kind && in->said.kind[0];

        head->kind = said                    ? in->said.kind
                     : is_running(in->sport) ? NULL
                                             : kind_to_string(KIND_CROSS_TRAINING);
        head->by_hand = in->by_hand;
        head->ceiling = in->ceiling;
        head->ceiling_expression = in->ceiling_expression;
        head->tolerance = isnan(in->tolerance) ? m->config->tolerance : in->tolerance;
        head->workout = copy_plain(i->workout, in->workout);
        i->row.content = in->content;
        i->row.device = copy_plain(i->device, in->device);
        i->row.sport = copy_plain(i->sport, in->sport);
        i->row.talk_test = in->said.talk_test;
        i->row.rpe = in->said.rpe;
        i->row.note = in->said.note;
}

static int set_row(Manager *m, Import *i, sd_bus_error *error)
{
        SessionHead *head = &i->row.head;
        int r;

        head->started_at = i->times.started_at;
        head->utc_offset_s = i->in->utc_offset_s != BUS_IMPORT_NO_OFFSET ? i->in->utc_offset_s
                                                                         : local_offset_s(head->started_at);
        i->date = day_of_moment(head->started_at, head->utc_offset_s);
        set_said(m, i);
        r = set_runner(m, i, error);
        if (r >= 0)
                r = set_zones(m, i, error);
        return r < 0 ? r : set_day_kind(m, i, error);
}

/* What a foot pod says before the first heart rate or after the last is outside of the session, and distance begins with it. Of
 * two in one millisecond the later counts. */
static int set_pace(Import *i)
{
        const BusImport *in = i->in;
        double before = 0;
        size_t n = 0;

        if (in->n_pace == 0)
                return 0;
        i->pace = reallocarray(NULL, in->n_pace, sizeof(*i->pace));
        if (!i->pace)
                return -ENOMEM;
        for (size_t k = 0; k < in->n_pace; k++) {
                const BusImportPace *p = &in->pace[k];
                int64_t t = time_of(i, p->at_usec);

                if (t < 0 && !isnan(p->distance))
                        before = p->distance;
                if (t < 0 || t > i->times.length_ms)
                        continue;
                if (n > 0 && i->pace[n - 1].t == t)
                        n--;
                i->pace[n++] = (StorePace){
                        .t = t,
                        .point = { .speed = p->speed,
                                        .cadence = p->cadence,
                                        .distance = p->distance >= before ? p->distance - before : NAN,
                                        .incline = p->incline,
                                        .ascent = NAN },
                };
        }
        i->row.pace = i->pace;
        i->row.n_pace = n;
        return 0;
}

/* -- The replay -- */

static void feed_event(const Import *i, SessionReplay *p, const BusImportEvent *e)
{
        char detail[DIARY_WORDS_MAX + 1];
        int64_t t = time_of(i, e->at_usec);

        (void)copy_plain(detail, e->detail);
        if (t < 0)
                t = 0;
        if (strcmp(e->type, "ceiling") == 0)
                session_replay_ceiling(p, t, e->value, detail[0] ? detail : NULL);
        else
                session_replay_event(p, t, e->type, e->value, detail[0] ? detail : NULL);
}

/* A ceiling applies to the heart rate at its time; whatever else happened then, happened after it. */
static void feed_events(const Import *i, SessionReplay *p, size_t *next, int64_t t)
{
        for (; *next < i->in->n_events; ++*next) {
                const BusImportEvent *e = &i->in->event[*next];
                int64_t at = time_of(i, e->at_usec);

                if (at > t || (at == t && strcmp(e->type, "ceiling") != 0))
                        return;
                feed_event(i, p, e);
        }
}

/* The R-R intervals up to a heart rate came with it. Of more than one packet can have the newest are kept. */
static size_t take_rr(const Import *i, size_t *next, int64_t t, uint16_t rr[static MEASUREMENT_RR_MAX])
{
        size_t first = *next, n;

        while (*next < i->in->n_rr && time_of(i, i->in->rr[*next].at_usec) <= t)
                ++*next;
        n = *next - first;
        if (n > MEASUREMENT_RR_MAX)
                n = MEASUREMENT_RR_MAX;
        for (size_t k = 0; k < n; k++)
                rr[k] = i->in->rr[*next - n + k].rr;
        return n;
}

static int feed_all(const Import *i, SessionReplay *p)
{
        uint16_t rr[MEASUREMENT_RR_MAX];
        size_t next_rr = 0, next_event = 0;
        int r = 0;

        for (size_t k = 0; k < i->in->n_samples && r == 0; k++) {
                const BusImportSample *s = &i->in->sample[k];
                int64_t t = time_of(i, s->at_usec);
                size_t n_rr = take_rr(i, &next_rr, t, rr);

                feed_events(i, p, &next_event, t);
                r = session_replay_heart_rate(p, t, s->heart_rate, s->contact, rr, n_rr);
        }
        feed_events(i, p, &next_event, INT64_MAX);
        return r;
}

static int replay(Manager *m, const Import *i, SessionWriter **ret, sd_bus_error *error)
{
        _cleanup_(session_replay_freep) SessionReplay *p = NULL;
        const SessionReplayHead head = {
                .runner = i->row.head.runner,
                .ceiling = i->row.head.ceiling,
                .tolerance = i->row.head.tolerance,
                .zones = i->zones,
        };
        int r = session_replay_begin(m->store, m->config, &head, &p);

        if (r >= 0)
                r = feed_all(i, p);
        if (r >= 0)
                r = session_replay_end(p, ret);
        if (r == -ENOBUFS)
                return sd_bus_error_setf(error, CARDIO_ERROR_INVALID_ARGUMENT,
                                "Too much happens in it; accepted: %u heart rates and events",
                                STORE_QUEUE_MAX);
        return r;
}

/* -- The whole -- */

static void import_end(Import *i)
{
        free(i->pace);
}

int import_session(void *userdata, const BusImport *import, int64_t *ret_id, sd_bus_error *error)
{
        _cleanup_(session_writer_freep) SessionWriter *writer = NULL;
        _cleanup_(import_end) Import i = { .in = import };
        Manager *m = userdata;
        int64_t id;
        int r = clock_need(error);

        if (r >= 0)
                r = import_check(import, (int64_t)(now_realtime_usec() / USEC_PER_MSEC), &i.times, error);
        if (r >= 0)
                r = check_new(m, &i, error);
        if (r >= 0)
                r = set_row(m, &i, error);
        if (r >= 0)
                r = set_pace(&i);
        if (r >= 0)
                r = replay(m, &i, &writer, error);
        if (r < 0)
                return r;
        id = store_add_import(m->store, &i.row, writer);
        if (id < 0)
                return refuse_stored((int)id, error);
        log_debug("Session %" PRIi64 " was imported", id);
        changes_note(m);
        *ret_id = id;
        return 0;
}
