/* SPDX-License-Identifier: MIT */
/* From the database to the page of a run. The session's document says what it was as a whole and what happened; its heart rates
 * go by one by one into the columns of the picture, so that a session of a day takes no more memory than one of a minute. What a
 * file that others have written to holds is not trusted: a time that cannot be is left out. No clock. */
#include "pages/run-report.h"

#include <math.h>
#include <string.h>

#include "cardio/rr.h"
#include "export/session-stream.h"
#include "memory.h"
#include "session-beats.h"
#include "session.h"

/* Sessions below that have no say in comparisons. */
#define PEER_LEAST_S "600"
/* An R-R interval outside of these, in ms, is no beat. */
#define RR_MIN 240.0
#define RR_MAX 2400.0
/* Above that, in per cent, α1 says nothing. */
#define ARTEFACTS_MOST "5"
/* α1 comes every 20 s. */
#define ALPHA1_HOLE_MS 65000
/* No session lasts longer, in ms. */
#define LENGTH_MAX 1e12

struct RunReport {
        json_object *session;
        ReportRun run;
        int64_t length;
        Span *gaps, *ceilings;
        ReportBreach *breaches;
        ReportMark *marks;
        ReportStep *steps;
        ReportSplit *splits;
        ReportPaceAlert *pace_alerts;
        char *peer_dates[REPORT_PEERS_MAX];
        Series heart_rate, rr, speed, incline, alpha1;
};

RunReport *run_report_free(RunReport *r)
{
        if (!r)
                return NULL;
        json_object_put(r->session);
        free(r->gaps);
        free(r->ceilings);
        free(r->breaches);
        free(r->marks);
        free(r->steps);
        free(r->splits);
        free(r->pace_alerts);
        for (size_t i = 0; i < REPORT_PEERS_MAX; i++)
                free(r->peer_dates[i]);
        free(r);
        return NULL;
}

/* One more element of an array, zeroed. */
#define add_to(array, n)                                                             \
        ({                                                                           \
                (array) = checked(reallocarray((array), (n) + 1, sizeof(*(array)))); \
                memset(&(array)[(n)], 0, sizeof(*(array)));                          \
                &(array)[(n)++];                                                     \
        })

/* -- The session as a whole -- */

static double figure(json_object *session, const char *key)
{
        return json_number_or(session, key, NAN);
}

static void read_facts(RunReport *r, const Database *d)
{
        json_object *s = r->session;
        ReportRun *run = &r->run;

        run->id = json_integer_or(s, "id", 0);
        run->started_s = json_integer_or(s, "started_at", 0) / 1000 + json_integer_or(s, "utc_offset_s", 0);
        run->dated = !session_date_is_unknown(
                        json_text(s, "date"), json_integer_or(s, "clock_known", 1) != 0);
        run->state = session_state(d, run->id, json_integer_or(s, "ended_at", -1) >= 0);
        run->kind = json_text(s, "kind");
        run->source = json_text(s, "source");
        run->strap = json_text(s, "strap");
        run->note = json_text(s, "note");
        run->talk_test = json_text(s, "talk_test");
        run->workout = json_text(s, "workout");
        run->verdict = json_text(s, "verdict");
        run->verdict_text = json_text(s, "verdict_text");
        run->ceiling_expression = json_text(s, "ceiling_expression");
        run->zone_model = json_text(s, "zone_model");
        run->duration_s = json_number_or(s, "duration_s", 0);
        run->live_s = json_number_or(s, "live_s", 0);
        run->average = figure(s, "avg_hr");
        run->lowest = figure(s, "min_hr");
        run->peak = figure(s, "peak_hr");
        run->ceiling = figure(s, "ceiling");
        run->tolerance = json_number_or(s, "tolerance", 0);
        run->over_s = json_number_or(s, "over_s", 0);
        run->longest_breach_s = json_number_or(s, "longest_breach_s", 0);
        run->easy_percent = figure(s, "easy_percent");
        run->trimp = figure(s, "trimp");
        run->resting = figure(s, "resting_hr");
        run->maximum = figure(s, "max_hr");
        run->distance_m = figure(s, "distance_m");
        run->speed = figure(s, "avg_speed");
        run->ascent_m = figure(s, "ascent_m");
        run->cadence = figure(s, "cadence");
        run->miles = json_text(s, "units") && strcmp(json_text(s, "units"), "mile") == 0;
        run->rmssd = figure(s, "rmssd");
        run->hrr60 = figure(s, "hrr60");
        run->breaches = json_integer_or(s, "breaches", 0);
        run->rpe = (int)json_integer_or(s, "rpe", 0);
        run->drift_percent = session_drift(s);
        run->decoupling_percent = session_decoupling(s);
        r->length = run->duration_s > 0 && run->duration_s * 1000 < LENGTH_MAX
                                    ? llround(run->duration_s * 1000)
                                    : 0;
}

static void read_zones(RunReport *r)
{
        ZoneTable bpm = session_zone_table(r->session);
        ReportRun *run = &r->run;
        size_t n = json_array_length(r->session, "zones");

        if (n == 0)
                return;
        run->n_zones = bpm.n + 1;
        for (size_t i = 0; i <= ZONES_MAX; i++)
                run->zone[i] = (ReportZone){ .low = i > 0 && i <= bpm.n ? bpm.bound[i - 1] : NAN,
                        .high = i < bpm.n ? bpm.bound[i] : NAN };
        for (size_t i = 0; i < n; i++) {
                json_object *row = json_array_at(r->session, "zones", i);
                int64_t zone = json_integer_or(row, "zone", -1);

                if (zone < 0 || zone > (int64_t)ZONES_MAX)
                        continue;
                run->zone[zone].seconds = json_number_or(row, "seconds", 0);
                run->zone[zone].percent = json_number_or(row, "percent", 0);
                run->n_zones = (size_t)zone + 1 > run->n_zones ? (size_t)zone + 1 : run->n_zones;
        }
}

static void read_splits(RunReport *r)
{
        ReportRun *run = &r->run;

        for (size_t i = 0; i < json_array_length(r->session, "splits"); i++) {
                json_object *split = json_array_at(r->session, "splits", i);

                *add_to(r->splits, run->n_splits) = (ReportSplit){ .distance_m = figure(split, "distance_m"),
                        .speed = figure(split, "avg_speed"),
                        .heart_rate = figure(split, "avg_hr"),
                        .ascent_m = figure(split, "ascent_m") };
        }
        run->splits = r->splits;
}

/* -- What happened -- */

static void begin_ceiling(RunReport *r, int64_t t, double bpm)
{
        ReportRun *run = &r->run;
        Span *s;

        if (run->n_ceilings > 0)
                r->ceilings[run->n_ceilings - 1].to = t;
        s = add_to(r->ceilings, run->n_ceilings);
        *s = (Span){ .from = t, .to = r->length, .value = bpm > 0 ? bpm : NAN };
}

static void begin_step(RunReport *r, int64_t t, double number, const char *cue)
{
        ReportRun *run = &r->run;
        ReportStep *s = run->n_steps > 0 ? &r->steps[run->n_steps - 1] : NULL;

        if (s && s->to > t)
                s->to = t;
        if (isnan(number)) /* the workout is over */
                return;
        s = add_to(r->steps, run->n_steps);
        *s = (ReportStep){ .from = t, .to = r->length, .cue = cue };
}

static void read_event(RunReport *r, const char *type, int64_t t, double value, const char *detail)
{
        ReportRun *run = &r->run;
        ReportBreach *breach = run->n_breaches > 0 ? &r->breaches[run->n_breaches - 1] : NULL;
        bool open = breach && isnan(breach->seconds);

        if (strcmp(type, "ceiling") == 0) {
                begin_ceiling(r, t, value);
        } else if (strcmp(type, "gap") == 0 && value > 0 && value < LENGTH_MAX / 1000) {
                Span *gap = add_to(r->gaps, run->n_gaps);

                *gap = (Span){ .from = t, .to = t + llround(value * 1000), .value = value };
                if (gap->to > r->length)
                        gap->to = r->length;
        } else if (strcmp(type, "mark") == 0) {
                ReportMark *mark = add_to(r->marks, run->n_marks);

                *mark = (ReportMark){ .t = t, .text = detail };
        } else if (strcmp(type, "over-pace") == 0) {
                ReportPaceAlert *alert = add_to(r->pace_alerts, run->n_pace_alerts);

                *alert = (ReportPaceAlert){ .t = t, .speed = value };
        } else if (strcmp(type, "step") == 0) {
                begin_step(r, t, value, detail);
        } else if (strcmp(type, "over-limit") == 0 && !open) {
                breach = add_to(r->breaches, run->n_breaches);
                *breach = (ReportBreach){ .from = t,
                        .to = r->length,
                        .seconds = NAN,
                        .peak = NAN,
                        .ceiling = r->ceilings[run->n_ceilings - 1].value };
        } else if (strcmp(type, "back-in-range") == 0 && open) {
                breach->to = t;
                breach->seconds = isnan(value) ? 0 : value;
        }
}

static void read_events(RunReport *r)
{
        ReportRun *run = &r->run;

        begin_ceiling(r, 0, run->ceiling);
        for (size_t i = 0; i < json_array_length(r->session, "events"); i++) {
                json_object *event = json_array_at(r->session, "events", i);
                const char *type = json_text(event, "type");
                int64_t t = json_integer_or(event, "t", 0);

                if (type && t >= 0 && t <= r->length)
                        read_event(r, type, t, json_number_or(event, "value", NAN),
                                        json_text(event, "detail"));
        }
        run->gaps = r->gaps;
        run->ceilings = r->ceilings;
        run->breach = r->breaches;
        run->marks = r->marks;
        run->steps = r->steps;
        run->pace_alerts = r->pace_alerts;
}

/* -- What was measured -- */

static void raise_peak(double *peak, double value)
{
        *peak = fmax(*peak, value); /* fmax() ignores NAN */
}

/* The peaks of breaches and steps, which are in order of time, as is what is added. */
typedef struct Peaks {
        size_t breach, step;
} Peaks;

static void add_heart_rate(RunReport *r, Peaks *at, int64_t t, double smoothed, unsigned zone)
{
        ReportRun *run = &r->run;

        series_add(&r->heart_rate, t, smoothed, zone);
        while (at->breach < run->n_breaches && r->breaches[at->breach].to < t)
                at->breach++;
        if (at->breach < run->n_breaches && r->breaches[at->breach].from <= t)
                raise_peak(&r->breaches[at->breach].peak, smoothed);
        while (at->step < run->n_steps && r->steps[at->step].to <= t)
                at->step++;
        if (at->step < run->n_steps && r->steps[at->step].from <= t)
                raise_peak(&r->steps[at->step].peak, smoothed);
}

static Outcome read_heart_rates(RunReport *r, const Database *d)
{
        _cleanup_stream_ SessionStream s = { .d = NULL };
        ReportRun *run = &r->run;
        Peaks at = { 0, 0 };
        ExchangeItem item;
        bool more = true;
        Outcome outcome;

        for (size_t i = 0; i < run->n_steps; i++)
                r->steps[i].peak = NAN;
        series_begin(&r->heart_rate, r->length, r->gaps, run->n_gaps);
        series_begin(&r->rr, r->length, r->gaps, run->n_gaps);
        outcome = session_stream_open(d, run->id, &s);
        while (outcome == OUTCOME_DONE) {
                outcome = session_stream_next(&s, &item, &more);
                if (outcome != OUTCOME_DONE || !more)
                        break;
                if (item.type == EXCHANGE_SAMPLE && !item.sample.unsettled)
                        add_heart_rate(r, &at, item.t, item.sample.smoothed, item.sample.zone);
                if (item.type == EXCHANGE_RR && item.rr.flag <= 0) { /* no artefact */
                        double ms = item.rr.rr * 1000.0 / 1024;

                        if (ms >= RR_MIN && ms <= RR_MAX)
                                series_add(&r->rr, item.t, ms, 0);
                }
        }
        run->heart_rate = &r->heart_rate;
        run->rr = &r->rr;
        return outcome;
}

static Outcome prepare_for(const Database *d, int64_t id, const char *sql, sqlite3_stmt **ret)
{
        Outcome outcome = database_prepare(d, sql, ret);

        if (outcome == OUTCOME_DONE)
                (void)sqlite3_bind_int64(*ret, 1, id); /* it has that parameter */
        return outcome;
}

/* Older databases do not have all tables. */
static Outcome has_table(const Database *d, const char *name, bool *ret)
{
        _cleanup_statement_ sqlite3_stmt *s = NULL;
        Outcome outcome = database_prepare(
                        d, "SELECT 1 FROM sqlite_schema WHERE type IN ('table', 'view') AND name = ?1", &s);

        if (outcome != OUTCOME_DONE)
                return outcome;
        (void)sqlite3_bind_text(s, 1, name, -1, SQLITE_STATIC);
        return database_step(d, s, ret);
}

static double column(sqlite3_stmt *s, int i)
{
        return sqlite3_column_type(s, i) == SQLITE_NULL ? NAN : sqlite3_column_double(s, i);
}

/* Rows of a time and one or two values. */
static Outcome read_traces(RunReport *r, const Database *d, const char *table, const char *sql, Series *first,
                Series *second)
{
        _cleanup_statement_ sqlite3_stmt *s = NULL;
        bool row = false;
        Outcome outcome = has_table(d, table, &row);

        if (outcome != OUTCOME_DONE || !row)
                return outcome;
        outcome = prepare_for(d, r->run.id, sql, &s);
        while (outcome == OUTCOME_DONE && (outcome = database_step(d, s, &row)) == OUTCOME_DONE && row) {
                series_add(first, sqlite3_column_int64(s, 0), column(s, 1), 0);
                if (second)
                        series_add(second, sqlite3_column_int64(s, 0), column(s, 2), 0);
        }
        return outcome;
}

static Outcome read_others(RunReport *r, const Database *d)
{
        Outcome outcome;

        series_begin(&r->speed, r->length, NULL, 0);
        series_begin(&r->incline, r->length, NULL, 0);
        series_begin(&r->alpha1, r->length, NULL, 0);
        r->alpha1.hole_ms = ALPHA1_HOLE_MS;
        outcome = read_traces(r, d, "pace",
                        "SELECT t, speed, incline FROM pace WHERE session_id = ?1 ORDER BY t", &r->speed,
                        &r->incline);
        if (outcome == OUTCOME_DONE)
                outcome = read_traces(r, d, "alpha1",
                                "SELECT t, alpha1 FROM alpha1 WHERE session_id = ?1"
                                " AND artefact_percent < " ARTEFACTS_MOST " ORDER BY t",
                                &r->alpha1, NULL);
        r->run.speed_series = &r->speed;
        /* A treadmill that was never tilted says so each second. */
        r->run.incline = r->incline.lowest == 0 && r->incline.highest == 0 ? NULL : &r->incline;
        r->run.alpha1 = &r->alpha1;
        return outcome;
}

/* -- Beside it -- */

static Outcome read_peers(RunReport *r, const Database *d)
{
        _cleanup_statement_ sqlite3_stmt *s = NULL;
        ReportRun *run = &r->run;
        bool row = false;
        Outcome outcome;

        if (!run->kind)
                return OUTCOME_DONE;
        outcome = prepare_for(d, run->id,
                        "SELECT v.date, v.duration_s, s.avg_hr, v.easy_percent, s.trimp, s.avg_speed"
                        "  FROM session AS s JOIN sessions AS v ON v.id = s.id"
                        " WHERE s.ended_at IS NOT NULL AND s.id <> ?1 AND v.kind = ?3"
                        " AND s.started_at <= ?2 AND v.duration_s >= " PEER_LEAST_S
                        " ORDER BY s.started_at DESC, s.id DESC LIMIT ?4",
                        &s);
        if (outcome != OUTCOME_DONE)
                return outcome;
        (void)sqlite3_bind_int64(s, 2, json_integer_or(r->session, "started_at", 0));
        (void)sqlite3_bind_text(s, 3, run->kind, -1, SQLITE_STATIC);
        (void)sqlite3_bind_int64(s, 4, REPORT_PEERS_MAX);
        while ((outcome = database_step(d, s, &row)) == OUTCOME_DONE && row &&
                        run->n_peers < REPORT_PEERS_MAX) {
                const char *date = (const char *)sqlite3_column_text(s, 0);
                char **copy = &r->peer_dates[run->n_peers];

                *copy = checked(strdup(date ? date : "?"));
                run->peers[run->n_peers++] = (ReportPeer){ .date = *copy,
                        .duration_s = column(s, 1),
                        .average = column(s, 2),
                        .easy_percent = column(s, 3),
                        .trimp = column(s, 4),
                        .speed = column(s, 5) };
        }
        return outcome;
}

/* -- All of it -- */

Outcome run_report_read(const Database *d, json_object *session, RunReport **ret)
{
        _cleanup_(run_report_freep) RunReport *r = checked(calloc(1, sizeof(*r)));
        Outcome outcome;

        r->session = session;
        read_facts(r, d);
        read_zones(r);
        read_splits(r);
        read_events(r);
        outcome = read_heart_rates(r, d);
        if (outcome == OUTCOME_DONE)
                outcome = read_others(r, d);
        if (outcome == OUTCOME_DONE)
                outcome = read_peers(r, d);
        if (outcome == OUTCOME_DONE)
                *ret = TAKE_PTR(r);
        return outcome;
}

int run_report_write(const ReportSink *sink, const void *report)
{
        const RunReport *r = report;

        return report_write_run(&r->run, sink);
}
