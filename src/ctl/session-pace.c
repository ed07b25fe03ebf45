/* SPDX-License-Identifier: MIT */

/* Distance, pace, cadence and splits of a session, for `show` and `report`. All of it is read from the database; no clock. */

#include "session-pace.h"

#include <math.h>
#include <string.h>

#include "cardio/credit.h"
#include "cardio/pace-text.h"
#include "cardio/splits.h"
#include "memory.h"
#include "text.h"

/* A cadence stands for the time until the next one, in ms at most: */
#define CADENCE_MOST 10000

/* A mean over time. */
typedef struct Mean {
        int64_t t;
        double value, sum, ms;
} Mean;

static void mean_add(Mean *m, int64_t t, double value)
{
        double ms = fmin((double)(t - m->t), CADENCE_MOST);

        /* Standing still is not part of it. */
        if (m->value > 0) {
                m->sum += ms * m->value;
                m->ms += ms;
        }
        m->t = t;
        m->value = value;
}

static double column(sqlite3_stmt *s, int i)
{
        return sqlite3_column_type(s, i) == SQLITE_NULL ? NAN : sqlite3_column_double(s, i);
}

static Outcome prepare_for(const Database *d, int64_t id, const char *sql, sqlite3_stmt **ret)
{
        Outcome outcome = database_prepare(d, sql, ret);

        if (outcome == OUTCOME_DONE)
                (void)sqlite3_bind_int64(*ret, 1, id); /* it has that parameter */
        return outcome;
}

static Outcome read_paces(const Database *d, int64_t id, Splits *splits, Mean *cadence)
{
        _cleanup_statement_ sqlite3_stmt *s = NULL;
        bool row = false;
        Outcome outcome;

        outcome = prepare_for(d, id,
                        "SELECT t, speed, cadence, distance, incline, ascent FROM pace"
                        " WHERE session_id = ?1 ORDER BY t",
                        &s);
        while (outcome == OUTCOME_DONE && (outcome = database_step(d, s, &row)) == OUTCOME_DONE && row) {
                const PacePoint p = { .speed = column(s, 1),
                        .cadence = column(s, 2),
                        .distance = column(s, 3),
                        .incline = column(s, 4),
                        .ascent = column(s, 5) };
                int64_t t = sqlite3_column_int64(s, 0);

                splits_add(splits, t, &p);
                mean_add(cadence, t, p.cadence);
        }
        if (outcome == OUTCOME_DONE)
                splits_end(splits);
        return outcome;
}

static Outcome read_heart_rates(const Database *d, int64_t id, Splits *splits)
{
        _cleanup_statement_ sqlite3_stmt *s = NULL;
        Credit credit = { .started = false };
        int64_t last_t = 0;
        double last = NAN;
        bool row = false;
        Outcome outcome;

        outcome = prepare_for(d, id, "SELECT t, heart_rate FROM sample WHERE session_id = ?1 ORDER BY t", &s);
        while (outcome == OUTCOME_DONE && (outcome = database_step(d, s, &row)) == OUTCOME_DONE && row) {
                int64_t t = sqlite3_column_int64(s, 0);
                usec_t worth = credit_push(&credit, (usec_t)t * USEC_PER_MSEC);

                splits_add_heart_rate(splits, last_t, last, (double)worth / USEC_PER_SEC);
                last_t = t;
                last = sqlite3_column_double(s, 1);
        }
        return outcome;
}

static json_object *split_document(const Split *split)
{
        json_object *o = checked(json_object_new_object());

        json_add(o, "end_t", checked(json_object_new_int64(split->end_t)));
        json_add(o, "distance_m", json_real(split->distance));
        json_add(o, "moved_s", json_real(split->moved_s));
        json_add(o, "avg_speed", json_real(split_speed(split)));
        json_add(o, "avg_hr", json_real(split->heart_rate));
        json_add(o, "ascent_m", json_real(split->ascent));
        return o;
}

/* While it is recorded its row has none, but its rows of pace have. */
static void add_if_null(json_object *session, const char *key, double value)
{
        double known;

        if (!json_number(session, key, &known) && !isnan(value))
                json_add(session, key, json_real(value));
}

Outcome session_pace_add(const Database *d, int64_t id, bool miles, json_object *session)
{
        _cleanup_free_ Splits *splits = checked(malloc(sizeof(*splits)));
        Mean cadence = { .value = NAN };
        json_object *list = NULL;
        Outcome outcome;

        splits_begin(splits, miles);
        outcome = read_paces(d, id, splits, &cadence);
        if (outcome == OUTCOME_DONE && splits->n > 0)
                outcome = read_heart_rates(d, id, splits);
        if (outcome != OUTCOME_DONE)
                return outcome;
        add_if_null(session, "distance_m", pace_figures_distance(&splits->figures));
        add_if_null(session, "avg_speed", pace_figures_speed(&splits->figures));
        add_if_null(session, "ascent_m", pace_figures_ascent(&splits->figures));
        list = checked(json_object_new_array());
        for (size_t i = 0; i < splits->n; i++)
                json_append(list, split_document(&splits->split[i]));
        json_add(session, "units", checked(json_object_new_string(miles ? "mile" : "km")));
        json_add(session, "cadence", cadence.ms > 0 ? json_real(cadence.sum / cadence.ms) : NULL);
        json_add(session, "splits", list);
        return OUTCOME_DONE;
}

/* -- As text -- */

static bool in_miles(json_object *session)
{
        const char *units = json_text(session, "units");

        return units && strcmp(units, "mile") == 0;
}

/* "8.42 km in 52 min 10 s, 6:12 /km, 84 m up" */
static void print_distance(const Output *out, json_object *session)
{
        char text[PACE_TEXT_MAX], hms[HMS_STRING_MAX], up[NUMBER_STRING_MAX];
        double distance = json_number_or(session, "distance_m", NAN),
               speed = json_number_or(session, "avg_speed", NAN),
               ascent = json_number_or(session, "ascent_m", NAN);
        bool miles = in_miles(session);
        Line line;

        if (!(distance > 0))
                return;
        line = line_begin(out, "Distance");
        line_add(&line, STYLE_PLAIN, "%s", metres_to_string(distance, miles, text));
        if (speed > 0) {
                line_add(&line, STYLE_PLAIN, " in %s", seconds_to_words(distance / speed, hms));
                line_add(&line, STYLE_PLAIN, ", %s", pace_to_string(speed, miles, text));
        }
        if (ascent >= 0.5)
                line_add(&line, STYLE_PLAIN, ", %s m up", number_to_string(ascent, 0, up));
        line_end(&line);
}

void session_pace_print(const Output *out, json_object *session)
{
        char text[NUMBER_STRING_MAX];
        double cadence;

        print_distance(out, session);
        if (json_number(session, "cadence", &cadence))
                output_field(out, "Cadence", "%s steps per minute", number_to_string(cadence, 0, text));
}

static bool any_ascent(json_object *session, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (json_number_or(json_array_at(session, "splits", i), "ascent_m", 0) >= 0.5)
                        return true;
        return false;
}

static void add_split(Table *t, json_object *split, size_t number, bool miles, bool up)
{
        char text[PACE_TEXT_MAX], bpm[NUMBER_STRING_MAX];
        double distance = json_number_or(split, "distance_m", NAN), value;

        /* The last one is what was left. */
        if (!split_is_whole(distance, miles))
                table_cell(t, STYLE_PLAIN, metres_to_figure(distance, miles, text));
        else
                table_cellf(t, STYLE_PLAIN, "%zu", number);
        table_cell(t, STYLE_PLAIN, pace_to_clock(json_number_or(split, "avg_speed", NAN), miles, text));
        table_cell(t, STYLE_PLAIN,
                        json_number(split, "avg_hr", &value) ? number_to_string(value, 0, bpm) : NULL);
        if (up && json_number(split, "ascent_m", &value))
                table_cellf(t, STYLE_PLAIN, "%s m", number_to_string(value, 0, bpm));
        else
                table_cell(t, STYLE_PLAIN, NULL);
}

const char *session_pace_alert(json_object *session, json_object *event, char buf[static PACE_TEXT_MAX])
{
        return pace_to_string(json_number_or(event, "value", NAN), in_miles(session), buf);
}

void session_splits_print(const Output *out, json_object *session)
{
        bool miles = in_miles(session);
        const Column columns[] = {
                { .title = miles ? "  MILE" : "    KM", .right = true },
                { .title = "PACE", .right = true },
                { .title = "AVG", .right = true },
                { .title = "UP", .right = true },
        };
        size_t n = json_array_length(session, "splits");
        _cleanup_(table_freep) Table *t = table_new(columns, ELEMENTSOF(columns));
        bool up = any_ascent(session, n);

        if (n < 2) /* one says what the whole says */
                return;
        for (size_t i = 0; i < n; i++)
                add_split(t, json_array_at(session, "splits", i), i + 1, miles, up);
        putchar('\n');
        output_text(out, STYLE_BOLD, "Splits");
        putchar('\n');
        table_print(t, out);
}
