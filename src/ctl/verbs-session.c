/* SPDX-License-Identifier: MIT */
/* What was recorded: `sessions`, `show` and `db`. All of it is read from the database, whether a daemon runs or not.
 * `--since` counts local days of CLOCK_REALTIME. */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cardio/kind.h"
#include "cardio/pace-text.h"
#include "cardio/parse.h"
#include "ctl.h"
#include "coach.h"
#include "database.h"
#include "json.h"
#include "memory.h"
#include "session-pace.h"
#include "session.h"
#include "text.h"
#include "totals.h"
#include "units.h"

/* Rows of the list on a terminal without --limit. */
#define SESSIONS_SHOWN 20U

typedef struct Selection {
        char since[DATE_STRING_MAX]; /* "" = from the beginning */
        char until[DATE_STRING_MAX]; /* that day, too; "" = to the end */
        const char *kind, *part;     /* of what kind, and with what text in it; NULL = any */
        unsigned limit;              /* 0 = all */
} Selection;

static Outcome read_date(const Call *call, const char *option, char ret[static DATE_STRING_MAX])
{
        const char *text = call_option(call, option);

        if (text && date_parse(text, (int64_t)time(NULL), ret) < 0)
                return fail(OUTCOME_USAGE, "'%s' is not a date; accepted: " DATE_ACCEPTED, text);
        return OUTCOME_DONE;
}

static Outcome read_selection(const Call *call, Selection *ret)
{
        const char *limit = call_option(call, "limit");
        Selection s = { .kind = call_option(call, "kind"), .part = call_option(call, "grep") };
        Outcome outcome;

        outcome = read_date(call, "since", s.since);
        if (outcome == OUTCOME_DONE)
                outcome = read_date(call, "until", s.until);
        if (outcome != OUTCOME_DONE)
                return outcome;
        if (*s.until && strcmp(s.since, s.until) > 0)
                return fail(OUTCOME_USAGE, "--since %s is after --until %s", s.since, s.until);
        if (s.kind && !word_is_in(s.kind, SESSION_KINDS))
                return fail(OUTCOME_USAGE, "'%s' is not a kind; accepted: " KIND_ACCEPTED, s.kind);
        if (limit && parse_unsigned(limit, &s.limit) < 0)
                return fail(OUTCOME_USAGE,
                                "'%s' is not a number of sessions; accepted: a whole number, 0 for all",
                                limit);

        *ret = s;
        return OUTCOME_DONE;
}

/* The newest first. */
#define SESSIONS_SQL(columns)                                                                                \
        "SELECT " columns "  FROM sessions AS v JOIN session AS s ON s.id = v.id"                            \
        " WHERE (?1 = '' OR v.date >= ?1) AND (?4 = '' OR v.date <= ?4)"                                     \
        " AND (?2 IS NULL OR v.kind = ?2)"                                                                   \
        " AND (?5 IS NULL OR contains(?5, v.note, v.kind, v.verdict, replace(v.verdict, '-', ' '), v.strap," \
        " v.source, v.date))"                                                                                \
        " ORDER BY s.started_at DESC, s.id DESC LIMIT ?3"

/* contains(PART, TEXT…) in SQL. */
static void sql_contains(sqlite3_context *context, int n, sqlite3_value **values)
{
        const char *part = (const char *)sqlite3_value_text(values[0]);
        bool found = false;

        for (int i = 1; i < n && part && !found; i++) {
                const char *text = (const char *)sqlite3_value_text(values[i]);

                found = text && text_contains(text, part);
        }
        sqlite3_result_int(context, found);
}

/* limit: 0 = all. */
static Outcome prepare_sessions(const Database *d, const char *sql, const Selection *selection, int64_t limit,
                sqlite3_stmt **ret)
{
        Outcome outcome;

        if (sqlite3_create_function_v2(d->db, "contains", -1,
                            SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY, NULL, sql_contains, NULL,
                            NULL, NULL) != SQLITE_OK)
                out_of_memory();
        outcome = database_prepare(d, sql, ret);
        if (outcome != OUTCOME_DONE)
                return outcome;
        (void)sqlite3_bind_text(*ret, 1, selection->since, -1, SQLITE_STATIC);
        if (selection->kind)
                (void)sqlite3_bind_text(*ret, 2, selection->kind, -1, SQLITE_STATIC);
        (void)sqlite3_bind_int64(*ret, 3, limit > 0 ? limit : -1);
        (void)sqlite3_bind_text(*ret, 4, selection->until, -1, SQLITE_STATIC);
        if (selection->part)
                (void)sqlite3_bind_text(*ret, 5, selection->part, -1, SQLITE_STATIC);
        return OUTCOME_DONE;
}

/* The columns of ROW_SQL, in order. */
enum {
        ROW_ID,
        ROW_DATE,
        ROW_START,
        ROW_DURATION,
        ROW_KIND,
        ROW_AVG,
        ROW_PEAK,
        ROW_CEILING,
        ROW_OVER,
        ROW_EASY,
        ROW_VERDICT,
        ROW_STRAP,
        ROW_SOURCE,
        ROW_OVER_S,
        ROW_ENDED_AT,
        ROW_CLOCK_KNOWN,
        ROW_EDITED_AT,
        ROW_DISTANCE,
        ROW_SPEED,
};
#define ROW_SQL                                                                                            \
        "v.id, v.date, v.start, v.duration, v.kind, v.avg_bpm, v.peak_bpm, v.ceiling, v.over, "            \
        "v.easy_percent, v.verdict, v.strap, s.source, s.over_s, s.ended_at, s.clock_known, s.edited_at, " \
        "s.distance_m, s.avg_speed"

static const char *row_text(sqlite3_stmt *row, int column)
{
        return (const char *)sqlite3_column_text(row, column);
}

static void add_text(Table *t, sqlite3_stmt *row, int column)
{
        table_cell(t, STYLE_PLAIN, row_text(row, column));
}

static void add_figure(Table *t, sqlite3_stmt *row, int column)
{
        char text[NUMBER_STRING_MAX];

        if (sqlite3_column_type(row, column) == SQLITE_NULL)
                table_cell(t, STYLE_PLAIN, NULL);
        else
                table_cell(t, STYLE_PLAIN, number_to_string(sqlite3_column_double(row, column), 0, text));
}

static void add_percent(Table *t, sqlite3_stmt *row, int column)
{
        char text[NUMBER_STRING_MAX];

        if (sqlite3_column_type(row, column) == SQLITE_NULL)
                table_cell(t, STYLE_PLAIN, NULL);
        else
                table_cellf(t, STYLE_PLAIN, "%s %%",
                                share_to_string(sqlite3_column_double(row, column), text));
}

static void add_distance(Table *t, sqlite3_stmt *row, bool miles)
{
        char text[PACE_TEXT_MAX];

        table_cell(t, STYLE_PLAIN,
                        sqlite3_column_type(row, ROW_DISTANCE) == SQLITE_NULL
                                        ? NULL
                                        : metres_to_figure(sqlite3_column_double(row, ROW_DISTANCE), miles,
                                                          text));
}

static void add_pace(Table *t, sqlite3_stmt *row, bool miles)
{
        char text[PACE_TEXT_MAX];

        table_cell(t, STYLE_PLAIN,
                        sqlite3_column_type(row, ROW_SPEED) == SQLITE_NULL
                                        ? NULL
                                        : pace_to_clock(sqlite3_column_double(row, ROW_SPEED), miles, text));
}

static void add_session(Table *t, const Database *d, sqlite3_stmt *row, bool miles)
{
        const char *source = row_text(row, ROW_SOURCE);
        const char *state = session_state(d, sqlite3_column_int64(row, ROW_ID),
                        sqlite3_column_type(row, ROW_ENDED_AT) != SQLITE_NULL);
        bool foreign = source && strcmp(source, "strap") != 0,
             edited = sqlite3_column_type(row, ROW_EDITED_AT) != SQLITE_NULL;
        bool over = sqlite3_column_double(row, ROW_OVER_S) > 0,
             limited = sqlite3_column_type(row, ROW_CEILING) != SQLITE_NULL;

        table_cell(t, STYLE_BOLD, row_text(row, ROW_ID));
        add_text(t, row, ROW_DATE);
        add_text(t, row, ROW_START);
        add_text(t, row, ROW_DURATION);
        add_distance(t, row, miles);
        add_pace(t, row, miles);
        add_text(t, row, ROW_KIND);
        add_figure(t, row, ROW_AVG);
        add_figure(t, row, ROW_PEAK);
        add_figure(t, row, ROW_CEILING);
        table_cell(t, over ? STYLE_WARNING : STYLE_DIM, limited || over ? row_text(row, ROW_OVER) : NULL);
        add_percent(t, row, ROW_EASY);
        add_text(t, row, ROW_VERDICT);
        table_cell(t, STYLE_DIM, row_text(row, ROW_STRAP));
        if (state)
                table_cell(t, STYLE_WARNING, state);
        else if (session_date_is_unknown(
                                 row_text(row, ROW_DATE), sqlite3_column_int(row, ROW_CLOCK_KNOWN) != 0))
                table_cell(t, STYLE_WARNING, "date?");
        else if (foreign && edited)
                table_cellf(t, STYLE_DIM, "%s, edited", source);
        else
                table_cell(t, STYLE_DIM, foreign ? source : edited ? "edited" : NULL);
}

/* That there is none, and what was asked for. */
static void print_none(const Selection *s)
{
        const char *since = s->since, *until = s->until;

        (void)fputs("No session", stderr);
        if (s->kind)
                (void)fprintf(stderr, " of kind %s", s->kind);
        if (*since && strcmp(since, until) == 0)
                (void)fprintf(stderr, " on %s", since);
        else if (*since && *until)
                (void)fprintf(stderr, " from %s to %s", since, until);
        else if (*since || *until)
                (void)fprintf(stderr, " %s %s", *since ? "since" : "up to", *since ? since : until);
        if (s->part) {
                _cleanup_free_ char *clean = text_clean(s->part);

                (void)fprintf(stderr, " with '%s' in its note, kind, verdict, strap or date", clean);
        }
        (void)fprintf(stderr, "%s.\n", s->kind || *since || *until || s->part ? "" : " yet");
}

/* From row to cell, without a document in between: for ten years that would take as long as the query. */
static Outcome print_table(const Call *call, const Database *d, const Selection *selection, bool miles)
{
        const Column columns[] = {
                { .title = "ID", .right = true },
                { .title = "DATE" },
                { .title = "START", .drop = 7 },
                { .title = "LENGTH", .right = true },
                { .title = miles ? "MILES" : "KM", .right = true, .drop = 3 },
                { .title = "PACE", .right = true, .drop = 4 },
                { .title = "KIND", .narrow = 8, .drop = 6 },
                { .title = "AVG", .right = true, .drop = 5 },
                { .title = "PEAK", .right = true, .drop = 8 },
                { .title = "CEIL", .right = true, .drop = 9 },
                { .title = "OVER", .right = true, .drop = 1 },
                { .title = "EASY", .right = true, .drop = 2 },
                { .title = "VERDICT", .drop = 10 },
                { .title = "STRAP", .narrow = 6, .drop = 11 },
                { .title = "STATE" },
        };
        _cleanup_(table_freep) Table *t = table_new(columns, ELEMENTSOF(columns));
        _cleanup_statement_ sqlite3_stmt *s = NULL;
        unsigned n = 0;
        bool row = false;
        Outcome outcome;

        /* One more than the limit is read, to know whether there are more. */
        outcome = prepare_sessions(d, SESSIONS_SQL(ROW_SQL), selection,
                        selection->limit > 0 ? (int64_t)selection->limit + 1 : 0, &s);
        while (outcome == OUTCOME_DONE) {
                outcome = database_step(d, s, &row);
                if (outcome != OUTCOME_DONE || !row || (selection->limit > 0 && n == selection->limit))
                        break;
                add_session(t, d, s, miles);
                n++;
        }
        if (outcome != OUTCOME_DONE)
                return outcome;
        if (n == 0) {
                print_none(selection);
                return OUTCOME_DONE;
        }
        table_print(t, &call->out);
        if (row && !call_option(call, "limit")) {
                output_text(&call->out, STYLE_DIM, "There are more; --limit 0 lists all.");
                putchar('\n');
        }
        return OUTCOME_DONE;
}

/* The view's members. */
static Outcome print_document(const Database *d, const Selection *selection)
{
        _cleanup_statement_ sqlite3_stmt *s = NULL;
        _cleanup_json_ json_object *sessions = NULL;
        Outcome outcome;

        outcome = prepare_sessions(d, SESSIONS_SQL("v.*"), selection, selection->limit, &s);
        if (outcome == OUTCOME_DONE)
                outcome = database_rows(d, s, &sessions);
        if (outcome == OUTCOME_DONE)
                json_print(sessions);
        return outcome;
}

static Outcome verb_sessions(const Call *call)
{
        _cleanup_database_ Database database = { .db = NULL };
        bool miles = false;
        Selection selection;
        Outcome outcome;

        outcome = read_selection(call, &selection);
        if (outcome != OUTCOME_DONE)
                return outcome;
        if (call->out.terminal && !call->json && !call_option(call, "limit") && !*selection.since &&
                        !selection.part)
                selection.limit = SESSIONS_SHOWN;

        outcome = database_open(call, &database);
        if (outcome == OUTCOME_DONE)
                outcome = units_find(call, &database, &miles);
        if (outcome != OUTCOME_DONE)
                return outcome;
        return call->json ? print_document(&database, &selection)
                          : print_table(call, &database, &selection, miles);
}

static Outcome verb_show(const Call *call)
{
        _cleanup_database_ Database database = { .db = NULL };
        _cleanup_json_ json_object *session = NULL;
        SessionName name;
        bool miles = false;
        int64_t id = 0;
        Outcome outcome;

        outcome = session_argument(call->argv[0], &name);
        if (outcome == OUTCOME_DONE)
                outcome = database_open(call, &database);
        if (outcome == OUTCOME_DONE)
                outcome = database_find_session(&database, &name, &id);
        if (outcome == OUTCOME_DONE)
                outcome = units_find(call, &database, &miles);
        if (outcome == OUTCOME_DONE)
                outcome = session_document(&database, id, &session);
        if (outcome == OUTCOME_DONE)
                outcome = session_pace_add(&database, id, miles, session);
        if (outcome != OUTCOME_DONE)
                return outcome;

        coach_add_verdict(call, session, id);
        if (call->json) {
                json_print(session);
                return OUTCOME_DONE;
        }
        return session_print(&call->out, &database, session);
}

static Outcome verb_db(const Call *call)
{
        _cleanup_database_ Database database = { .db = NULL };
        _cleanup_json_ json_object *document = NULL;
        Outcome outcome;

        /* It must exist: given a missing path, sqlite3 would create an empty file that no daemon accepts. */
        outcome = database_locate(call, &database);
        if (outcome == OUTCOME_DONE)
                outcome = database_check_access(database.path);
        if (outcome != OUTCOME_DONE)
                return outcome;

        if (call->json) {
                document = checked(json_object_new_object());
                json_add(document, "path", checked(json_object_new_string(database.path)));
                json_print(document);
        } else {
                printf("%s\n", database.path);
        }
        return OUTCOME_DONE;
}

static const Option sessions_options[] = {
        { .name = "since",
                        .argument = "DATE",
                        .help = "from that day on: 2026-05-12, yesterday, 7d or 2w ago",
                        .offer = { "today yesterday 7d 2w" } },
        { .name = "until",
                        .argument = "DATE",
                        .help = "up to that day, and on it",
                        .offer = { "today yesterday 7d 2w" } },
        { .name = "kind", .argument = "KIND", .help = "only those of this kind", .offer = { SESSION_KINDS } },
        { .name = "grep", .argument = "TEXT", .help = "only those with this text in them" },
        { .name = "limit", .argument = "N", .help = "the newest N; 0 is all" },
        UNITS_OPTION,
        { .name = NULL },
};

static const Option show_options[] = { UNITS_OPTION, { .name = NULL } };

static const Option totals_options[] = {
        { .name = "by", .argument = "PERIOD", .help = "week, month or year", .offer = { "week month year" } },
        { .name = "limit", .argument = "N", .help = "the newest N; 0 is all" },
        UNITS_OPTION,
        { .name = NULL },
};

static const Verb verbs[] = {
        {
                        .name = "sessions",
                        .arguments = "",
                        .json = true,
                        .database = true,
                        .paged = true,
                        .summary = "what was recorded, the newest first",
                        .help = "Heart rates are in bpm, the peak is of the smoothed ones. OVER is the\n"
                                "time above ceiling and tolerance, EASY the share of the rest. Distance\n"
                                "and pace are of runs with a foot pod, a treadmill or a watch. On a\n"
                                "terminal the newest 20 are listed unless --since, --grep or --limit says\n"
                                "otherwise. KIND is rest, cross-training, recovery, base, long, hard or\n"
                                "race. TEXT is looked for in notes, kinds, verdicts, dates, and the names\n"
                                "of straps, whatever the case of its letters. As JSON: an array of rows\n"
                                "of the view `sessions`.",
                        .options = sessions_options,
                        .run = verb_sessions,
        },
        {
                        .name = "show",
                        .arguments = "ID",
                        .min_arguments = 1,
                        .max_arguments = 1,
                        .offer = { { "last today yesterday", SOURCE_SESSION } },
                        .json = true,
                        .database = true,
                        .paged = true,
                        .summary = "one session: its course, figures, zones, breaches and gaps",
                        .help = SESSION_ID_HELP
                        "A column of the chart is the mean of its time, with a thin line up to its\n"
                        "highest heart rate; below are the zones and, with `!`, the breaches, with\n"
                        "`^` what you marked. Times of day are local to the run. As JSON: the row of\n"
                        "the view `sessions` and the columns of the table `session`, with the arrays\n"
                        "`zones`, `events` and `splits`.",
                        .options = show_options,
                        .run = verb_show,
        },
        {
                        .name = "totals",
                        .arguments = "",
                        .json = true,
                        .database = true,
                        .paged = true,
                        .summary = "weeks, months or years, and fitness, fatigue and form",
                        .help = "Each against the one before: CHANGE is of the time. EASY is of the time\n"
                                "with a ceiling, where that is half of it or more: runs from files of\n"
                                "other programs have none. PACE is that of recovery, base and long runs.\n"
                                "Fitness is the load of a day averaged over six weeks, fatigue over one,\n"
                                "and form the difference: below 0 while you train more than you are used\n"
                                "to. On a terminal the newest 12 are listed unless --limit says\n"
                                "otherwise. As JSON: with these figures for each day.",
                        .options = totals_options,
                        .run = verb_totals,
        },
        {
                        .name = "db",
                        .arguments = "",
                        .json = true,
                        .database = true,
                        .summary = "path of the database: sqlite3 \"$(cardioctl db)\"",
                        .run = verb_db,
        },
        { .name = NULL },
};

const Family session_family = { .title = "Sessions", .verbs = verbs };
