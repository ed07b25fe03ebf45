/* SPDX-License-Identifier: MIT */
/* The coach's verbs: its rules and its sentences are the daemon's; here they are asked for and printed. Dates are local, of
 * CLOCK_REALTIME. */
#include "coach.h"

#include <math.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cardio/bus-api.h"
#include "cardio/day.h"
#include "cardio/kind.h"
#include "cardio/nearest.h"
#include "cardio/parse.h"
#include "memory.h"
#include "pager.h"
#include "verbs-status.h"

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
                if (outcome != OUTCOME_DONE)
                        return outcome;
                return parts[i].paged ? pager_run(call, parts[i].run) : parts[i].run(call);
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

Outcome coach_open(const Call *call, DaemonBus *ret)
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

/* A whole number; "" is 0, which removes it; a missing option leaves it unchanged. */
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
        scan.pain_gone = call_option(call, "pain-gone");
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
        if (r >= 0)
                r = append_text(m, "pain_gone", scan->pain_gone);
        return r < 0 ? r : append_text(m, "note", scan->note);
}

bool coach_may_ask(const Call *call)
{
        return call->out.terminal && !call->json && isatty(STDIN_FILENO);
}

Outcome coach_log_day(const DaemonBus *bus, const char *date, const BodyScan *scan)
{
        _cleanup_message_ sd_bus_message *m = NULL;
        Outcome outcome;
        int r;

        outcome = bus_new_call(bus, CARDIO_COACH_INTERFACE, "LogDay", &m);
        if (outcome != OUTCOME_DONE)
                return outcome;
        r = sd_bus_message_append(m, "s", date);
        if (r >= 0)
                r = sd_bus_message_open_container(m, 'a', "{sv}");
        if (r >= 0)
                r = coach_append_body_scan(m, scan);
        if (r >= 0)
                r = sd_bus_message_close_container(m);
        return r < 0 ? bus_not_called("LogDay", r) : bus_send_call(bus, m, BUS_TIMEOUT_DEFAULT, NULL);
}

/* -- A session ------------------------------------------------------------------------------------------ */

/* As stored: the words that it is printed in are made from it. */
static json_object *verdict_key(const DaemonBus *bus, int64_t session)
{
        _cleanup_error_ sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_message_ sd_bus_message *reply = NULL;
        _cleanup_json_ json_object *row = NULL;
        const char *key;

        if (sd_bus_call_method(bus->bus, CARDIO_BUS_NAME, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE,
                            "GetSession", &error, &reply, "x", session) < 0 ||
                        bus_read(reply, &row) < 0)
                return NULL;
        key = json_text(row, "verdict");
        return key ? checked(json_object_new_string(key)) : NULL;
}

json_object *coach_ask_verdict(const DaemonBus *bus, int64_t session)
{
        _cleanup_error_ sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_message_ sd_bus_message *reply = NULL;
        json_object *verdict = checked(json_object_new_object());
        const char *kind = "", *text = "";

        /* The runner's request is done by now: a missing verdict is no failure of it. */
        if (sd_bus_call_method(bus->bus, CARDIO_BUS_NAME, CARDIO_OBJECT, CARDIO_COACH_INTERFACE, "Verdict",
                            &error, &reply, "x", session) < 0 ||
                        sd_bus_message_read(reply, "ss", &kind, &text) < 0)
                kind = text = "";
        json_add(verdict, "session", checked(json_object_new_int64(session)));
        json_add(verdict, "kind", *kind ? checked(json_object_new_string(kind)) : NULL);
        json_add(verdict, "verdict", *kind ? verdict_key(bus, session) : NULL);
        json_add(verdict, "verdict_text", *text ? checked(json_object_new_string(text)) : NULL);
        return verdict;
}

void coach_add_verdict(const Call *call, json_object *session, int64_t id)
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

void coach_print_verdict(const Output *out, json_object *verdict)
{
        const char *kind = json_text(verdict, "kind"), *text = json_text(verdict, "verdict_text");

        if (kind)
                output_field(out, "Kind", "%s", kind);
        if (text)
                output_field(out, "Verdict", "%s", text);
}

/* -- What is in force ----------------------------------------------------------------------------------- */

Outcome coach_print_in_force(const DaemonBus *bus, const Output *out)
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
