/* SPDX-License-Identifier: MIT */
/* What was recorded: `sessions`, `show` and `db`. All of it is read from the database, whether a daemon runs or not.
 * `--since` counts local days of CLOCK_REALTIME. */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cardio/kind.h"
#include "cardio/parse.h"
#include "ctl.h"
#include "coach.h"
#include "database.h"
#include "json.h"
#include "memory.h"
#include "session.h"
#include "text.h"

/* Rows of the list on a terminal without --limit. */
#define SESSIONS_SHOWN 20U

typedef struct Selection {
        char since[DATE_STRING_MAX]; /* "" = from the beginning */
        const char *kind;            /* NULL = any */
        unsigned limit;              /* 0 = all */
} Selection;

static Outcome read_selection(const Call *call, Selection *ret)
{
        const char *since = call_option(call, "since"), *limit = call_option(call, "limit");
        Selection s = { .kind = call_option(call, "kind") };

        if (since && date_parse(since, (int64_t)time(NULL), s.since) < 0)
                return fail(OUTCOME_USAGE, "'%s' is not a date; accepted: " DATE_ACCEPTED, since);
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
#define SESSIONS_SQL(columns)                                                     \
        "SELECT " columns "  FROM sessions AS v JOIN session AS s ON s.id = v.id" \
        " WHERE (?1 = '' OR v.date >= ?1) AND (?2 IS NULL OR v.kind = ?2)"        \
        " ORDER BY s.started_at DESC, s.id DESC LIMIT ?3"

/* limit: 0 = all. */
static Outcome prepare_sessions(const Database *d, const char *sql, const Selection *selection, int64_t limit,
                sqlite3_stmt **ret)
{
        Outcome outcome = database_prepare(d, sql, ret);

        if (outcome != OUTCOME_DONE)
                return outcome;
        (void)sqlite3_bind_text(*ret, 1, selection->since, -1, SQLITE_STATIC);
        if (selection->kind)
                (void)sqlite3_bind_text(*ret, 2, selection->kind, -1, SQLITE_STATIC);
        (void)sqlite3_bind_int64(*ret, 3, limit > 0 ? limit : -1);
        return OUTCOME_DONE;
}

static const Column session_columns[] = {
        { .title = "ID", .right = true },
        { .title = "DATE" },
        { .title = "START", .drop = 5 },
        { .title = "LENGTH", .right = true },
        { .title = "KIND", .narrow = 8, .drop = 4 },
        { .title = "AVG", .right = true, .drop = 3 },
        { .title = "PEAK", .right = true, .drop = 6 },
        { .title = "CEIL", .right = true, .drop = 7 },
        { .title = "OVER", .right = true, .drop = 1 },
        { .title = "EASY", .right = true, .drop = 2 },
        { .title = "VERDICT", .drop = 8 },
        { .title = "STRAP", .narrow = 6, .drop = 9 },
        { .title = "STATE" },
};

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
};
#define ROW_SQL                                                                                 \
        "v.id, v.date, v.start, v.duration, v.kind, v.avg_bpm, v.peak_bpm, v.ceiling, v.over, " \
        "v.easy_percent, v.verdict, v.strap, s.source, s.over_s, s.ended_at, s.clock_known"

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
                                number_to_string(sqlite3_column_double(row, column), 0, text));
}

static void add_session(Table *t, const Database *d, sqlite3_stmt *row)
{
        const char *source = row_text(row, ROW_SOURCE);
        const char *state = session_state(d, sqlite3_column_int64(row, ROW_ID),
                        sqlite3_column_type(row, ROW_ENDED_AT) != SQLITE_NULL);
        bool over = sqlite3_column_double(row, ROW_OVER_S) > 0,
             limited = sqlite3_column_type(row, ROW_CEILING) != SQLITE_NULL;

        table_cell(t, STYLE_BOLD, row_text(row, ROW_ID));
        add_text(t, row, ROW_DATE);
        add_text(t, row, ROW_START);
        add_text(t, row, ROW_DURATION);
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
        else
                table_cell(t, STYLE_DIM, source && strcmp(source, "strap") != 0 ? source : NULL);
}

/* From row to cell, without a document in between: for ten years that would take as long as the query. */
static Outcome print_table(const Call *call, const Database *d, const Selection *selection)
{
        _cleanup_(table_freep) Table *t = table_new(session_columns, ELEMENTSOF(session_columns));
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
                add_session(t, d, s);
                n++;
        }
        if (outcome != OUTCOME_DONE)
                return outcome;
        if (n == 0) {
                (void)fprintf(stderr, "%s\n",
                                *selection->since || selection->kind ? "No such session."
                                                                     : "No session yet.");
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
        Selection selection;
        Outcome outcome;

        outcome = read_selection(call, &selection);
        if (outcome != OUTCOME_DONE)
                return outcome;
        if (call->out.terminal && !call->json && !call_option(call, "limit") && !*selection.since)
                selection.limit = SESSIONS_SHOWN;

        outcome = database_open(call, &database);
        if (outcome != OUTCOME_DONE)
                return outcome;
        return call->json ? print_document(&database, &selection) : print_table(call, &database, &selection);
}

/* The coach's verdict. The daemon judges: without it the key is as stored, and there is no text. */
static void add_verdict(const Call *call, json_object *session, int64_t id)
{
        _cleanup_bus_ DaemonBus bus = { .bus = NULL };
        _cleanup_json_ json_object *answer = NULL;

        if (!call->database && bus_find(call, &bus) >= 0)
                answer = coach_ask_verdict(&bus, id);
        if (answer && json_text(answer, "kind"))
                json_add(session, "verdict", json_object_get(json_object_object_get(answer, "verdict")));
        json_add(session, "verdict_text",
                        answer ? json_object_get(json_object_object_get(answer, "verdict_text")) : NULL);
}

static Outcome verb_show(const Call *call)
{
        _cleanup_database_ Database database = { .db = NULL };
        _cleanup_json_ json_object *session = NULL;
        int64_t id;
        Outcome outcome;

        outcome = session_argument(call->argv[0], &id);
        if (outcome == OUTCOME_DONE)
                outcome = database_open(call, &database);
        if (outcome == OUTCOME_DONE && id == 0)
                outcome = database_last_session(&database, &id);
        if (outcome == OUTCOME_DONE)
                outcome = session_document(&database, id, &session);
        if (outcome != OUTCOME_DONE)
                return outcome;

        add_verdict(call, session, id);
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
        { .name = "kind", .argument = "KIND", .help = "only those of this kind", .offer = { SESSION_KINDS } },
        { .name = "limit", .argument = "N", .help = "the newest N; 0 is all" },
        { .name = NULL },
};

static const Verb verbs[] = {
        {
                        .name = "sessions",
                        .arguments = "",
                        .json = true,
                        .database = true,
                        .summary = "what was recorded, the newest first",
                        .help = "Heart rates are in bpm, the peak is of the smoothed ones. OVER is the\n"
                                "time above ceiling and tolerance, EASY the share of the rest. On a\n"
                                "terminal the newest 20 are listed unless --since or --limit says\n"
                                "otherwise. KIND is rest, cross-training, recovery, base, long, hard or\n"
                                "race. As JSON: an array of rows of the view `sessions`.",
                        .options = sessions_options,
                        .run = verb_sessions,
        },
        {
                        .name = "show",
                        .arguments = "ID",
                        .min_arguments = 1,
                        .max_arguments = 1,
                        .offer = { { "last", SOURCE_SESSION } },
                        .json = true,
                        .database = true,
                        .summary = "one session: figures, zones, breaches and gaps",
                        .help = "ID is a number that `sessions` lists, or `last`. Times of day are local\n"
                                "to the run. As JSON: the row of the view `sessions` and the columns of the\n"
                                "table `session`, with the arrays `zones` and `events`.",
                        .run = verb_show,
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
