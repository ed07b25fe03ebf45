/* SPDX-License-Identifier: MIT */
/* The verbs of the coach and the diary: what is sent to the daemon, what is printed of its replies and refusals, and what is
 * refused without asking it. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "coach-fixture.h"
#include "ctl-coach.h"
#include "terminal.h"

/* -- today ---------------------------------------------------------------------------------------------- */

static void test_today(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };
        CtlCoach coach;

        ctl_coach(&coach, &c, BUS_SYSTEM);
        assert_int_equal(ctl_run(&c, "today", NULL), 0);
        assert_string_equal(c.out,
                        "Today: a recovery run, 20 to 30 minutes\n"
                        "\n"
                        "Why         the day after your hard run on 2026-05-16 (session 12)\n"
                        "Advice      Slow enough to chat in whole sentences.\n"
                        "            Keep it shorter than your base runs, which take about 45 minutes.\n"
                        "Care        Stretch for ten minutes, gently.\n"
                        "Ceiling     146 bpm (65%hrr), from the configuration\n"
                        "            With `auto`: none.\n"
                        "Resting     52 bpm this morning, 2 above the mean of 50, provisional\n"
                        "Streak      12 days run without a break\nCycle       day 3\n"
                        "Week        4 sessions, 2 of them today, 3 h 45 min\n");
        ctl_coach_expect(&coach, "Today");
        assert_int_equal(ctl_run(&c, "today", "--date", "2026-05-17", NULL), 0);
        ctl_assert_contains(c.out, "Sun 2026-05-17: a recovery run, 20 to 30 minutes\n");
        ctl_assert_contains(c.out, "52 bpm that morning, 2 above");
        ctl_assert_contains(c.out, "2 of them that day");
        ctl_coach_expect(&coach, "Today 2026-05-17");
        coach.logged = true;
        assert_int_equal(ctl_run(&c, "today", NULL), 0);
        ctl_assert_contains(c.out,
                        "\nPain        left knee, since Fri 2026-05-15; gone? `cardioctl log today` "
                        "asks about each\n"
                        "Pain        toe, since Fri 2026-05-01; gone? `cardioctl log today` asks about "
                        "each\n");

        assert_int_equal(ctl_run(&c, "today", "--date", "2026-05-17", "--json", NULL), 0);
        assert_string_equal(ctl_json(&c, "$.date"), "2026-05-17");
        assert_string_equal(ctl_json(&c, "$.kind"), "recovery");
        assert_string_equal(ctl_json(&c, "$.minutes"), "[20,30]");
        assert_string_equal(ctl_json(&c, "$.advice[0]"), "Slow enough to chat in whole sentences.");
        assert_string_equal(ctl_json(&c, "$.care[0]"), "Stretch for ten minutes, gently.");
        assert_string_equal(ctl_json(&c, "$.ceiling_bpm"), "145.55");
        assert_string_equal(ctl_json(&c, "$.ceiling_reason"), "configuration");
        assert_string_equal(ctl_json(&c, "$.coach_ceiling"), "off");
        assert_string_equal(ctl_json(&c, "$.resting_delta"), "2.25");
        assert_string_equal(ctl_json(&c, "$.provisional"), "1");
        assert_string_equal(ctl_json(&c, "$.pains[1].text"), "toe");
        assert_string_equal(ctl_json(&c, "$.pains[0].stops"), "1");
}

/* A higher maximum is said on the day of the run, and on the next one. */
static void test_today_maximum(Harness *h)
{
        static const struct {
                const char *date;
                bool said;
        } cases[] = { { "2026-05-17", true }, { "2026-05-16", true }, { "2026-05-15", false },
                { NULL, false } };
        _cleanup_ctl_ Ctl c = { .h = h };
        CtlCoach coach;

        ctl_coach(&coach, &c, BUS_SYSTEM);
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                coach.maximum_date = cases[i].date;
                assert_int_equal(ctl_run(&c, "today", "--date", "2026-05-17", NULL), 0);
                if ((strstr(c.out, "\nMaximum     A higher one: write it down.\n") != NULL) != cases[i].said)
                        fail_msg("%s: %s", cases[i].date, c.out);
        }
}

/* On a terminal that is narrow lines are broken between words. */
static void test_today_narrow(Harness *h)
{
        static const char *const screen[] = {
                "Today: a recovery run, 20 to 30 minutes",
                "",
                "Why         the day after your hard run",
                "            on 2026-05-16 (session 12)",
                "Advice      Slow enough to chat in whole",
                "            sentences.",
                "            Keep it shorter than your",
                "            base runs, which take about",
                "            45 minutes.",
                "Care        Stretch for ten minutes,",
                "            gently.",
                "Ceiling     146 bpm (65%hrr), from the",
                "            configuration",
                "            With `auto`: none.",
                "Resting     52 bpm this morning, 2 above",
                "            the mean of 50, provisional",
                "Streak      12 days run without a break",
                "Cycle       day 3",
                "Week        4 sessions, 2 of them today,",
                "            3 h 45 min",
        };
        _cleanup_terminal_ Terminal *t = NULL;
        _cleanup_ctl_ Ctl c = { .h = h };
        CtlCoach coach;

        ctl_coach(&coach, &c, BUS_SYSTEM);
        t = terminal_run(h, 24, 40, "today", NULL);
        assert_int_equal(terminal_wait_end(t), 0);
        for (unsigned i = 0; i < ELEMENTSOF(screen); i++)
                assert_string_equal(terminal_row(t, i), screen[i]);
}

static void test_week(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };
        CtlCoach coach;

        ctl_coach(&coach, &c, BUS_SYSTEM);
        assert_int_equal(ctl_run(&c, "week", "--date", "2026-05-30", NULL), 0);
        assert_string_equal(c.out, "Sat 2026-05-30  a recovery run, 20 to 30 minutes\n"
                                   "Sun 2026-05-31  a recovery run, 20 to 30 minutes\n"
                                   "Mon 2026-06-01  a recovery run, 20 to 30 minutes\n"
                                   "Tue 2026-06-02  a recovery run, 20 to 30 minutes\n"
                                   "Wed 2026-06-03  a recovery run, 20 to 30 minutes\n"
                                   "Thu 2026-06-04  a recovery run, 20 to 30 minutes\n"
                                   "Fri 2026-06-05  a recovery run, 20 to 30 minutes\n");
        assert_string_equal(coach.call[6], "Today 2026-06-05");
        coach.n_calls = 0;
        assert_int_equal(ctl_run(&c, "week", "--json", NULL), 0);
        assert_string_equal(ctl_json(&c, "$[6].kind"), "recovery");
        assert_null(ctl_json(&c, "$[7].kind"));
        /* Nobody runs a long one on seven days. */
        coach.long_is_due = true;
        coach.n_calls = 0;
        assert_int_equal(ctl_run(&c, "week", "--date", "2026-05-30", NULL), 0);
        ctl_assert_contains(c.out,
                        "Sat 2026-05-30  a long run, 64 minutes or longer\n"
                        "Sun 2026-05-31  a long run, 64 minutes or longer, unless it is done by then\n");
}

/* -- race ----------------------------------------------------------------------------------------------- */

static void test_race(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };
        CtlCoach coach;

        ctl_coach(&coach, &c, BUS_SYSTEM);
        assert_int_equal(ctl_run(&c, "race", "add", "2026-10-04", "half", NULL), 0);
        assert_string_equal(c.out, "Race 12: half marathon on 2026-10-04.\n");
        ctl_coach_expect(&coach, "AddRace 2026-10-04 half ");
        assert_int_equal(ctl_run(&c, "race", "add", "2026-10-04", "10K", "--note", "A & B", "--json", NULL),
                        0);
        assert_string_equal(ctl_json(&c, "$.id"), "12");
        ctl_coach_expect(&coach, "AddRace 2026-10-04 10k note A & B");
        assert_int_equal(ctl_run(&c, "race", "add", "2026-10-04", "10K", "--hilly", NULL), 0);
        assert_string_equal(c.out, "Race 12: hilly 10K on 2026-10-04.\n");
        ctl_coach_expect(&coach, "AddRace 2026-10-04 10k hilly true");
        assert_int_equal(ctl_run(&c, "race", "remove", "3", NULL), 0);
        ctl_coach_expect(&coach, "RemoveRace 3");
        assert_string_equal(c.out, "");
}

static void test_race_list(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };
        const char *db = ctl_database(h,
                        "INSERT INTO race (id, local_date, distance, note, hilly) VALUES"
                        " (3, date('now', 'localtime', '-1 day'), '5k', 'mud ' || char(27) || '[2J', 0),"
                        " (5, date('now', 'localtime', '+40 days'), 'marathon', NULL, 0),"
                        " (4, date('now', 'localtime', '+12 days'), 'half', '', 1)");
        const char *at;

        assert_int_equal(ctl_run(&c, "race", "list", "--database", db, NULL), 0);
        ctl_assert_contains(c.out, "ID  DATE        DISTANCE                    WHEN  NOTE\n");
        ctl_assert_contains(c.out, "  5K                     1 day ago  mud ?[2J\n");
        at = strstr(c.out, "  half marathon  hilly  in 12 days\n");
        assert_non_null(at);
        ctl_assert_contains(at, "  marathon              in 40 days\n");
        assert_int_equal(ctl_run(&c, "race", "--database", db, NULL), 0);
        ctl_assert_contains(c.out, "  half marathon  hilly  in 12 days\n");
        assert_int_equal(ctl_run(&c, "race", "list", "--database", db, "--json", NULL), 0);
        assert_string_equal(ctl_json(&c, "$[1].id"), "4");
        assert_string_equal(ctl_json(&c, "$[1].distance"), "half");
        assert_string_equal(ctl_json(&c, "$[1].hilly"), "1");
        assert_null(ctl_json(&c, "$[2].note"));
}

/* -- rest ----------------------------------------------------------------------------------------------- */

static void test_rest_measures(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };
        CtlCoach coach;

        ctl_coach(&coach, &c, BUS_SYSTEM);
        c.daemon.provisional = true;
        assert_int_equal(ctl_run(&c, "rest", NULL), 0);
        ctl_coach_expect(&coach, "MeasureResting 300");
        ctl_assert_contains(c.out, "Lie still and breathe calmly for 5 min. Ctrl-C cancels.\n");
        ctl_assert_contains(c.out, " left, 52 bpm\n");
        ctl_assert_contains(c.out, "Resting     48 bpm, RMSSD 42 ms\n"
                                   "In force    50 bpm, provisional until seven mornings are measured\n"
                                   "Ceiling     146 bpm (65%hrr, ");
        c.daemon.provisional = false;
        coach.rmssd = 0;
        assert_int_equal(ctl_run(&c, "rest", "--seconds", "60", NULL), 0);
        ctl_coach_expect(&coach, "MeasureResting 60");
        ctl_assert_contains(c.out, "Resting     48 bpm\nIn force    50 bpm, the mean of seven mornings\n");

        assert_int_equal(ctl_run(&c, "rest", "--seconds", "0", "--json", NULL), 0);
        ctl_coach_expect(&coach, "MeasureResting 300");
        assert_string_equal(ctl_json(&c, "$.heart_rate"), "48.33");
        assert_null(ctl_json(&c, "$.rmssd"));
        assert_string_equal(ctl_json(&c, "$.resting_heart_rate"), "50");
        assert_string_equal(ctl_json(&c, "$.resting_provisional"), "0");
}

static void test_rest_refuses(Harness *h)
{
        static const struct {
                const char *error, *message;
                int status;
                const char *expected;
        } cases[] = {
                { CARDIO_ERROR_MOVING, "The heart rate does not settle", 1,
                                "The heart rate does not settle. Nothing is stored\n" },
                { CARDIO_ERROR_NO_SENSOR, "no strap sends a heart rate", 4, "no strap sends a heart rate" },
                { CARDIO_ERROR_BUSY, "it is being measured already", 1, "it is being measured already" },
                { CARDIO_ERROR_INVALID_ARGUMENT, "accepted: 30", 2, "accepted: 30" },
        };
        _cleanup_ctl_ Ctl c = { .h = h };
        CtlCoach coach;

        ctl_coach(&coach, &c, BUS_SYSTEM);
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                coach.error = cases[i].error;
                coach.error_message = cases[i].message;
                assert_int_equal(ctl_run(&c, "rest", NULL), cases[i].status);
                ctl_assert_contains(c.err, cases[i].expected);
                assert_null(strstr(c.out, "Resting"));
        }
}

static bool is_asked(Harness *h, void *userdata)
{
        (void)h;
        return ((CtlCoach *)userdata)->n_calls > 0;
}

/* On a terminal one line counts down; Ctrl-C is a refusal, and leaves the line where it was. */
static void test_rest_counts_down(Harness *h)
{
        _cleanup_terminal_ Terminal *t = NULL;
        _cleanup_ctl_ Ctl c = { .h = h };
        CtlCoach coach;

        ctl_coach(&coach, &c, BUS_SYSTEM);
        coach.silent = true;
        t = terminal_run(h, 24, 40, "rest", "--seconds", "1200", NULL);
        terminal_wait(t, 0, "Lie still and breathe calmly for 20 min.");
        terminal_wait(t, 1, "Ctrl-C cancels.");
        assert_true(harness_wait(h, is_asked, &coach, HARNESS_TIMEOUT));
        terminal_wait(t, 2, "Close your eyes. Begin with your toes.");
        terminal_wait(t, 3, "*1? min* left  52 bpm");
        ctl_coach_heart_rate(&coach, 49);
        terminal_wait(t, 3, "*1? min* left  49 bpm");
        terminal_type(t, "\003");
        assert_int_equal(terminal_wait_end(t), 1);
        (void)terminal_find(t, 0, "cardioctl: cancelled; nothing is stored");
}

static bool is_seen(Harness *h, void *userdata)
{
        _cleanup_free_ char *output = harness_child_output(h, userdata, false);

        return strstr(output, "52 bpm") != NULL;
}

static void test_rest_daemon_leaves(Harness *h)
{
        _cleanup_free_ char *errors = NULL;
        _cleanup_ctl_ Ctl c = { .h = h };
        CtlCoach coach;
        Child *rest;

        ctl_coach(&coach, &c, BUS_SYSTEM);
        coach.silent = true;
        rest = harness_program_start(h, "cardioctl", "rest");
        assert_true(harness_wait(h, is_seen, rest, 2 * HARNESS_TIMEOUT));
        assert_true(sd_bus_release_name(coach.bus, CARDIO_BUS_NAME) >= 0);
        assert_int_equal(harness_child_end(h, rest, 0), 3);
        errors = harness_child_output(h, rest, true);
        ctl_assert_contains(errors, "cardiod has just gone");
}

static void test_rest_add(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };
        CtlCoach coach;

        ctl_coach(&coach, &c, BUS_SYSTEM);
        assert_int_equal(ctl_run(&c, "rest", "add", "2026-05-17", "48.5", NULL), 0);
        ctl_coach_expect(&coach, "AddResting 2026-05-17 48.5");
        ctl_assert_contains(c.out, "Morning 12: 48.5 bpm on 2026-05-17.\nIn force    50 bpm, the mean");
        assert_int_equal(ctl_run(&c, "rest", "add", "2026-05-17", "48", "--json", NULL), 0);
        assert_string_equal(ctl_json(&c, "$.id"), "12");
        coach.n_calls = 0;
        assert_int_equal(ctl_run(&c, "rest", "remove", "7", NULL), 0);
        ctl_coach_expect(&coach, "RemoveResting 7");
}

#define MORNINGS                                                                                            \
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 19)"                      \
        "INSERT INTO resting (id, taken_at, local_date, heart_rate, rmssd, seconds, source)"                \
        " SELECT i + 1, 1778560260000 - i * 86400000, date('now', 'localtime', '-' || i || ' days'), 48 + " \
        "i % 3,"                                                                                            \
        " iif(i = 1, NULL, 41.6), iif(i = 1, NULL, 300), iif(i = 1, 'manual', 'strap') FROM n"

static void test_rest_list(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };
        const char *db = ctl_database(h, MORNINGS);

        assert_int_equal(ctl_run(&c, "rest", "list", "--database", db, NULL), 0);
        ctl_assert_contains(c.out,
                        "In force: 49 bpm, the mean of 7 mornings\n"); /* (3 x 48 + 2 x 49 + 2 x 50) / 7 */
        ctl_assert_contains(c.out, "ID  DATE        BPM  RMSSD   LENGTH  SOURCE\n");
        ctl_assert_contains(c.out, "   48     42  0:05:00  strap\n");
        ctl_assert_contains(c.out, "   49                  manual\n");
        ctl_assert_contains(c.out, "\n20  ");
        ctl_assert_contains(c.out, "█");
        assert_int_equal(ctl_run(&c, "rest", "list", "--limit", "2", "--database", db, NULL), 0);
        assert_null(strstr(c.out, "\n 3  "));
        assert_int_equal(ctl_run_terminal(&c, "rest", "list", "--database", db, NULL), 0);
        ctl_assert_contains(c.out, "There are more; --limit 0 lists all.");

        assert_int_equal(ctl_run(&c, "rest", "list", "--database", db, "--json", NULL), 0);
        assert_string_equal(ctl_json(&c, "$[0].id"), "1");
        assert_string_equal(ctl_json(&c, "$[0].heart_rate"), "48");
        assert_string_equal(ctl_json(&c, "$[0].rmssd"), "41.6");
        assert_null(ctl_json(&c, "$[1].rmssd"));
        assert_string_equal(ctl_json(&c, "$[19].source"), "strap");
}

/* RMSSD over seven days against what is usual, and as GoldenCheetah reads it. */
static void test_rest_list_rmssd(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };
        const char *db = ctl_database(h, MORNINGS
                        "; UPDATE resting SET rmssd = 30, sdnn = 35.25, pnn50 = 0 WHERE id > 1 AND id < 6;");

        assert_int_equal(ctl_run(&c, "rest", "list", "--database", db, NULL), 0);
        ctl_assert_contains(c.out, "RMSSD: 35 ms over seven days, usually 34 to 45\n");
        assert_int_equal(ctl_run(&c, "rest", "list", "--database", db, "--json", NULL), 0);
        ctl_assert_contains(ctl_json(&c, "$[0].rmssd_mean"), "34.97");
        ctl_assert_contains(ctl_json(&c, "$[0].rmssd_low"), "34.07");
        assert_null(ctl_json(&c, "$[19].rmssd_mean"));
        assert_int_equal(ctl_run(&c, "rest", "list", "--csv", "--limit", "3", "--database", db, NULL), 0);
        assert_non_null(strstr(c.out, "timestamp_measurement,HR,rMSSD,SDNN,pNN50\n20"));
        ctl_assert_contains(c.out, ",48,41.6,,\n");
        ctl_assert_contains(c.out, ",49,30,35.25,0\n");
        assert_int_equal(ctl_run(&c, "rest", "list", "--csv", "--json", "--database", db, NULL), 2);
}

static void test_rest_list_narrow(Harness *h)
{
        static const unsigned widths[] = { 12, 16, 20, 33, 40, 80, 132 };
        const char *db = ctl_database(h, MORNINGS);

        for (size_t i = 0; i < ELEMENTSOF(widths); i++) {
                Terminal *t = terminal_run(h, 60, widths[i], "rest", "list", "--database", db, NULL);

                assert_int_equal(terminal_wait_end(t), 0);
                (void)terminal_find(t, 0, "*DATE*");
                (void)terminal_free(t);
        }
}

static void test_nothing_yet(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };
        const char *db = ctl_database(h, "SELECT 1");

        assert_int_equal(ctl_run(&c, "rest", "list", "--database", db, NULL), 0);
        ctl_assert_contains(c.err, "No morning yet");
        assert_int_equal(ctl_run(&c, "race", "list", "--database", db, NULL), 0);
        ctl_assert_contains(c.err, "No race yet");
        assert_int_equal(ctl_run(&c, "rest", "list", "--database", db, "--json", NULL), 0);
        assert_string_equal(ctl_json(&c, "$"), "[]");
        assert_int_equal(ctl_run(&c, "race", "list", "--database", db, "--json", NULL), 0);
        assert_string_equal(ctl_json(&c, "$"), "[]");
}

/* -- The diary ------------------------------------------------------------------------------------------ */

static void test_log_session(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };
        CtlCoach coach;

        ctl_coach(&coach, &c, BUS_SYSTEM);
        (void)ctl_database(h,
                        "INSERT INTO session (id, source, started_at) VALUES (7, 'strap', 86400000), (9, 'strap', 1000),"
                        " (8, 'strap', 2000)");
        assert_int_equal(ctl_run(&c, "log", "12", "--talk-test", "fail", "--rpe", "7", "--kind", "base",
                                         "--note", "uphill", NULL),
                        0);
        ctl_coach_expect(&coach, "Annotate 12 kind base talk_test fail rpe 7 note uphill");
        assert_string_equal(c.out, "Noted for session 12.\n"
                                   "Kind        recovery\n"
                                   "Verdict     A good recovery run.\n");
        /* An empty text removes, a missing one is not sent. */
        assert_int_equal(ctl_run(&c, "log", "last", "--rpe", "", "--note", "", "--json", NULL), 0);
        ctl_coach_expect(&coach, "Annotate 7 rpe 0 note ");
        assert_string_equal(ctl_json(&c, "$.session"), "7");
        assert_string_equal(ctl_json(&c, "$.kind"), "recovery");
        assert_string_equal(ctl_json(&c, "$.verdict"), "too-fast"); /* as the manager has it */
        assert_string_equal(ctl_json(&c, "$.verdict_text"), "A good recovery run.");

        /* Of a date only what cannot be meant of the day; and there were two on that one. */
        assert_int_equal(ctl_run(&c, "log", "1970-01-01", "--rpe", "3", "--note", "x", NULL), 2);
        ctl_assert_contains(c.err, "there are 2 sessions on 1970-01-01, say which: 8 (00:00");
        assert_int_equal(ctl_run(&c, "log", "1970-01-02", "--talk-test", "pass", NULL), 0);
        ctl_coach_expect(&coach, "Annotate 7 talk_test pass");
        assert_int_equal(ctl_run(&c, "log", "1970-01-03", "--talk-test", "pass", NULL), 4);

        coach.verdict = "";
        assert_int_equal(ctl_run(&c, "log", "12", "--rpe", "3", NULL), 0);
        assert_string_equal(c.out, "Noted for session 12.\nKind        recovery\n");
        coach.error = CARDIO_ERROR_NO_SUCH_SESSION;
        coach.error_message = "there is not a session 12";
        assert_int_equal(ctl_run(&c, "log", "12", "--rpe", "3", NULL), 4);
        ctl_assert_contains(c.err, "there is not a session 12");
}

static void test_log_day(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };
        CtlCoach coach;

        ctl_coach(&coach, &c, BUS_SYSTEM);
        assert_int_equal(ctl_run(&c, "log", "2026-05-17", "--feel", "2", "--mood", "low", "--soreness",
                                         "calves", "--pain", "knee", "--pain-worsening", "no", NULL),
                        0);
        ctl_assert_contains(coach.call[1], "Today 2026-05-17");
        ctl_coach_expect(&coach, "LogDay 2026-05-17 feel 2 mood low soreness calves pain knee "
                                 "pain_worsening false");
        ctl_assert_contains(c.out, "Noted.\nSun 2026-05-17: a recovery run, 20 to 30 minutes\n");
        assert_int_equal(ctl_run(&c, "log", "2026-05-17", "--pain-gait", "yes", "--note", "limping", "--json",
                                         NULL),
                        0);
        ctl_coach_expect(&coach, "LogDay 2026-05-17 pain_gait true note limping");
        assert_string_equal(ctl_json(&c, "$.kind"), "recovery");
}

/* Times of day are local, also on the day the clocks are changed. */
static void test_add(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };
        CtlCoach coach;

        (void)setenv("TZ", "Europe/Berlin", 1);
        ctl_coach(&coach, &c, BUS_SYSTEM);
        assert_int_equal(ctl_run(&c, "add", "2026-03-29", "45", "--start", "06:30", "--kind", "base",
                                         "--talk-test", "pass", "--rpe", "4", "--note", "by feel", NULL),
                        0);
        ctl_coach_expect(&coach,
                        "AddSession local_date 2026-03-29 started_at 1774758600000 minutes 45 kind base talk_test pass "
                        "rpe 4 note by feel");
        ctl_assert_contains(c.out, "Session 12: 45 minutes on 2026-03-29.\nKind        recovery\n");
        assert_int_equal(ctl_run(&c, "add", "2026-03-28", "1h", "--start", "6:30", "--json", NULL), 0);
        ctl_coach_expect(&coach, "AddSession local_date 2026-03-28 started_at 1774675800000 minutes 60");
        assert_string_equal(ctl_json(&c, "$.session"), "12");
        assert_int_equal(ctl_run(&c, "add", "2026-03-28", "90min", NULL), 0);
        ctl_coach_expect(&coach, "AddSession local_date 2026-03-28 minutes 90");
        (void)unsetenv("TZ");
}

/* -- workout -------------------------------------------------------------------------------------------- */

static void test_workout(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };
        CtlCoach coach;

        ctl_coach(&coach, &c, BUS_SYSTEM);
        assert_int_equal(ctl_run(&c, "workout", "fartlek", NULL), 0);
        ctl_coach_expect(&coach, "StartWorkout fartlek");
        assert_string_equal(c.out, "Recording session 43. `cardioctl stop` ends it.\n");
        assert_int_equal(ctl_run(&c, "workout", "hills", "--json", NULL), 0);
        ctl_coach_expect(&coach, "StartWorkout hills");
        assert_string_equal(ctl_json(&c, "$.session"), "43");

        assert_int_equal(ctl_run(&c, "workout", NULL), 0);
        ctl_assert_contains(c.out, "fartlek\n            warm-up 10min, 5x(hard 2min, easy 2min)\n");
        ctl_assert_contains(c.out, "hills\n            up 1min\n");
        assert_int_equal(ctl_run(&c, "workout", "--json", NULL), 0);
        assert_string_equal(ctl_json(&c, "$[0].name"), "fartlek");
        assert_string_equal(ctl_json(&c, "$[0].steps"), "warm-up 10min, 5x(hard 2min, easy 2min)");

        coach.error = CARDIO_ERROR_INVALID_ARGUMENT;
        coach.error_message = "there is no workout hills; accepted: fartlek";
        assert_int_equal(ctl_run(&c, "workout", "hills", NULL), 2);
        ctl_assert_contains(c.err, "there is no workout hills");
}

static void test_workout_on_terminal(Harness *h)
{
        _cleanup_terminal_ Terminal *t = NULL, *left = NULL;
        _cleanup_ctl_ Ctl c = { .h = h };
        CtlCoach coach;

        ctl_coach(&coach, &c, BUS_SYSTEM);
        t = terminal_run(h, 24, 40, "workout", "fartlek", NULL);
        terminal_wait(t, 2, "warm-up  *min*  *");
        ctl_coach_heart_rate(&coach, 131);
        terminal_wait(t, 2, "warm-up  *min*  131 bpm");
        ctl_coach_cue(&coach, "hard", 120);
        terminal_wait(t, 3, "hard  * [12] min*  *");
        ctl_coach_cue(&coach, "done", 0);
        assert_int_equal(terminal_wait_end(t), 0);
        terminal_wait(t, 4, "Done. `cardioctl stop` ends the session.");

        left = terminal_run(h, 24, 80, "workout", "fartlek", NULL);
        terminal_wait(left, 1, "warm-up *");
        terminal_type(left, "\003");
        assert_int_equal(terminal_wait_end(left), 0);
        terminal_wait(left, 2, "The workout goes on; `cardioctl workout` shows it again, `stop` ends it.");
}

/* -- With the real daemon ------------------------------------------------------------------------------- */

static void test_real_diary(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };

        coach_daemon(h, RUN_BASE "[ceiling]\nceiling = auto\n");
        assert_int_equal(ctl_run(&c, "today", NULL), 0);
        ctl_assert_contains(c.out, "Today: a base run");
        ctl_assert_contains(c.out, "Ceiling     168 bpm (80%hrr)\nResting     50 bpm, provisional\n");

        assert_int_equal(ctl_run(&c, "add", "yesterday", "70", "--start", "8:15", "--kind", "hard",
                                         "--talk-test", "fail", "--rpe", "9", NULL),
                        0);
        ctl_assert_contains(c.out, "Session 1: 70 minutes on ");
        ctl_assert_contains(c.out, "Kind        hard\n");
        assert_int_equal(ctl_run(&c, "show", "last", NULL), 0);
        ctl_assert_contains(c.out, "Talk test   failed: you could not talk\nEffort felt 9 of 10\n");
        assert_int_equal(ctl_run(&c, "today", NULL), 0);
        ctl_assert_contains(c.out, "Today: a recovery run");
        ctl_assert_contains(c.out, "Why         the day after your hard run on ");
        ctl_assert_contains(c.out, "(session 1)\n");
        ctl_assert_contains(c.out, "Ceiling     146 bpm (65%hrr)\n");
        ctl_assert_contains(c.out, "Streak      1 day run without a break");

        /* What is logged has an effect: a failed talk test on the verdict, a pain on the day. */
        assert_int_equal(ctl_run(&c, "log", "1", "--kind", "recovery", NULL), 0);
        ctl_assert_contains(c.out,
                        "Kind        recovery\nVerdict     Too fast for a recovery run: you could not talk");
        assert_int_equal(ctl_run(&c, "show", "1", NULL), 0);
        ctl_assert_contains(c.out, "  recovery  manual\n");
        ctl_assert_contains(c.out, "Verdict     Too fast for a recovery run: you could not talk");
        assert_int_equal(ctl_run(&c, "show", "1", "--json", NULL), 0);
        assert_string_equal(ctl_json(&c, "$.kind"), "recovery");
        assert_string_equal(ctl_json(&c, "$.verdict"), "too-fast");
        assert_true(strncmp(ctl_json(&c, "$.verdict_text"), "Too fast", 8) == 0);
        assert_int_equal(ctl_run(&c, "sessions", NULL), 0);
        ctl_assert_contains(c.out, "  too-fast  ");
        assert_int_equal(ctl_run(&c, "log", "1", "--talk-test", "", "--json", NULL), 0);
        assert_string_equal(ctl_json(&c, "$.verdict"), "unknown");
        assert_int_equal(ctl_run(&c, "sessions", "--json", NULL), 0);
        assert_string_equal(ctl_json(&c, "$[0].verdict"), "unknown");

        assert_int_equal(ctl_run(&c, "log", "today", "--pain", "left knee", "--pain-worsening", "yes", NULL),
                        0);
        ctl_assert_contains(c.out, ": a rest day\n");
        ctl_assert_contains(c.out, "let a professional look at it before you start again.");
        assert_int_equal(ctl_run(&c, "log", "today", "--pain", "toe", NULL), 0);
        ctl_assert_contains(c.out, "; toe, ");
        assert_int_equal(ctl_run(&c, "log", "today", NULL), 0);
        ctl_assert_contains(c.out, "\n            toe, since ");
        assert_int_equal(ctl_run(&c, "log", "today", "--pain-gone", "Left Knee", NULL), 0);
        assert_null(strstr(c.out, "professional"));
        ctl_assert_contains(c.out, "(toe, 2");
        assert_int_equal(ctl_run(&c, "log", "today", "--pain", "none", NULL), 0);
        assert_null(strstr(c.out, "toe"));
        assert_int_equal(ctl_run(&c, "today", "--json", NULL), 0);
        assert_string_equal(ctl_json(&c, "$.pains"), "[]");

        assert_int_equal(ctl_run(&c, "log", "99", "--rpe", "3", NULL), 4);
        assert_int_equal(ctl_run(&c, "log", "tomorrow", "--feel", "3", NULL), 2);
        ctl_assert_contains(c.err, "is in the future; accepted:");
        assert_int_equal(ctl_run(&c, "add", "tomorrow", "30", NULL), 2);
        ctl_assert_contains(c.err, "in the future");
}

static void test_real_lists(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };

        coach_daemon(h, RUN_BASE);
        assert_int_equal(ctl_run(&c, "race", "add", "yesterday", "Marathon", "--note", "home", NULL), 0);
        assert_int_equal(ctl_run(&c, "race", "list", NULL), 0);
        ctl_assert_contains(c.out, "  marathon  1 day ago  home\n");
        assert_int_equal(ctl_run(&c, "today", NULL), 0);
        ctl_assert_contains(c.out, "Today: a rest day\n");
        ctl_assert_contains(c.out, "the day after your marathon on ");
        assert_int_equal(ctl_run(&c, "race", "remove", "1", NULL), 0);
        assert_int_equal(ctl_run(&c, "race", "remove", "1", NULL), 4);
        ctl_assert_contains(c.err, "there is no race 1");
        assert_int_equal(ctl_run(&c, "today", NULL), 0);
        ctl_assert_contains(c.out, "Today: a base run");

        assert_int_equal(ctl_run(&c, "rest", "add", "yesterday", "46", NULL), 0);
        ctl_assert_contains(c.out, "In force    46 bpm, provisional until seven mornings are measured\n"
                                   "Ceiling     144 bpm (65%hrr, from the configuration)\n");
        assert_int_equal(ctl_run(&c, "rest", "add", "today", "48", "--json", NULL), 0);
        assert_int_equal(ctl_run(&c, "rest", "list", NULL), 0);
        ctl_assert_contains(c.out, "In force: 47 bpm, the mean of 2 mornings (provisional)\n");
        assert_int_equal(ctl_run(&c, "today", NULL), 0);
        ctl_assert_contains(c.out, "Resting     48 bpm this morning, 1 above the mean of 47, provisional\n");
        assert_int_equal(ctl_run(&c, "rest", "remove", "1", NULL), 0);
        assert_int_equal(ctl_run(&c, "rest", "remove", "1", NULL), 4);
        ctl_assert_contains(c.err, "there is no morning 1");
}

/* However slow the machine, a strap between two heart rates is not silent. */
#define PATIENT "[sensor]\nstale-after = 5min\nfrozen-after = 1h\n"

static bool is_counting(Harness *h, void *userdata)
{
        _cleanup_free_ char *output = harness_child_output(h, userdata, false);

        run_heart_rate(h, 61);
        return strstr(output, "left, 61 bpm") != NULL;
}

/* A caller that gives up, or exits, leaves nothing behind: the next one may measure. */
static void test_real_rest_cancelled(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };
        Child *rest;

        coach_daemon(h, RUN_BASE PATIENT);
        assert_int_equal(ctl_run(&c, "rest", NULL), 4);
        ctl_assert_contains(c.err, "no strap is live");
        run_strap(h, STRAP);
        run_heart_rate(h, 61);
        for (int i = 0; i < 2; i++) {
                rest = harness_program_start(h, "cardioctl", "rest");
                assert_true(harness_wait(h, is_counting, rest, 4 * HARNESS_TIMEOUT));
                assert_int_equal(ctl_run(&c, "rest", NULL), 1);
                assert_int_equal(harness_child_end(h, rest, i == 0 ? SIGINT : SIGKILL),
                                i == 0 ? 1 : 128 + SIGKILL);
        }
        assert_int_equal(ctl_run(&c, "rest", "list", NULL), 0);
        ctl_assert_contains(c.err, "No morning yet");
}

static bool has_heart_rate(Harness *h, void *userdata)
{
        const char *row = terminal_row(userdata, 2);

        run_heart_rate(h, 61);
        return strstr(row, " left  61 bpm") || strstr(row, " left  62 bpm");
}

/* On a terminal it is called before the strap is put on, which begins no run then. */
static void test_real_rest_before_the_strap(Harness *h)
{
        _cleanup_terminal_ Terminal *t = NULL;

        coach_daemon(h, RUN_BASE PATIENT "[session]\nstart-above = contact\nmin-duration = 0s\n");
        t = terminal_run(h, 24, 80, "rest", "--quiet", NULL);
        terminal_wait(t, 0, "Lie still and breathe calmly for 5 min. Ctrl-C cancels.");
        terminal_wait(t, 1, "No strap is live yet. Put yours on; it will not start a run.");
        terminal_wait(t, 2, "*[45] min* left to put it on");
        run_strap(h, STRAP);
        run_heart_rate(h, 62);
        assert_true(harness_wait(h, has_heart_rate, t, 4 * HARNESS_TIMEOUT));
        terminal_type(t, "\003");
        assert_int_equal(terminal_wait_end(t), 1);
        assert_int_equal(run_count(h, "SessionStarted"), 0);
}

static void test_real_workout(Harness *h)
{
        _cleanup_terminal_ Terminal *t = NULL;
        _cleanup_ctl_ Ctl c = { .h = h };

        coach_daemon(h, RUN_BASE PATIENT "[workout hills]\nsteps = up 10min, 2x(down 1h)\n");
        run_strap(h, STRAP);
        run_heart_rate(h, 61);
        assert_int_equal(ctl_run(&c, "workout", "flat", NULL), 2);
        ctl_assert_contains(c.err, "'flat' is not a workout; accepted: fartlek, cross-training, hills");
        assert_int_equal(ctl_run(&c, "workout", NULL), 0);
        assert_string_equal(c.out, "fartlek\n"
                                   "            warm-up 10min, 5x(hard 2min, easy 2min)\n"
                                   "cross-training\n"
                                   "            warm-up 10min, 5x(resistance-up 2min, easy 2min)\n"
                                   "hills\n"
                                   "            up 10min, 2x(down 1h)\n");
        assert_int_equal(ctl_run(&c, "workout", "--json", NULL), 0);
        assert_string_equal(ctl_json(&c, "$[2].name"), "hills");
        t = terminal_run(h, 24, 80, "workout", "hills", NULL);
        terminal_wait(t, 0, "Recording session 1. `cardioctl stop` ends it.");
        terminal_wait(t, 1, "up  *min*  *");
        run_heart_rate(h, 120);
        terminal_wait(t, 1, "up  *  120 bpm");
        assert_int_equal(ctl_run(&c, "workout", "fartlek", NULL), 1);
        assert_int_equal(ctl_run(&c, "stop", NULL), 0);
        assert_int_equal(terminal_wait_end(t), 0);
        terminal_wait(t, 2, "The session has ended.");
}

/* -- Refused -------------------------------------------------------------------------------------------- */

static void test_wrong_usage(Harness *h)
{
        static const struct {
                const char *argument[6];
                const char *expected;
        } cases[] = {
                { { "today", "--date", "2026-02-29" },
                                "'2026-02-29' is not a date; accepted: YYYY-MM-DD, today" },
                { { "today", "--date", "0000-01-01" }, "is not a date" },
                { { "today", "--database", "x" }, "leave --database out" },
                { { "today", "now" }, "there is an argument too many: now" },
                { { "race", "rm", "1" }, "there is no `race rm`; did you mean `race remove`?" },
                { { "rest", "lst" }, "there is no `rest lst`; did you mean `rest list`?" },
                { { "race", "win" }, "there is no `race win`; usage: cardioctl race [list | add" },
                { { "race", "add", "2026-10-04" }, "usage: cardioctl race add DATE DISTANCE" },
                { { "race", "add", "soon", "5k" }, "'soon' is not a date" },
                { { "race", "add", "2026-10-04", "8k" },
                                "'8k' is not a distance; accepted: 5k, 10k, half or marathon" },
                { { "race", "list", "all" }, "usage: cardioctl race list" },
                { { "race", "list", "--note", "x" }, "--note is not for `race list`" },
                { { "race", "remove", "first" }, "'first' is not a race" },
                { { "race", "remove", "3", "--json" }, "`race remove` has nothing to print as JSON" },
                { { "rest", "--seconds", "29" }, "'29' is not a value for --seconds; accepted: 30 to 1200" },
                { { "rest", "--seconds", "1201" }, "is not a value for --seconds; accepted: 30 to 1200" },
                { { "rest", "--seconds", "5min" }, "is not a value for --seconds; accepted: 30 to 1200" },
                { { "rest", "--limit", "5" }, "--limit is not for `rest`" },
                { { "rest", "list", "--seconds", "60" }, "--seconds is not for `rest list`" },
                { { "rest", "list", "--limit", "all" }, "'all' is not a number of mornings" },
                { { "rest", "add", "today" }, "usage: cardioctl rest add DATE BPM" },
                { { "rest", "add", "today", "48 " },
                                "is not a heart rate; accepted: a resting heart rate of 25 to 120 bpm" },
                { { "rest", "add", "today", "24.9" }, "25 to 120 bpm" },
                { { "rest", "add", "today", "120.1" }, "25 to 120 bpm" },
                { { "rest", "add", "yesterday2", "48" }, "is not a date" },
                { { "rest", "remove", "0" }, "'0' is not a morning" },
                { { "log", "soon" }, "'soon' is not a date" },
                { { "week", "--date", "soon" }, "'soon' is not a date" },
                { { "race", "list", "--hilly" }, "--hilly is not for `race list`" },
                { { "rest", "list", "--quiet" }, "--quiet is not for `rest list`" },
                { { "log", "someday", "--feel", "3" }, "'someday' is not a date" },
                { { "log", "0", "--rpe", "3" }, "'0' is not a session" },
                { { "log", "12", "--rpe", "11" },
                                "'11' is not a value for --rpe; accepted: a whole number, 1 to 10" },
                { { "log", "12", "--rpe", "0" }, "1 to 10" },
                { { "log", "12", "--rpe", "7.5" }, "1 to 10" },
                { { "log", "12", "--talk-test", "maybe" },
                                "'maybe' is not a value for --talk-test; accepted: pass or fail" },
                { { "log", "12", "--kind", "easy" }, "'easy' is not a kind; accepted: rest, cross-training" },
                { { "log", "12", "--feel", "3" }, "--feel is about a day; accepted for a session" },
                { { "log", "today", "--rpe=3", "--feel=3" }, "--rpe is about a session; say which" },
                { { "log", "soon", "--rpe", "3" }, "'soon' is not a session; accepted: a number" },
                { { "log", "today", "--feel", "6" },
                                "'6' is not a value for --feel; accepted: a whole number, 1 to 5" },
                { { "log", "today", "--pain-gait", "1" },
                                "'1' is not a value for --pain-gait; accepted: yes or no" },
                { { "log", "today", "--feel", "3", "--database", "x" }, "leave --database out" },
                { { "add", "today" }, "an argument is missing: DATE MINUTES" },
                { { "add", "tomorrow", "45" }, "is in the future; accepted: a date up to today\n" },
                { { "log", "tomorrow", "--feel", "3" }, "is in the future; accepted: a date up to today\n" },
                { { "rest", "add", "tomorrow", "48" }, "is in the future; accepted: a date up to today\n" },
                { { "add", "today", "1439", "--start", "23:59" },
                                "1439 minutes from 23:59 on are not over yet; add the run when it is\n" },
                { { "add", "today", "0" }, "'0' is not a length; accepted: minutes, 1 to 1440" },
                { { "add", "today", "1441" }, "1 to 1440" },
                { { "add", "today", "90s" }, "1 to 1440" },
                { { "add", "today", "45", "--start", "24:00" },
                                "'24:00' is not a time of day; accepted: one such as 06:30" },
                { { "add", "today", "45", "--start", "6:5" }, "is not a time of day" },
                { { "add", "today", "45", "--start", ":30" }, "is not a time of day" },
                { { "add", "today", "45", "--rpe", "x" }, "1 to 10" },
        };
        _cleanup_ctl_ Ctl c = { .h = h };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                const char *const *a = cases[i].argument;

                assert_int_equal(ctl_run(&c, a[0], a[1], a[2], a[3], a[4], a[5], NULL), 2);
                ctl_assert_contains(c.err, cases[i].expected);
                assert_string_equal(c.out, "");
        }
}

static void test_help(Harness *h)
{
        static const char *const verbs[] = { "today", "week", "race", "workout", "log", "add", "rest" };
        _cleanup_ctl_ Ctl c = { .h = h };

        for (size_t i = 0; i < ELEMENTSOF(verbs); i++) {
                char usage[64];

                (void)snprintf(usage, sizeof(usage), "cardioctl %s [OPTION...]", verbs[i]);
                assert_int_equal(ctl_run(&c, "help", verbs[i], NULL), 0);
                ctl_assert_contains(c.out, usage);
                assert_string_equal(c.err, "");
                for (const char *line = c.out; *line; line += strcspn(line, "\n") + 1)
                        assert_true(strcspn(line, "\n") <= 80);
        }
}

/* The longest texts, in bytes. */
static void test_long_texts(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };
        char text[2002];
        CtlCoach coach;

        ctl_coach(&coach, &c, BUS_SYSTEM);
        memset(text, 'x', sizeof(text) - 1);
        text[sizeof(text) - 1] = '\0';
        assert_int_equal(ctl_run(&c, "log", "12", "--note", text, NULL), 2);
        ctl_assert_contains(c.err, "note is longer than 2000 bytes");
        assert_int_equal(ctl_run(&c, "log", "12", "--note", text + 1, NULL), 0);
        assert_int_equal(ctl_run(&c, "log", "today", "--mood", text + 1800, NULL), 2);
        ctl_assert_contains(c.err, "mood is longer than 200 bytes");
        assert_int_equal(ctl_run(&c, "log", "today", "--mood", text + 1801, NULL), 0);
}

static void test_no_daemon(Harness *h)
{
        static const char *const calls[][5] = {
                { "today" },
                { "week" },
                { "race", "add", "today", "5k" },
                { "race", "remove", "1" },
                { "rest" },
                { "rest", "add", "today", "48" },
                { "rest", "remove", "1" },
                { "log", "12", "--rpe", "3" },
                { "log", "last", "--rpe", "3" },
                { "log", "today", "--feel", "3" },
                { "log", "today" },
                { "log", "12" },
                { "log", "last" },
                { "add", "today", "45" },
                { "workout", "fartlek" },
        };
        _cleanup_ctl_ Ctl c = { .h = h };

        (void)ctl_database(
                        h, "INSERT INTO race (local_date, distance) VALUES ('2026-10-04', '5k');" MORNINGS);
        for (size_t i = 0; i < ELEMENTSOF(calls); i++) {
                const char *const *a = calls[i];

                assert_int_equal(ctl_run(&c, a[0], a[1], a[2], a[3], a[4], NULL), 3);
                ctl_assert_contains(c.err, "cardiod is not running; start it with");
                assert_string_equal(c.out, "");
        }
        assert_int_equal(ctl_run(&c, "race", "list", NULL), 0);
        ctl_assert_contains(c.out, "2026-10-04  5K");
        assert_int_equal(ctl_run(&c, "rest", "list", NULL), 0);
        ctl_assert_contains(c.out, "In force");
        assert_int_equal(ctl_run(&c, "workout", NULL), 0);
        ctl_assert_contains(c.out, "cross-training\n");
        ctl_assert_contains(c.out, "[workout NAME] in cardiod.conf");
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                harness_test(test_today),
                harness_test(test_today_maximum),
                harness_test(test_today_narrow),
                harness_test(test_week),
                harness_test(test_race),
                harness_test(test_race_list),
                harness_test(test_rest_measures),
                harness_test(test_rest_refuses),
                harness_test(test_rest_counts_down),
                harness_test(test_rest_daemon_leaves),
                harness_test(test_rest_add),
                harness_test(test_rest_list),
                harness_test(test_rest_list_rmssd),
                harness_test(test_rest_list_narrow),
                harness_test(test_nothing_yet),
                harness_test(test_log_session),
                harness_test(test_log_day),
                harness_test(test_add),
                harness_test(test_workout),
                harness_test(test_workout_on_terminal),
                harness_test(test_real_diary),
                harness_test(test_real_lists),
                harness_test(test_real_rest_cancelled),
                harness_test(test_real_rest_before_the_strap),
                harness_test(test_real_workout),
                harness_test(test_wrong_usage),
                harness_test(test_help),
                harness_test(test_long_texts),
                harness_test(test_no_daemon),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
