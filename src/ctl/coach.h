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

/* A verb of several parts: what its first argument may be. */
typedef struct Part {
        const char *name;      /* NULL: without any argument */
        const char *arguments; /* as in the usage line, NULL = none */
        int n_arguments;       /* behind the name */
        const char *options;   /* that it takes, with blanks between, NULL = none */
        bool json;             /* it prints facts */
        Outcome (*run)(const Call *call);
} Part;

/* Runs the one that is meant, its name still in argv[0]. */
Outcome part_run(const Call *call, const Part *parts, size_t n);

/* A date as the runner writes it, as YYYY-MM-DD of the runner's own clock. */
Outcome coach_date_argument(const char *argument, char ret[static DATE_STRING_MAX]);
/* The same of what has happened: DATE_ACCEPTED, and not in the future. */
Outcome coach_past_date_argument(const char *argument, char ret[static DATE_STRING_MAX]);

/* Opens the bus for what only the daemon can do; --database is refused then. */
Outcome coach_open(const Call *call, Bus *ret);

/* Calls a method of the coach; types and arguments as those of bus_call(). */
#define coach_call(bus, member, ret_reply, ...) \
        bus_call(bus, CARDIO_COACH_INTERFACE, member, BUS_TIMEOUT_DEFAULT, ret_reply, __VA_ARGS__)

/* The id that such a method has answered. */
Outcome coach_read_id(sd_bus_message *reply, const char *member, int64_t *ret);

/* What the runner says of a session, from the options --kind, --talk-test, --rpe and --note, checked. Of a
 * day: from --feel, --mood, --soreness, --pain, --pain-worsening, --pain-gait and --note. */
Outcome coach_read_annotation(const Call *call, Annotation *ret);
Outcome coach_read_body_scan(const Call *call, BodyScan *ret);

/* Appends what is given of it to a dictionary that is open. Returns 0 or a negative errno. */
int coach_append_annotation(sd_bus_message *m, const Annotation *a);
int coach_append_body_scan(sd_bus_message *m, const BodyScan *scan);

/* Asks what day that is, "" = today, with `date`, and in `pains` what hurts on it: objects of `text`, `since` and `stops`. */
Outcome coach_ask_day(const Bus *bus, const char *date, json_object **ret);
/* Prints it for people. */
void coach_print_day(const Bus *bus, const Output *out, const char *date, json_object *day);
/* A line of a week: "Mon 2026-05-18  a recovery run, 20 to 30 minutes". */
void coach_print_day_line(const Output *out, json_object *day);

/* Asks what is logged for a day: the members that there are, and `date` and `pains` as above. */
Outcome coach_ask_log(const Bus *bus, const char *date, json_object **ret);
void coach_print_log(const Output *out, json_object *log);

/* What a session was, and how it went: members `session`, `kind`, `verdict` (a key) and `verdict_text`, null where the daemon
 * does not say, as while it is being recorded. */
json_object *coach_ask_verdict(const Bus *bus, int64_t session);
void coach_print_verdict(const Output *out, json_object *verdict);

/* Asks the four questions of the body scan on the terminal, then tells the daemon, unless the runner breaks off. */
Outcome coach_ask_body_scan(const Bus *bus, const Output *out, const char *date);

/* Whether the runner can be asked: stdin and stdout are a terminal, and no document is wanted. */
bool coach_may_ask(const Call *call);

/* Tells the daemon of a day. */
Outcome coach_log_day(const Bus *bus, const char *date, const BodyScan *scan);

/* The resting heart rate in force and the ceiling, of the manager's properties. */
Outcome coach_print_in_force(const Bus *bus, const Output *out);
