/* SPDX-License-Identifier: MIT */
/* The coach, as seen from here: its rules are the daemon's, and so are its sentences; here they are asked
 * for and printed. Dates are those of the runner's own clock, CLOCK_REALTIME in local time. */
#include "coach.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cardio/bus-api.h"
#include "cardio/day.h"
#include "cardio/intensity.h"
#include "cardio/kind.h"
#include "cardio/nearest.h"
#include "cardio/parse.h"
#include "cardio/resting.h"
#include "memory.h"
#include "verbs-status.h"

#define LINE_MAX_BYTES 256

/* -- Parts of a verb ------------------------------------------------------------------------------------ */

static Outcome part_check(const Call *call, const Part *part)
{
        const char *verb = call->verb->name, *name = part->name ? part->name : "";

        if (call->argc > 0 && call->argc - 1 != part->n_arguments)
                return fail(OUTCOME_USAGE, "usage: cardioctl %s %s%s%s", verb, name,
                                part->arguments ? " " : "", part->arguments ? part->arguments : "");
        if (call->json && !part->json)
                return fail(OUTCOME_USAGE, "`%s %s` has nothing to print as JSON; leave --json out", verb,
                                name);
        for (size_t i = 0; call->verb->options && call->verb->options[i].name; i++)
                if (call->value[i] &&
                                !word_is_in(call->verb->options[i].name, part->options ? part->options : ""))
                        return fail(OUTCOME_USAGE, "--%s is not for `%s%s%s`", call->verb->options[i].name,
                                        verb, *name ? " " : "", name);
        return OUTCOME_DONE;
}

static Outcome unknown_part(const Call *call, const Part *parts, size_t n, const char *name)
{
        const char *verb = call->verb->name;
        Nearest nearest = { .word = name };

        for (size_t i = 0; i < n; i++)
                if (parts[i].name)
                        nearest_consider(&nearest, parts[i].name);
        if (nearest.match)
                return fail(OUTCOME_USAGE, "there is no `%s %s`; did you mean `%s %s`?", verb, name, verb,
                                nearest.match);
        return fail(OUTCOME_USAGE, "there is no `%s %s`; usage: cardioctl %s %s", verb, name, verb,
                        call->verb->arguments);
}

Outcome part_run(const Call *call, const Part *parts, size_t n)
{
        const char *name = call->argc > 0 ? call->argv[0] : NULL;
        Outcome outcome;

        for (size_t i = 0; i < n; i++) {
                if (name ? !parts[i].name || strcmp(name, parts[i].name) != 0 : parts[i].name != NULL)
                        continue;
                outcome = part_check(call, &parts[i]);
                return outcome == OUTCOME_DONE ? parts[i].run(call) : outcome;
        }
        return unknown_part(call, parts, n, name ? name : "");
}

/* -- Dates and calls ------------------------------------------------------------------------------------ */

Outcome coach_date_argument(const char *argument, char ret[static DATE_STRING_MAX])
{
        const int64_t now = (int64_t)time(NULL);
        bool tomorrow = strcmp(argument, "tomorrow") == 0;
        Day day;

        if (date_parse(tomorrow ? "today" : argument, now, ret) < 0 || day_parse(ret, &day) < 0)
                return fail(OUTCOME_USAGE, "'%s' is not a date; accepted: " COACH_DATE_ACCEPTED, argument);
        if (tomorrow)
                (void)day_to_string(day + 1, ret);
        return OUTCOME_DONE;
}

Outcome coach_past_date_argument(const char *argument, char ret[static DATE_STRING_MAX])
{
        char today[DATE_STRING_MAX];
        Outcome outcome = coach_date_argument(argument, ret);

        if (outcome == OUTCOME_DONE)
                outcome = coach_date_argument("today", today);
        if (outcome == OUTCOME_DONE && strcmp(ret, today) > 0)
                return fail(OUTCOME_USAGE, "%s is in the future; accepted: a date up to today", ret);
        return outcome;
}

Outcome coach_open(const Call *call, Bus *ret)
{
        if (call->database)
                return fail(OUTCOME_USAGE, "that goes by cardiod alone; leave --database out");
        return bus_open(call, ret);
}

Outcome coach_read_id(sd_bus_message *reply, const char *member, int64_t *ret)
{
        return sd_bus_message_read(reply, "x", ret) < 0 ? bus_garbled(member) : OUTCOME_DONE;
}

/* -- What the runner says ------------------------------------------------------------------------------- */

/* A whole number; "" is 0, which takes it back; not given leaves it. */
static Outcome read_figure(const Call *call, const char *option, unsigned max, int *ret)
{
        const char *text = call_option(call, option);
        unsigned figure = 0;

        if (!text)
                return OUTCOME_DONE;
        if (*text && (parse_unsigned(text, &figure) < 0 || figure < 1 || figure > max))
                return fail(OUTCOME_USAGE, "'%s' is not a value for --%s; accepted: a whole number, 1 to %u",
                                text, option, max);
        *ret = (int)figure;
        return OUTCOME_DONE;
}

static Outcome read_yes(const Call *call, const char *option, int *ret)
{
        const char *text = call_option(call, option);

        if (!text)
                return OUTCOME_DONE;
        if (strcmp(text, "yes") != 0 && strcmp(text, "no") != 0)
                return fail(OUTCOME_USAGE, "'%s' is not a value for --%s; accepted: yes or no", text, option);
        *ret = strcmp(text, "yes") == 0;
        return OUTCOME_DONE;
}

Outcome coach_read_annotation(const Call *call, Annotation *ret)
{
        Annotation a = ANNOTATION_NOTHING;
        const char *reason;
        Outcome outcome;

        a.kind = call_option(call, "kind");
        a.talk_test = call_option(call, "talk-test");
        a.note = call_option(call, "note");
        if (a.kind && *a.kind && kind_from_string(a.kind) < 0)
                return fail(OUTCOME_USAGE, "'%s' is not a kind; accepted: " KIND_ACCEPTED, a.kind);
        if (a.talk_test && *a.talk_test && talk_test_from_string(a.talk_test) < 0)
                return fail(OUTCOME_USAGE,
                                "'%s' is not a value for --talk-test; accepted: " TALK_TEST_ACCEPTED,
                                a.talk_test);
        outcome = read_figure(call, "rpe", RPE_MAX, &a.rpe);
        if (outcome != OUTCOME_DONE)
                return outcome;
        if (annotation_check(&a, &reason) < 0)
                return fail(OUTCOME_USAGE, "%s", reason);
        *ret = a;
        return OUTCOME_DONE;
}

Outcome coach_read_body_scan(const Call *call, BodyScan *ret)
{
        BodyScan scan = BODY_SCAN_NOTHING;
        const char *reason;
        Outcome outcome;

        scan.mood = call_option(call, "mood");
        scan.soreness = call_option(call, "soreness");
        scan.pain = call_option(call, "pain");
        scan.note = call_option(call, "note");
        outcome = read_figure(call, "feel", FEEL_MAX, &scan.feel);
        if (outcome == OUTCOME_DONE)
                outcome = read_yes(call, "pain-worsening", &scan.pain_worsening);
        if (outcome == OUTCOME_DONE)
                outcome = read_yes(call, "pain-gait", &scan.pain_gait);
        if (outcome != OUTCOME_DONE)
                return outcome;
        if (body_scan_check(&scan, &reason) < 0)
                return fail(OUTCOME_USAGE, "%s", reason);
        *ret = scan;
        return OUTCOME_DONE;
}

static int append_text(sd_bus_message *m, const char *key, const char *text)
{
        return text ? sd_bus_message_append(m, "{sv}", key, "s", text) : 0;
}

static int append_figure(sd_bus_message *m, const char *key, int figure)
{
        return figure >= 0 ? sd_bus_message_append(m, "{sv}", key, "y", (uint8_t)figure) : 0;
}

static int append_flag(sd_bus_message *m, const char *key, int flag)
{
        return flag >= 0 ? sd_bus_message_append(m, "{sv}", key, "b", flag) : 0;
}

int coach_append_annotation(sd_bus_message *m, const Annotation *a)
{
        int r;

        r = append_text(m, "kind", a->kind);
        if (r >= 0)
                r = append_text(m, "talk_test", a->talk_test);
        if (r >= 0)
                r = append_figure(m, "rpe", a->rpe);
        return r < 0 ? r : append_text(m, "note", a->note);
}

int coach_append_body_scan(sd_bus_message *m, const BodyScan *scan)
{
        int r;

        r = append_figure(m, "feel", scan->feel);
        if (r >= 0)
                r = append_text(m, "mood", scan->mood);
        if (r >= 0)
                r = append_text(m, "soreness", scan->soreness);
        if (r >= 0)
                r = append_text(m, "pain", scan->pain);
        if (r >= 0)
                r = append_flag(m, "pain_worsening", scan->pain_worsening);
        if (r >= 0)
                r = append_flag(m, "pain_gait", scan->pain_gait);
        return r < 0 ? r : append_text(m, "note", scan->note);
}

/* -- A day ---------------------------------------------------------------------------------------------- */

Outcome coach_ask_day(const Bus *bus, const char *date, json_object **ret)
{
        _cleanup_message_ sd_bus_message *reply = NULL;
        _cleanup_json_ json_object *day = NULL;
        Outcome outcome;

        outcome = coach_call(bus, "Today", &reply, "s", date);
        if (outcome != OUTCOME_DONE)
                return outcome;
        if (bus_read(reply, &day) < 0 || !json_object_is_type(day, json_type_object))
                return bus_garbled("Today");
        *ret = TAKE_PTR(day);
        return OUTCOME_DONE;
}

#define MINUTES_STRING_MAX 64
/* ", 20 to 30 minutes", ", 30 minutes or longer"; "" where no length is named. */
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

static void print_heading(const Output *out, const char *date, json_object *day)
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
        static const char *const weekdays[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
        const char *name = json_text(day, "kind"), *title;
        Kind kind = name ? kind_from_string(name) : _KIND_INVALID;
        char minutes[MINUTES_STRING_MAX], line[LINE_MAX_BYTES];
        Day on;

        title = kind >= 0 ? titles[kind] : name ? name : "?";
        (void)minutes_to_string(day, minutes);
        if (day_parse(date, &on) < 0)
                (void)snprintf(line, sizeof(line), "Today: %s%s", title, minutes);
        else
                (void)snprintf(line, sizeof(line), "%s %s: %s%s", weekdays[day_of_week(on)], date, title,
                                minutes);
        output_wrapped(out, STYLE_BOLD, 0, 0, "%s", line);
}

/* "146 bpm (65%hrr)": in bpm as far as it can be told from here, by the resting heart rate of that day. */
static void print_ceiling(const Bus *bus, const Output *out, json_object *day)
{
        _cleanup_json_ json_object *manager = NULL;
        const char *expression = json_text(day, "ceiling");
        Intensity ceiling;
        Runner runner = { .resting = json_number_or(day, "resting", 0) };
        char text[NUMBER_STRING_MAX];
        double bpm;

        if (!expression)
                return;
        if (!*expression || strcmp(expression, "off") == 0) {
                output_field(out, "Ceiling", "none");
                return;
        }
        if (bus_properties(bus, CARDIO_MANAGER_INTERFACE, &manager) == OUTCOME_DONE)
                runner.maximum = json_number_or(manager, "maximum_heart_rate", 0);
        if (runner.resting > 0 && runner.maximum > runner.resting &&
                        intensity_parse(expression, &ceiling) >= 0 &&
                        intensity_to_bpm(&ceiling, &runner, &bpm) > 0)
                output_field(out, "Ceiling", "%s bpm (%s)", number_to_string(bpm, 0, text), expression);
        else
                output_field(out, "Ceiling", "%s", expression);
}

static void print_streak(const Output *out, json_object *day)
{
        int64_t streak = json_integer_or(day, "streak", 0), cycle_day = json_integer_or(day, "cycle_day", 0);

        if (streak > 0)
                output_field(out, "Streak", "%lld day%s run without a break", (long long)streak,
                                streak == 1 ? "" : "s");
        if (cycle_day > 0)
                output_field(out, "Cycle", "day %lld", (long long)cycle_day);
}

/* From its Monday up to that day: "4 sessions, 2 of them today, 3 h 45 min". */
static void print_week(const Output *out, const char *date, json_object *day)
{
        int64_t sessions = json_integer_or(day, "sessions", 0),
                week = json_integer_or(day, "week_sessions", 0),
                minutes = json_integer_or(day, "week_minutes", 0);
        char doubles[64] = "", length[HMS_STRING_MAX];

        if (week == 0)
                return;
        if (sessions > 1)
                (void)snprintf(doubles, sizeof(doubles), ", %lld of them %s", (long long)sessions,
                                *date ? "that day" : "today");
        output_field(out, "Week", "%lld session%s%s, %s", (long long)week, week == 1 ? "" : "s", doubles,
                        seconds_to_words((double)minutes * 60, length));
}

/* The morning of that day, if there is one, against the mean in force. */
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

void coach_print_day(const Bus *bus, const Output *out, const char *date, json_object *day)
{
        const char *reason = json_text(day, "reason");

        print_heading(out, date, day);
        putchar('\n');
        if (reason && *reason)
                output_field(out, "Why", "%s", reason);
        for (size_t i = 0; i < json_array_length(day, "advice"); i++) {
                const char *advice = json_object_get_string(json_array_at(day, "advice", i));

                output_field(out, i == 0 ? "Advice" : "", "%s", advice ? advice : "");
        }
        print_ceiling(bus, out, day);
        print_resting(out, date, day);
        print_streak(out, day);
        print_week(out, date, day);
}

/* -- A session ------------------------------------------------------------------------------------------ */

json_object *coach_ask_verdict(const Bus *bus, int64_t session)
{
        _cleanup_error_ sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_message_ sd_bus_message *reply = NULL;
        json_object *verdict = checked(json_object_new_object());
        const char *kind = "", *text = "";

        /* What the runner has asked for is done by now: that it cannot be judged is no failure of it. */
        if (sd_bus_call_method(bus->bus, CARDIO_BUS_NAME, CARDIO_OBJECT, CARDIO_COACH_INTERFACE, "Verdict",
                            &error, &reply, "x", session) < 0 ||
                        sd_bus_message_read(reply, "ss", &kind, &text) < 0)
                kind = text = "";
        json_add(verdict, "session", checked(json_object_new_int64(session)));
        json_add(verdict, "kind", *kind ? checked(json_object_new_string(kind)) : NULL);
        json_add(verdict, "verdict", *text ? checked(json_object_new_string(text)) : NULL);
        return verdict;
}

void coach_print_verdict(const Output *out, json_object *verdict)
{
        const char *kind = json_text(verdict, "kind"), *text = json_text(verdict, "verdict");

        if (kind)
                output_field(out, "Kind", "%s", kind);
        if (text)
                output_field(out, "Verdict", "%s", text);
}

/* -- What is in force ----------------------------------------------------------------------------------- */

Outcome coach_print_in_force(const Bus *bus, const Output *out)
{
        _cleanup_json_ json_object *manager = NULL;
        char text[NUMBER_STRING_MAX];
        Line line;
        Outcome outcome;

        outcome = bus_properties(bus, CARDIO_MANAGER_INTERFACE, &manager);
        if (outcome != OUTCOME_DONE)
                return outcome;
        line = line_begin(out, "In force");
        line_add(&line, STYLE_PLAIN, "%s bpm, ",
                        number_to_string(json_number_or(manager, "resting_heart_rate", NAN), 0, text));
        if (json_true(manager, "resting_provisional"))
                line_add(&line, STYLE_WARNING, "provisional until seven mornings are measured");
        else
                line_add(&line, STYLE_PLAIN, "the mean of seven mornings");
        line_end(&line);
        status_print_ceiling(out, "Ceiling", manager);
        return OUTCOME_DONE;
}
