/* SPDX-License-Identifier: MIT */
/* `rest`: the resting heart rate, measured in the morning before getting up, and the list of measurements. The daemon
 * measures, checks and stores; the mornings are read from the database. Times are CLOCK_BOOTTIME, dates local, of
 * CLOCK_REALTIME. */
#include <math.h>
#include <stdio.h>
#include <time.h>

#include "attend.h"
#include "body-scan.h"
#include "cardio/bus-api.h"
#include "cardio/day.h"
#include "cardio/parse.h"
#include "cardio/resting.h"
#include "chart.h"
#include "shared/clock.h"
#include "coach.h"
#include "database.h"
#include "memory.h"

/* Rows of the list on a terminal without --limit: with the chart they fill a small one. */
#define MORNINGS_SHOWN 12U

/* More than two months of mornings have. */
#define USUAL_ROWS_MAX 256U
/* How often the time left is printed if no line can be redrawn. */
#define PLAIN_SECONDS 30U
/* How much longer than its own measurement the daemon may take. */
#define ANSWER_USEC (30 * USEC_PER_SEC)
/* How long the runner at a terminal may take to put the strap on, and how often the daemon is asked meanwhile; each time
 * sessions are held back for a while. */
#define PUT_ON_USEC (5 * USEC_PER_MIN)
#define ASK_USEC    (10 * USEC_PER_SEC)

/* -- Measuring ------------------------------------------------------------------------------------------ */

typedef struct RestMeasuring {
        const Call *call;
        unsigned seconds;
        usec_t asked_usec;
        usec_t begin_usec;        /* when the daemon was asked first */
        bool waiting;             /* for the strap */
        unsigned reported_s;      /* without redrawing: the seconds left when last printed */
        bool reported_heart_rate; /* … with a heart rate */
        unsigned guided;          /* lines of the body scan shown so far */
        bool done;                /* it is measured and stored */
        sd_bus_slot *answer;
} RestMeasuring;

static Outcome measuring_ask(RestMeasuring *m, Attend *a);

static void measuring_wait(RestMeasuring *m, Attend *a)
{
        usec_t now_usec = now_boot_usec(), since_usec = usec_sub(now_usec, m->begin_usec);
        bool over = since_usec >= PUT_ON_USEC;
        char clock[HMS_STRING_MAX];
        Outcome outcome;

        if (!over && a->heart_rate_usec == 0 && usec_sub(now_usec, m->asked_usec) < ASK_USEC) {
                attend_line(a, "%11s left to put it on",
                                seconds_to_words((double)((PUT_ON_USEC - since_usec) / USEC_PER_SEC), clock));
                return;
        }
        m->waiting = false;
        outcome = measuring_ask(m, a);
        if (outcome != OUTCOME_DONE)
                attend_finish(a, outcome);
}

/* The body scan, a line at a time, above the countdown. */
static void measuring_guide(RestMeasuring *m, Attend *a, unsigned gone)
{
        const char *text = body_scan_guide(m->guided, gone, m->seconds);

        if (!text || a->heart_rate_usec == 0 || call_option(m->call, "quiet"))
                return;
        attend_drop_line(a);
        output_wrapped(a->out, STYLE_PLAIN, 0, 0, "%s", text);
        m->guided++;
}

static void measuring_draw(Attend *a, void *userdata)
{
        RestMeasuring *m = userdata;
        unsigned gone = (unsigned)(usec_sub(now_boot_usec(), m->asked_usec) / USEC_PER_SEC);
        unsigned left = gone < m->seconds ? m->seconds - gone : 0;
        char heart[ATTEND_HEART_RATE_MAX], clock[HMS_STRING_MAX];

        if (m->waiting) {
                measuring_wait(m, a);
                return;
        }
        (void)attend_heart_rate(a, heart);
        (void)seconds_to_words(left, clock);
        if (a->in_place) {
                measuring_guide(m, a, gone);
                attend_line(a, "%11s left  %s", clock, heart);
                return;
        }
        if (m->call->json || left == 0 || a->heart_rate_usec == 0)
                return;
        if (m->reported_heart_rate && left + PLAIN_SECONDS > m->reported_s)
                return;
        m->reported_s = left;
        m->reported_heart_rate = true;
        printf("%s left, %s\n", clock, heart);
}

static void measuring_interrupted(Attend *a, void *userdata)
{
        (void)userdata;
        attend_keep_line(a);
        attend_finish(a, fail(OUTCOME_FAILED, "cancelled; nothing is stored"));
}

/* rmssd: 0 = not known. */
static Outcome measuring_report(RestMeasuring *m, Attend *a, double heart_rate, double rmssd)
{
        _cleanup_json_ json_object *document = NULL, *manager = NULL;
        char bpm[NUMBER_STRING_MAX], ms[NUMBER_STRING_MAX];
        Outcome outcome;

        if (!m->call->json) {
                output_label(&m->call->out, "Resting");
                output_text(&m->call->out, STYLE_BOLD, "%s bpm", number_to_string(heart_rate, 0, bpm));
                if (rmssd > 0)
                        output_text(&m->call->out, STYLE_PLAIN, ", RMSSD %s ms",
                                        number_to_string(rmssd, 0, ms));
                putchar('\n');
                return coach_print_in_force(&a->bus, &m->call->out);
        }
        outcome = bus_properties(&a->bus, CARDIO_MANAGER_INTERFACE, &manager);
        if (outcome != OUTCOME_DONE)
                return outcome;
        document = checked(json_object_new_object());
        json_add(document, "heart_rate", json_real(heart_rate));
        json_add(document, "rmssd", rmssd > 0 ? json_real(rmssd) : NULL);
        json_add(document, "resting_heart_rate",
                        json_real(json_number_or(manager, "resting_heart_rate", NAN)));
        json_add(document, "resting_provisional",
                        checked(json_object_new_boolean(json_true(manager, "resting_provisional"))));
        json_add(document, "ceiling", json_real(json_number_or(manager, "ceiling", NAN)));
        json_print(document);
        return OUTCOME_DONE;
}

/* No strap is there, and somebody can put it on. */
static bool measuring_may_wait(const RestMeasuring *m, const Attend *a, const sd_bus_error *error)
{
        return error && sd_bus_error_has_name(error, CARDIO_ERROR_NO_SENSOR) && a->in_place &&
               a->heart_rate_usec == 0 && usec_sub(now_boot_usec(), m->begin_usec) < PUT_ON_USEC;
}

static int on_answer(sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
        Attend *a = userdata;
        RestMeasuring *m = a->userdata;
        const sd_bus_error *error = sd_bus_message_get_error(reply);
        double heart_rate, rmssd;

        (void)ret_error;
        if (measuring_may_wait(m, a, error)) {
                attend_drop_line(a);
                if (m->asked_usec == m->begin_usec)
                        output_wrapped(a->out, STYLE_PLAIN, 0, 0,
                                        "No strap is live yet. Put yours on; it will not start a run.");
                m->waiting = true;
                measuring_wait(m, a);
                return 0;
        }
        attend_drop_line(a);
        if (error && sd_bus_error_has_name(error, CARDIO_ERROR_MOVING))
                attend_finish(a, fail(OUTCOME_FAILED, "%s. Nothing is stored",
                                                 error->message ? error->message : error->name));
        else if (error)
                attend_finish(a, bus_failed(&a->bus, error));
        else if (sd_bus_message_read(reply, "dd", &heart_rate, &rmssd) < 0)
                attend_finish(a, bus_garbled("MeasureResting"));
        else {
                m->done = true;
                attend_finish(a, measuring_report(m, a, heart_rate, rmssd));
        }
        return 0;
}

static Outcome measuring_ask(RestMeasuring *m, Attend *a)
{
        _cleanup_message_ sd_bus_message *call = NULL;
        Outcome outcome;
        int r;

        outcome = bus_new_call(&a->bus, CARDIO_COACH_INTERFACE, "MeasureResting", &call);
        if (outcome != OUTCOME_DONE)
                return outcome;
        m->asked_usec = now_boot_usec();
        m->answer = sd_bus_slot_unref(m->answer);
        r = sd_bus_message_append(call, "u", m->seconds);
        if (r >= 0)
                r = sd_bus_call_async(a->bus.bus, &m->answer, call, on_answer, a,
                                m->seconds * USEC_PER_SEC + ANSWER_USEC);
        return r < 0 ? bus_not_called("MeasureResting", r) : OUTCOME_DONE;
}

static Outcome measuring_begin(RestMeasuring *m, Attend *a)
{
        char clock[HMS_STRING_MAX];
        Outcome outcome = measuring_ask(m, a);

        m->begin_usec = m->asked_usec;
        if (outcome == OUTCOME_DONE && !m->call->json)
                output_wrapped(&m->call->out, STYLE_PLAIN, 0, 0,
                                "Lie still and breathe calmly for %s. Ctrl-C cancels.",
                                seconds_to_words(m->seconds, clock));
        return outcome;
}

/* The second half of the morning: how the runner feels. */
static Outcome rest_ask(const DaemonBus *bus, const Output *out)
{
        _cleanup_json_ json_object *day = NULL;
        char date[DATE_STRING_MAX];
        Outcome outcome;

        putchar('\n');
        outcome = coach_date_argument("today", date);
        if (outcome == OUTCOME_DONE)
                outcome = coach_ask_body_scan(bus, out, date);
        if (outcome == OUTCOME_DONE)
                outcome = coach_ask_day(bus, "", &day);
        if (outcome != OUTCOME_DONE)
                return outcome;
        putchar('\n');
        coach_print_day(bus, out, "", day);
        return OUTCOME_DONE;
}

static Outcome rest_measure(const Call *call)
{
        static const AttendFuncs funcs = { .draw = measuring_draw, .interrupted = measuring_interrupted };
        const char *seconds = call_option(call, "seconds");
        RestMeasuring m = { .call = call, .seconds = RESTING_SECONDS_DEFAULT };
        _cleanup_attend_ Attend a = { .event = NULL };
        _cleanup_bus_ DaemonBus bus = { .bus = NULL };
        Outcome outcome;

        if (seconds && (parse_unsigned(seconds, &m.seconds) < 0 ||
                                       (m.seconds != 0 && (m.seconds < RESTING_SECONDS_MIN ||
                                                                          m.seconds > RESTING_SECONDS_MAX))))
                return fail(OUTCOME_USAGE,
                                "'%s' is not a value for --seconds; accepted: " RESTING_SECONDS_ACCEPTED,
                                seconds);
        if (m.seconds == 0)
                m.seconds = RESTING_SECONDS_DEFAULT;

        outcome = coach_open(call, &bus);
        if (outcome == OUTCOME_DONE)
                outcome = attend_begin(&a, call, &bus, &funcs, &m);
        if (outcome == OUTCOME_DONE)
                outcome = measuring_begin(&m, &a);
        if (outcome == OUTCOME_DONE)
                outcome = attend_run(&a);
        sd_bus_slot_unref(m.answer);
        if (outcome != OUTCOME_DONE || !m.done || !coach_may_ask(call) || call_option(call, "quiet"))
                return outcome;
        attend_end(&a); /* the connection was closed with its event loop */
        outcome = coach_open(call, &bus);
        return outcome == OUTCOME_DONE ? rest_ask(&bus, &call->out) : outcome;
}

/* -- Mornings ------------------------------------------------------------------------------------------- */

/* All of them, the newest first. */
static Outcome read_mornings(const Call *call, json_object **ret)
{
        _cleanup_database_ Database database = { .db = NULL };
        _cleanup_statement_ sqlite3_stmt *s = NULL;
        Outcome outcome;

        outcome = database_open(call, &database);
        if (outcome == OUTCOME_DONE)
                outcome = database_prepare(&database,
                                "SELECT id, local_date, heart_rate, rmssd, sdnn, pnn50, seconds, source, taken_at FROM resting"
                                " ORDER BY local_date DESC, taken_at DESC, id DESC",
                                &s);
        return outcome == OUTCOME_DONE ? database_rows(&database, s, ret) : outcome;
}

/* As it was on the morning of a row. Rows are the newest first: what counts begins with those of the same date, and is over
 * after two months of them. */
static RmssdUsual usual_then(const Morning *morning, size_t n, json_object *row)
{
        const char *text = json_text(row, "local_date");
        size_t from = 0, rest;
        Day date;

        if (!text || day_parse(text, &date) < 0)
                return (RmssdUsual){ NAN, NAN, NAN };
        while (from < n && morning[from].date > date)
                from++;
        rest = n - from < USUAL_ROWS_MAX ? n - from : USUAL_ROWS_MAX;
        return rmssd_usual(morning + from, rest, date);
}

static void add_morning(Table *t, json_object *row)
{
        char text[NUMBER_STRING_MAX];
        double rmssd, seconds;
        bool measured = json_number(row, "seconds", &seconds);

        table_cellf(t, STYLE_BOLD, "%lld", (long long)json_integer_or(row, "id", 0));
        table_cell(t, STYLE_PLAIN, json_text(row, "local_date"));
        table_cell(t, STYLE_PLAIN, number_to_string(json_number_or(row, "heart_rate", NAN), 1, text));
        table_cell(t, STYLE_PLAIN,
                        json_number(row, "rmssd", &rmssd) ? number_to_string(rmssd, 0, text) : NULL);
        table_cell(t, STYLE_DIM, measured && seconds > 0 ? seconds_to_string(seconds, text) : NULL);
        table_cell(t, STYLE_DIM, json_text(row, "source"));
}

static void print_average(const Output *out, const Morning *morning, size_t n, Day today)
{
        RestingInForce in_force = resting_in_force(morning, n, today, NAN);
        char text[NUMBER_STRING_MAX];

        if (in_force.mornings == 0)
                return;
        output_text(out, STYLE_BOLD, "In force: %s bpm", number_to_string(in_force.heart_rate, 0, text));
        output_text(out, STYLE_PLAIN, ", the mean of %u morning%s", in_force.mornings,
                        in_force.mornings == 1 ? "" : "s");
        if (in_force.provisional)
                output_text(out, STYLE_WARNING, " (provisional)");
        printf("\n\n");
}

static void print_rmssd(const Output *out, const Morning *morning, size_t n, Day today)
{
        RmssdUsual usual = rmssd_usual(morning, n, today);
        char mean[NUMBER_STRING_MAX], low[NUMBER_STRING_MAX], high[NUMBER_STRING_MAX];

        if (isnan(usual.mean))
                return;
        output_text(out, STYLE_BOLD, "RMSSD: %s ms", number_to_string(usual.mean, 0, mean));
        output_text(out, STYLE_PLAIN, " over seven days");
        if (!isnan(usual.low))
                output_text(out,
                                usual.mean < usual.low || usual.mean > usual.high ? STYLE_WARNING
                                                                                  : STYLE_PLAIN,
                                ", usually %s to %s", number_to_string(usual.low, 0, low),
                                number_to_string(usual.high, 0, high));
        printf("\n\n");
}

/* Those of all rows, which are in the same order; rows without a date are left out. To be freed. */
static Morning *mornings_of(json_object *rows, size_t *ret_n)
{
        size_t n = json_object_array_length(rows), known = 0;
        Morning *morning = checked(calloc(n + 1, sizeof(*morning)));

        for (size_t i = 0; i < n; i++) {
                json_object *row = json_object_array_get_idx(rows, i);
                const char *local_date = json_text(row, "local_date");

                if (!local_date || day_parse(local_date, &morning[known].date) < 0)
                        continue;
                morning[known].rmssd = json_number_or(row, "rmssd", 0);
                morning[known++].heart_rate = json_number_or(row, "heart_rate", NAN);
        }
        *ret_n = known;
        return morning;
}

static Outcome print_mornings(const Call *call, json_object *rows, unsigned limit)
{
        static const Column columns[] = {
                { .title = "ID", .right = true },
                { .title = "DATE" },
                { .title = "BPM", .right = true },
                { .title = "RMSSD", .right = true, .drop = 2 },
                { .title = "LENGTH", .right = true, .drop = 3 },
                { .title = "SOURCE", .drop = 1 },
        };
        _cleanup_(table_freep) Table *t = table_new(columns, ELEMENTSOF(columns));
        size_t n = json_object_array_length(rows), known;
        _cleanup_free_ Morning *morning = mornings_of(rows, &known);
        char date[DATE_STRING_MAX];
        Outcome outcome;
        Day today;

        outcome = coach_date_argument("today", date);
        if (outcome != OUTCOME_DONE)
                return outcome;
        (void)day_parse(date, &today);
        for (size_t i = 0; i < n && (limit == 0 || i < limit); i++)
                add_morning(t, json_object_array_get_idx(rows, i));
        print_average(&call->out, morning, known, today);
        print_rmssd(&call->out, morning, known, today);
        chart_print(&call->out, morning, known, today);
        putchar('\n');
        table_print(t, &call->out);
        if (limit > 0 && n > limit && !call_option(call, "limit")) {
                output_text(&call->out, STYLE_DIM, "There are more; --limit 0 lists all.");
                putchar('\n');
        }
        return OUTCOME_DONE;
}

/* With what was usual then, each. */
static void add_usual(json_object *rows)
{
        size_t known;
        _cleanup_free_ Morning *morning = mornings_of(rows, &known);

        for (size_t i = 0; i < json_object_array_length(rows); i++) {
                json_object *row = json_object_array_get_idx(rows, i);
                RmssdUsual usual = usual_then(morning, known, row);

                json_add(row, "rmssd_mean", json_real(usual.mean));
                json_add(row, "rmssd_low", json_real(usual.low));
                json_add(row, "rmssd_high", json_real(usual.high));
        }
}

/* "" if it is not known, as in mornings of an older version. */
static const char *figure_or_nothing(json_object *row, const char *key, char buf[static NUMBER_STRING_MAX])
{
        double value;

        return json_number(row, key, &value) ? number_to_string(value, 2, buf) : "";
}

/* The columns that GoldenCheetah looks for. Mornings without RMSSD are none for it. */
static void print_csv(json_object *rows, unsigned limit)
{
        printf("timestamp_measurement,HR,rMSSD,SDNN,pNN50\n");
        for (size_t i = 0, n = 0; i < json_object_array_length(rows) && (limit == 0 || n < limit); i++) {
                json_object *row = json_object_array_get_idx(rows, i);
                const char *date = json_text(row, "local_date");
                time_t taken = (time_t)(json_integer_or(row, "taken_at", 0) / 1000);
                char time[sizeof("06:00:00")] = "06:00:00", bpm[NUMBER_STRING_MAX], ms[NUMBER_STRING_MAX];
                char sdnn[NUMBER_STRING_MAX], pnn50[NUMBER_STRING_MAX];
                double rmssd;
                struct tm tm;

                if (!date || !json_number(row, "rmssd", &rmssd))
                        continue;
                if (localtime_r(&taken, &tm))
                        (void)strftime(time, sizeof(time), "%H:%M:%S", &tm); /* always fits */
                printf("%s %s,%s,%s,%s,%s\n", date, time,
                                number_to_string(json_number_or(row, "heart_rate", NAN), 1, bpm),
                                number_to_string(rmssd, 2, ms), figure_or_nothing(row, "sdnn", sdnn),
                                figure_or_nothing(row, "pnn50", pnn50));
                n++;
        }
}

static Outcome rest_list(const Call *call)
{
        _cleanup_json_ json_object *rows = NULL;
        const char *text = call_option(call, "limit");
        unsigned limit = call->out.terminal && !call->json ? MORNINGS_SHOWN : 0;
        Outcome outcome;

        if (text && parse_unsigned(text, &limit) < 0)
                return fail(OUTCOME_USAGE,
                                "'%s' is not a number of mornings; accepted: a whole number, 0 for all",
                                text);
        outcome = read_mornings(call, &rows);
        if (outcome != OUTCOME_DONE)
                return outcome;
        if (call_option(call, "csv")) {
                if (call->json)
                        return fail(OUTCOME_USAGE,
                                        "--csv and --json are two forms of the same list; choose one");
                print_csv(rows, text ? limit : 0);
                return OUTCOME_DONE;
        }
        if (call->json) {
                size_t n = json_object_array_length(rows);

                add_usual(rows);
                if (limit > 0 && n > limit)
                        (void)json_object_array_del_idx(rows, limit, n - limit);
                json_print(rows);
                return OUTCOME_DONE;
        }
        if (json_object_array_length(rows) == 0) {
                (void)fprintf(stderr, "No morning yet; `cardioctl rest` measures one.\n");
                return OUTCOME_DONE;
        }
        return print_mornings(call, rows, limit);
}

static Outcome rest_add(const Call *call)
{
        _cleanup_bus_ DaemonBus bus = { .bus = NULL };
        _cleanup_message_ sd_bus_message *reply = NULL;
        const char *at = call->argv[2];
        char date[DATE_STRING_MAX], text[NUMBER_STRING_MAX];
        double bpm;
        int64_t id;
        Outcome outcome;

        outcome = coach_past_date_argument(call->argv[1], date);
        if (outcome != OUTCOME_DONE)
                return outcome;
        if (parse_decimal(&at, &bpm) < 0 || *at || bpm < RESTING_MIN || bpm > RESTING_MAX)
                return fail(OUTCOME_USAGE, "'%s' is not a heart rate; accepted: " RESTING_ACCEPTED,
                                call->argv[2]);

        outcome = coach_open(call, &bus);
        if (outcome == OUTCOME_DONE)
                outcome = coach_call(&bus, "AddResting", &reply, "sd", date, bpm);
        if (outcome == OUTCOME_DONE)
                outcome = coach_read_id(reply, "AddResting", &id);
        if (outcome != OUTCOME_DONE)
                return outcome;
        if (call->json) {
                _cleanup_json_ json_object *document = checked(json_object_new_object());

                json_add(document, "id", checked(json_object_new_int64(id)));
                json_print(document);
                return OUTCOME_DONE;
        }
        printf("Morning %lld: %s bpm on %s.\n", (long long)id, number_to_string(bpm, 1, text), date);
        return coach_print_in_force(&bus, &call->out);
}

static Outcome rest_remove(const Call *call)
{
        _cleanup_bus_ DaemonBus bus = { .bus = NULL };
        int64_t id;
        Outcome outcome;

        if (id_parse(call->argv[1], &id) < 0)
                return fail(OUTCOME_USAGE,
                                "'%s' is not a morning; accepted: a number that `cardioctl rest list` lists",
                                call->argv[1]);
        outcome = coach_open(call, &bus);
        if (outcome == OUTCOME_DONE)
                outcome = coach_call(&bus, "RemoveResting", NULL, "x", id);
        return outcome;
}

static Outcome verb_rest(const Call *call)
{
        static const Part parts[] = {
                { .options = "seconds quiet", .json = true, .run = rest_measure },
                { .name = "list", .options = "limit csv", .json = true, .paged = true, .run = rest_list },
                { .name = "add", .arguments = "DATE BPM", .n_arguments = 2, .json = true, .run = rest_add },
                { .name = "remove", .arguments = "ID", .n_arguments = 1, .run = rest_remove },
        };

        return part_run(call, parts, ELEMENTSOF(parts));
}

static const Option rest_options[] = {
        { .name = "seconds",
                        .argument = "N",
                        .help = "measure that long; " RESTING_SECONDS_ACCEPTED,
                        .offer = { "60 120 300" } },
        { .name = "quiet", .letter = 'q', .help = "measure only: no body scan, and no questions" },
        { .name = "limit", .argument = "N", .help = "list the newest N; 0 is all" },
        { .name = "csv", .help = "list those with RMSSD as GoldenCheetah reads them" },
        { .name = NULL },
};

static const Verb verbs[] = {
        {
                        .name = "rest",
                        .arguments = "[list | add DATE BPM | remove ID]",
                        .max_arguments = 3,
                        .offer = { { "list add remove" }, { COACH_DATE_OFFER, SOURCE_MORNING } },
                        .json = true,
                        .database = true,
                        .summary = "measure the resting heart rate, or see what was measured",
                        .help = "In the morning, strap on, before getting up: lie still until it says the\n"
                                "figure. At a terminal it waits for the strap to be put on; the strap worn\n"
                                "for it begins no run before there is effort. It leads through the body\n"
                                "meanwhile, from the toes to the head, and asks how you feel afterwards;\n"
                                "not with --quiet. Nothing is stored if the heart does not settle, or with\n"
                                "Ctrl-C.\n"
                                "The mean of seven mornings within 28 days is in force; until there are\n"
                                "seven it is provisional. `list` draws and lists them, `add` takes one\n"
                                "measured elsewhere, `remove` takes one back. DATE is\n" DATE_ACCEPTED ".",
                        .options = rest_options,
                        .run = verb_rest,
        },
        { .name = NULL },
};

const Family rest_family = { .title = "Resting heart rate", .verbs = verbs };
