/* SPDX-License-Identifier: MIT */
/* What was run week by week, month by month or year by year, each against the time before, and what that comes to: fitness,
 * fatigue and form by day. All of it is read from the database. Days are local ones, today by CLOCK_REALTIME. */

#include "totals.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cardio/day.h"
#include "cardio/fitness.h"
#include "cardio/macro.h"
#include "cardio/pace-text.h"
#include "cardio/parse.h"
#include "coach.h"
#include "database.h"
#include "json.h"
#include "memory.h"
#include "text.h"
#include "units.h"

/* Rows on a terminal without --limit. */
#define TOTALS_SHOWN 12U

/* A period is called what `of` makes of a session's date, and the one before it what `before` makes of that. */
typedef struct Period {
        const char *name, *title, *of, *before;
} Period;

static const Period periods[] = {
        { "week", "WEEK", "date(d.local_date, '-6 days', 'weekday 1')", "date(period, '-7 days')" },
        { "month", "MONTH", "substr(d.local_date, 1, 7)", "strftime('%Y-%m', period || '-01', '-1 month')" },
        { "year", "YEAR", "substr(d.local_date, 1, 4)", "strftime('%Y', period || '-01-01', '-1 year')" },
};

static const Period *period_of(const char *name)
{
        for (size_t i = 0; i < ELEMENTSOF(periods); i++)
                if (strcmp(periods[i].name, name) == 0)
                        return &periods[i];
        return NULL;
}

/* The newest first, as the views `weeks` and `months` have them; a session that is recorded counts with what there is of it. */
static Outcome read_periods(const Database *d, const Period *p, json_object **ret)
{
        _cleanup_statement_ sqlite3_stmt *s = NULL;
        _cleanup_free_ char *sql = NULL;
        Outcome outcome;

        if (asprintf(&sql,
                            "SELECT period, count(*) AS sessions, sum(duration_s) AS duration_s,"
                            "       round(100 * (1 - sum(over_s) FILTER (WHERE ceiling IS NOT NULL)"
                            "                        / nullif(sum(live_s) FILTER (WHERE ceiling IS NOT NULL), 0)), 1)"
                            "         AS easy_percent,"
                            "       total(live_s) FILTER (WHERE ceiling IS NOT NULL) AS ceiling_s,"
                            "       max(duration_s) AS longest_s, round(sum(trimp), 1) AS trimp,"
                            "       sum(distance_m) AS distance_m, sum(ascent_m) AS ascent_m,"
                            "       sum(distance_m) FILTER (WHERE easy) / sum(distance_m / avg_speed) FILTER (WHERE easy)"
                            "         AS easy_speed, %s AS before"
                            "  FROM (SELECT %s AS period, l.duration_s, s.ceiling, s.over_s, s.live_s, s.trimp,"
                            "               s.distance_m, s.ascent_m, s.avg_speed,"
                            "               s.avg_speed > 0 AND d.kind IN ('recovery', 'base', 'long') AS easy"
                            "          FROM session AS s JOIN session_lengths AS l ON l.id = s.id"
                            "               JOIN session_days AS d ON d.id = s.id)"
                            " GROUP BY period ORDER BY period DESC",
                            p->before, p->of) < 0)
                return fail(OUTCOME_FAILED, "out of memory");
        outcome = database_prepare(d, sql, &s);
        return outcome == OUTCOME_DONE ? database_rows(d, s, ret) : outcome;
}

static Outcome read_loads(const Database *d, json_object **ret)
{
        _cleanup_statement_ sqlite3_stmt *s = NULL;
        Outcome outcome;

        outcome = database_prepare(d,
                        "SELECT d.local_date AS date, total(s.trimp) AS load FROM session AS s"
                        "  JOIN session_days AS d ON d.id = s.id GROUP BY d.local_date ORDER BY d.local_date",
                        &s);
        return outcome == OUTCOME_DONE ? database_rows(d, s, ret) : outcome;
}

/* -- Fitness -- */

/* A clock that was not set, or a file from the future, is not to fill the list with days. */
#define DAYS_MAX 36525

static void add_day(json_object *days, Day day, double load, const Fitness *f)
{
        json_object *o = checked(json_object_new_object());
        char date[DAY_STRING_MAX];

        json_add(o, "date", checked(json_object_new_string(day_to_string(day, date))));
        json_add(o, "load", json_real(load));
        json_add(o, "fitness", json_real(f->fitness));
        json_add(o, "fatigue", json_real(f->fatigue));
        json_add(o, "form", json_real(fitness_form(f)));
        json_append(days, o);
}

static Day date_at(json_object *loads, size_t i)
{
        const char *text = json_text(json_object_array_get_idx(loads, i), "date");
        Day day;

        return text && day_parse(text, &day) == 0 ? day : DAY_NONE;
}

/* From the first session's day to today, an object each. */
static json_object *fitness_by_day(json_object *loads, Day today)
{
        json_object *days = checked(json_object_new_array());
        size_t n = json_object_array_length(loads), i = 0;
        Fitness f = { 0 };
        Day day;

        while (i < n && date_at(loads, i) < today - DAYS_MAX)
                i++;
        day = i < n ? date_at(loads, i) : today + 1;
        for (; day <= today; day++) {
                double load = 0;

                for (; i < n && date_at(loads, i) <= day; i++)
                        load += json_number_or(json_object_array_get_idx(loads, i), "load", 0);
                fitness_day(&f, load);
                add_day(days, day, load, &f);
        }
        return days;
}

/* -- As text -- */

static void print_fitness(const Output *out, json_object *days)
{
        size_t n = json_object_array_length(days);
        json_object *last = n > 0 ? json_object_array_get_idx(days, n - 1) : NULL;
        char fitness[NUMBER_STRING_MAX], fatigue[NUMBER_STRING_MAX], form[NUMBER_STRING_MAX];

        if (!last)
                return;
        output_text(out, STYLE_BOLD, "Fitness %s",
                        number_to_string(json_number_or(last, "fitness", NAN), 0, fitness));
        output_text(out, STYLE_PLAIN, ", fatigue %s, form %s",
                        number_to_string(json_number_or(last, "fatigue", NAN), 0, fatigue),
                        number_to_string(json_number_or(last, "form", NAN), 0, form));
        putchar('\n');
        output_wrapped(out, STYLE_DIM, 0, 0, "Load a day over six weeks, over one, and the difference.");
        putchar('\n');
}

static void add_change(Table *t, json_object *row, json_object *before)
{
        const char *name = json_text(row, "before"), *found = json_text(before, "period");
        double now = json_number_or(row, "duration_s", 0), then = json_number_or(before, "duration_s", 0);

        /* Where nothing was run in the one before there is nothing to compare with. */
        if (name && found && strcmp(name, found) == 0 && then > 0)
                table_cellf(t, STYLE_DIM, "%+.0f %%", 100 * (now / then - 1));
        else
                table_cell(t, STYLE_DIM, NULL);
}

static void add_period(Table *t, json_object *row, json_object *before, bool miles)
{
        char text[NUMBER_STRING_MAX], hms[HMS_STRING_MAX], pace[PACE_TEXT_MAX];
        double value;

        table_cell(t, STYLE_BOLD, json_text(row, "period"));
        table_cellf(t, STYLE_PLAIN, "%lld", (long long)json_integer_or(row, "sessions", 0));
        table_cell(t, STYLE_PLAIN, seconds_to_string(json_number_or(row, "duration_s", NAN), hms));
        add_change(t, row, before);
        table_cell(t, STYLE_PLAIN,
                        json_number(row, "distance_m", &value) ? metres_to_figure(value, miles, pace) : NULL);
        table_cell(t, STYLE_PLAIN,
                        json_number(row, "easy_speed", &value) ? pace_to_clock(value, miles, pace) : NULL);
        if (json_number(row, "ascent_m", &value) && value >= 0.5)
                table_cellf(t, STYLE_PLAIN, "%s m", number_to_string(value, 0, text));
        else
                table_cell(t, STYLE_PLAIN, NULL);
        table_cell(t, STYLE_PLAIN, seconds_to_string(json_number_or(row, "longest_s", NAN), hms));
        /* One run with a ceiling does not speak for a year of files without. */
        if (json_number(row, "easy_percent", &value) &&
                        2 * json_number_or(row, "ceiling_s", 0) >= json_number_or(row, "duration_s", 0))
                table_cellf(t, STYLE_PLAIN, "%s %%", share_to_string(value, text));
        else
                table_cell(t, STYLE_PLAIN, NULL);
        table_cell(t, STYLE_PLAIN,
                        json_number(row, "trimp", &value) ? number_to_string(value, 0, text) : NULL);
}

static void print_periods(const Output *out, const Period *p, json_object *rows, bool miles, unsigned limit)
{
        const Column columns[] = {
                { .title = p->title },
                { .title = "SESSIONS", .right = true, .drop = 4 },
                { .title = "TIME", .right = true },
                { .title = "CHANGE", .right = true, .drop = 5 },
                { .title = miles ? "MILES" : "KM", .right = true, .drop = 2 },
                { .title = "PACE", .right = true, .drop = 3 },
                { .title = "UP", .right = true, .drop = 7 },
                { .title = "LONGEST", .right = true, .drop = 6 },
                { .title = "EASY", .right = true, .drop = 1 },
                { .title = "LOAD", .right = true },
        };
        _cleanup_(table_freep) Table *t = table_new(columns, ELEMENTSOF(columns));
        size_t n = json_object_array_length(rows);

        for (size_t i = 0; i < n && (limit == 0 || i < limit); i++)
                add_period(t, json_object_array_get_idx(rows, i),
                                i + 1 < n ? json_object_array_get_idx(rows, i + 1) : NULL, miles);
        table_print(t, out);
}

/* -- The verb -- */

static Outcome read_options(const Call *call, const Period **ret_period, unsigned *ret_limit)
{
        const char *by = call_option(call, "by"), *limit = call_option(call, "limit");

        *ret_period = period_of(by ? by : "week");
        if (!*ret_period)
                return fail(OUTCOME_USAGE, "'%s' is not a period; accepted: week, month or year", by);
        *ret_limit = call->out.terminal && !call->json ? TOTALS_SHOWN : 0;
        if (limit && parse_unsigned(limit, ret_limit) < 0)
                return fail(OUTCOME_USAGE, "'%s' is not a number of %ss; accepted: a whole number, 0 for all",
                                limit, (*ret_period)->name);
        return OUTCOME_DONE;
}

static void print_document(const Period *p, json_object *rows, json_object *days, unsigned limit)
{
        _cleanup_json_ json_object *document = checked(json_object_new_object());
        size_t n = json_object_array_length(rows);

        if (limit > 0 && n > limit)
                (void)json_object_array_del_idx(rows, limit, n - limit);
        for (size_t i = 0; i < json_object_array_length(rows); i++)
                json_object_object_del(json_object_array_get_idx(rows, i), "before");
        json_add(document, "by", checked(json_object_new_string(p->name)));
        json_add(document, "periods", json_object_get(rows));
        json_add(document, "days", json_object_get(days));
        json_print(document);
}

Outcome verb_totals(const Call *call)
{
        _cleanup_database_ Database database = { .db = NULL };
        _cleanup_json_ json_object *rows = NULL, *loads = NULL, *days = NULL;
        char date[DATE_STRING_MAX];
        const Period *p;
        bool miles = false;
        unsigned limit;
        Outcome outcome;
        Day today;

        outcome = read_options(call, &p, &limit);
        if (outcome == OUTCOME_DONE)
                outcome = coach_date_argument("today", date);
        if (outcome == OUTCOME_DONE)
                outcome = database_open(call, &database);
        if (outcome == OUTCOME_DONE)
                outcome = units_find(call, &database, &miles);
        if (outcome == OUTCOME_DONE)
                outcome = read_periods(&database, p, &rows);
        if (outcome == OUTCOME_DONE)
                outcome = read_loads(&database, &loads);
        if (outcome != OUTCOME_DONE)
                return outcome;
        (void)day_parse(date, &today); /* checked above */
        days = fitness_by_day(loads, today);
        if (call->json) {
                print_document(p, rows, days, limit);
        } else if (json_object_array_length(rows) == 0) {
                (void)fprintf(stderr, "Nothing was recorded yet.\n");
        } else {
                print_fitness(&call->out, days);
                print_periods(&call->out, p, rows, miles, limit);
        }
        return OUTCOME_DONE;
}
