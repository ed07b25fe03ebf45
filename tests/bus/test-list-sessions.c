/* SPDX-License-Identifier: MIT */

/* ListSessions: what a program is told that passes finished sessions on. Which of them are over, what was a part of which, and
 * that no number is told before it is stored. */

#include "edit-fixture.h"
#include "import-fixture.h"

#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MINUTE_MS UINT64_C(60000)

/* "2 strap 1 over, 3 strap 0 goes on; last 4". To be freed. */
static char *list(Harness *h, int64_t after, uint32_t limit)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        int64_t id, whole, last;
        const char *source;
        char *text = NULL;
        size_t size;
        FILE *out = open_memstream(&text, &size);
        unsigned n = 0;
        int over;

        assert_non_null(out);
        assert_true(harness_call(h, &reply, NULL, "ListSessions", "xu", after, limit) >= 0);
        assert_string_equal(sd_bus_message_get_signature(reply, true), "a(xsxb)x");
        assert_true(sd_bus_message_enter_container(reply, 'a', "(xsxb)") > 0);
        while (sd_bus_message_read(reply, "(xsxb)", &id, &source, &whole, &over) > 0)
                fprintf(out, "%s%lld %s %lld %s", n++ > 0 ? ", " : "", (long long)id, source,
                                (long long)whole, over ? "over" : "goes on");
        assert_true(sd_bus_message_exit_container(reply) >= 0);
        assert_true(sd_bus_message_read(reply, "x", &last) > 0);
        fprintf(out, "; last %lld", (long long)last);
        assert_int_equal(fclose(out), 0);
        return text;
}

static void expect_behind(Harness *h, int64_t after, uint32_t limit, const char *expected)
{
        _cleanup_free_ char *text = list(h, after, limit);

        assert_string_equal(text, expected);
}

static void expect(Harness *h, const char *expected)
{
        expect_behind(h, 0, 100, expected);
}

/* -- What is done to stored sessions, step by step -------------------------------------------------------- */

static void import(Harness *h)
{
        assert_int_equal(import_run(h, 1, import_moment(-9, 8), 10, 120), 4);
}

static void manual(Harness *h)
{
        assert_int_equal(coach_run(h, -20, 30, ""), 5);
}

static void split(Harness *h)
{
        assert_int_equal(edit_by(h, 1, "split", 20 * MINUTE_MS), 6);
}

static void split_the_part(Harness *h)
{
        assert_int_equal(edit_by(h, 6, "split", 10 * MINUTE_MS), 7);
}

static void split_the_import(Harness *h)
{
        assert_int_equal(edit_by(h, 4, "split", 5 * MINUTE_MS), 8);
}

static void merge(Harness *h)
{
        assert_int_equal(edit_merge(h, 3, 2), 2);
}

static void undo_the_merge(Harness *h)
{
        edit_undo(h, 2);
}

static void merge_again(Harness *h)
{
        assert_int_equal(edit_merge(h, 6, 7), 6);
}

static void delete_the_merged(Harness *h)
{
        run_command(h, "DeleteSession", "x", INT64_C(6));
}

static void trim(Harness *h)
{
        assert_int_equal(edit_trim(h, 2, MINUTE_MS, 30 * MINUTE_MS), 2);
}

static void delete_one(Harness *h)
{
        run_command(h, "DeleteSession", "x", INT64_C(3));
}

static void delete_the_last(Harness *h)
{
        run_command(h, "DeleteSession", "x", INT64_C(8));
}

static void restart(Harness *h)
{
        assert_int_equal(harness_daemon_stop(h, SIGTERM), 0);
        harness_daemon_start(h, NULL, DAEMON_SYSTEM);
}

static void test_stored_sessions(Harness *h)
{
        static const EditRun runs[] = {
                { .id = 1, .days = -3, .start_s = 7 * 3600, .length_s = 3600 },
                { .id = 2, .days = -2, .start_s = 7 * 3600, .length_s = 3600 },
                { .id = 3, .days = -2, .start_s = 9 * 3600, .length_s = 1800 },
        };
        static const struct {
                void (*func)(Harness *h);
                const char *expected;
        } steps[] = {
                { NULL, "1 strap 0 over, 2 strap 0 over, 3 strap 0 over; last 3" },
                { import, "1 strap 0 over, 2 strap 0 over, 3 strap 0 over, 4 import 0 over; last 4" },
                { manual, "1 strap 0 over, 2 strap 0 over, 3 strap 0 over, 4 import 0 over, 5 manual 0 over; last 5" },
                { split, "1 strap 0 over, 2 strap 0 over, 3 strap 0 over, 4 import 0 over, 5 manual 0 over, 6 strap 1 over; last 6" },
                /* Of the one that it was a part of last. */
                { split_the_part,
                                "1 strap 0 over, 2 strap 0 over, 3 strap 0 over, 4 import 0 over, 5 manual 0 over, 6 strap 1 over, 7 strap 6 over; last 7" },
                { split_the_import,
                                "1 strap 0 over, 2 strap 0 over, 3 strap 0 over, 4 import 0 over, 5 manual 0 over, 6 strap 1 over, 7 strap 6 over, 8 import 4 over; last 8" },
                /* What is a part of another one now may come back, … */
                { merge, "1 strap 0 over, 2 strap 0 over, 3 strap 0 goes on, 4 import 0 over, 5 manual 0 over, 6 strap 1 over, 7 strap 6 over, 8 import 4 over; last 8" },
                { undo_the_merge,
                                "1 strap 0 over, 2 strap 0 over, 3 strap 0 over, 4 import 0 over, 5 manual 0 over, 6 strap 1 over, 7 strap 6 over, 8 import 4 over; last 8" },
                { merge_again, "1 strap 0 over, 2 strap 0 over, 3 strap 0 over, 4 import 0 over, 5 manual 0 over, 6 strap 1 over, 7 strap 6 goes on, 8 import 4 over; last 8" },
                /* … but not once that is deleted. */
                { delete_the_merged,
                                "1 strap 0 over, 2 strap 0 over, 3 strap 0 over, 4 import 0 over, 5 manual 0 over, 8 import 4 over; last 8" },
                { trim, "1 strap 0 over, 2 strap 0 over, 3 strap 0 over, 4 import 0 over, 5 manual 0 over, 8 import 4 over; last 8" },
                { delete_one, "1 strap 0 over, 2 strap 0 over, 4 import 0 over, 5 manual 0 over, 8 import 4 over; last 8" },
                { delete_the_last,
                                "1 strap 0 over, 2 strap 0 over, 4 import 0 over, 5 manual 0 over; last 8" },
                { restart, "1 strap 0 over, 2 strap 0 over, 4 import 0 over, 5 manual 0 over; last 8" },
        };

        edit_daemon(h, runs, ELEMENTSOF(runs));
        for (size_t i = 0; i < ELEMENTSOF(steps); i++) {
                _cleanup_free_ char *text = NULL;

                if (steps[i].func)
                        steps[i].func(h);
                text = list(h, 0, 100);
                if (strcmp(text, steps[i].expected) != 0)
                        harness_fail(h, "step %zu: %s, expected %s", i, text, steps[i].expected);
        }
}

/* -- What is asked for ------------------------------------------------------------------------------------ */

static void test_pages(Harness *h)
{
        static const struct {
                int64_t after;
                uint32_t limit;
                unsigned n; /* from the one behind `after` on */
        } cases[] = {
                { 0, 1, 1 },
                { 0, 100, 100 },
                { 0, 101, 100 },
                { 0, UINT32_MAX, 100 },
                { 0, 0, 0 },
                { 7, 3, 3 },
                { 100, 100, 50 },
                { 149, 100, 1 },
                { 150, 100, 0 },
                { INT64_MAX, 100, 0 },
                { INT64_MIN, 2, 2 },
                { -1, 2, 2 },
        };
        static const EditRun first = { .id = 1,
                .days = -3,
                .start_s = 7 * 3600,
                .length_s = 600,
                .more = "WITH RECURSIVE n (i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 150)"
                        " INSERT INTO session (id, source, started_at, ended_at)"
                        " SELECT i, 'strap', 1000 * i, 1000 * i + 1 FROM n" };

        edit_daemon(h, &first, 1);
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ char *text = list(h, cases[i].after, cases[i].limit), *expected = NULL;
                int64_t begin = cases[i].after < 0 ? 0 : cases[i].after;
                size_t size;
                FILE *out = open_memstream(&expected, &size);

                assert_non_null(out);
                for (unsigned j = 1; j <= cases[i].n; j++)
                        fprintf(out, "%s%lld strap 0 over", j > 1 ? ", " : "", (long long)begin + j);
                fputs("; last 150", out);
                assert_int_equal(fclose(out), 0);
                assert_string_equal(text, expected);
        }
        {
                _cleanup_free_ char *error = NULL;

                assert_true(harness_call(h, NULL, &error, "ListSessions", "x", INT64_C(0)) < 0);
                assert_string_equal(error, SD_BUS_ERROR_INVALID_ARGS);
        }
}

/* -- While it is recorded --------------------------------------------------------------------------------- */

#define CONFIG(min_duration)                                                                                        \
        RUN_RUNNER RUN_SMOOTHING                                                                                    \
                        "[session]\nstart-above = 100\nstart-after = 0s\npre-roll = 0s\ncool-down = 0s\nend-after " \
                        "= 1min\nmin-duration = " min_duration "\n[storage]\ncommit-interval = 5min\n"

/* What has begun is stored before it is told of: nothing here waits for the commit-interval. */
static void test_one_that_is_recorded(Harness *h)
{
        harness_daemon_start(h, CONFIG("0s"), DAEMON_SYSTEM);
        expect(h, "; last 0");
        run_strap(h, STRAP);
        run_settle(h, 120);
        run_wait_manager(h, "Recording", "true");
        expect(h, "1 strap 0 goes on; last 1");
        /* Stopped, and not for good. */
        assert_int_equal(harness_daemon_stop(h, SIGTERM), 0);
        harness_daemon_start(h, NULL, DAEMON_SYSTEM);
        expect(h, "1 strap 0 goes on; last 1");
        harness_standin(h, "expect notifying " STRAP " 30s");
        run_settle(h, 121);
        expect(h, "1 strap 0 goes on; last 1");
        assert_int_equal(harness_daemon_stop(h, SIGKILL), 128 + SIGKILL);
        harness_daemon_start(h, NULL, DAEMON_SYSTEM);
        expect(h, "1 strap 0 goes on; last 1");
        harness_standin(h, "expect notifying " STRAP " 30s");
        run_settle(h, 122);
        assert_int_equal(run_call(h, "StopSession", NULL), 1);
        expect(h, "1 strap 0 over; last 1");
        run_command(h, "DeleteSession", "x", INT64_C(1));
        expect(h, "; last 1");
}

/* What was stopped, and does not go on in time. */
static void test_one_that_does_not_go_on(Harness *h)
{
        harness_daemon_start(h, CONFIG("0s"), DAEMON_SYSTEM);
        run_strap(h, STRAP);
        run_settle(h, 120);
        run_wait_manager(h, "Recording", "true");
        assert_int_equal(harness_daemon_stop(h, SIGTERM), 0);
        harness_daemon_start(h, NULL, DAEMON_SYSTEM);
        expect(h, "1 strap 0 goes on; last 1");
        harness_clock_pass(h, 90 * USEC_PER_SEC);
        expect(h, "1 strap 0 over; last 1");
}

/* Its number is known as used, and no session has it. */
static void test_one_that_is_discarded(Harness *h)
{
        harness_daemon_start(h, CONFIG("1h"), DAEMON_SYSTEM);
        run_strap(h, STRAP);
        run_settle(h, 120);
        run_wait_manager(h, "Recording", "true");
        expect(h, "1 strap 0 goes on; last 1");
        harness_clear_signals(h);
        (void)harness_pass_until_signal(h, CARDIO_MANAGER_INTERFACE, "SessionDiscarded", 90 * USEC_PER_SEC);
        expect(h, "; last 1");
        assert_int_equal(harness_daemon_stop(h, SIGTERM), 0);
        harness_daemon_start(h, NULL, DAEMON_SYSTEM);
        expect(h, "; last 1");
}

/* As long as the database takes nothing, neither the session nor its number is told; then both are. */
static void test_one_that_is_not_stored_yet(Harness *h)
{
        sqlite3 *db = NULL;

        harness_daemon_start(h, CONFIG("0s"), DAEMON_SYSTEM);
        run_strap(h, STRAP);
        expect(h, "; last 0");
        assert_int_equal(sqlite3_open(harness_path(h, "cardiod.db"), &db), SQLITE_OK);
        assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
        run_settle(h, 120);
        run_wait_manager(h, "Session", "1");
        expect(h, "; last 0");
        assert_int_equal(sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
        assert_int_equal(sqlite3_close(db), SQLITE_OK);
        expect(h, "1 strap 0 goes on; last 1");
        expect_behind(h, 1, 100, "; last 1");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                harness_test(test_stored_sessions),
                harness_test(test_pages),
                harness_clock_test(test_one_that_is_recorded),
                harness_clock_test(test_one_that_does_not_go_on),
                harness_clock_test(test_one_that_is_discarded),
                harness_clock_test(test_one_that_is_not_stored_yet),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
