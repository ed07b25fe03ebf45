/* SPDX-License-Identifier: MIT */
/* `edit`: cuts off what is no part of a run, makes two of one and one of two, and takes that back. The daemon does it; times
 * are looked up in the database. CLOCK_REALTIME says until when it can be taken back. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cardio/bus-api.h"
#include "cardio/time.h"
#include "coach.h"
#include "ctl.h"
#include "database.h"
#include "edit-time.h"
#include "memory.h"
#include "text.h"

#define MOMENT_MAX 32

/* An edit reads and writes all rows of a session. */
#define EDIT_TIMEOUT_USEC (60 * USEC_PER_SEC)

/* -- What there is -------------------------------------------------------------------------------------- */

typedef struct Facts {
        int64_t id;
        EditSpan span;
        bool logged; /* a talk test, an effort or a note */
} Facts;

/* Times are those of heart rates: what is being recorded has no other end. */
static Outcome read_facts(const Database *d, int64_t id, Facts *ret)
{
        _cleanup_statement_ sqlite3_stmt *s = NULL;
        bool row = false;
        Outcome outcome;

        outcome = database_prepare(d,
                        "SELECT started_at, utc_offset_s, coalesce((SELECT max(t) FROM sample WHERE session_id = s.id),"
                        " ended_at - started_at, 0), talk_test IS NOT NULL OR rpe IS NOT NULL OR note IS NOT NULL"
                        "  FROM session AS s WHERE id = ?1",
                        &s);
        if (outcome != OUTCOME_DONE)
                return outcome;
        (void)sqlite3_bind_int64(s, 1, id);
        outcome = database_step(d, s, &row);
        if (outcome != OUTCOME_DONE)
                return outcome;
        if (!row)
                return fail(OUTCOME_NOT_FOUND, "there is no session %lld", (long long)id);
        *ret = (Facts){
                .id = id,
                .span = { .started_at = sqlite3_column_int64(s, 0),
                                .utc_offset_s = sqlite3_column_int(s, 1),
                                .length_ms = sqlite3_column_int64(s, 2) },
                .logged = sqlite3_column_int(s, 3) != 0,
        };
        return OUTCOME_DONE;
}

/* The database is closed again, as for a deletion: a reader would be in the daemon's way. */
static Outcome look_up(const Call *call, const char *argument, Facts *ret)
{
        _cleanup_database_ Database d = { .db = NULL };
        SessionName name;
        int64_t id = 0;
        Outcome outcome;

        outcome = session_argument(argument, &name);
        if (outcome == OUTCOME_DONE)
                outcome = database_open(call, &d);
        if (outcome == OUTCOME_DONE)
                outcome = database_find_session(&d, &name, &id);
        return outcome == OUTCOME_DONE ? read_facts(&d, id, ret) : outcome;
}

/* "18:00:02", by the session's own clock. */
static const char *time_of_day(const EditSpan *span, int64_t t, char buf[static MOMENT_MAX])
{
        time_t at = (time_t)((span->started_at + t) / 1000 + span->utc_offset_s);
        struct tm tm;

        if (!gmtime_r(&at, &tm) || strftime(buf, MOMENT_MAX, "%H:%M:%S", &tm) == 0)
                (void)snprintf(buf, MOMENT_MAX, "?");
        return buf;
}

/* -- Times ---------------------------------------------------------------------------------------------- */

static Outcome read_time(const Call *call, const char *option, const Facts *facts, int64_t *ret_ms)
{
        const char *text = call_option(call, option);
        char from[MOMENT_MAX], to[MOMENT_MAX], length[HMS_STRING_MAX];

        switch (edit_time_parse(text, &facts->span, ret_ms)) {
        case 0:
                return OUTCOME_DONE;
        case -ENODATA:
                return fail(OUTCOME_USAGE,
                                "--%s %s: minutes or seconds? Say %smin or %ss; accepted: " EDIT_TIME_ACCEPTED,
                                option, text, text, text);
        case -ERANGE:
                return fail(OUTCOME_USAGE,
                                "--%s %s is not within session %lld; accepted: a time from %s to %s, or from +0:00:00 to "
                                "its end %s later",
                                option, text, (long long)facts->id, time_of_day(&facts->span, 0, from),
                                time_of_day(&facts->span, facts->span.length_ms, to),
                                seconds_to_words((double)facts->span.length_ms / 1000, length));
        case -ENOTUNIQ:
                return fail(OUTCOME_USAGE,
                                "--%s %s comes twice in session %lld, which is longer than a day; say how long after its "
                                "start, as in +26:10:00",
                                option, text, (long long)facts->id);
        default:
                return fail(OUTCOME_USAGE, "--%s '%s' is not a time; accepted: " EDIT_TIME_ACCEPTED, option,
                                text);
        }
}

/* -- Asking the daemon ---------------------------------------------------------------------------------- */

typedef struct Outset {
        const Call *call;
        DaemonBus bus;
        const char *what;   /* as in JSON */
        int64_t session[2]; /* those that there are now */
        size_t n;
} Outset;

static void outset_clear(Outset *o)
{
        bus_close(&o->bus);
}

static Outcome read_ids(sd_bus_message *reply, Outset *o)
{
        int r = sd_bus_message_enter_container(reply, 'a', "x");

        while (r >= 0 && o->n < ELEMENTSOF(o->session) &&
                        (r = sd_bus_message_read(reply, "x", &o->session[o->n])) > 0)
                o->n++;
        return r < 0 || o->n == 0 ? bus_garbled("EditSession") : OUTCOME_DONE;
}

/* A time or, of `merge`, a session, and its key. */
typedef struct Entry {
        const char *key;
        int64_t value;
} Entry;

static int append_entries(sd_bus_message *m, int64_t id, const Entry *entry, size_t n)
{
        int r = sd_bus_message_append(m, "x", id);

        if (r >= 0)
                r = sd_bus_message_open_container(m, 'a', "{sv}");
        for (size_t i = 0; i < n && r >= 0; i++)
                r = strcmp(entry[i].key, "merge") == 0
                                    ? sd_bus_message_append(m, "{sv}", entry[i].key, "x", entry[i].value)
                                    : sd_bus_message_append(
                                                      m, "{sv}", entry[i].key, "t", (uint64_t)entry[i].value);
        return r < 0 ? r : sd_bus_message_close_container(m);
}

static Outcome call_edit(Outset *o, int64_t id, const Entry *entry, size_t n)
{
        _cleanup_message_ sd_bus_message *m = NULL, *reply = NULL;
        Outcome outcome;
        int r;

        outcome = coach_open(o->call, &o->bus);
        if (outcome == OUTCOME_DONE)
                outcome = bus_new_call(&o->bus, CARDIO_MANAGER_INTERFACE, "EditSession", &m);
        if (outcome != OUTCOME_DONE)
                return outcome;
        r = append_entries(m, id, entry, n);
        outcome = r < 0 ? bus_not_called("EditSession", r)
                        : bus_send_call(&o->bus, m, EDIT_TIMEOUT_USEC, &reply);
        return outcome == OUTCOME_DONE ? read_ids(reply, o) : outcome;
}

/* -- Saying what became of it --------------------------------------------------------------------------- */

static int64_t undo_until_s(void)
{
        return (int64_t)time(NULL) + CARDIO_EDIT_KEPT_S;
}

static Outcome print_json(const Outset *o, bool can_be_undone)
{
        _cleanup_json_ json_object *document = checked(json_object_new_object());
        json_object *sessions = checked(json_object_new_array());

        json_add(document, "edit", checked(json_object_new_string(o->what)));
        json_add(document, "sessions", sessions);
        for (size_t i = 0; i < o->n; i++) {
                json_object *row = NULL;
                Outcome outcome = bus_session(&o->bus, o->session[i], &row);

                if (outcome != OUTCOME_DONE)
                        return outcome;
                json_append(sessions, row);
        }
        json_add(document, "undo_until",
                        can_be_undone ? checked(json_object_new_int64(undo_until_s() * 1000)) : NULL);
        json_print(document);
        return OUTCOME_DONE;
}

/* "Session 12: 18:00:02 to 18:40:14, 40 min 12 s." A line for each that there is now. */
static Outcome print_sessions(const Outset *o)
{
        _cleanup_database_ Database d = { .db = NULL };
        Outcome outcome = database_open(o->call, &d);

        for (size_t i = 0; i < o->n && outcome == OUTCOME_DONE; i++) {
                char from[MOMENT_MAX], to[MOMENT_MAX], length[HMS_STRING_MAX];
                Facts facts;

                outcome = read_facts(&d, o->session[i], &facts);
                if (outcome != OUTCOME_DONE)
                        break;
                output_text(&o->call->out, STYLE_PLAIN, "Session %lld: %s to %s, %s.", (long long)facts.id,
                                time_of_day(&facts.span, 0, from),
                                time_of_day(&facts.span, facts.span.length_ms, to),
                                seconds_to_words((double)facts.span.length_ms / 1000, length));
                putchar('\n');
        }
        return outcome;
}

static void print_undo(const Outset *o)
{
        time_t until = (time_t)undo_until_s();
        char moment[MOMENT_MAX] = "next week";
        struct tm tm;

        if (localtime_r(&until, &tm))
                (void)strftime(moment, sizeof(moment), "%Y-%m-%d %H:%M", &tm); /* always fits */
        output_wrapped(&o->call->out, STYLE_PLAIN, 0, 0,
                        "`cardioctl edit undo %lld` takes that back, until %s.", (long long)o->session[0],
                        moment);
}

static Outcome print_edited(const Outset *o, bool logged)
{
        Outcome outcome;

        if (o->call->json)
                return print_json(o, true);
        outcome = print_sessions(o);
        if (outcome != OUTCOME_DONE)
                return outcome;
        if (logged && o->n > 1)
                output_wrapped(&o->call->out, STYLE_PLAIN, 0, 0,
                                "What you logged of it stays with session %lld.", (long long)o->session[0]);
        print_undo(o);
        return OUTCOME_DONE;
}

/* -- The verb ------------------------------------------------------------------------------------------- */

static Outcome edit_session(const Call *call)
{
        static const char *const options[] = { "trim-start", "trim-end", "split" };
        _cleanup_(outset_clear) Outset o = { .call = call, .what = "trim" };
        Entry entry[ELEMENTSOF(options)];
        size_t n = 0;
        Facts facts = { .id = 0 };
        Outcome outcome;

        if (call_option(call, "split") && (call_option(call, "trim-start") || call_option(call, "trim-end")))
                return fail(OUTCOME_USAGE, "--split is an edit of its own: split first, then trim the parts");
        if (call_option(call, "split"))
                o.what = "split";
        else if (!call_option(call, "trim-start") && !call_option(call, "trim-end"))
                return fail(OUTCOME_USAGE,
                                "say what is to be done; accepted: --trim-start T, --trim-end T or both, or --split T");
        outcome = look_up(call, call->argv[0], &facts);
        for (size_t i = 0; i < ELEMENTSOF(options) && outcome == OUTCOME_DONE; i++) {
                if (!call_option(call, options[i]))
                        continue;
                entry[n].key = options[i];
                outcome = read_time(call, options[i], &facts, &entry[n++].value);
        }
        if (outcome == OUTCOME_DONE)
                outcome = call_edit(&o, facts.id, entry, n);
        return outcome == OUTCOME_DONE ? print_edited(&o, facts.logged) : outcome;
}

static Outcome edit_merge(const Call *call)
{
        _cleanup_(outset_clear) Outset o = { .call = call, .what = "merge" };
        Facts first = { .id = 0 }, second = { .id = 0 };
        Outcome outcome;

        outcome = look_up(call, call->argv[1], &first);
        if (outcome == OUTCOME_DONE)
                outcome = look_up(call, call->argv[2], &second);
        if (outcome == OUTCOME_DONE)
                outcome = call_edit(&o, first.id, &(Entry){ "merge", second.id }, 1);
        return outcome == OUTCOME_DONE ? print_edited(&o, false) : outcome;
}

/* The sessions that there will be when the last edit of this one is taken back. None, if it cannot be: the daemon says why. */
static Outcome find_kept(const Call *call, int64_t id, Outset *o)
{
        _cleanup_database_ Database d = { .db = NULL };
        _cleanup_statement_ sqlite3_stmt *s = NULL;
        bool row = false;
        Outcome outcome = database_open(call, &d);

        if (outcome == OUTCOME_DONE)
                outcome = database_prepare(&d,
                                "SELECT k.id FROM kept_session AS k WHERE k.edit_id ="
                                " (SELECT max(edit_id) FROM edit_session WHERE session_id = ?1) ORDER BY k.started_at",
                                &s);
        if (outcome != OUTCOME_DONE)
                return outcome;
        (void)sqlite3_bind_int64(s, 1, id);
        while (o->n < ELEMENTSOF(o->session) && (outcome = database_step(&d, s, &row)) == OUTCOME_DONE && row)
                o->session[o->n++] = sqlite3_column_int64(s, 0);
        return outcome;
}

/* One that was merged into another is named by its number. */
static Outcome read_undone(const Call *call, int64_t *ret)
{
        SessionName name;
        Outcome outcome = session_argument(call->argv[1], &name);

        return outcome == OUTCOME_DONE ? database_look_up_session(call, &name, ret) : outcome;
}

static Outcome edit_undo(const Call *call)
{
        _cleanup_(outset_clear) Outset o = { .call = call, .what = "undo" };
        int64_t id = 0;
        Outcome outcome;

        outcome = read_undone(call, &id);
        if (outcome == OUTCOME_DONE)
                outcome = find_kept(call, id, &o);
        if (outcome == OUTCOME_DONE)
                outcome = coach_open(call, &o.bus);
        if (outcome == OUTCOME_DONE)
                outcome = bus_call(&o.bus, CARDIO_MANAGER_INTERFACE, "UndoEdit", EDIT_TIMEOUT_USEC, NULL, "x",
                                id);
        if (outcome != OUTCOME_DONE)
                return outcome;
        if (call->json)
                return print_json(&o, false);
        outcome = print_sessions(&o);
        if (outcome == OUTCOME_DONE)
                output_wrapped(&call->out, STYLE_PLAIN, 0, 0, "%s as before the edit.",
                                o.n > 1 ? "They are" : "It is");
        return outcome;
}

static Outcome verb_edit(const Call *call)
{
        static const Part parts[] = {
                { .name = "merge", .arguments = "ID ID", .n_arguments = 2, .json = true, .run = edit_merge },
                { .name = "undo", .arguments = "ID", .n_arguments = 1, .json = true, .run = edit_undo },
        };

        if (call->argc == 1 && strcmp(call->argv[0], "merge") != 0 && strcmp(call->argv[0], "undo") != 0)
                return edit_session(call);
        return part_run(call, parts, ELEMENTSOF(parts));
}

static const Option edit_options[] = {
        { .name = "trim-start", .argument = "T", .help = "what is before it goes" },
        { .name = "trim-end", .argument = "T", .help = "what is after it goes" },
        { .name = "split", .argument = "T", .help = "two sessions: up to it, and from it on" },
        { .name = NULL },
};

static const Verb verbs[] = {
        {
                        .name = "edit",
                        .arguments = "ID | merge ID ID | undo ID",
                        .min_arguments = 1,
                        .max_arguments = 3,
                        .offer = { { "last today yesterday merge undo", SOURCE_SESSION },
                                        { "last today yesterday", SOURCE_SESSION },
                                        { "last today yesterday", SOURCE_SESSION } },
                        .json = true,
                        .summary = "cut off what is no part of a run, make two of one or one of two",
                        .help = SESSION_ID_HELP
                        "T is a time of day by the clock of the session, such as 18:45 or\n"
                        "18:45:30; from its start, such as 40min, 1h5min or +1:05:30; or before\n"
                        "its end, such as -5min or -0:05:00. Of two parts the first keeps the\n"
                        "number, of two sessions made one the earlier. All figures, kinds and the\n"
                        "coach follow. What was there before is kept for a week: `edit undo ID`\n"
                        "takes the last edit of a session back, whole.",
                        .options = edit_options,
                        .run = verb_edit,
        },
        { .name = NULL },
};

const Family edit_family = { .title = "Editing", .verbs = verbs };
