/* SPDX-License-Identifier: MIT */

/* EditSession: what becomes of a run that is trimmed, split or merged with another one, what follows from that, and what is
 * refused. */

#include "edit-fixture.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INVALID CARDIO_ERROR_INVALID_ARGUMENT

#define MIN_MS UINT64_C(60000)

/* An hour from seven in the morning on, yesterday, with a gap of 100 s in the tenth minute. */
static const EditRun hour = {
        .id = 7,
        .days = -1,
        .start_s = 7 * 3600,
        .length_s = 3600,
        .gap_s = 600,
        .gap_end_s = 700,
        .more = "INSERT INTO event (session_id, t, type, value, detail) VALUES"
                " (7, 300000, 'step', 1, 'warm-up'), (7, 1500000, 'mark', NULL, 'hill'),"
                " (7, 2000500, 'ceiling', 150, '150'), (7, 2500000, 'battery', 40, NULL),"
                " (7, 610000, 'contact-lost', NULL, NULL), (7, 3000000, 'trouble', 15, 'battery'),"
                " (7, 3100000, 'clock', 2.5, NULL), (7, 3200000, 'snooze', 600, NULL)",
};

static void expect(Harness *h, const char *sql, const char *expected)
{
        _cleanup_free_ char *text = harness_sql(h, sql);

        assert_string_equal(text, expected);
}

/* -- Trimming -------------------------------------------------------------------------------------------- */

static void test_trimmed_run_begins_later_and_all_of_it_moves(Harness *h)
{
        edit_daemon(h, &hour, 1);
        harness_clear_signals(h);
        assert_int_equal(edit_trim(h, 7, 5 * MIN_MS - 500, 50 * MIN_MS + 999), 7);

        assert_int_equal(run_int(h, "SELECT started_at FROM session"), edit_start(&hour) + 300000);
        assert_int_equal(run_int(h, "SELECT ended_at FROM session"), edit_start(&hour) + 3000000);
        assert_int_equal(run_int(h, "SELECT boot_ms FROM session"), 77 + 300000);
        assert_int_equal(run_int(h, "SELECT min(t) FROM sample"), 0);
        assert_int_equal(run_int(h, "SELECT max(t) FROM sample"), 2700000);
        assert_int_equal(run_int(h, "SELECT count(*) FROM sample"), 2701 - 99);
        assert_int_equal(run_int(h, "SELECT count(*) FROM rr"), 2 * (2701 - 99));
        expect(h, "SELECT start, duration FROM sessions", "07:05|0:45:00");
        expect(h,
                        "SELECT t, type, value, detail FROM event WHERE type NOT IN ('zone', 'over-limit', 'back-in-range')"
                        " ORDER BY t, type",
                        "0|step|1.0|warm-up\n300000|gap|100.0|\n310000|contact-lost||\n1200000|mark||hill\n"
                        "1700500|ceiling|150.0|150\n2200000|battery|40.0|\n2700000|trouble|15.0|battery");
        run_check_figures(h, 7, &(RunLimits){ .hold = 10000, .clear = 15000 });

        (void)harness_wait_signal(h, CARDIO_MANAGER_INTERFACE, "SessionsChanged", HARNESS_TIMEOUT);
        assert_int_equal(harness_count_signals(h, CARDIO_MANAGER_INTERFACE, NULL), 0);
}

/* What was smoothed with heart rates that are cut off still is. */
static void test_trim_smooths_as_before_the_cut(Harness *h)
{
        _cleanup_free_ char *whole = NULL, *cut = NULL;

        edit_daemon(h, &hour, 1);
        edit_by(h, 7, "trim-end", 59 * MIN_MS);
        whole = harness_sql(h,
                        "SELECT t - 1200000, heart_rate, smoothed, zone, settled, rr_json FROM sample WHERE t >= 1200000");
        edit_by(h, 7, "trim-start", 20 * MIN_MS);
        cut = harness_sql(h, "SELECT t, heart_rate, smoothed, zone, settled, rr_json FROM sample");
        edit_assert_same(cut, whole);
}

/* The ceiling in force at the cut is the one that the rest began with, and the strap likewise. */
static void test_trim_goes_on_with_what_was_in_force(Harness *h)
{
        EditRun run = hour;

        run.more = "INSERT INTO sensor (id, address) VALUES (2, '" OTHER "');"
                   "INSERT INTO event (session_id, t, type, value, detail) VALUES (7, 100500, 'ceiling', 120, '120'),"
                   " (7, 200000, 'strap', NULL, '" OTHER "'), (7, 900500, 'ceiling', NULL, 'off')";
        edit_daemon(h, &run, 1);
        edit_by(h, 7, "trim-start", 5 * MIN_MS);
        expect(h, "SELECT ceiling, ceiling_expression, sensor_id FROM session", "120.0|120|2");
        expect(h, "SELECT t, value, detail FROM event WHERE type = 'ceiling'", "600500||off");
        expect(h, "SELECT count(*) FROM event WHERE type = 'strap'", "0");
        /* From then on nothing is over. */
        assert_int_equal(run_int(h, "SELECT max(t) <= 600500 FROM event WHERE type = 'back-in-range'"), 1);
        edit_by(h, 7, "trim-start", 15 * MIN_MS);
        expect(h, "SELECT ceiling, ceiling_expression, over_s, breaches FROM session", "|off|0.0|0");
}

/* From 23:30 to 00:30: without its first 40 minutes it is a run of the next day. */
static void test_trim_over_midnight_is_another_day(Harness *h)
{
        const EditRun late = { .id = 3, .days = -2, .start_s = 23 * 3600 + 1800, .length_s = 3600 };
        char date[COACH_DATE_MAX];
        _cleanup_free_ char *text = NULL;

        edit_daemon(h, &late, 1);
        text = harness_sql(h, "SELECT date FROM sessions");
        assert_memory_equal(text, coach_date(-2, date), 10);
        edit_by(h, 3, "trim-end", 50 * MIN_MS);
        expect(h, "SELECT day_kind FROM session", "base");
        edit_by(h, 3, "trim-start", 40 * MIN_MS);
        free(text);
        text = harness_sql(h, "SELECT date || start FROM sessions");
        assert_memory_equal(text, coach_date(-1, date), 10);
        assert_string_equal(text + 10, "00:10");
        expect(h, "SELECT day_kind FROM session", ""); /* what that day was for was not asked then */
}

/* -- Splitting and merging ------------------------------------------------------------------------------- */

#define SAMPLES \
        "SELECT t, heart_rate, smoothed, zone, contact, settled, rr_json FROM sample WHERE session_id = 7"
#define EVENTS "SELECT t, type, value, detail FROM event WHERE session_id = 7 ORDER BY t, type"
#define FIGURES                                                                                                            \
        "SELECT sensor_id, source, kind, started_at, ended_at, utc_offset_s, ceiling, ceiling_expression, live_s, avg_hr," \
        " min_hr, peak_hr, over_s, breaches, longest_breach_s, trimp, hard_s, easy_s, record_kind, verdict, day_kind,"     \
        " boot_ms, note FROM session WHERE id = 7"
#define ZONES "SELECT zone, seconds FROM zone_time WHERE session_id = 7"

/* The same but for the ids of events, and that its last edit was another one. (Of what happens between the two heart rates at
 * the cut, a ceiling keeps no time of its own.) */
static void test_split_and_merged_it_is_the_whole_again(Harness *h)
{
        static const char *const what[] = { SAMPLES, EVENTS, FIGURES, ZONES };
        char *whole[ELEMENTSOF(what)];

        edit_daemon(h, &hour, 1);
        edit_by(h, 7, "trim-end", 59 * MIN_MS);
        for (size_t i = 0; i < ELEMENTSOF(what); i++)
                whole[i] = harness_sql(h, what[i]);
        assert_int_equal(edit_by(h, 7, "split", 35 * MIN_MS + 500), 8);
        assert_int_equal(run_int(h, "SELECT max(t) FROM sample WHERE session_id = 7"), 2100000);
        assert_int_equal(run_int(h, "SELECT started_at FROM session WHERE id = 8"),
                        edit_start(&hour) + 2101000);
        expect(h, "SELECT ceiling, ceiling_expression, split_from FROM session WHERE id = 8", "150.0|150|7");
        assert_int_equal(edit_merge(h, 8, 7), 7);
        for (size_t i = 0; i < ELEMENTSOF(what); i++) {
                _cleanup_free_ char *is = harness_sql(h, what[i]);

                edit_assert_same(is, whole[i]);
                free(whole[i]);
        }
        assert_int_equal(run_int(h, "SELECT count(*) FROM session"), 1);
}

/* A battery was changed: two sessions, half an hour apart, of two straps and under two ceilings. */
static void test_merged_runs_have_a_gap_between(Harness *h)
{
        const EditRun runs[] = {
                { .id = 5,
                                .days = -1,
                                .start_s = 8 * 3600,
                                .length_s = 1200,
                                .more = "UPDATE session SET rpe = 3, talk_test = 'pass', note = 'one' WHERE id = 5" },
                { .id = 4,
                                .days = -1,
                                .start_s = 9 * 3600,
                                .length_s = 600,
                                .more = "INSERT INTO sensor (id, address) VALUES (2, '" OTHER "');"
                                        "UPDATE session SET sensor_id = 2, ceiling = 150, ceiling_expression = '150', kind = 'long', rpe = 5,"
                                        " talk_test = 'fail', note = 'two' WHERE id = 4;"
                                        "INSERT INTO event (session_id, t, type, detail) VALUES (4, 3000, 'mark', 'on')" },
        };

        edit_daemon(h, runs, ELEMENTSOF(runs));
        assert_int_equal(edit_merge(h, 4, 5), 5);
        assert_int_equal(run_int(h, "SELECT count(*) FROM session"), 1);
        assert_int_equal(run_int(h, "SELECT ended_at - started_at FROM session"), 4200000);
        expect(h, "SELECT kind, rpe, talk_test, note, ceiling, sensor_id FROM session",
                        "long|5|fail|one / two|141.0|1");
        expect(h, "SELECT t, type, value, detail FROM event WHERE type IN ('gap', 'strap', 'ceiling', 'mark') ORDER BY t, type",
                        "1200000|gap|2400.0|\n3600000|ceiling|150.0|150\n3600000|strap||" OTHER
                        "\n3603000|mark||on");
        assert_int_equal(run_int(h, "SELECT count(*) FROM sample"), 1201 + 601);
        run_check_figures(h, 5, &(RunLimits){ .hold = 10000, .clear = 15000 });
}

/* -- What follows ---------------------------------------------------------------------------------------- */

/* It was not stopped for two hours after half an hour of running: it was no long run, and the later one was. */
static void test_kinds_weeks_and_the_coach_follow(Harness *h)
{
        EditRun runs[8] = { { .id = 1,
                        .days = -9,
                        .start_s = 8 * 3600,
                        .length_s = 3 * 3600,
                        .more = "UPDATE session SET record_kind = 'long', record_long = 1 WHERE id = 1" } };
        CoachDay before, after;

        for (size_t i = 1; i < ELEMENTSOF(runs); i++)
                runs[i] = (EditRun){
                        .id = (int64_t)i + 1, .days = -8 + (int64_t)i, .start_s = 8 * 3600, .length_s = 1800
                };
        edit_daemon(h, runs, ELEMENTSOF(runs));
        before = coach_ask(h, 0);
        expect(h, "SELECT kind FROM sessions WHERE id = 1", "long");
        edit_by(h, 1, "trim-end", 30 * MIN_MS);
        expect(h, "SELECT kind, duration FROM sessions WHERE id = 1", "base|0:30:00");
        expect(h, "SELECT max(longest) FROM weeks", "0:30:00");
        after = coach_ask(h, 0);
        assert_int_not_equal(before.cycle_day, after.cycle_day); /* counted from the long run */
}

/* Nothing of what is being recorded changes, and it cannot be edited. */
static void test_a_run_that_is_recorded_is_left_alone(Harness *h)
{
        _cleanup_free_ char *before = NULL, *after = NULL;
        int64_t live;

        edit_daemon(h, &hour, 1);
        run_strap(h, STRAP);
        run_settle(h, 120);
        live = run_call(h, "StartSession", "s", "");
        run_settle(h, 150);
        run_wait_int(h, 4, "SELECT count(*) FROM sample WHERE session_id = 8");
        run_refused(h, CARDIO_ERROR_BUSY, "Session 8 is being recorded; stop it first", "EditSession",
                        "xa{sv}", live, 1, "split", "t", UINT64_C(100));
        run_refused(h, CARDIO_ERROR_BUSY, "Session 8 is being recorded*", "EditSession", "xa{sv}", INT64_C(7),
                        1, "merge", "x", live);
        before = harness_sql(h, "SELECT * FROM sample WHERE session_id = 8");
        harness_clear_signals(h);
        edit_by(h, 7, "split", 20 * MIN_MS);
        edit_undo(h, 7);
        after = harness_sql(h, "SELECT * FROM sample WHERE session_id = 8");
        edit_assert_same(after, before);
        assert_int_equal(run_count(h, "SessionEnded"), 0);
        assert_int_equal(run_count(h, "OverLimit"), 0);
        run_settle(h, 151);
        assert_int_equal(run_call(h, "StopSession", NULL), live);
        assert_int_equal(run_int(h, "SELECT count(*) FROM sample WHERE session_id = 8"), 7);
        run_check_figures(h, live, &(RunLimits){ .hold = 10000, .clear = 15000 });
}

/* A daemon that was stopped in a run may go on with it. */
static void test_a_run_that_may_go_on_is_not_edited(Harness *h)
{
        edit_daemon(h, &hour, 1);
        edit_meddle(h, "UPDATE session SET resumable = 1");
        run_refused(h, CARDIO_ERROR_BUSY, "Session 7 may still go on*", "EditSession", "xa{sv}", INT64_C(7),
                        1, "split", "t", UINT64_C(100000));
}

/* -- Refusals -------------------------------------------------------------------------------------------- */

#define RUN_FROM_0_TO_1H "*accepted: times from its start at 0:00:00 to its end at 1:00:00"

static void test_refused(Harness *h)
{
        const EditRun runs[] = { hour, { .id = 9, .days = -1, .start_s = 7 * 3600 + 1800, .length_s = 3600 },
                { .id = 11, .days = 0, .start_s = 7 * 3600 + 1800, .length_s = 3600 } };
        static const struct {
                const char *key, *pattern;
                uint64_t ms;
        } cases[] = {
                { "trim-start", "Nothing of session 7 would be left: from 1:00:01 to 1:00:00; accepted: a start *",
                                3601000 },
                { "trim-end", "Nothing of session 7 would be cut off: it lasts from 0:00:00 to 1:00:00; accepted: *",
                                3600000 },
                { "trim-start", "Nothing of session 7 would be cut off*", 0 },
                { "split", "Session 7 has no heart rate before 0:00:00; accepted: a time in it, after 0:00:00 *",
                                0 },
                { "split", "Session 7 has no heart rate from 1:00:00.001; accepted: a time in it*", 3600001 },
                { "trim-start", "trim-start is too far from the start; accepted: ms from *", INT64_MAX },
                { "merge", "merge is of type t; accepted: type x", 9 },
                { "trim", "'trim' is not one of the keys; accepted: *trim-start*", 9 },
        };
        _cleanup_free_ char *before = NULL, *after = NULL;
        char date[COACH_DATE_MAX];
        int64_t manual;

        edit_daemon(h, runs, ELEMENTSOF(runs));
        manual = run_call(h, "AddSession", "a{sv}", 2, "local_date", "s", coach_date(0, date), "minutes", "u",
                        30U);
        before = edit_dump(h);
        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                run_refused(h, INVALID, cases[i].pattern, "EditSession", "xa{sv}", INT64_C(7), 1,
                                cases[i].key, "t", cases[i].ms);
        run_refused(h, INVALID,
                        "Nothing of session 7 would be left: it has no heart rate from 0:10:01 to 0:11:39; " RUN_FROM_0_TO_1H,
                        "EditSession", "xa{sv}", INT64_C(7), 2, "trim-start", "t", UINT64_C(601000),
                        "trim-end", "t", UINT64_C(699000));
        run_refused(h, INVALID, "One edit at a time; accepted: *", "EditSession", "xa{sv}", INT64_C(7), 0);
        run_refused(h, INVALID, "One edit at a time; accepted: *", "EditSession", "xa{sv}", INT64_C(7), 2,
                        "split", "t", UINT64_C(1000), "trim-end", "t", UINT64_C(2000));
        run_refused(h, INVALID, "Session 7 cannot be merged with itself*", "EditSession", "xa{sv}",
                        INT64_C(7), 1, "merge", "x", INT64_C(7));
        run_refused(h, INVALID, "Sessions 7 and 9 overlap: *; accepted: one after the other", "EditSession",
                        "xa{sv}", INT64_C(9), 1, "merge", "x", INT64_C(7));
        run_refused(h, INVALID, "It would be 25:30:00 long; accepted: at most 24 h", "EditSession", "xa{sv}",
                        INT64_C(7), 1, "merge", "x", INT64_C(11));
        run_refused(h, INVALID, "Session 12 has no heart rates to go by; accepted: *", "EditSession",
                        "xa{sv}", manual, 1, "split", "t", UINT64_C(1000));
        run_refused(h, INVALID, "Session 12 has no heart rates to go by*", "EditSession", "xa{sv}",
                        INT64_C(7), 1, "merge", "x", manual);
        run_refused(h, CARDIO_ERROR_NO_SUCH_SESSION, "There is no session 5", "EditSession", "xa{sv}",
                        INT64_C(5), 1, "split", "t", UINT64_C(1000));
        run_refused(h, CARDIO_ERROR_NO_SUCH_SESSION, "There is no session 5", "UndoEdit", "x", INT64_C(5));
        run_refused(h, CARDIO_ERROR_NO_SUCH_ENTRY, "Session 7 was not edited in the last week*", "UndoEdit",
                        "x", INT64_C(7));
        after = edit_dump(h);
        edit_assert_same(after, before);
}

/* Nobody knows how long after the one the other one was. */
static void test_runs_of_unknown_clocks_are_not_merged(Harness *h)
{
        const EditRun runs[] = { { .id = 1, .days = -1, .start_s = 3600, .length_s = 60 },
                { .id = 2,
                                .days = -1,
                                .start_s = 7200,
                                .length_s = 60,
                                .more = "UPDATE session SET clock_known = 0, boot_id = 'x' WHERE id = 2" } };

        edit_daemon(h, runs, ELEMENTSOF(runs));
        run_refused(h, INVALID, "The clock was not set when session 2 was recorded*", "EditSession", "xa{sv}",
                        INT64_C(1), 1, "merge", "x", INT64_C(2));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                harness_test(test_trimmed_run_begins_later_and_all_of_it_moves),
                harness_test(test_trim_smooths_as_before_the_cut),
                harness_test(test_trim_goes_on_with_what_was_in_force),
                harness_test(test_trim_over_midnight_is_another_day),
                harness_test(test_split_and_merged_it_is_the_whole_again),
                harness_test(test_merged_runs_have_a_gap_between),
                harness_test(test_kinds_weeks_and_the_coach_follow),
                harness_test(test_a_run_that_is_recorded_is_left_alone),
                harness_test(test_a_run_that_may_go_on_is_not_edited),
                harness_test(test_refused),
                harness_test(test_runs_of_unknown_clocks_are_not_merged),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
