/* SPDX-License-Identifier: MIT */
/* The chart of a stored session: its heart rates go from the database into columns one by one, however long it was. No
 * clock. */
#include "session-chart.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "memory.h"
#include "run-chart.h"

/* The width where there is no terminal. */
#define WIDTH_DEFAULT 80U

static void add_events(RunChart *c, json_object *session)
{
        int64_t breach = -1;

        run_chart_ceiling(c, 0, json_number_or(session, "ceiling", NAN));
        for (size_t i = 0; i < json_array_length(session, "events"); i++) {
                json_object *event = json_array_at(session, "events", i);
                const char *type = json_text(event, "type");
                double value = json_number_or(event, "value", NAN);
                int64_t t = json_integer_or(event, "t", 0);

                if (!type || t < 0 || t > c->length)
                        continue;
                if (strcmp(type, "ceiling") == 0) {
                        run_chart_ceiling(c, t, value);
                } else if (strcmp(type, "gap") == 0 && value > 0 && value < 1e9) {
                        run_chart_gap(c, t, t + llround(value * 1000));
                } else if (strcmp(type, "mark") == 0) {
                        run_chart_mark(c, t);
                } else if (strcmp(type, "over-limit") == 0 && breach < 0) {
                        breach = t;
                } else if (strcmp(type, "back-in-range") == 0 && breach >= 0) {
                        run_chart_breach(c, breach, t);
                        breach = -1;
                }
        }
        if (breach >= 0)
                run_chart_breach(c, breach, INT64_MAX);
}

static Outcome add_samples(RunChart *c, const Database *d, int64_t id)
{
        _cleanup_statement_ sqlite3_stmt *s = NULL;
        Outcome outcome;
        bool row;

        outcome = database_prepare(d,
                        "SELECT t, smoothed, settled, zone FROM sample WHERE session_id = ?1 ORDER BY t", &s);
        if (outcome != OUTCOME_DONE)
                return outcome;
        (void)sqlite3_bind_int64(s, 1, id);
        while ((outcome = database_step(d, s, &row)) == OUTCOME_DONE && row) {
                int zone = sqlite3_column_int(s, 3);

                run_chart_add(c, sqlite3_column_int64(s, 0), sqlite3_column_double(s, 1),
                                sqlite3_column_int(s, 2) != 0, zone > 0 ? (unsigned)zone : 0);
        }
        return outcome;
}

Outcome session_chart_print(const Output *out, const Database *d, json_object *session)
{
        RunChart c;
        Frame f = { .cells = NULL };
        double length = json_number_or(session, "duration_s", 0) * 1000;
        int64_t started_s = json_integer_or(session, "started_at", 0) / 1000 +
                            json_integer_or(session, "utc_offset_s", 0);
        Outcome outcome;

        run_chart_begin(&c, out->width > 0 ? out->width : WIDTH_DEFAULT,
                        length > 0 && length < 1e12 ? llround(length) : 0);
        add_events(&c, session);
        outcome = add_samples(&c, d, json_integer_or(session, "id", 0));
        if (outcome != OUTCOME_DONE)
                return outcome;

        run_chart_draw(&c, &f, started_s, out->utf8, out->colour);
        for (unsigned row = 0; row < f.rows; row++) {
                _cleanup_free_ char *text = NULL;

                /* Where there is no colour there is no other sequence either: the text may be for another program. */
                for (unsigned i = 0; i < f.columns && !out->colour; i++)
                        frame_at(&f, row, i)->style = STYLE_PLAIN;
                text = frame_row(&f, row, out->colour);
                printf("%s\n", text);
        }
        if (f.rows > 0)
                putchar('\n');
        frame_free(&f);
        return OUTCOME_DONE;
}
