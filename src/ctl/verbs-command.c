/* SPDX-License-Identifier: MIT */
/* Commands to the daemon. It decides and checks; its reply is printed, and the state afterwards is queried rather than
 * assumed. No clock. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bus.h"
#include "cardio/bus-api.h"
#include "cardio/intensity.h"
#include "cardio/kind.h"
#include "cardio/nearest.h"
#include "cardio/parse.h"
#include "coach.h"
#include "ctl.h"
#include "database.h"
#include "memory.h"
#include "text.h"
#include "verbs-status.h"

#define CEILING_ACCEPTED "65%%hrr, 75%%max or 90%%lthr, a heart rate such as 150, off, auto, or default"

/* Opens the bus and calls a method that returns a session. */
static Outcome call_for_session(const Call *call, const char *member, const char *types, const char *argument,
                int64_t *ret_session)
{
        _cleanup_bus_ DaemonBus bus = { .bus = NULL };
        _cleanup_message_ sd_bus_message *reply = NULL;
        Outcome outcome;

        outcome = bus_open(call, &bus);
        if (outcome == OUTCOME_DONE)
                outcome = bus_call(&bus, CARDIO_MANAGER_INTERFACE, member, BUS_TIMEOUT_DEFAULT, &reply, types,
                                argument);
        if (outcome != OUTCOME_DONE)
                return outcome;
        if (sd_bus_message_read(reply, "x", ret_session) < 0)
                return fail(OUTCOME_FAILED, "cardiod answered without a session");
        return OUTCOME_DONE;
}

static void print_session_as_json(int64_t session)
{
        _cleanup_json_ json_object *document = checked(json_object_new_object());

        json_add(document, "session", checked(json_object_new_int64(session)));
        json_print(document);
}

/* Also prints the ceiling now in force, which may depend on the kind. */
static void print_begun(const Call *call, int64_t session)
{
        _cleanup_json_ json_object *manager = NULL;
        _cleanup_bus_ DaemonBus bus = { .bus = NULL };

        printf("Recording session %lld. `cardioctl stop` ends it.\n", (long long)session);
        if (bus_find(call, &bus) >= 0 &&
                        bus_properties(&bus, CARDIO_MANAGER_INTERFACE, &manager) == OUTCOME_DONE)
                status_print_ceiling(&call->out, "Ceiling", manager);
}

static Outcome check_kind(const char *kind)
{
        Nearest nearest = { .word = kind };

        if (kind_from_string(kind) >= 0)
                return OUTCOME_DONE;
        for (Kind k = 0; k < _KIND_MAX; k++)
                nearest_consider(&nearest, kind_to_string(k));
        if (nearest.match)
                return fail(OUTCOME_USAGE, "there is no kind '%s'; did you mean `%s`?", kind, nearest.match);
        return fail(OUTCOME_USAGE, "'%s' is not a kind; accepted: " KIND_ACCEPTED, kind);
}

static Outcome verb_start(const Call *call)
{
        int64_t session;
        Outcome outcome = call->argc > 0 ? check_kind(call->argv[0]) : OUTCOME_DONE;

        if (outcome == OUTCOME_DONE)
                outcome = call_for_session(
                                call, "StartSession", "s", call->argc > 0 ? call->argv[0] : "", &session);
        if (outcome != OUTCOME_DONE)
                return outcome;

        if (call->json)
                print_session_as_json(session);
        else
                print_begun(call, session);
        return OUTCOME_DONE;
}

/* The row of a session that was too short is deleted. */
static bool session_is_gone(const Call *call, int64_t session)
{
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_bus_ DaemonBus bus = { .bus = NULL };

        return bus_open(call, &bus) == OUTCOME_DONE &&
               sd_bus_call_method(bus.bus, CARDIO_BUS_NAME, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE,
                               "GetSession", &error, NULL, "x", session) < 0 &&
               sd_bus_error_has_name(&error, CARDIO_ERROR_NO_SUCH_SESSION);
}

/* Also prints how it went. */
static void print_ended(const Call *call, int64_t session)
{
        _cleanup_json_ json_object *verdict = NULL;
        _cleanup_bus_ DaemonBus bus = { .bus = NULL };

        printf("Session %lld has ended. `cardioctl show %lld` tells how it went.\n", (long long)session,
                        (long long)session);
        if (bus_find(call, &bus) < 0)
                return;
        verdict = coach_ask_verdict(&bus, session);
        coach_print_verdict(&call->out, verdict);
}

/* A runner who goes on must know that nothing of it is recorded. */
static void print_waits_for_rest(const Call *call)
{
        _cleanup_json_ json_object *manager = NULL;
        _cleanup_bus_ DaemonBus bus = { .bus = NULL };

        if (bus_find(call, &bus) >= 0 &&
                        bus_properties(&bus, CARDIO_MANAGER_INTERFACE, &manager) == OUTCOME_DONE &&
                        json_true(manager, "waits_for_rest"))
                printf("Not recording by itself until you have rested; `cardioctl start` begins again.\n");
}

static Outcome verb_stop(const Call *call)
{
        int64_t session;
        Outcome outcome;

        outcome = call_for_session(call, "StopSession", NULL, NULL, &session);
        if (outcome != OUTCOME_DONE)
                return outcome;

        if (call->json) {
                print_session_as_json(session);
                return OUTCOME_DONE;
        }
        if (session_is_gone(call, session))
                printf("Session %lld was shorter than min-duration, and is discarded.\n", (long long)session);
        else
                print_ended(call, session);
        print_waits_for_rest(call);
        return OUTCOME_DONE;
}

/* These properties of the manager, as a document of their own. */
static void print_members_as_json(json_object *manager, const char *const *keys, size_t n)
{
        _cleanup_json_ json_object *document = checked(json_object_new_object());

        for (size_t i = 0; i < n; i++) {
                json_object *value = NULL;

                (void)json_object_object_get_ex(manager, keys[i], &value);
                json_add(document, keys[i], json_object_get(value));
        }
        json_print(document);
}

/* Checks the form; only the daemon knows whether it can be computed. */
static Outcome check_ceiling(const char *text)
{
        Intensity intensity;

        if (strcmp(text, "default") == 0 ||
                        (intensity_parse(text, &intensity) >= 0 && intensity.kind != INTENSITY_CONTACT))
                return OUTCOME_DONE;
        return fail(OUTCOME_USAGE, "'%s' is not a ceiling; accepted: " CEILING_ACCEPTED, text);
}

static Outcome verb_ceiling(const Call *call)
{
        static const char *const keys[] = { "ceiling", "ceiling_expression", "ceiling_reason" };
        _cleanup_bus_ DaemonBus bus = { .bus = NULL };
        _cleanup_json_ json_object *manager = NULL;
        Outcome outcome;

        outcome = call->argc > 0 ? check_ceiling(call->argv[0]) : OUTCOME_DONE;
        if (outcome == OUTCOME_DONE)
                outcome = bus_open(call, &bus);
        if (outcome == OUTCOME_DONE && call->argc > 0)
                outcome = bus_call(&bus, CARDIO_MANAGER_INTERFACE, "SetCeiling", BUS_TIMEOUT_DEFAULT, NULL,
                                "s", strcmp(call->argv[0], "default") == 0 ? "" : call->argv[0]);
        if (outcome == OUTCOME_DONE)
                outcome = bus_properties(&bus, CARDIO_MANAGER_INTERFACE, &manager);
        if (outcome != OUTCOME_DONE)
                return outcome;

        if (call->json) {
                print_members_as_json(manager, keys, ELEMENTSOF(keys));
                return OUTCOME_DONE;
        }
        status_print_ceiling(&call->out, NULL, manager);
        return OUTCOME_DONE;
}

static Outcome verb_snooze(const Call *call)
{
        static const char *const keys[] = { "snoozed_until" };
        _cleanup_bus_ DaemonBus bus = { .bus = NULL };
        _cleanup_json_ json_object *manager = NULL;
        usec_t usec, seconds;
        Outcome outcome;

        if (parse_duration(call->argv[0], &usec) < 0)
                return fail(OUTCOME_USAGE,
                                "'%s' is not a length of time; accepted: one such as 90s, 10min or 1h, or 0 to end it",
                                call->argv[0]);
        seconds = usec / USEC_PER_SEC + (usec % USEC_PER_SEC > 0);
        if (seconds > UINT32_MAX)
                return fail(OUTCOME_USAGE, "%s is too long", call->argv[0]);

        outcome = bus_open(call, &bus);
        if (outcome == OUTCOME_DONE)
                outcome = bus_call(&bus, CARDIO_MANAGER_INTERFACE, "Snooze", BUS_TIMEOUT_DEFAULT, NULL, "u",
                                (uint32_t)seconds);
        if (outcome == OUTCOME_DONE)
                outcome = bus_properties(&bus, CARDIO_MANAGER_INTERFACE, &manager);
        if (outcome != OUTCOME_DONE)
                return outcome;

        if (call->json) {
                print_members_as_json(manager, keys, ELEMENTSOF(keys));
                return OUTCOME_DONE;
        }
        output_text(&call->out, STYLE_PLAIN, "Alerts are ");
        if (!status_print_snooze(&call->out, manager))
                output_text(&call->out, STYLE_PLAIN, "on");
        printf(".\n");
        return OUTCOME_DONE;
}

static Outcome verb_reload(const Call *call)
{
        _cleanup_bus_ DaemonBus bus = { .bus = NULL };
        Outcome outcome;

        outcome = bus_open(call, &bus);
        if (outcome == OUTCOME_DONE)
                outcome = bus_call(&bus, CARDIO_MANAGER_INTERFACE, "Reload", BUS_TIMEOUT_DEFAULT, NULL, NULL);
        return outcome;
}

/* What is to be deleted, in the daemon's words: "Session 12 of 2026-05-12, 06:31, 40 min long". To be freed. */
static Outcome describe_session(const DaemonBus *bus, int64_t session, char **ret)
{
        _cleanup_json_ json_object *row = NULL;
        char length[HMS_STRING_MAX];
        const char *date, *start;
        Outcome outcome;

        outcome = bus_session(bus, session, &row);
        if (outcome != OUTCOME_DONE)
                return outcome;

        date = json_text(row, "date");
        start = json_text(row, "start");
        if (asprintf(ret, "Session %lld of %s, %s, %s long,", (long long)session, date ? date : "?",
                            start ? start : "?",
                            seconds_to_words(json_number_or(row, "duration_s", NAN), length)) < 0)
                out_of_memory();
        return OUTCOME_DONE;
}

/* Asks whether the runner means it. */
static bool confirm_delete(const Call *call, const char *what)
{
        char answer[16];

        output_text(&call->out, STYLE_PLAIN, "%s will be gone for good. Delete it? [y/N] ", what);
        (void)fflush(stdout);

        /* Reads no byte beyond the answer: the rest may be for another program. */
        (void)setvbuf(stdin, NULL, _IONBF, 0);
        if (!fgets(answer, sizeof(answer), stdin)) {
                putchar('\n'); /* at the end of input nobody has pressed Enter */
                answer[0] = '\0';
        }
        return strcasecmp(answer, "y\n") == 0 || strcasecmp(answer, "yes\n") == 0;
}

static Outcome verb_delete(const Call *call)
{
        _cleanup_bus_ DaemonBus bus = { .bus = NULL };
        bool yes = call_option(call, "yes") != NULL;
        _cleanup_free_ char *what = NULL;
        SessionName name;
        int64_t session = 0;
        Outcome outcome;

        outcome = session_argument(call->argv[0], &name);
        if (outcome == OUTCOME_DONE)
                outcome = bus_open(call, &bus);
        if (outcome == OUTCOME_DONE)
                outcome = database_look_up_session(call, &name, &session);
        if (outcome == OUTCOME_DONE && (!yes || name.id == 0))
                outcome = describe_session(&bus, session, &what);
        if (outcome != OUTCOME_DONE)
                return outcome;
        if (!yes && !confirm_delete(call, what))
                return fail(OUTCOME_FAILED, "session %lld is kept", (long long)session);

        outcome = bus_call(&bus, CARDIO_MANAGER_INTERFACE, "DeleteSession", BUS_TIMEOUT_DEFAULT, NULL, "x",
                        session);
        /* Whoever has not said a number, nor seen it in the question, learns which one it was. */
        if (outcome == OUTCOME_DONE && yes && name.id == 0) {
                output_text(&call->out, STYLE_PLAIN, "%s is gone for good.", what);
                putchar('\n');
        }
        return outcome;
}

static const Option delete_options[] = {
        { .name = "yes", .letter = 'y', .help = "do not ask" },
        { .name = NULL },
};

static const Verb verbs[] = {
        {
                        .name = "start",
                        .arguments = "[KIND]",
                        .max_arguments = 1,
                        .offer = { { SESSION_KINDS } },
                        .json = true,
                        .summary = "record a session, whatever the effort, until `stop`",
                        .help = "KIND is " KIND_ACCEPTED ". A\n"
                                "session also begins by itself, with effort. One begun by hand ends by\n"
                                "`stop`, or once the strap has been silent for `end-after`; nothing of it\n"
                                "is trimmed.",
                        .run = verb_start,
        },
        {
                        .name = "stop",
                        .arguments = "",
                        .json = true,
                        .summary = "end the session that is being recorded",
                        .run = verb_stop,
        },
        {
                        .name = "ceiling",
                        .arguments = "[EXPRESSION|default]",
                        .max_arguments = 1,
                        .offer = { { "auto default off 65%hrr" } },
                        .json = true,
                        .summary = "show the ceiling, or set another for this run",
                        .help = "EXPRESSION is such as 65%hrr (of heart-rate reserve), 75%max (of the\n"
                                "maximum), 90%lthr (of the lactate threshold) or 150 (bpm); off is none,\n"
                                "with auto the coach decides. `default` goes back to the configuration.\n"
                                "If no session runs, it holds until the next one ends.",
                        .run = verb_ceiling,
        },
        {
                        .name = "snooze",
                        .arguments = "DURATION",
                        .min_arguments = 1,
                        .max_arguments = 1,
                        .offer = { { "5min 10min 30min 0" } },
                        .json = true,
                        .summary = "no alerts for so long, such as 10min; 0 ends it",
                        .help = "Breaches are still counted.",
                        .run = verb_snooze,
        },
        {
                        .name = "reload",
                        .arguments = "",
                        .summary = "have cardiod read its configuration again",
                        .run = verb_reload,
        },
        {
                        .name = "delete",
                        .arguments = "ID",
                        .min_arguments = 1,
                        .max_arguments = 1,
                        .offer = { { "last today yesterday", SOURCE_SESSION } },
                        .summary = "delete a session for good",
                        .help = SESSION_ID_HELP
                        "What is deleted is overwritten in the database, not only hidden.",
                        .options = delete_options,
                        .run = verb_delete,
        },
        { .name = NULL },
};

const Family command_family = { .title = "Commands", .verbs = verbs };
