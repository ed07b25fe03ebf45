/* SPDX-License-Identifier: MIT */
/* What the runner writes down for the coach, and asks it. Dates, figures and texts are checked here, before the store sees
 * them: a refusal names what is accepted, and has stored nothing. Dates are the runner's local ones; CLOCK_REALTIME gives
 * today's. */

#include "manager/diary.h"

#include <math.h>

#include "cardio/bus-api.h"
#include "cardio/measurement.h"
#include "cardio/text.h"
#include "shared/clock.h"
#include "local.h"
#include "manager/deletions.h"
#include "manager/feed.h"
#include "manager/internal.h"
#include "manager/measure.h"
#include "manager/workouts.h"

#define MS_PER_MIN INT64_C(60000)

#define RUN_ACCEPTED \
        "minutes of 1 to 1440, and local_date or started_at (Unix ms), which may not be in the future"

/* -- Refusals -- */

static int refuse(sd_bus_error *error, const char *reason)
{
        return sd_bus_error_set(error, CARDIO_ERROR_INVALID_ARGUMENT, reason);
}

/* The store has refused; about: what was to be changed, such as "race 3". */
static int refuse_stored(int r, const char *about, int64_t id, sd_bus_error *error)
{
        if (r == -EAGAIN)
                return r; /* the bus calls again later */
        if (r == -ENOENT)
                return sd_bus_error_setf(
                                error, CARDIO_ERROR_NO_SUCH_ENTRY, "There is no %s %" PRIi64, about, id);
        if (r == -EBUSY)
                return sd_bus_error_set(error, CARDIO_ERROR_STORAGE,
                                "Another program has locked the database: nothing is stored, try again");
        return sd_bus_error_setf(
                        error, CARDIO_ERROR_STORAGE, "The database cannot be written: %s", strerror(-r));
}

static int refuse_session(int r, int64_t id, sd_bus_error *error)
{
        if (r == -ENOENT)
                return sd_bus_error_setf(
                                error, CARDIO_ERROR_NO_SUCH_SESSION, "There is no session %" PRIi64, id);
        return refuse_stored(r, "session", id, error);
}

static int cannot_read(int r, sd_bus_error *error)
{
        return sd_bus_error_setf(
                        error, CARDIO_ERROR_STORAGE, "The database cannot be read: %s", strerror(-r));
}

/* Whether to wait for a pending commit, so that the answer is up to date; not if the disk refuses. */
static int must_wait(Manager *m)
{
        int r = store_commit(m->store);

        return r == -EAGAIN ? r : 0;
}

static int read_date(const char *text, Day *ret, sd_bus_error *error)
{
        char brief[TEXT_BRIEF_SIZE];

        if (day_parse(text, ret) < 0)
                return sd_bus_error_setf(error, CARDIO_ERROR_INVALID_ARGUMENT,
                                "'%s' is not a date; accepted: " DAY_ACCEPTED,
                                text_brief(brief, sizeof(brief), text));
        return 0;
}

static int read_past_date(const char *text, Day *ret, sd_bus_error *error)
{
        Day day;
        int r = read_date(text, &day, error);

        if (r < 0)
                return r;
        r = clock_need(error);
        if (r < 0)
                return r;
        if (day > local_today())
                return sd_bus_error_setf(error, CARDIO_ERROR_INVALID_ARGUMENT,
                                "%s is in the future; accepted: a date up to today", text);
        *ret = day;
        return 0;
}

/* -- Mornings and races -- */

static int add_resting(
                void *userdata, const char *date, double heart_rate, int64_t *ret_id, sd_bus_error *error)
{
        Manager *m = userdata;
        RestingRow row = {
                .taken_at = (int64_t)(now_realtime_usec() / USEC_PER_MSEC),
                .heart_rate = heart_rate,
                .rmssd = NAN,
                .sdnn = NAN,
                .pnn50 = NAN,
                .source = "manual",
        };
        int64_t id;
        int r;

        r = read_past_date(date, &row.date, error);
        if (r < 0)
                return r;
        if (!(heart_rate >= RESTING_MIN && heart_rate <= RESTING_MAX))
                return sd_bus_error_setf(error, CARDIO_ERROR_INVALID_ARGUMENT,
                                "%g bpm is not believed; accepted: " RESTING_ACCEPTED, heart_rate);
        if (heart_rate >= m->coach.runner.maximum)
                return sd_bus_error_setf(error, CARDIO_ERROR_INVALID_ARGUMENT,
                                "%g bpm is not below your maximum heart rate, %g bpm; "
                                "accepted: " RESTING_ACCEPTED ", below the maximum",
                                heart_rate, m->coach.runner.maximum);
        /* An entry for another day was taken on that day, whenever it is made. */
        if (row.date != local_today())
                (void)local_noon(row.date, &row.taken_at);
        id = store_add_resting(m->store, &row);
        if (id < 0)
                return refuse_stored((int)id, "morning", 0, error);
        feed_coach_changed(m);
        *ret_id = id;
        return 0;
}

static int remove_resting(void *userdata, int64_t id, BusRequest *request, sd_bus_error *error)
{
        Manager *m = userdata;
        int r = store_remove_resting(m->store, id);

        if (r < 0)
                return refuse_stored(r, "morning", id, error);
        deletion_answer_later(m, request);
        feed_coach_changed(m);
        return 0;
}

static int add_race(void *userdata, const BusRace *race, int64_t *ret_id, sd_bus_error *error)
{
        Manager *m = userdata;
        RaceRow row = { .distance = distance_from_string(race->distance),
                .note = race->note,
                .hilly = race->hilly != 0 };
        char brief[TEXT_BRIEF_SIZE];
        int64_t id;
        int r;

        r = read_date(race->date, &row.date, error);
        if (r < 0)
                return r;
        if (row.distance < 0)
                return sd_bus_error_setf(error, CARDIO_ERROR_INVALID_ARGUMENT,
                                "'%s' is not a distance; accepted: " DISTANCE_ACCEPTED,
                                text_brief(brief, sizeof(brief), race->distance));
        if (strlen(race->note) > DIARY_NOTE_MAX)
                return sd_bus_error_setf(error, CARDIO_ERROR_INVALID_ARGUMENT,
                                "The note is too long; accepted: at most %u bytes", DIARY_NOTE_MAX);
        id = store_add_race(m->store, &row);
        if (id < 0)
                return refuse_stored((int)id, "race", 0, error);
        feed_coach_changed(m);
        *ret_id = id;
        return 0;
}

static int remove_race(void *userdata, int64_t id, BusRequest *request, sd_bus_error *error)
{
        Manager *m = userdata;
        int r = store_remove_race(m->store, id);

        if (r < 0)
                return refuse_stored(r, "race", id, error);
        deletion_answer_later(m, request);
        feed_coach_changed(m);
        return 0;
}

/* -- Sessions and days -- */

static int annotate(void *userdata, int64_t session, const Annotation *a, sd_bus_error *error)
{
        Manager *m = userdata;
        const char *reason;
        int r;

        if (annotation_check(a, &reason) < 0)
                return refuse(error, reason);
        r = store_annotate(m->store, session, a);
        if (r < 0)
                return refuse_session(r, session, error);
        if (session == m->session.id && a->kind)
                feed_said(m, a->kind[0] ? kind_from_string(a->kind) : _KIND_INVALID);
        feed_coach_changed(m);
        return 0;
}

static int log_day(void *userdata, const char *date, const BodyScan *scan, sd_bus_error *error)
{
        Manager *m = userdata;
        const char *reason;
        Day day;
        int r;

        r = read_past_date(date, &day, error);
        if (r < 0)
                return r;
        if (body_scan_check(scan, &reason) < 0)
                return refuse(error, reason);
        r = store_put_day(m->store, day, scan);
        if (r < 0)
                return refuse_stored(r, "day", 0, error);
        feed_coach_changed(m);
        return 0;
}

/* The start of a run of which only the date is known: so that it ends now if that date is today, else noon. */
static int guess_start(Day day, int64_t length_ms, int64_t now_ms, int64_t *ret)
{
        if (day != local_today())
                return local_noon(day, ret);
        *ret = now_ms - length_ms;
        return local_day(*ret) == day ? 0 : -EINVAL;
}

/* Fills in start and date, which must agree, and lie in the past. */
static int place_run(const BusRun *run, ManualSession *session, sd_bus_error *error)
{
        int64_t now_ms = (int64_t)(now_realtime_usec() / USEC_PER_MSEC),
                length_ms = run->minutes * MS_PER_MIN;
        Day day = DAY_NONE;
        int r;

        r = clock_need(error);
        if (r < 0)
                return r;
        if (run->local_date) {
                r = read_past_date(run->local_date, &day, error);
                if (r < 0)
                        return r;
        }
        session->started_at = run->started_at;
        if (run->started_at == BUS_RUN_NO_START) {
                if (day == DAY_NONE)
                        return refuse(error, "When was it? accepted: " RUN_ACCEPTED);
                r = guess_start(day, length_ms, now_ms, &session->started_at);
                if (r < 0)
                        return sd_bus_error_setf(error, CARDIO_ERROR_INVALID_ARGUMENT,
                                        "%s has no room for %u minutes yet; accepted: a run that is over",
                                        run->local_date, run->minutes);
        }
        /* Minutes are rounded, so a run may seem to end a little later than now. */
        if (session->started_at < DAY_MIN * INT64_C(86400000) ||
                        session->started_at > now_ms - length_ms + MS_PER_MIN)
                return refuse(error, "The run would end in the future; accepted: one that is over");
        session->utc_offset_s = local_offset_s(session->started_at);
        if (day != DAY_NONE && day_of_moment(session->started_at, session->utc_offset_s) != day)
                return sd_bus_error_setf(error, CARDIO_ERROR_INVALID_ARGUMENT,
                                "started_at is not on %s; accepted: " RUN_ACCEPTED, run->local_date);
        return 0;
}

static int add_session(void *userdata, const BusRun *run, int64_t *ret_id, sd_bus_error *error)
{
        ManualSession session = { .minutes = run->minutes, .annotation = run->annotation };
        Manager *m = userdata;
        const char *reason;
        int64_t id;
        int r;

        if (run->minutes < 1 || run->minutes > MANUAL_MINUTES_MAX)
                return sd_bus_error_setf(error, CARDIO_ERROR_INVALID_ARGUMENT,
                                "%u minutes are no run; accepted: " RUN_ACCEPTED, run->minutes);
        if (annotation_check(&run->annotation, &reason) < 0)
                return refuse(error, reason);
        r = place_run(run, &session, error);
        if (r < 0)
                return r;
        id = store_add_session(m->store, &session);
        if (id < 0)
                return refuse_session((int)id, 0, error);
        feed_coach_changed(m);
        advice_ask_talk_test(m, id);
        *ret_id = id;
        return 0;
}

/* -- Answers -- */

/* Returns text i of an answer, in the buffer or elsewhere. */
typedef const char *TextFunc(const CoachDay *day, size_t i, char buf[static COACH_TEXT_MAX]);

static int append_texts(sd_bus_message *reply, const char *key, const CoachDay *day, size_t n, TextFunc *func)
{
        char text[COACH_TEXT_MAX];
        int r = sd_bus_message_open_container(reply, 'e', "sv");

        if (r >= 0)
                r = sd_bus_message_append(reply, "s", key);
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'v', "as");
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', "s");
        for (size_t i = 0; r >= 0 && i < n; i++)
                r = sd_bus_message_append(reply, "s", func(day, i, text));
        for (unsigned i = 0; r >= 0 && i < 3; i++)
                r = sd_bus_message_close_container(reply);
        return r;
}

static const char *advice_text(const CoachDay *day, size_t i, char buf[static COACH_TEXT_MAX])
{
        return coach_advice_to_string(day, &day->advice[i], buf);
}

static const char *care_text(const CoachDay *day, size_t i, char buf[static COACH_TEXT_MAX])
{
        return coach_care_to_string(&day->care[i], buf);
}

static int append_ceiling(sd_bus_message *reply, const Manager *m, CoachDay *day)
{
        char ceiling[INTENSITY_STRING_MAX], coach[INTENSITY_STRING_MAX], text[COACH_TEXT_MAX];
        const char *reason;
        Intensity in_force = ceiling_of_day(m, day, &reason, text);
        Runner runner = coach_runner(m, day);
        double bpm = 0;

        if (intensity_to_bpm(&in_force, &runner, &bpm) <= 0)
                bpm = 0;
        return sd_bus_message_append(reply, "{sv}{sv}{sv}{sv}", "ceiling", "s",
                        intensity_to_string(&in_force, ceiling), "ceiling_bpm", "d", bpm, "ceiling_reason",
                        "s", reason, "coach_ceiling", "s", intensity_to_string(&day->ceiling, coach));
}

/* As long as what is in force is lower. */
static int append_maximum(sd_bus_message *reply, const Manager *m, const CoachFacts *facts, CoachDay *day)
{
        double maximum = coach_runner(m, day).maximum;
        char text[COACH_TEXT_MAX] = "", date[DAY_STRING_MAX] = "";
        CoachMaximum proposed = { .bpm = 0 };

        if (coach_maximum(facts, maximum, &proposed)) {
                (void)coach_maximum_to_string(&proposed, maximum, m->config->max_heart_rate == 0, text);
                (void)day_to_string(proposed.date, date);
        }
        return sd_bus_message_append(reply, "{sv}{sv}{sv}", "proposed_maximum", "d", (double)proposed.bpm,
                        "proposed_maximum_date", "s", date, "proposed_maximum_text", "s", text);
}

static int append_day(sd_bus_message *reply, const Manager *m, const CoachFacts *facts, CoachDay *day)
{
        char reason[COACH_TEXT_MAX];
        int r = sd_bus_message_open_container(reply, 'a', "{sv}");

        if (r >= 0)
                r = sd_bus_message_append(reply, "{sv}", "kind", "s", kind_to_string(day->kind));
        if (r >= 0)
                r = append_ceiling(reply, m, day);
        if (r >= 0)
                r = sd_bus_message_append(reply, "{sv}{sv}", "reason", "s",
                                coach_reason_to_string(day, reason), "rule", "s",
                                coach_rule_to_string(day->rule));
        if (r >= 0)
                r = append_texts(reply, "advice", day, day->n_advice, advice_text);
        if (r >= 0)
                r = append_texts(reply, "care", day, day->n_care, care_text);
        if (r >= 0)
                r = sd_bus_message_append(reply, "{sv}{sv}{sv}", "minutes", "(uu)", day->min_minutes,
                                day->max_minutes, "streak", "u", day->streak, "cycle_day", "u",
                                day->cycle_day);
        if (r >= 0)
                r = sd_bus_message_append(reply, "{sv}{sv}{sv}", "sessions", "u", day->sessions,
                                "week_sessions", "u", day->week_sessions, "week_minutes", "u",
                                (uint32_t)lround(day->week_s / 60));
        if (r >= 0)
                r = sd_bus_message_append(reply, "{sv}{sv}{sv}", "resting", "d", day->resting.heart_rate,
                                "resting_delta", "d", day->resting_delta, "provisional", "b",
                                (int)day->resting.provisional);
        if (r >= 0)
                r = append_maximum(reply, m, facts, day);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int today(void *userdata, const char *date, sd_bus_message *reply, sd_bus_error *error)
{
        Manager *m = userdata;
        CoachFacts facts;
        CoachDay day;
        Day asked = local_today();
        int r = date[0] ? read_date(date, &asked, error) : clock_need(error);

        if (r >= 0)
                r = must_wait(m);
        if (r < 0)
                return r;
        feed_time(m); /* applies what follows from the coach's new facts */
        r = coach_of_date(m, asked, &facts, &day);
        return r < 0 ? cannot_read(r, error) : append_day(reply, m, &facts, &day);
}

/* Small numbers and flags, as the runner entered them. */
static int append_said(void *userdata, const char *column, const StoreValue *value)
{
        sd_bus_message *reply = userdata;

        if (strcmp(column, "local_date") == 0)
                return 0;
        if (value->type == STORE_TEXT)
                return sd_bus_message_append(reply, "{sv}", column, "s", value->text);
        if (value->type == STORE_INTEGER && strcmp(column, "feel") == 0)
                return sd_bus_message_append(reply, "{sv}", column, "y", (uint8_t)value->integer);
        return value->type == STORE_INTEGER
                               ? sd_bus_message_append(reply, "{sv}", column, "b", value->integer != 0)
                               : -EBADMSG;
}

/* The pains of that day, since when they hurt, and whether they rule out running. */
static int append_pains(sd_bus_message *reply, const CoachDay *day)
{
        char since[DAY_STRING_MAX];
        int r = sd_bus_message_open_container(reply, 'e', "sv");

        if (r >= 0)
                r = sd_bus_message_append(reply, "s", "pains");
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'v', "a(ssb)");
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', "(ssb)");
        for (size_t i = 0; r >= 0 && i < day->n_pains; i++)
                r = sd_bus_message_append(reply, "(ssb)", day->pain[i].text,
                                day_to_string(day->pain[i].since, since), (int)day->pain[i].stops);
        for (unsigned i = 0; r >= 0 && i < 3; i++)
                r = sd_bus_message_close_container(reply);
        return r;
}

static int get_day(void *userdata, const char *date, sd_bus_message *reply, sd_bus_error *error)
{
        Manager *m = userdata;
        CoachFacts facts;
        CoachDay day;
        Day asked;
        int r = read_date(date, &asked, error);

        if (r >= 0)
                r = must_wait(m);
        if (r < 0)
                return r;
        r = coach_of_date(m, asked, &facts, &day);
        if (r < 0)
                return cannot_read(r, error);
        r = sd_bus_message_open_container(reply, 'a', "{sv}");
        if (r < 0)
                return r;
        r = store_get_day(m->store, asked, append_said, reply);
        if (r < 0 && r != -ENOENT)
                return cannot_read(r, error);
        r = append_pains(reply, &day);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int verdict(void *userdata, int64_t session, sd_bus_message *reply, sd_bus_error *error)
{
        char text[COACH_TEXT_MAX];
        Manager *m = userdata;
        CoachVerdict said;
        StoreRun run;
        int r;

        if (session != 0 && session == m->session.id)
                return sd_bus_error_setf(error, CARDIO_ERROR_BUSY,
                                "Session %" PRIi64 " is being recorded; its verdict comes when it has ended",
                                session);
        r = must_wait(m);
        if (r < 0)
                return r;
        r = verdict_of_session(m, session, &run, &said);
        if (r == -ENOENT)
                return refuse_session(r, session, error);
        if (r < 0)
                return cannot_read(r, error);
        return sd_bus_message_append(
                        reply, "ss", kind_to_string(run.run.kind), coach_verdict_to_string(&said, text));
}

const BusCoachHandlers diary_handlers = {
        .measure_resting = measure_start,
        .list_workouts = workouts_list,
        .start_workout = workouts_start,
        .add_resting = add_resting,
        .remove_resting = remove_resting,
        .add_race = add_race,
        .remove_race = remove_race,
        .annotate = annotate,
        .log_day = log_day,
        .get_day = get_day,
        .add_session = add_session,
        .today = today,
        .verdict = verdict,
};
