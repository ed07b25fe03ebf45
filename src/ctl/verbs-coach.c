/* SPDX-License-Identifier: MIT */
/* The coach: `today`, `week`, `race` and `workout`. Races are read from the database; the rest comes from the daemon. Times
 * are CLOCK_BOOTTIME. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "attend.h"
#include "cardio/bus-api.h"
#include "cardio/day.h"
#include "cardio/kind.h"
#include "cardio/workout.h"
#include "shared/clock.h"
#include "coach.h"
#include "database.h"
#include "memory.h"
#include "pager.h"

/* -- today ---------------------------------------------------------------------------------------------- */

static Outcome verb_today(const Call *call)
{
        _cleanup_bus_ DaemonBus bus = { .bus = NULL };
        _cleanup_json_ json_object *day = NULL;
        const char *argument = call_option(call, "date");
        char date[DATE_STRING_MAX] = "";
        Outcome outcome = OUTCOME_DONE;

        if (argument)
                outcome = coach_date_argument(argument, date);
        if (outcome == OUTCOME_DONE)
                outcome = coach_open(call, &bus);
        if (outcome == OUTCOME_DONE)
                outcome = coach_ask_day(&bus, date, &day);
        if (outcome != OUTCOME_DONE)
                return outcome;
        if (call->json)
                json_print(day);
        else
                coach_print_day(&bus, &call->out, date, day);
        return OUTCOME_DONE;
}

/* -- week ---------------------------------------------------------------------------------------------- */

#define WEEK_DAYS 7

/* As far as they can be known now: each day is computed as if nothing were run or felt until then. */
static Outcome verb_week(const Call *call)
{
        _cleanup_bus_ DaemonBus bus = { .bus = NULL };
        _cleanup_json_ json_object *week = checked(json_object_new_array());
        const char *argument = call_option(call, "date");
        char date[DATE_STRING_MAX];
        Day first = DAY_NONE;
        Outcome outcome;

        outcome = coach_date_argument(argument ? argument : "today", date);
        if (outcome == OUTCOME_DONE)
                outcome = coach_open(call, &bus);
        (void)day_parse(date, &first);
        for (Day day = first; outcome == OUTCOME_DONE && day < first + WEEK_DAYS; day++) {
                json_object *answer = NULL;

                outcome = coach_ask_day(&bus, day_to_string(day, date), &answer);
                if (outcome == OUTCOME_DONE)
                        json_append(week, answer);
        }
        if (outcome != OUTCOME_DONE)
                return outcome;
        if (call->json) {
                json_print(week);
                return OUTCOME_DONE;
        }
        for (size_t i = 0; i < json_object_array_length(week); i++)
                coach_print_day_line(&call->out, json_object_array_get_idx(week, i),
                                i > 0 ? json_object_array_get_idx(week, i - 1) : NULL);
        return OUTCOME_DONE;
}

/* -- race ----------------------------------------------------------------------------------------------- */

static const char *distance_title(const char *distance)
{
        static const char *const titles[] = {
                [DISTANCE_5K] = "5K",
                [DISTANCE_10K] = "10K",
                [DISTANCE_HALF] = "half marathon",
                [DISTANCE_MARATHON] = "marathon",
        };
        Distance d = distance ? distance_from_string(distance) : _DISTANCE_INVALID;

        return d >= 0 ? titles[d] : "?";
}

/* As it is sent to the daemon; 5K is the same as 5k. */
static Outcome read_distance(const char *argument, const char **ret)
{
        for (Distance d = 0; d < _DISTANCE_MAX; d++)
                if (strcasecmp(argument, distance_to_string(d)) == 0) {
                        *ret = distance_to_string(d);
                        return OUTCOME_DONE;
                }
        return fail(OUTCOME_USAGE, "'%s' is not a distance; accepted: " DISTANCE_ACCEPTED, argument);
}

/* "in 12 days" */
static const char *distance_in_time(Day day, Day today, char *buf, size_t size)
{
        long days = (long)day - today;

        if (days == 0)
                (void)snprintf(buf, size, "today");
        else if (days > 0)
                (void)snprintf(buf, size, "in %ld day%s", days, days == 1 ? "" : "s");
        else
                (void)snprintf(buf, size, "%ld day%s ago", -days, days == -1 ? "" : "s");
        return buf;
}

static int append_race(
                sd_bus_message *m, const char *date, const char *distance, const char *note, bool hilly)
{
        int r;

        r = sd_bus_message_append(m, "ss", date, distance);
        if (r >= 0)
                r = sd_bus_message_open_container(m, 'a', "{sv}");
        if (r >= 0 && note)
                r = sd_bus_message_append(m, "{sv}", "note", "s", note);
        if (r >= 0 && hilly)
                r = sd_bus_message_append(m, "{sv}", "hilly", "b", true);
        return r < 0 ? r : sd_bus_message_close_container(m);
}

static Outcome race_add(const Call *call)
{
        _cleanup_bus_ DaemonBus bus = { .bus = NULL };
        _cleanup_message_ sd_bus_message *reply = NULL;
        _cleanup_message_ sd_bus_message *m = NULL;
        const char *note = call_option(call, "note"), *hilly = call_option(call, "hilly"), *distance = NULL;
        char date[DATE_STRING_MAX];
        int64_t id;
        Outcome outcome;
        int r;

        outcome = coach_date_argument(call->argv[1], date);
        if (outcome == OUTCOME_DONE)
                outcome = read_distance(call->argv[2], &distance);
        if (outcome == OUTCOME_DONE)
                outcome = coach_open(call, &bus);
        if (outcome == OUTCOME_DONE)
                outcome = bus_new_call(&bus, CARDIO_COACH_INTERFACE, "AddRace", &m);
        if (outcome != OUTCOME_DONE)
                return outcome;
        r = append_race(m, date, distance, note, hilly != NULL);
        outcome = r < 0 ? bus_not_called("AddRace", r) : bus_send_call(&bus, m, BUS_TIMEOUT_DEFAULT, &reply);
        if (outcome == OUTCOME_DONE)
                outcome = coach_read_id(reply, "AddRace", &id);
        if (outcome != OUTCOME_DONE)
                return outcome;

        if (call->json) {
                _cleanup_json_ json_object *document = checked(json_object_new_object());

                json_add(document, "id", checked(json_object_new_int64(id)));
                json_print(document);
        } else {
                printf("Race %lld: %s%s on %s.\n", (long long)id, hilly ? "hilly " : "",
                                distance_title(distance), date);
        }
        return OUTCOME_DONE;
}

static Outcome print_races(const Call *call, json_object *rows)
{
        static const Column columns[] = {
                { .title = "ID", .right = true },
                { .title = "DATE" },
                { .title = "DISTANCE" },
                { .title = "", .drop = 3 }, /* hilly or not */
                { .title = "WHEN", .right = true, .drop = 1 },
                { .title = "NOTE", .narrow = 8, .drop = 2 },
        };
        _cleanup_(table_freep) Table *t = table_new(columns, ELEMENTSOF(columns));
        char date[DATE_STRING_MAX], when[32];
        Day today, day;
        Outcome outcome;

        outcome = coach_date_argument("today", date);
        if (outcome != OUTCOME_DONE)
                return outcome;
        (void)day_parse(date, &today);
        for (size_t i = 0; i < json_object_array_length(rows); i++) {
                json_object *row = json_object_array_get_idx(rows, i);
                const char *on = json_text(row, "local_date");
                bool known = on && day_parse(on, &day) >= 0;
                Style style = known && day < today ? STYLE_DIM : STYLE_PLAIN;

                table_cellf(t, STYLE_BOLD, "%lld", (long long)json_integer_or(row, "id", 0));
                table_cell(t, style, on);
                table_cell(t, style, distance_title(json_text(row, "distance")));
                table_cell(t, style, json_integer_or(row, "hilly", 0) != 0 ? "hilly" : NULL);
                table_cell(t, style, known ? distance_in_time(day, today, when, sizeof(when)) : NULL);
                table_cell(t, style, json_text(row, "note"));
        }
        table_print(t, &call->out);
        return OUTCOME_DONE;
}

static Outcome race_list(const Call *call)
{
        _cleanup_database_ Database database = { .db = NULL };
        _cleanup_statement_ sqlite3_stmt *s = NULL;
        _cleanup_json_ json_object *rows = NULL;
        Outcome outcome;

        outcome = database_open(call, &database);
        if (outcome == OUTCOME_DONE)
                outcome = database_prepare(&database,
                                "SELECT id, local_date, distance, hilly, note FROM race ORDER BY local_date, id",
                                &s);
        if (outcome == OUTCOME_DONE)
                outcome = database_rows(&database, s, &rows);
        if (outcome != OUTCOME_DONE)
                return outcome;
        if (call->json) {
                json_print(rows);
                return OUTCOME_DONE;
        }
        if (json_object_array_length(rows) == 0) {
                (void)fprintf(stderr, "No race yet; `cardioctl race add DATE DISTANCE` adds one.\n");
                return OUTCOME_DONE;
        }
        return print_races(call, rows);
}

static Outcome race_remove(const Call *call)
{
        _cleanup_bus_ DaemonBus bus = { .bus = NULL };
        int64_t id;
        Outcome outcome;

        if (id_parse(call->argv[1], &id) < 0)
                return fail(OUTCOME_USAGE,
                                "'%s' is not a race; accepted: a number that `cardioctl race list` lists",
                                call->argv[1]);
        outcome = coach_open(call, &bus);
        if (outcome == OUTCOME_DONE)
                outcome = coach_call(&bus, "RemoveRace", NULL, "x", id);
        return outcome;
}

static Outcome verb_race(const Call *call)
{
        static const Part parts[] = {
                { .json = true, .paged = true, .run = race_list },
                { .name = "list", .json = true, .paged = true, .run = race_list },
                { .name = "add",
                                .arguments = "DATE DISTANCE [--hilly] [--note TEXT]",
                                .n_arguments = 2,
                                .options = "hilly note",
                                .json = true,
                                .run = race_add },
                { .name = "remove", .arguments = "ID", .n_arguments = 1, .run = race_remove },
        };

        return part_run(call, parts, ELEMENTSOF(parts));
}

/* -- workout -------------------------------------------------------------------------------------------- */

typedef struct Doing {
        const Call *call;
        int64_t session;
        char cue[WORKOUT_CUE_MAX + 1]; /* "" = none yet */
        usec_t until_usec;
        sd_bus_slot *cues, *ends;
} Doing;

static void doing_draw(Attend *a, void *userdata)
{
        Doing *d = userdata;
        usec_t left_usec = usec_sub(d->until_usec, now_boot_usec());
        char clock[HMS_STRING_MAX], heart[ATTEND_HEART_RATE_MAX];

        if (!a->in_place || !*d->cue)
                return;
        /* Rounded up: it shows 0 s when the time is over, not a second before. */
        attend_line(a, "%-*s %11s  %s", 12, d->cue,
                        seconds_to_words((double)((left_usec + USEC_PER_SEC - 1) / USEC_PER_SEC), clock),
                        attend_heart_rate(a, heart));
}

static void doing_interrupted(Attend *a, void *userdata)
{
        (void)userdata;
        attend_keep_line(a);
        output_wrapped(a->out, STYLE_PLAIN, 0, 0,
                        "The workout goes on; `cardioctl workout` shows it again, `stop` ends it.");
        attend_finish(a, OUTCOME_DONE);
}

static int on_cue(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Attend *a = userdata;
        Doing *d = a->userdata;
        char clock[HMS_STRING_MAX];
        const char *cue;
        uint32_t seconds;
        int64_t session;

        (void)error;
        if (sd_bus_message_read(m, "xsu", &session, &cue, &seconds) < 0 || session != d->session)
                return 0;
        attend_keep_line(a);
        if (strcmp(cue, WORKOUT_CUE_DONE) == 0) {
                printf("Done. `cardioctl stop` ends the session.\n");
                attend_finish(a, OUTCOME_DONE);
                return 0;
        }
        (void)snprintf(d->cue, sizeof(d->cue), "%s", cue);
        d->until_usec = now_boot_usec() + seconds * USEC_PER_SEC;
        if (a->in_place) {
                doing_draw(a, d);
        } else {
                output_text(a->out, STYLE_PLAIN, "%-12s %11s", cue, seconds_to_words(seconds, clock));
                putchar('\n');
                (void)fflush(stdout);
        }
        return 0;
}

static int on_end(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Attend *a = userdata;
        Doing *d = a->userdata;
        int64_t session;

        (void)error;
        if (sd_bus_message_read(m, "x", &session) < 0 || session != d->session)
                return 0;
        attend_keep_line(a);
        printf("The session has ended.\n");
        attend_finish(a, OUTCOME_DONE);
        return 0;
}

/* Rows of a name and its steps: all of the daemon's; without a daemon, those that need no configuration. */
static json_object *workouts(const Call *call, bool *ret_all)
{
        _cleanup_message_ sd_bus_message *reply = NULL;
        _cleanup_bus_ DaemonBus bus = { .bus = NULL };
        json_object *rows = NULL;
        const char *name;

        *ret_all = !call->database && bus_find(call, &bus) >= 0 &&
                   sd_bus_call_method(bus.bus, CARDIO_BUS_NAME, CARDIO_OBJECT, CARDIO_COACH_INTERFACE,
                                   "ListWorkouts", NULL, &reply, NULL) >= 0 &&
                   bus_read(reply, &rows) >= 0;
        if (*ret_all)
                return rows;
        rows = checked(json_object_new_array());
        for (size_t i = 0; (name = workout_builtin_name(i)); i++) {
                json_object *row = checked(json_object_new_array());

                json_append(row, checked(json_object_new_string(name)));
                json_append(row, checked(json_object_new_string(workout_builtin(name))));
                json_append(rows, row);
        }
        return rows;
}

static Outcome list_workouts(const Call *call)
{
        _cleanup_json_ json_object *document = checked(json_object_new_array()), *rows = NULL;
        bool all;

        rows = workouts(call, &all);
        for (size_t i = 0; i < json_object_array_length(rows); i++) {
                json_object *from = json_object_array_get_idx(rows, i), *row;
                json_object *name = json_object_array_get_idx(from, 0),
                            *steps = json_object_array_get_idx(from, 1);

                if (!call->json) {
                        output_text(&call->out, STYLE_BOLD, "%s", json_object_get_string(name));
                        putchar('\n');
                        output_field(&call->out, "", "%s", json_object_get_string(steps));
                        continue;
                }
                row = checked(json_object_new_object());
                json_add(row, "name", json_object_get(name));
                json_add(row, "steps", json_object_get(steps));
                json_append(document, row);
        }
        if (call->json)
                json_print(document);
        else if (!all)
                output_wrapped(&call->out, STYLE_PLAIN, 0, 0,
                                "And those of sections [workout NAME] in cardiod.conf, which cardiod knows; "
                                "it is not running.");
        return OUTCOME_DONE;
}

static Outcome doing_listen(Doing *d, Attend *a)
{
        int r;

        r = sd_bus_match_signal(a->bus.bus, &d->cues, CARDIO_BUS_NAME, CARDIO_OBJECT, CARDIO_COACH_INTERFACE,
                        "Cue", on_cue, a);
        if (r >= 0)
                r = sd_bus_match_signal(a->bus.bus, &d->ends, CARDIO_BUS_NAME, CARDIO_OBJECT,
                                CARDIO_MANAGER_INTERFACE, "SessionEnded", on_end, a);
        return r < 0 ? fail(OUTCOME_FAILED, "cannot listen to cardiod: %s", strerror(-r)) : OUTCOME_DONE;
}

/* Subscribes first: the first cue comes with the workout. */
static Outcome doing_begin(Doing *d, Attend *a)
{
        _cleanup_message_ sd_bus_message *reply = NULL;
        Outcome outcome = doing_listen(d, a);

        if (outcome == OUTCOME_DONE)
                outcome = coach_call(&a->bus, "StartWorkout", &reply, "s", d->call->argv[0]);
        if (outcome == OUTCOME_DONE)
                outcome = coach_read_id(reply, "StartWorkout", &d->session);
        return outcome;
}

static const AttendFuncs doing_funcs = { .draw = doing_draw, .interrupted = doing_interrupted };

/* The current step of a running workout. Sets ret_runs to whether there is one. */
static Outcome doing_take_up(Doing *d, const DaemonBus *bus, bool *ret_runs)
{
        _cleanup_json_ json_object *coach = NULL, *manager = NULL;
        const char *name, *step;
        usec_t ends_usec;
        Outcome outcome;

        outcome = bus_properties(bus, CARDIO_COACH_INTERFACE, &coach);
        if (outcome == OUTCOME_DONE)
                outcome = bus_properties(bus, CARDIO_MANAGER_INTERFACE, &manager);
        if (outcome != OUTCOME_DONE)
                return outcome;
        name = json_text(coach, "workout");
        step = json_text(coach, "workout_step");
        ends_usec = (usec_t)json_integer_or(coach, "workout_step_ends", 0);
        (void)snprintf(d->cue, sizeof(d->cue), "%s", step ? step : "");
        d->until_usec = usec_add(now_boot_usec(), usec_sub(ends_usec, now_realtime_usec()));
        d->session = json_integer_or(manager, "session", 0);
        *ret_runs = name && *name && d->session != 0;
        return OUTCOME_DONE;
}

/* The running workout, on a terminal; elsewhere, and if none runs, the list of workouts. */
static Outcome follow_workout(const Call *call)
{
        Doing d = { .call = call };
        _cleanup_attend_ Attend a = { .event = NULL };
        _cleanup_bus_ DaemonBus bus = { .bus = NULL };
        bool runs = false;
        Outcome outcome;

        if (!call->out.terminal || call->json || call->database || bus_find(call, &bus) < 0)
                return pager_run(call, list_workouts);
        outcome = doing_take_up(&d, &bus, &runs);
        if (outcome != OUTCOME_DONE)
                return outcome;
        if (!runs)
                return pager_run(call, list_workouts);
        outcome = attend_begin(&a, call, &bus, &doing_funcs, &d);
        if (outcome == OUTCOME_DONE)
                outcome = doing_listen(&d, &a);
        if (outcome == OUTCOME_DONE) {
                printf("Session %lld is being recorded. `cardioctl stop` ends it.\n", (long long)d.session);
                outcome = attend_run(&a);
        }
        sd_bus_slot_unref(d.cues);
        sd_bus_slot_unref(d.ends);
        return outcome;
}

static Outcome verb_workout(const Call *call)
{
        Doing d = { .call = call };
        _cleanup_attend_ Attend a = { .event = NULL };
        _cleanup_bus_ DaemonBus bus = { .bus = NULL };
        Outcome outcome;

        if (call->argc == 0)
                return follow_workout(call);
        outcome = coach_open(call, &bus);
        if (outcome == OUTCOME_DONE)
                outcome = attend_begin(&a, call, &bus, &doing_funcs, &d);
        if (outcome == OUTCOME_DONE)
                outcome = doing_begin(&d, &a);
        if (outcome == OUTCOME_DONE && call->json) {
                _cleanup_json_ json_object *document = checked(json_object_new_object());

                json_add(document, "session", checked(json_object_new_int64(d.session)));
                json_print(document);
        } else if (outcome == OUTCOME_DONE) {
                printf("Recording session %lld. `cardioctl stop` ends it.\n", (long long)d.session);
                if (call->out.terminal)
                        outcome = attend_run(&a);
        }
        sd_bus_slot_unref(d.cues);
        sd_bus_slot_unref(d.ends);
        return outcome;
}

static const Option today_options[] = {
        { .name = "date",
                        .argument = "DATE",
                        .help = "another day, such as tomorrow",
                        .offer = { COACH_DATE_OFFER } },
        { .name = NULL },
};

static const Option week_options[] = {
        { .name = "date",
                        .argument = "DATE",
                        .help = "from that day on, such as tomorrow",
                        .offer = { COACH_DATE_OFFER } },
        { .name = NULL },
};

static const Option race_options[] = {
        { .name = "hilly", .help = "with `add`: it is as hard as a longer one" },
        { .name = "note", .argument = "TEXT", .help = "with `add`: a word about it" },
        { .name = NULL },
};

static const Verb verbs[] = {
        {
                        .name = "today",
                        .arguments = "",
                        .json = true,
                        .paged = true,
                        .summary = "what the day is for: which run, how long, and why",
                        .help = "The most careful answer of what your races, your runs and the body scan\n"
                                "say. DATE is\n" COACH_DATE_ACCEPTED ".",
                        .options = today_options,
                        .run = verb_today,
        },
        {
                        .name = "week",
                        .arguments = "",
                        .json = true,
                        .paged = true,
                        .summary = "seven days ahead, a line each",
                        .help = "As they look now; what you run and log until then changes them. DATE "
                                "is\n" COACH_DATE_ACCEPTED ".",
                        .options = week_options,
                        .run = verb_week,
        },
        {
                        .name = "race",
                        .arguments = "[list | add DATE DISTANCE | remove ID]",
                        .max_arguments = 3,
                        .offer = { { "list add remove" }, { COACH_DATE_OFFER, SOURCE_RACE },
                                        { "5k 10k half marathon" } },
                        .json = true,
                        .database = true,
                        .summary = "the races that the coach is to know of",
                        .help = "DISTANCE is 5k, 10k, half or marathon; DATE is\n" COACH_DATE_ACCEPTED
                                ".\nThe days before and after a race are careful ones, as `today` says.",
                        .options = race_options,
                        .run = verb_race,
        },
        {
                        .name = "workout",
                        .arguments = "[NAME]",
                        .max_arguments = 1,
                        .offer = { { "fartlek cross-training" } },
                        .json = true,
                        .summary = "record a session with cues; without NAME follow it, or list them",
                        .help = "NAME is fartlek, cross-training, or one of sections [workout NAME] in\n"
                                "cardiod.conf. On a terminal it says the cues until the workout is over;\n"
                                "Ctrl-C leaves it to go on without, and `workout` alone shows it again.\n"
                                "Else it returns at once. cardio-notify says the cues, too. `stop` ends\n"
                                "the session.",
                        .run = verb_workout,
        },
        { .name = NULL },
};

const Family coach_family = { .title = "Coach", .verbs = verbs };
