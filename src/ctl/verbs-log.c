/* SPDX-License-Identifier: MIT */
/* The diary: `log`, what the runner says of a run or of a day, and `add`, a run without a strap. The daemon stores it and
 * draws conclusions, which are printed. Dates and times of day are local, of CLOCK_REALTIME. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cardio/bus-api.h"
#include "cardio/day.h"
#include "cardio/kind.h"
#include "cardio/parse.h"
#include "cardio/time.h"
#include "ask.h"
#include "coach.h"
#include "database.h"
#include "session.h"

/* A day. */
#define MINUTES_MAX      1440U
#define MINUTES_ACCEPTED "minutes, 1 to 1440, or such as 45min or 1h"

#define SESSION_OPTIONS "kind talk-test rpe"
#define DAY_OPTIONS     "feel mood soreness pain pain-worsening pain-gait pain-gone"

/* -- log ------------------------------------------------------------------------------------------------ */

/* An option that is given and is one of these words, NULL if there is none. */
static const char *option_among(const Call *call, const char *words)
{
        for (size_t i = 0; call->verb->options[i].name; i++)
                if (call->value[i] && word_is_in(call->verb->options[i].name, words))
                        return call->verb->options[i].name;
        return NULL;
}

/* Whether the talk test says something of it: not of what is meant to be hard, nor of what is no run. */
static bool kind_has_talk_test(Kind kind)
{
        return kind != KIND_HARD && kind != KIND_RACE && kind != KIND_REST && kind != KIND_CROSS_TRAINING;
}

static Outcome log_check_options(const Call *call, bool session)
{
        const char *wrong = option_among(call, session ? DAY_OPTIONS : SESSION_OPTIONS);

        if (wrong && session)
                return fail(OUTCOME_USAGE,
                                "--%s is about a day; accepted for a session: --kind, --talk-test, --rpe, --note",
                                wrong);
        if (wrong)
                return fail(OUTCOME_USAGE,
                                "--%s is about a session; say which: a number that `cardioctl sessions` lists, or last",
                                wrong);
        return OUTCOME_DONE;
}

/* What is logged of a session, with what the coach makes of it. */
static Outcome show_session_log(const Call *call, const DaemonBus *bus, int64_t session, json_object *row)
{
        static const char *const keys[] = { "talk_test", "rpe", "note" };
        _cleanup_json_ json_object *log = coach_ask_verdict(bus, session);
        const char *talk_test = json_text(row, "talk_test"), *note = json_text(row, "note"),
                   *date = json_text(row, "date"), *start = json_text(row, "start");
        int64_t rpe = json_integer_or(row, "rpe", 0);

        for (size_t i = 0; i < ELEMENTSOF(keys); i++)
                json_add(log, keys[i], json_object_get(json_object_object_get(row, keys[i])));
        if (call->json) {
                json_print(log);
                return OUTCOME_DONE;
        }
        output_wrapped(&call->out, STYLE_BOLD, 0, 0, "Session %lld of %s, %s%s", (long long)session,
                        date ? date : "?", start ? start : "?",
                        talk_test || rpe > 0 || note ? "" : ": nothing is logged");
        putchar('\n');
        session_print_log(&call->out, row);
        coach_print_verdict(&call->out, log);
        return OUTCOME_DONE;
}

/* What only the runner knows of a run. What is not answered stays; "-" takes it back. */
static Outcome ask_about_session(
                const Call *call, json_object *row, char note[static ASK_ANSWER_MAX], Annotation *ret)
{
        const char *kind_name = json_text(row, "kind"), *talk_test = json_text(row, "talk_test"),
                   *before = json_text(row, "note");
        Kind kind = kind_name ? kind_from_string(kind_name) : _KIND_INVALID;
        int64_t rpe = json_integer_or(row, "rpe", 0);
        _cleanup_ask_ Ask a = ASK_NOT_BEGUN;
        char figure[32] = "";
        int answer = -1;
        Outcome outcome = OUTCOME_DONE;

        ask_begin(&a, &call->out);
        output_wrapped(&call->out, STYLE_DIM, 0, 0,
                        "Enter keeps what is so, - takes it back, Ctrl-C keeps no answer.");
        if (kind_has_talk_test(kind))
                outcome = ask_word(&a, "yes no -", &answer, "Could you talk in whole sentences, yes or no%s?",
                                !talk_test                       ? ""
                                : strcmp(talk_test, "pass") == 0 ? " [yes]"
                                                                 : " [no]");
        if (outcome == OUTCOME_DONE && answer >= 0)
                ret->talk_test = answer == 2   ? ""
                                 : answer == 0 ? talk_test_to_string(TALK_TEST_PASS)
                                               : talk_test_to_string(TALK_TEST_FAIL);
        if (rpe > 0)
                (void)snprintf(figure, sizeof(figure), " [%lld]", (long long)rpe);
        if (outcome == OUTCOME_DONE)
                outcome = ask_word(&a, "1 2 3 4 5 6 7 8 9 10 -", &answer,
                                "How hard did it feel, 1 very easy to 10 all you had%s?", figure);
        if (outcome == OUTCOME_DONE && answer >= 0)
                ret->rpe = answer < RPE_MAX ? answer + 1 : 0;
        while (outcome == OUTCOME_DONE) {
                outcome = before ? ask_line(&a, note, "A note? [%s]", before) : ask_line(&a, note, "A note?");
                if (outcome != OUTCOME_DONE || strlen(note) < ASK_ANSWER_MAX - 1)
                        break;
                output_wrapped(a.out, STYLE_WARNING, 0, 0,
                                "In fewer words, please; --note takes up to %u bytes.", DIARY_NOTE_MAX);
        }
        if (outcome == OUTCOME_DONE && *note)
                ret->note = strcmp(note, "-") == 0 ? "" : note;
        return outcome;
}

static Outcome send_annotation(const DaemonBus *bus, int64_t session, const Annotation *annotation)
{
        _cleanup_message_ sd_bus_message *m = NULL;
        Outcome outcome;
        int r;

        outcome = bus_new_call(bus, CARDIO_COACH_INTERFACE, "Annotate", &m);
        if (outcome != OUTCOME_DONE)
                return outcome;

        r = sd_bus_message_append(m, "x", session);
        if (r >= 0)
                r = sd_bus_message_open_container(m, 'a', "{sv}");
        if (r >= 0)
                r = coach_append_annotation(m, annotation);
        if (r >= 0)
                r = sd_bus_message_close_container(m);
        return r < 0 ? bus_not_called("Annotate", r) : bus_send_call(bus, m, BUS_TIMEOUT_DEFAULT, NULL);
}

/* Without options the runner is asked, or the log is shown. */
static Outcome log_session(const Call *call, const SessionName *name)
{
        bool said = option_among(call, SESSION_OPTIONS " note") != NULL;
        _cleanup_bus_ DaemonBus bus = { .bus = NULL };
        _cleanup_json_ json_object *verdict = NULL, *row = NULL;
        char note[ASK_ANSWER_MAX] = "";
        Annotation annotation;
        int64_t session = 0;
        Outcome outcome;

        outcome = log_check_options(call, true);
        if (outcome == OUTCOME_DONE)
                outcome = coach_read_annotation(call, &annotation);
        if (outcome == OUTCOME_DONE)
                outcome = coach_open(call, &bus);
        if (outcome == OUTCOME_DONE)
                outcome = database_look_up_session(call, name, &session);
        if (outcome == OUTCOME_DONE && !said)
                outcome = bus_session(&bus, session, &row);
        if (outcome == OUTCOME_DONE && !said && coach_may_ask(call)) {
                outcome = ask_about_session(call, row, note, &annotation);
                said = annotation.talk_test || annotation.rpe >= 0 || annotation.note;
        }
        if (outcome != OUTCOME_DONE)
                return outcome;
        if (!said)
                return show_session_log(call, &bus, session, row);
        outcome = send_annotation(&bus, session, &annotation);
        if (outcome != OUTCOME_DONE)
                return outcome;

        verdict = coach_ask_verdict(&bus, session);
        if (call->json) {
                json_print(verdict);
                return OUTCOME_DONE;
        }
        printf("Noted for session %lld.\n", (long long)session);
        coach_print_verdict(&call->out, verdict);
        return OUTCOME_DONE;
}

/* The day as the coach sees it now. */
static Outcome print_day(const Call *call, const DaemonBus *bus, const char *date)
{
        _cleanup_json_ json_object *day = NULL;
        char today[DATE_STRING_MAX];
        Outcome outcome;

        outcome = coach_ask_day(bus, date, &day);
        if (outcome == OUTCOME_DONE)
                outcome = coach_date_argument("today", today);
        if (outcome != OUTCOME_DONE)
                return outcome;
        if (call->json) {
                json_print(day);
                return OUTCOME_DONE;
        }
        printf("Noted.\n");
        coach_print_day(bus, &call->out, strcmp(date, today) == 0 ? "" : date, day);
        return OUTCOME_DONE;
}

static Outcome show_log(const Call *call, const DaemonBus *bus, const char *date)
{
        _cleanup_json_ json_object *log = NULL;
        Outcome outcome = coach_ask_log(bus, date, &log);

        if (outcome != OUTCOME_DONE)
                return outcome;
        if (call->json)
                json_print(log);
        else
                coach_print_log(&call->out, log);
        return OUTCOME_DONE;
}

static Outcome log_day(const Call *call)
{
        bool said = option_among(call, DAY_OPTIONS " note") != NULL;
        _cleanup_bus_ DaemonBus bus = { .bus = NULL };
        char date[DATE_STRING_MAX];
        BodyScan scan;
        Outcome outcome;

        outcome = coach_past_date_argument(call->argv[0], date);
        if (outcome == OUTCOME_DONE)
                outcome = log_check_options(call, false);
        if (outcome == OUTCOME_DONE)
                outcome = coach_read_body_scan(call, &scan);
        if (outcome == OUTCOME_DONE)
                outcome = coach_open(call, &bus);
        if (outcome != OUTCOME_DONE)
                return outcome;
        if (!said && !coach_may_ask(call))
                return show_log(call, &bus, date);
        outcome = said ? coach_log_day(&bus, date, &scan) : coach_ask_body_scan(&bus, &call->out, date);
        return outcome == OUTCOME_DONE ? print_day(call, &bus, date) : outcome;
}

/* A number and `last` are a session; a date is one if what is said of it can only be said of a session. */
static bool is_about_session(const Call *call)
{
        const char *about = call->argv[0];

        return strcmp(about, "last") == 0 || about[strspn(about, "0123456789")] == '\0' ||
               (option_among(call, SESSION_OPTIONS) && !option_among(call, DAY_OPTIONS));
}

static Outcome verb_log(const Call *call)
{
        SessionName name;
        Outcome outcome;

        if (!is_about_session(call))
                return log_day(call);
        outcome = session_argument(call->argv[0], &name);
        return outcome == OUTCOME_DONE ? log_session(call, &name) : outcome;
}

/* -- add ------------------------------------------------------------------------------------------------ */

static Outcome read_minutes(const char *argument, uint32_t *ret)
{
        unsigned minutes;
        usec_t usec;

        if (parse_unsigned(argument, &minutes) < 0) {
                if (parse_duration(argument, &usec) < 0 || usec % USEC_PER_MIN != 0 ||
                                usec / USEC_PER_MIN > MINUTES_MAX)
                        return fail(OUTCOME_USAGE, "'%s' is not a length; accepted: " MINUTES_ACCEPTED,
                                        argument);
                minutes = (unsigned)(usec / USEC_PER_MIN);
        }
        if (minutes < 1 || minutes > MINUTES_MAX)
                return fail(OUTCOME_USAGE, "'%s' is not a length; accepted: " MINUTES_ACCEPTED, argument);
        *ret = minutes;
        return OUTCOME_DONE;
}

/* HH:MM or H:MM of that day, as Unix ms. A time skipped by the change to summer time counts as the one after it. */
static Outcome read_start(const char *text, const char *date, int64_t *ret_ms)
{
        struct tm tm = { .tm_isdst = -1 };
        unsigned hour, minute, month, day;
        const char *colon = strchr(text, ':');
        char hours[3] = "";
        Day on;
        time_t t;

        if (!colon || colon == text || colon - text > 2 || strlen(colon) != 3)
                return fail(OUTCOME_USAGE, "'%s' is not a time of day; accepted: one such as 06:30", text);
        memcpy(hours, text, (size_t)(colon - text));
        if (parse_unsigned(hours, &hour) < 0 || parse_unsigned(colon + 1, &minute) < 0 || hour > 23 ||
                        minute > 59)
                return fail(OUTCOME_USAGE, "'%s' is not a time of day; accepted: one such as 06:30", text);

        (void)day_parse(date, &on);
        day_to_civil(on, &tm.tm_year, &month, &day);
        tm.tm_year -= 1900;
        tm.tm_mon = (int)month - 1;
        tm.tm_mday = (int)day;
        tm.tm_hour = (int)hour;
        tm.tm_min = (int)minute;
        t = mktime(&tm);
        if (t == (time_t)-1)
                return fail(OUTCOME_USAGE, "there is no %s on %s", text, date);
        *ret_ms = (int64_t)t * 1000;
        return OUTCOME_DONE;
}

/* A run must have ended. The daemon checks the same by its own clock. */
static Outcome check_is_over(const char *start, int64_t started_at, uint32_t minutes)
{
        int64_t ends_s = started_at / 1000 + (int64_t)minutes * 60;

        /* Minutes are rounded, so it may seem to end a little later than now. */
        if (ends_s <= (int64_t)time(NULL) + 60)
                return OUTCOME_DONE;
        return fail(OUTCOME_USAGE, "%u minutes from %s on are not over yet; add the run when it is", minutes,
                        start);
}

static int append_run(sd_bus_message *m, const char *date, const int64_t *started_at, uint32_t minutes,
                const Annotation *annotation)
{
        int r;

        r = sd_bus_message_open_container(m, 'a', "{sv}");
        if (r >= 0)
                r = sd_bus_message_append(m, "{sv}", "local_date", "s", date);
        if (r >= 0 && started_at)
                r = sd_bus_message_append(m, "{sv}", "started_at", "x", *started_at);
        if (r >= 0)
                r = sd_bus_message_append(m, "{sv}", "minutes", "u", minutes);
        if (r >= 0)
                r = coach_append_annotation(m, annotation);
        return r < 0 ? r : sd_bus_message_close_container(m);
}

/* If only the runner knows: for a run that is not meant to be hard, and of which nothing else is said. */
static Outcome ask_talk_test(const Call *call, Annotation *annotation)
{
        Kind kind = annotation->kind ? kind_from_string(annotation->kind) : _KIND_INVALID;
        _cleanup_ask_ Ask a = ASK_NOT_BEGUN;
        int answer;
        Outcome outcome;

        if (annotation->talk_test || !coach_may_ask(call) || !kind_has_talk_test(kind))
                return OUTCOME_DONE;
        ask_begin(&a, &call->out);
        outcome = ask_word(&a, "yes no", &answer, "Could you talk in whole sentences, yes or no?");
        if (outcome == OUTCOME_DONE && answer >= 0)
                annotation->talk_test = talk_test_to_string(answer == 0 ? TALK_TEST_PASS : TALK_TEST_FAIL);
        return outcome;
}

static Outcome verb_add(const Call *call)
{
        _cleanup_bus_ DaemonBus bus = { .bus = NULL };
        _cleanup_message_ sd_bus_message *m = NULL, *reply = NULL;
        _cleanup_json_ json_object *verdict = NULL;
        const char *start = call_option(call, "start");
        char date[DATE_STRING_MAX];
        Annotation annotation;
        int64_t started_at = 0, session = 0;
        uint32_t minutes = 0;
        Outcome outcome;
        int r;

        outcome = coach_past_date_argument(call->argv[0], date);
        if (outcome == OUTCOME_DONE)
                outcome = read_minutes(call->argv[1], &minutes);
        if (outcome == OUTCOME_DONE && start)
                outcome = read_start(start, date, &started_at);
        if (outcome == OUTCOME_DONE && start)
                outcome = check_is_over(start, started_at, minutes);
        if (outcome == OUTCOME_DONE)
                outcome = coach_read_annotation(call, &annotation);
        if (outcome == OUTCOME_DONE)
                outcome = coach_open(call, &bus);
        if (outcome == OUTCOME_DONE)
                outcome = ask_talk_test(call, &annotation);
        if (outcome == OUTCOME_DONE)
                outcome = bus_new_call(&bus, CARDIO_MANAGER_INTERFACE, "AddSession", &m);
        if (outcome != OUTCOME_DONE)
                return outcome;

        r = append_run(m, date, start ? &started_at : NULL, minutes, &annotation);
        outcome = r < 0 ? bus_not_called("AddSession", r)
                        : bus_send_call(&bus, m, BUS_TIMEOUT_DEFAULT, &reply);
        if (outcome == OUTCOME_DONE)
                outcome = coach_read_id(reply, "AddSession", &session);
        if (outcome != OUTCOME_DONE)
                return outcome;

        verdict = coach_ask_verdict(&bus, session);
        if (call->json) {
                json_print(verdict);
                return OUTCOME_DONE;
        }
        printf("Session %lld: %u minutes on %s.\n", (long long)session, minutes, date);
        coach_print_verdict(&call->out, verdict);
        return OUTCOME_DONE;
}

#define KIND_OPTION                                                                                   \
        {                                                                                             \
                .name = "kind", .argument = "KIND", .help = "what kind of session it was", .offer = { \
                        SESSION_KINDS                                                                 \
                }                                                                                     \
        }
#define TALK_TEST_OPTION                                                                                    \
        {                                                                                                   \
                .name = "talk-test", .argument = "pass|fail", .help = "could you talk in whole sentences?", \
                .offer = {                                                                                  \
                        "pass fail"                                                                         \
                }                                                                                           \
        }
#define RPE_OPTION                                                                  \
        {                                                                           \
                .name = "rpe", .argument = "N", .help = "how hard it felt, 1 to 10" \
        }
#define NOTE_OPTION                                                  \
        {                                                            \
                .name = "note", .argument = "TEXT", .help = "a note" \
        }

static const Option log_options[] = {
        KIND_OPTION,
        TALK_TEST_OPTION,
        RPE_OPTION,
        { .name = "feel", .argument = "N", .help = "how you feel, 1 (worn out) to 5 (great)" },
        { .name = "mood", .argument = "TEXT", .help = "in what mood you are" },
        { .name = "soreness", .argument = "TEXT", .help = "what is sore" },
        { .name = "pain", .argument = "TEXT", .help = "what hurts, and how" },
        { .name = "pain-worsening", .argument = "yes|no", .help = "it gets worse", .offer = { "yes no" } },
        { .name = "pain-gait",
                        .argument = "yes|no",
                        .help = "it changes how you move",
                        .offer = { "yes no" } },
        { .name = "pain-gone", .argument = "TEXT", .help = "this pain is gone; `--pain none`: all are" },
        NOTE_OPTION,
        { .name = NULL },
};

static const Option add_options[] = {
        { .name = "start", .argument = "HH:MM", .help = "when it began" },
        KIND_OPTION,
        TALK_TEST_OPTION,
        RPE_OPTION,
        NOTE_OPTION,
        { .name = NULL },
};

static const Verb verbs[] = {
        {
                        .name = "log",
                        .arguments = "ID|last|DATE",
                        .min_arguments = 1,
                        .max_arguments = 1,
                        .offer = { { "last today yesterday", SOURCE_SESSION } },
                        .json = true,
                        .summary = "say how a run was, or how a day feels",
                        .help = "Of a session, a number that `sessions` lists or `last`: --kind,\n"
                                "--talk-test, --rpe, --note; the first three may follow a DATE with one\n"
                                "session, too. Of a day: --feel, --mood, --soreness, --pain,\n"
                                "--pain-worsening, --pain-gait, --pain-gone, --note; DATE is\n" DATE_ACCEPTED
                                ".\nWithout any of them it asks, at a terminal, and else shows what is\n"
                                "logged. What is not given stays as it was; an empty one, as in\n"
                                "--note '', is taken back. A pain stands until it is taken back, with\n"
                                "--pain none. The coach answers with what it makes of it.\n"
                                "KIND is " KIND_ACCEPTED ".",
                        .options = log_options,
                        .run = verb_log,
        },
        {
                        .name = "add",
                        .arguments = "DATE MINUTES",
                        .min_arguments = 2,
                        .max_arguments = 2,
                        .offer = { { "today yesterday" }, { "30 45 60" } },
                        .json = true,
                        .summary = "add a run that was made without a strap",
                        .help = "It counts like any other. DATE is\n" DATE_ACCEPTED
                                ";\nMINUTES is such as 45 or 1h; KIND is rest, cross-training, recovery,\n"
                                "base, long, hard or race. At a terminal it asks for the talk test where\n"
                                "that is not given.",
                        .options = add_options,
                        .run = verb_add,
        },
        { .name = NULL },
};

const Family diary_family = { .title = "Diary", .verbs = verbs };
