/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

#include "bus.h"
#include "cardio/diary.h"
#include "ctl.h"
#include "json.h"
#include "text.h"

/* What the verbs of the coach share. */

#define COACH_DATE_ACCEPTED "YYYY-MM-DD, today, yesterday, tomorrow, or as long ago as in 7d or 2w"
#define COACH_DATE_OFFER    "today yesterday tomorrow"

/* One part of a verb with several parts, chosen by the first argument. */
typedef struct Part {
        const char *name;      /* NULL: without any argument */
        const char *arguments; /* as in the usage line, NULL = none */
        int n_arguments;       /* after the name */
        const char *options;   /* the options it takes, separated by blanks, NULL = none */
        bool json;             /* it prints facts */
        bool paged;            /* its output may be long, and asks and follows nothing */
        Outcome (*run)(const Call *call);
} Part;

/* Runs the part that the call names, its name still in argv[0]. */
Outcome part_run(const Call *call, const Part *parts, size_t n);

/* A date as the runner writes it, as a local YYYY-MM-DD. */
Outcome coach_date_argument(const char *argument, char ret[static DATE_STRING_MAX]);
/* The same for something past: not in the future, nor before DATE_ACCEPTED. */
Outcome coach_past_date_argument(const char *argument, char ret[static DATE_STRING_MAX]);

/* Opens the bus for what only the daemon can do; --database is refused then. */
Outcome coach_open(const Call *call, DaemonBus *ret);

/* Calls a method of the coach; types and arguments as those of bus_call(). */
#define coach_call(bus, member, ret_reply, ...) \
        bus_call(bus, CARDIO_COACH_INTERFACE, member, BUS_TIMEOUT_DEFAULT, ret_reply, __VA_ARGS__)

/* Reads the id from the reply of such a method. */
Outcome coach_read_id(sd_bus_message *reply, const char *member, int64_t *ret);

/* What the runner says of a session, from the options --kind, --talk-test, --rpe and --note, checked; of a day, from --feel,
 * --mood, --soreness, --pain, --pain-worsening, --pain-gait and --note. */
Outcome coach_read_annotation(const Call *call, Annotation *ret);
Outcome coach_read_body_scan(const Call *call, BodyScan *ret);

/* Appends what is given of it to an open dictionary. Returns 0 or a negative errno. */
int coach_append_annotation(sd_bus_message *m, const Annotation *a);
int coach_append_body_scan(sd_bus_message *m, const BodyScan *scan);

/* Asks for a day, "" = today: with its `date`, and in `pains` those on record: objects of `text`, `since` and `stops`. */
Outcome coach_ask_day(const DaemonBus *bus, const char *date, json_object **ret);
/* Prints a day as text. */
void coach_print_day(const DaemonBus *bus, const Output *out, const char *date, json_object *day);
/* A line of a week: "Mon 2026-05-18  a recovery run, 20 to 30 minutes"; before is the day before, or NULL. */
void coach_print_day_line(const Output *out, json_object *day, json_object *before);

/* Asks for what is logged for a day: the members given, and `date` and `pains` as above. */
Outcome coach_ask_log(const DaemonBus *bus, const char *date, json_object **ret);
void coach_print_log(const Output *out, json_object *log);

/* The kind and verdict of a session: members `session`, `kind`, `verdict` (a key) and `verdict_text`, null if the daemon
 * does not give them, as while it is being recorded. */
json_object *coach_ask_verdict(const DaemonBus *bus, int64_t session);
void coach_print_verdict(const Output *out, json_object *verdict);
/* Adds its verdict to a session's document: `verdict`, as stored where no daemon is asked, and `verdict_text`, null then. */
void coach_add_verdict(const Call *call, json_object *session, int64_t id);

/* Asks the four questions of the body scan on the terminal, then sends the answers to the daemon, unless the runner
 * interrupts. */
Outcome coach_ask_body_scan(const DaemonBus *bus, const Output *out, const char *date);

/* Whether questions can be asked: stdin and stdout are a terminal, and no JSON is wanted. */
bool coach_may_ask(const Call *call);

/* Sends what is logged for a day to the daemon. */
Outcome coach_log_day(const DaemonBus *bus, const char *date, const BodyScan *scan);

/* The resting heart rate and the ceiling in force, from the manager's properties. */
Outcome coach_print_in_force(const DaemonBus *bus, const Output *out);
