/* SPDX-License-Identifier: MIT */
/* A day, as the coach sees it and as the runner has logged it: asked of the daemon, and printed. The sentences of advice are
 * the daemon's own. Dates are local, of CLOCK_REALTIME. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cardio/bus-api.h"
#include "cardio/coach.h"
#include "cardio/day.h"
#include "cardio/intensity.h"
#include "cardio/kind.h"
#include "coach.h"
#include "memory.h"
#include "text.h"
#include "verbs-status.h"

#define LINE_MAX_BYTES 256

static const char *const weekdays[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };

/* -- Asking --------------------------------------------------------------------------------------------- */

static Outcome ask(const DaemonBus *bus, const char *member, const char *date, json_object **ret)
{
        _cleanup_message_ sd_bus_message *reply = NULL;
        _cleanup_json_ json_object *answer = NULL;
        Outcome outcome;

        outcome = coach_call(bus, member, &reply, "s", date);
        if (outcome != OUTCOME_DONE)
                return outcome;
        if (bus_read(reply, &answer) < 0 || !json_object_is_type(answer, json_type_object))
                return bus_garbled(member);
        *ret = TAKE_PTR(answer);
        return OUTCOME_DONE;
}

/* On the bus pains are structures; in a document their members have names. */
static json_object *name_pains(json_object *log)
{
        static const char *const keys[] = { "text", "since", "stops" };
        json_object *pains = checked(json_object_new_array());

        for (size_t i = 0; i < json_array_length(log, "pains"); i++) {
                json_object *from = json_array_at(log, "pains", i), *pain = checked(json_object_new_object());

                for (size_t k = 0; k < ELEMENTSOF(keys); k++)
                        json_add(pain, keys[k], json_object_get(json_object_array_get_idx(from, k)));
                json_append(pains, pain);
        }
        return pains;
}

Outcome coach_ask_log(const DaemonBus *bus, const char *date, json_object **ret)
{
        _cleanup_json_ json_object *log = NULL;
        Outcome outcome = ask(bus, "GetDay", date, &log);

        if (outcome != OUTCOME_DONE)
                return outcome;
        json_add(log, "pains", name_pains(log));
        json_add(log, "date", checked(json_object_new_string(date)));
        *ret = TAKE_PTR(log);
        return OUTCOME_DONE;
}

Outcome coach_ask_day(const DaemonBus *bus, const char *date, json_object **ret)
{
        _cleanup_json_ json_object *day = NULL, *log = NULL;
        char today[DATE_STRING_MAX];
        Outcome outcome;

        outcome = ask(bus, "Today", date, &day);
        if (outcome == OUTCOME_DONE && !*date) {
                outcome = coach_date_argument("today", today);
                date = today;
        }
        if (outcome == OUTCOME_DONE)
                outcome = coach_ask_log(bus, date, &log);
        if (outcome != OUTCOME_DONE)
                return outcome;
        json_add(day, "date", checked(json_object_new_string(date)));
        json_add(day, "pains", json_object_get(json_object_object_get(log, "pains")));
        *ret = TAKE_PTR(day);
        return OUTCOME_DONE;
}

/* -- A heading ------------------------------------------------------------------------------------------ */

#define MINUTES_STRING_MAX 64
/* ", 20 to 30 minutes", ", 30 minutes or longer"; "" if no length is given. */
static const char *minutes_to_string(json_object *day, char buf[static MINUTES_STRING_MAX])
{
        json_object *least = json_array_at(day, "minutes", 0), *most = json_array_at(day, "minutes", 1);
        int64_t from = least ? json_object_get_int64(least) : 0, to = most ? json_object_get_int64(most) : 0;

        buf[0] = '\0';
        if (from > 0 && to > from)
                (void)snprintf(buf, MINUTES_STRING_MAX, ", %lld to %lld minutes", (long long)from,
                                (long long)to);
        else if (to > 0)
                (void)snprintf(buf, MINUTES_STRING_MAX, ", %s%lld minutes", from == to ? "" : "at most ",
                                (long long)to);
        else if (from > 0)
                (void)snprintf(buf, MINUTES_STRING_MAX, ", %lld minutes or longer", (long long)from);
        return buf;
}

static const char *day_title(json_object *day)
{
        static const char *const titles[] = {
                [KIND_REST] = "a rest day",
                [KIND_CROSS_TRAINING] = "cross-training",
                [KIND_RECOVERY] = "a recovery run",
                [KIND_BASE] = "a base run",
                [KIND_LONG] = "a long run",
                [KIND_HARD] = "a hard run",
                [KIND_RACE] = "race day",
        };
        const char *name = json_text(day, "kind");
        Kind kind = name ? kind_from_string(name) : _KIND_INVALID;

        return kind >= 0 ? titles[kind] : name ? name : "?";
}

static const char *weekday_of(const char *date)
{
        Day day;

        return day_parse(date, &day) >= 0 ? weekdays[day_of_week(day)] : "?";
}

static void print_heading(const Output *out, const char *date, json_object *day)
{
        char minutes[MINUTES_STRING_MAX], line[LINE_MAX_BYTES];

        (void)minutes_to_string(day, minutes);
        if (!*date)
                (void)snprintf(line, sizeof(line), "Today: %s%s", day_title(day), minutes);
        else
                (void)snprintf(line, sizeof(line), "%s %s: %s%s", weekday_of(date), date, day_title(day),
                                minutes);
        output_wrapped(out, STYLE_BOLD, 0, 0, "%s", line);
}

/* The long run of a cycle is due until it was made. */
static bool wants_long_run(json_object *day)
{
        const char *rule = day ? json_text(day, "rule") : NULL;

        return rule && strcmp(rule, "cycle") == 0;
}

void coach_print_day_line(const Output *out, json_object *day, json_object *before)
{
        const char *date = json_text(day, "date");
        char minutes[MINUTES_STRING_MAX];
        /* Wrapped lines are aligned with the day's kind. */
        Line line = { .out = out, .indent = 16 };

        line_add(&line, STYLE_DIM, "%s %s  ", weekday_of(date ? date : ""), date ? date : "?");
        line_add(&line, STYLE_BOLD, "%s", day_title(day));
        line_add(&line, STYLE_PLAIN, "%s", minutes_to_string(day, minutes));
        if (wants_long_run(day) && wants_long_run(before))
                line_add(&line, STYLE_PLAIN, ", unless it is done by then");
        line_end(&line);
}

/* -- What the coach says -------------------------------------------------------------------------------- */

static void print_texts(const Output *out, const char *label, json_object *day, const char *key)
{
        for (size_t i = 0; i < json_array_length(day, key); i++) {
                const char *text = json_object_get_string(json_array_at(day, key, i));

                output_field(out, i == 0 ? label : "", "%s", text ? text : "");
        }
}

/* Whether the day's advice or questions mention a pain. */
static bool is_mentioned(json_object *day, const char *pain)
{
        const char *reason = json_text(day, "reason");

        if (reason && strstr(reason, pain))
                return true;
        for (size_t i = 0; i < json_array_length(day, "advice"); i++) {
                const char *advice = json_object_get_string(json_array_at(day, "advice", i));

                if (advice && strstr(advice, pain))
                        return true;
        }
        return false;
}

/* Prints the pains on record that are not mentioned above, and how to remove them. */
static void print_pains(const Output *out, json_object *day)
{
        size_t n = json_array_length(day, "pains");

        for (size_t i = 0; i < n; i++) {
                json_object *pain = json_array_at(day, "pains", i);
                const char *text = json_text(pain, "text"), *since = json_text(pain, "since");

                if (text && since && !is_mentioned(day, text))
                        output_field(out, "Pain", "%s, since %s %s; gone? %s", text, weekday_of(since), since,
                                        n == 1 ? "`cardioctl log today --pain none`"
                                               : "`cardioctl log today` asks about each");
        }
}

/* "146 bpm (65%hrr)", without the bpm if they are not known. */
static const char *ceiling_to_string(const char *expression, double bpm, char buf[static LINE_MAX_BYTES])
{
        char text[NUMBER_STRING_MAX];

        if (!*expression || strcmp(expression, "off") == 0)
                (void)snprintf(buf, LINE_MAX_BYTES, "none");
        else if (bpm > 0)
                (void)snprintf(buf, LINE_MAX_BYTES, "%s bpm (%s)", number_to_string(bpm, 0, text),
                                expression);
        else
                (void)snprintf(buf, LINE_MAX_BYTES, "%s", expression);
        return buf;
}

/* As far as it can be computed here: from the resting heart rate of that day, and today's maximum. */
static double ceiling_bpm(const DaemonBus *bus, json_object *day, const char *expression)
{
        _cleanup_json_ json_object *manager = NULL;
        Runner runner = { .resting = json_number_or(day, "resting", 0) };
        Intensity ceiling;
        double bpm;

        if (bus_properties(bus, CARDIO_MANAGER_INTERFACE, &manager) == OUTCOME_DONE)
                runner.maximum = json_number_or(manager, "maximum_heart_rate", 0);
        return runner.resting > 0 && runner.maximum > runner.resting &&
                                               intensity_parse(expression, &ceiling) >= 0 &&
                                               intensity_to_bpm(&ceiling, &runner, &bpm) > 0
                               ? bpm
                               : 0;
}

/* The ceiling in force, who has set it, and the one that the coach proposes. */
static void print_ceiling(const DaemonBus *bus, const Output *out, json_object *day)
{
        const char *expression = json_text(day, "ceiling"), *coached = json_text(day, "coach_ceiling");
        const char *set_by = json_text(day, "ceiling_reason"), *reason = json_text(day, "reason");
        char text[LINE_MAX_BYTES];
        bool by_coach = set_by && reason && strcmp(set_by, reason) == 0;

        if (!expression)
                return;
        (void)ceiling_to_string(expression, json_number_or(day, "ceiling_bpm", 0), text);
        if (by_coach) /* the reason is printed above */
                output_field(out, "Ceiling", "%s", text);
        else
                output_field(out, "Ceiling", "%s%s%s", text, set_by ? ", " : "",
                                set_by ? ceiling_reason_to_string(set_by) : "");
        if (by_coach || !coached || strcmp(coached, expression) == 0)
                return;
        output_field(out, "", "With `auto`: %s.",
                        ceiling_to_string(coached, ceiling_bpm(bus, day, coached), text));
}

/* -- What is behind ------------------------------------------------------------------------------------- */

static void print_streak(const Output *out, json_object *day)
{
        int64_t streak = json_integer_or(day, "streak", 0), cycle_day = json_integer_or(day, "cycle_day", 0);

        if (streak > 0)
                output_field(out, "Streak", "%lld day%s run without a break", (long long)streak,
                                streak == 1 ? "" : "s");
        if (cycle_day > 0)
                output_field(out, "Cycle", "day %lld", (long long)cycle_day);
}

/* From its Monday to that day: "4 sessions, 2 of them today, 3 h 45 min". */
static void print_week(const Output *out, const char *date, json_object *day)
{
        int64_t sessions = json_integer_or(day, "sessions", 0),
                week = json_integer_or(day, "week_sessions", 0);
        char doubles[64] = "", length[HMS_STRING_MAX];

        if (week == 0)
                return;
        if (sessions > 1)
                (void)snprintf(doubles, sizeof(doubles), ", %lld of them %s", (long long)sessions,
                                *date ? "that day" : "today");
        output_field(out, "Week", "%lld session%s%s, %s", (long long)week, week == 1 ? "" : "s", doubles,
                        seconds_to_words(60 * json_number_or(day, "week_minutes", 0), length));
}

/* The morning of that day, if there is one, compared with the mean in force. */
static void print_resting(const Output *out, const char *date, json_object *day)
{
        const char *provisional = json_true(day, "provisional") ? ", provisional" : "";
        const char *morning = *date ? "that morning" : "this morning";
        char figure[NUMBER_STRING_MAX], off[NUMBER_STRING_MAX], in_force[NUMBER_STRING_MAX];
        double mean, delta;

        if (!json_number(day, "resting", &mean))
                return;
        (void)number_to_string(mean, 0, in_force);
        if (!json_number(day, "resting_delta", &delta)) {
                output_field(out, "Resting", "%s bpm%s", in_force, provisional);
                return;
        }
        (void)number_to_string(mean + delta, 0, figure);
        (void)number_to_string(fabs(delta), 0, off);
        if (strcmp(off, "0") == 0)
                output_field(out, "Resting", "%s bpm %s, as the mean%s", figure, morning, provisional);
        else
                output_field(out, "Resting", "%s bpm %s, %s %s the mean of %s%s", figure, morning, off,
                                delta > 0 ? "above" : "below", in_force, provisional);
}

/* A higher maximum than that in force: said on the day of the run, and on the next one; `doctor` has it for longer. */
static void print_maximum(const Output *out, json_object *day)
{
        const char *date = json_text(day, "date"), *held = json_text(day, "proposed_maximum_date");
        const char *text = json_text(day, "proposed_maximum_text");
        Day asked, run;

        if (text && *text && date && held && day_parse(date, &asked) >= 0 && day_parse(held, &run) >= 0 &&
                        asked - run < COACH_MAXIMUM_SAID)
                output_field(out, "Maximum", "%s.", text);
}

void coach_print_day(const DaemonBus *bus, const Output *out, const char *date, json_object *day)
{
        const char *reason = json_text(day, "reason");

        print_heading(out, date, day);
        putchar('\n');
        if (reason && *reason)
                output_field(out, "Why", "%s", reason);
        print_texts(out, "Advice", day, "advice");
        print_texts(out, "Care", day, "care");
        print_pains(out, day);
        print_ceiling(bus, out, day);
        print_resting(out, date, day);
        print_maximum(out, day);
        print_streak(out, day);
        print_week(out, date, day);
}

/* -- What is logged ------------------------------------------------------------------------------------- */

static void print_pains_logged(const Output *out, json_object *log)
{
        for (size_t i = 0; i < json_array_length(log, "pains"); i++) {
                json_object *pain = json_array_at(log, "pains", i);
                const char *text = json_text(pain, "text"), *since = json_text(pain, "since");

                output_field(out, i == 0 ? "Pain" : "", "%s, since %s%s", text ? text : "?",
                                since ? since : "?", json_true(pain, "stops") ? "; no running with it" : "");
        }
}

void coach_print_log(const Output *out, json_object *log)
{
        static const struct {
                const char *label, *key;
        } texts[] = { { "Mood", "mood" }, { "Sore", "soreness" }, { "Note", "note" } };
        const char *date = json_text(log, "date");
        int64_t feel = json_integer_or(log, "feel", 0);
        bool any = feel > 0 || json_array_length(log, "pains") > 0;

        for (size_t i = 0; i < ELEMENTSOF(texts); i++)
                any |= json_text(log, texts[i].key) && *json_text(log, texts[i].key);
        output_wrapped(out, STYLE_BOLD, 0, 0, "%s %s%s", weekday_of(date ? date : ""), date ? date : "?",
                        any ? "" : ": nothing is logged");
        if (!any)
                return;
        putchar('\n');
        if (feel > 0)
                output_field(out, "Feel", "%lld of %u", (long long)feel, FEEL_MAX);
        for (size_t i = 0; i < ELEMENTSOF(texts); i++) {
                const char *text = json_text(log, texts[i].key);

                if (text && *text)
                        output_field(out, texts[i].label, "%s", text);
                if (i == 1)
                        print_pains_logged(out, log);
        }
}
