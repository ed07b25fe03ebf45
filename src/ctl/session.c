/* SPDX-License-Identifier: MIT */
/* One session, as a document and as a page of text. Times of day are local to where it was recorded: Unix time plus the
 * session's own offset, whatever the time zone is here and now. No clock. */
#include "session.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cardio/bus-api.h"
#include "cardio/parse.h"
#include "cardio/zones.h"
#include "memory.h"
#include "session-beats.h"
#include "session-chart.h"
#include "session-pace.h"
#include "text.h"

/* As for cardiod: a clock before this date is not set. */
#define CLOCK_DATE_MIN "2024-01-01"
/* The width of a zone's bar, and of the text before it. */
#define BAR_COLUMNS     36U
#define BAR_AT          34U
#define TIME_STRING_MAX 16
/* A date and a time of day. */
#define MOMENT_STRING_MAX 32

const char *session_state(const Database *d, int64_t id, bool ended)
{
        if (ended)
                return NULL;
        return !d->asked || d->recording == id ? "recording" : "interrupted";
}

bool session_date_is_unknown(const char *date, bool clock_known)
{
        return !clock_known && date && strcmp(date, CLOCK_DATE_MIN) < 0;
}

static Outcome read_session(const Database *d, int64_t id, json_object **ret)
{
        _cleanup_statement_ sqlite3_stmt *s = NULL;
        bool row = false;
        Outcome outcome;

        outcome = database_prepare(d,
                        "SELECT v.*, n.address, s.*"
                        "  FROM sessions AS v JOIN session AS s ON s.id = v.id"
                        "  LEFT JOIN sensor AS n ON n.id = s.sensor_id"
                        " WHERE v.id = ?1",
                        &s);
        if (outcome != OUTCOME_DONE)
                return outcome;
        (void)sqlite3_bind_int64(s, 1, id);
        outcome = database_step(d, s, &row);
        if (outcome != OUTCOME_DONE)
                return outcome;
        if (!row)
                return fail(OUTCOME_NOT_FOUND, "there is no session %lld", (long long)id);

        *ret = database_row(s);
        /* An internal key of the database, of no use to the reader. */
        json_object_object_del(*ret, "sensor_id");
        json_object_object_del(*ret, "resumable");
        json_object_object_del(*ret, "boot_id");
        json_object_object_del(*ret, "boot_ms");
        return OUTCOME_DONE;
}

/* The rows of a query about one session, whose id is bound as ?1. */
static Outcome read_rows(const Database *d, int64_t id, const char *sql, json_object **ret)
{
        _cleanup_statement_ sqlite3_stmt *s = NULL;
        Outcome outcome;

        outcome = database_prepare(d, sql, &s);
        if (outcome != OUTCOME_DONE)
                return outcome;
        (void)sqlite3_bind_int64(s, 1, id);
        return database_rows(d, s, ret);
}

/* The last edit that can be taken back: none that was followed by another one of the same sessions, or by a deletion. */
static Outcome add_undo(const Database *d, int64_t id, json_object *session)
{
        _cleanup_statement_ sqlite3_stmt *s = NULL;
        bool row = false;
        Outcome outcome;

        outcome = database_prepare(d,
                        "SELECT max(m.edit_id), e.made_at + ?2 FROM edit_session AS m JOIN edit AS e ON e.id = m.edit_id"
                        " WHERE m.session_id = ?1 AND e.deleted_id IS NULL AND NOT EXISTS (SELECT 1"
                        "  FROM edit_session AS a JOIN edit_session AS b ON b.session_id = a.session_id"
                        " WHERE a.edit_id = m.edit_id AND b.edit_id > m.edit_id)",
                        &s);
        if (outcome != OUTCOME_DONE)
                return outcome;
        (void)sqlite3_bind_int64(s, 1, id);
        (void)sqlite3_bind_int64(s, 2, CARDIO_EDIT_KEPT_S * 1000);
        outcome = database_step(d, s, &row);
        if (outcome == OUTCOME_DONE)
                json_add(session, "undo_until",
                                row && sqlite3_column_type(s, 0) != SQLITE_NULL
                                                ? checked(json_object_new_int64(sqlite3_column_int64(s, 1)))
                                                : NULL);
        return outcome;
}

Outcome session_document(const Database *d, int64_t id, json_object **ret)
{
        _cleanup_json_ json_object *session = NULL, *zones = NULL, *events = NULL;
        Outcome outcome;

        outcome = read_session(d, id, &session);
        if (outcome == OUTCOME_DONE)
                outcome = read_rows(d, id,
                                "SELECT zone, seconds, percent FROM session_zones WHERE session_id = ?1 ORDER BY zone",
                                &zones);
        if (outcome == OUTCOME_DONE)
                outcome = read_rows(d, id,
                                "SELECT t, type, value, detail FROM event WHERE session_id = ?1 ORDER BY t, id",
                                &events);
        if (outcome == OUTCOME_DONE)
                outcome = add_undo(d, id, session);
        if (outcome != OUTCOME_DONE)
                return outcome;

        json_add(session, "zones", TAKE_PTR(zones));
        json_add(session, "events", TAKE_PTR(events));
        outcome = session_beats_add(d, id, session);
        if (outcome == OUTCOME_DONE)
                *ret = TAKE_PTR(session);
        return outcome;
}

/* The local time at this many milliseconds into the session. */
static bool local_time(json_object *session, int64_t t, struct tm *ret)
{
        time_t at = (time_t)((json_integer_or(session, "started_at", 0) + t) / 1000 +
                             json_integer_or(session, "utc_offset_s", 0));

        return gmtime_r(&at, ret) != NULL;
}

/* The same as HH:MM:SS. */
static const char *time_of_day(json_object *session, int64_t t, char buf[static TIME_STRING_MAX])
{
        struct tm tm;

        if (!local_time(session, t, &tm) || strftime(buf, TIME_STRING_MAX, "%H:%M:%S", &tm) == 0)
                (void)snprintf(buf, TIME_STRING_MAX, "?");
        return buf;
}

static const char *weekday(json_object *session)
{
        static const char *const name[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
        struct tm tm;

        return local_time(session, 0, &tm) ? name[tm.tm_wday] : "?";
}

static const char *number_of(
                json_object *o, const char *key, unsigned decimals, char buf[static NUMBER_STRING_MAX])
{
        return number_to_string(json_number_or(o, key, NAN), decimals, buf);
}

static const char *text_or(json_object *o, const char *key, const char *fallback)
{
        const char *text = json_text(o, key);

        return text ? text : fallback;
}

static void print_heading(const Output *out, const Database *d, json_object *session)
{
        const char *kind = json_text(session, "kind"), *source = text_or(session, "source", "?");
        int64_t id = json_integer_or(session, "id", 0);
        const char *state = session_state(d, id, json_integer_or(session, "ended_at", -1) >= 0);
        char end[TIME_STRING_MAX];
        int64_t length = llround(json_number_or(session, "duration_s", 0) * 1000);
        Line line = line_begin(out, NULL);

        line_add(&line, STYLE_BOLD, "Session %lld", (long long)id);
        line_add(&line, STYLE_PLAIN, "  %s %s  %s-%.5s", weekday(session), text_or(session, "date", "?"),
                        text_or(session, "start", "?"), time_of_day(session, length, end));
        if (kind)
                line_add(&line, STYLE_PLAIN, "  %s", kind);
        if (strcmp(source, "strap") != 0)
                line_add(&line, STYLE_DIM, "  %s", source);
        if (state)
                line_add(&line, STYLE_WARNING, "  %s", state);
        if (session_date_is_unknown(
                            json_text(session, "date"), json_integer_or(session, "clock_known", 1) != 0))
                line_add(&line, STYLE_WARNING, "  date unknown: the clock was not set");
        line_end(&line);
        putchar('\n');
}

static void print_ceiling_kept(const Output *out, json_object *session)
{
        double ceiling, over = json_number_or(session, "over_s", 0), easy, tolerance,
                        longest = json_number_or(session, "longest_breach_s", 0);
        int64_t breaches = json_integer_or(session, "breaches", 0);
        const char *expression = json_text(session, "ceiling_expression");
        char text[NUMBER_STRING_MAX], other[NUMBER_STRING_MAX], hms[HMS_STRING_MAX];
        Line line;

        if (!json_number(session, "ceiling", &ceiling)) {
                output_field(out, "Ceiling", "none");
        } else {
                tolerance = json_number_or(session, "tolerance", 0);
                output_field(out, "Ceiling", "%s bpm%s%s%s%s%s", number_to_string(ceiling, 0, text),
                                expression ? " (" : "", expression ? expression : "", expression ? ")" : "",
                                tolerance > 0 ? ", close enough up to " : "",
                                tolerance > 0 ? number_to_string(ceiling + tolerance, 0, other) : "");
        }
        /* A ceiling may have been set later in the session. */
        if (!json_number(session, "ceiling", &ceiling) && over <= 0 && breaches == 0)
                return;

        line = line_begin(out, "Over");
        line_add(&line, over > 0 ? STYLE_WARNING : STYLE_GOOD, "%s", seconds_to_words(over, hms));
        /* How long one is that goes on is not known yet. */
        if (breaches > 0 && json_integer_or(session, "ended_at", -1) < 0)
                line_add(&line, STYLE_PLAIN, " in %lld breach%s", (long long)breaches,
                                breaches == 1 ? "" : "es");
        else if (breaches == 1)
                line_add(&line, STYLE_PLAIN, ", a breach of %s", seconds_to_words(longest, hms));
        else if (breaches > 1)
                line_add(&line, STYLE_PLAIN, " in %lld breaches, the longest %s", (long long)breaches,
                                seconds_to_words(longest, hms));
        if (json_number(session, "easy_percent", &easy))
                line_add(&line, STYLE_PLAIN, "; easy for %s %%", share_to_string(easy, text));
        line_end(&line);
}

void session_print_log(const Output *out, json_object *session)
{
        const char *talk_test = json_text(session, "talk_test"), *text = json_text(session, "note");
        _cleanup_free_ char *note = text ? checked(strdup(text)) : NULL;
        int64_t rpe = json_integer_or(session, "rpe", 0);
        Line line;

        if (talk_test)
                output_field(out, "Talk test", "%s",
                                strcmp(talk_test, "pass") == 0 ? "passed: you could talk"
                                                               : "failed: you could not talk");
        if (rpe > 0)
                output_field(out, "Effort felt", "%lld of 10", (long long)rpe);
        if (!note)
                return;
        for (char *c = note; *c; c++) /* a note of several lines is one paragraph here */
                if (*c == '\n' || *c == '\t')
                        *c = ' ';
        line = line_begin(out, "Note");
        line_add(&line, STYLE_PLAIN, "%s", note);
        line_end(&line);
}

/* In the daemon's words; without the daemon the key, which is readable, too. */
static void print_verdict(const Output *out, json_object *session)
{
        const char *text = json_text(session, "verdict_text"), *key = json_text(session, "verdict");
        _cleanup_free_ char *words = key ? checked(strdup(key)) : NULL;

        for (char *c = words; c && *c; c++)
                if (*c == '-')
                        *c = ' ';
        if (text || words)
                output_field(out, "Verdict", "%s", text ? text : words);
}

/* Moments of the runner's own clock, here and now. */
static const char *moment_to_string(int64_t unix_ms, char buf[static MOMENT_STRING_MAX])
{
        time_t at = (time_t)(unix_ms / 1000);
        struct tm tm;

        if (!localtime_r(&at, &tm) || strftime(buf, MOMENT_STRING_MAX, "%Y-%m-%d %H:%M", &tm) == 0)
                (void)snprintf(buf, MOMENT_STRING_MAX, "?");
        return buf;
}

static void print_edited(const Output *out, json_object *session)
{
        int64_t at = json_integer_or(session, "edited_at", 0),
                until = json_integer_or(session, "undo_until", 0);
        char on[MOMENT_STRING_MAX], to[MOMENT_STRING_MAX];

        if (at > 0 && until > 0)
                output_field(out, "Edited", "%s; `cardioctl edit undo %lld` takes it back, until %s",
                                moment_to_string(at, on), (long long)json_integer_or(session, "id", 0),
                                moment_to_string(until, to));
        else if (at > 0)
                output_field(out, "Edited", "%s", moment_to_string(at, on));
}

static void print_facts(const Output *out, json_object *session)
{
        double live = json_number_or(session, "live_s", 0), value,
               duration = json_number_or(session, "duration_s", NAN);
        const char *strap = json_text(session, "strap"), *address = json_text(session, "address");
        char a[NUMBER_STRING_MAX], b[NUMBER_STRING_MAX], c[NUMBER_STRING_MAX], hms[HMS_STRING_MAX];
        Line line = line_begin(out, "Length");

        line_add(&line, STYLE_PLAIN, "%s", seconds_to_words(duration, hms));
        if (live > 0 && duration - live >= 5)
                line_add(&line, STYLE_PLAIN, ", %s of it with a heart rate", seconds_to_words(live, hms));
        line_end(&line);
        session_pace_print(out, session);
        if (json_number(session, "avg_hr", &value))
                output_field(out, "Heart rate", "average %s, lowest %s, peak %s",
                                number_of(session, "avg_hr", 0, a), number_of(session, "min_hr", 0, b),
                                number_of(session, "peak_hr", 0, c));
        if (live > 0)
                print_ceiling_kept(out, session);
        print_verdict(out, session);
        if (json_number(session, "trimp", &value))
                output_field(out, "Load", "%s TRIMP", number_to_string(value, 1, a));
        session_beats_print(out, session);
        if (strap)
                output_field(out, "Strap", "%s%s%s%s", strap,
                                address && strcmp(strap, address) != 0 ? " (" : "",
                                address && strcmp(strap, address) != 0 ? address : "",
                                address && strcmp(strap, address) != 0 ? ")" : "");
        if (json_number(session, "resting_hr", &value) && json_number(session, "max_hr", &value))
                output_field(out, "Runner", "resting %s, maximum %s", number_of(session, "resting_hr", 0, a),
                                number_of(session, "max_hr", 0, b));
        session_print_log(out, session);
        print_edited(out, session);
}

ZoneTable session_zone_table(json_object *session)
{
        const char *model = json_text(session, "zone_model"), *at = json_text(session, "zone_bounds");
        Runner runner = { .resting = json_number_or(session, "resting_hr", 0),
                .maximum = json_number_or(session, "max_hr", 0) };
        ZoneTable bounds = { .n = 0 }, bpm;
        ZoneModel zone_model = model ? zone_model_from_string(model) : _ZONE_MODEL_INVALID;

        if (zone_model < 0 || !at || runner.resting <= 0 || runner.maximum <= runner.resting)
                return (ZoneTable){ .n = 0 };

        for (;;) {
                at += strspn(at, " ");
                if (!*at)
                        break;
                if (bounds.n == ZONES_MAX || parse_decimal(&at, &bounds.bound[bounds.n]) < 0)
                        return (ZoneTable){ .n = 0 };
                bounds.n++;
        }
        if (bounds.n == 0 || zone_table_resolve(zone_model, &bounds, &runner, &bpm) < 0)
                return (ZoneTable){ .n = 0 };
        return bpm;
}

static void print_zone(const Output *out, const ZoneTable *bpm, unsigned zone, double seconds, double percent)
{
        char hms[HMS_STRING_MAX], low[NUMBER_STRING_MAX], high[NUMBER_STRING_MAX],
                        range[3 * NUMBER_STRING_MAX];
        unsigned columns = BAR_COLUMNS;

        if (out->width > 0 && out->width < BAR_AT + BAR_COLUMNS)
                columns = out->width > BAR_AT ? out->width - BAR_AT : 0;
        if (bpm->n == 0 || zone > bpm->n)
                range[0] = '\0'; /* not known */
        else if (zone == 0)
                (void)snprintf(range, sizeof(range), "below %s", number_to_string(bpm->bound[0], 0, high));
        else if (zone == bpm->n)
                (void)snprintf(range, sizeof(range), "%s up", number_to_string(bpm->bound[zone - 1], 0, low));
        else
                (void)snprintf(range, sizeof(range), "%s-%s", number_to_string(bpm->bound[zone - 1], 0, low),
                                number_to_string(bpm->bound[zone], 0, high));

        output_zone(out, zone, "  %u", zone);
        output_text(out, STYLE_PLAIN, "  %-10s %8s %5.1f %%", range, seconds_to_string(seconds, hms),
                        percent);
        if (percent > 0 && columns > 0) {
                printf("  ");
                output_bar(out, zone, percent / 100, columns);
        }
        putchar('\n');
}

static void print_zones(const Output *out, json_object *session)
{
        double seconds[ZONES_MAX + 1] = { 0 }, percent[ZONES_MAX + 1] = { 0 };
        ZoneTable bpm = session_zone_table(session);
        size_t highest = bpm.n, n = json_array_length(session, "zones");

        if (n == 0)
                return;
        for (size_t i = 0; i < n; i++) {
                json_object *row = json_array_at(session, "zones", i);
                int64_t zone = json_integer_or(row, "zone", -1);

                if (zone < 0 || zone > (int64_t)ZONES_MAX)
                        continue;
                seconds[zone] = json_number_or(row, "seconds", 0);
                percent[zone] = json_number_or(row, "percent", 0);
                highest = (size_t)zone > highest ? (size_t)zone : highest;
        }

        putchar('\n');
        output_text(out, STYLE_BOLD, "Zones");
        putchar('\n');
        for (size_t zone = highest + 1; zone > 0; zone--)
                print_zone(out, &bpm, (unsigned)zone - 1, seconds[zone - 1], percent[zone - 1]);
}

/* The highest smoothed heart rate of an interval, NAN if it has none. */
static Outcome peak_between(const Database *d, int64_t id, int64_t from, int64_t to, double *ret)
{
        _cleanup_statement_ sqlite3_stmt *s = NULL;
        bool row = false;
        Outcome outcome;

        outcome = database_prepare(d,
                        "SELECT max(smoothed) FROM sample WHERE session_id = ?1 AND t BETWEEN ?2 AND ?3 AND settled",
                        &s);
        if (outcome != OUTCOME_DONE)
                return outcome;
        (void)sqlite3_bind_int64(s, 1, id);
        (void)sqlite3_bind_int64(s, 2, from);
        (void)sqlite3_bind_int64(s, 3, to);
        outcome = database_step(d, s, &row);
        if (outcome == OUTCOME_DONE)
                *ret = row && sqlite3_column_type(s, 0) != SQLITE_NULL ? sqlite3_column_double(s, 0) : NAN;
        return outcome;
}

static const Column event_columns[] = {
        { .title = "  AT" },
        { .title = "LENGTH", .right = true },
        { .title = "PEAK", .right = true },
        { .title = "CEILING", .right = true },
        { .title = "" },
};

static void event_table_print(const Output *out, const char *title, Table *t)
{
        putchar('\n');
        output_text(out, STYLE_BOLD, "%s", title);
        putchar('\n');
        table_print(t, out);
}

/* One breach, from its first heart rate above to its last one; length NAN = it has not ended. */
static Outcome add_breach(const Database *d, json_object *session, Table *t, int64_t from, int64_t to,
                double length, double ceiling)
{
        char at[TIME_STRING_MAX], hms[HMS_STRING_MAX], bpm[NUMBER_STRING_MAX];
        double peak = NAN;
        Outcome outcome;

        outcome = peak_between(d, json_integer_or(session, "id", 0), from, to, &peak);
        if (outcome != OUTCOME_DONE)
                return outcome;

        table_cellf(t, STYLE_PLAIN, "  %s", time_of_day(session, from, at));
        table_cell(t, isnan(length) ? STYLE_WARNING : STYLE_PLAIN,
                        isnan(length) ? "still over" : seconds_to_string(length, hms));
        table_cell(t, STYLE_PLAIN, isnan(peak) ? NULL : number_to_string(peak, 0, bpm));
        table_cell(t, STYLE_PLAIN, isnan(ceiling) ? NULL : number_to_string(ceiling, 0, bpm));
        table_cell(t, STYLE_PLAIN, NULL);
        return OUTCOME_DONE;
}

static Outcome print_breaches(const Output *out, const Database *d, json_object *session)
{
        _cleanup_(table_freep) Table *t = table_new(event_columns, ELEMENTSOF(event_columns));
        double ceiling = json_number_or(session, "ceiling", NAN), breached = NAN;
        int64_t from = -1;
        bool any = false;
        Outcome outcome = OUTCOME_DONE;

        for (size_t i = 0; i < json_array_length(session, "events"); i++) {
                json_object *event = json_array_at(session, "events", i);
                const char *type = text_or(event, "type", "");
                int64_t at = json_integer_or(event, "t", 0);

                if (strcmp(type, "ceiling") == 0) {
                        ceiling = json_number_or(event, "value", NAN);
                } else if (strcmp(type, "over-limit") == 0 && from < 0) {
                        from = at;
                        breached = ceiling;
                        any = true;
                } else if (strcmp(type, "back-in-range") == 0 && from >= 0) {
                        outcome = add_breach(d, session, t, from, at, json_number_or(event, "value", NAN),
                                        breached);
                        from = -1;
                }
                if (outcome != OUTCOME_DONE)
                        return outcome;
        }
        if (from >= 0)
                outcome = add_breach(d, session, t, from, INT64_MAX, NAN, breached);
        if (any && outcome == OUTCOME_DONE)
                event_table_print(out, "Too fast", t);
        return outcome;
}

/* Gaps, and their causes as far as known. */
static void print_gaps(const Output *out, json_object *session)
{
        _cleanup_(table_freep) Table *t = table_new(event_columns, ELEMENTSOF(event_columns));
        char at[TIME_STRING_MAX], hms[HMS_STRING_MAX];
        bool any = false;

        for (size_t i = 0; i < json_array_length(session, "events"); i++) {
                json_object *event = json_array_at(session, "events", i);
                const char *type = text_or(event, "type", "");
                double value = json_number_or(event, "value", NAN);
                bool gap = strcmp(type, "gap") == 0;

                if (!gap && strcmp(type, "contact-lost") != 0 && strcmp(type, "stale") != 0)
                        continue;
                any = true;
                table_cellf(t, STYLE_PLAIN, "  %s", time_of_day(session, json_integer_or(event, "t", 0), at));
                table_cell(t, STYLE_PLAIN, gap && !isnan(value) ? seconds_to_string(value, hms) : NULL);
                table_cell(t, STYLE_PLAIN, NULL);
                table_cell(t, STYLE_PLAIN, NULL);
                table_cell(t, STYLE_DIM,
                                gap                          ? "no heart rate"
                                : strcmp(type, "stale") == 0 ? "silent or frozen"
                                                             : "no contact");
        }
        if (any)
                event_table_print(out, "Gaps", t);
}

/* When it was found too fast by pace, and how fast it was. */
static void print_pace_alerts(const Output *out, json_object *session)
{
        static const Column columns[] = { { .title = "  AT" }, { .title = "PACE", .right = true } };
        _cleanup_(table_freep) Table *t = table_new(columns, ELEMENTSOF(columns));
        char at[TIME_STRING_MAX], pace[PACE_TEXT_MAX];
        bool any = false;

        for (size_t i = 0; i < json_array_length(session, "events"); i++) {
                json_object *event = json_array_at(session, "events", i);

                if (strcmp(text_or(event, "type", ""), "over-pace") != 0)
                        continue;
                any = true;
                table_cellf(t, STYLE_PLAIN, "  %s", time_of_day(session, json_integer_or(event, "t", 0), at));
                table_cell(t, STYLE_PLAIN, session_pace_alert(session, event, pace));
        }
        if (any)
                event_table_print(out, "Too fast by pace", t);
}

/* What the runner has marked. */
static void print_marks(const Output *out, json_object *session)
{
        static const Column columns[] = { { .title = "  AT" }, { .title = "" } };
        _cleanup_(table_freep) Table *t = table_new(columns, ELEMENTSOF(columns));
        char at[TIME_STRING_MAX];
        bool any = false;

        for (size_t i = 0; i < json_array_length(session, "events"); i++) {
                json_object *event = json_array_at(session, "events", i);

                if (strcmp(text_or(event, "type", ""), "mark") != 0)
                        continue;
                any = true;
                table_cellf(t, STYLE_PLAIN, "  %s", time_of_day(session, json_integer_or(event, "t", 0), at));
                table_cell(t, STYLE_PLAIN, json_text(event, "detail"));
        }
        if (any)
                event_table_print(out, "Marks", t);
}

Outcome session_print(const Output *out, const Database *d, json_object *session)
{
        Outcome outcome;

        print_heading(out, d, session);
        outcome = session_chart_print(out, d, session);
        if (outcome != OUTCOME_DONE)
                return outcome;
        print_facts(out, session);
        print_zones(out, session);
        session_splits_print(out, session);
        outcome = print_breaches(out, d, session);
        if (outcome == OUTCOME_DONE) {
                print_pace_alerts(out, session);
                print_gaps(out, session);
                print_marks(out, session);
        }
        return outcome;
}
