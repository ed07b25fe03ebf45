/* SPDX-License-Identifier: MIT */

/* How a finished session comes from the real daemon to a broker that does what the test says (tests/standin/sessions-standin.c):
 * over the death of either program, a broker that is away, full, or refuses, and whatever becomes of the session meanwhile. */

#include "ctl-fixture.h"
#include "edit-fixture.h"
#include "import-fixture.h"
#include "sending-fixture.h"
#include "shim-fixture.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MINUTE_MS UINT64_C(60000)
#define LIVE                                                                                                                \
        RUN_RUNNER RUN_SMOOTHING                                                                                            \
                        "[session]\nstart-above = 100\nstart-after = 0s\npre-roll = 0s\ncool-down = 0s\nend-after = 1min\n" \
                        "min-duration = 0s\n[storage]\ncommit-interval = 200ms\n"

/* -- Sessions ---------------------------------------------------------------------------------------------- */

static EditRun run_of(int64_t id)
{
        return (EditRun){ .id = id, .days = id - 40, .start_s = 7 * 3600, .length_s = 1200 };
}

/* cardiod with sessions 1 to n, and a bridge that has begun with them and is not connected. */
static Sending begin_with(Harness *h, int64_t n)
{
        EditRun runs[8];
        char pattern[32];
        Sending b;

        assert_in_range(n, 0, ELEMENTSOF(runs));
        for (int64_t i = 0; i < n; i++)
                runs[i] = run_of(i + 1);
        edit_daemon(h, runs, (size_t)n);
        b = sending_start(h);
        (void)snprintf(pattern, sizeof(pattern), "*\nseen %lld\nend\n", (long long)n);
        sending_wait_outbox(h, pattern);
        return b;
}

/* Sessions from..to come to be while cardiod is stopped for a moment. */
static void more_sessions(Harness *h, int64_t from, int64_t to)
{
        assert_int_equal(harness_daemon_stop(h, SIGTERM), 0);
        for (int64_t id = from; id <= to; id++) {
                EditRun run = run_of(id);

                edit_put_run(h, &run);
        }
        harness_daemon_start(h, NULL, DAEMON_SYSTEM);
}

/* -- Tests ------------------------------------------------------------------------------------------------- */

/* What was there before is not sent; a run that ends is, once; nor is it sent again later. */
static void test_a_run_is_sent_once(Harness *h)
{
        Sending b;

        harness_daemon_start(h, LIVE, DAEMON_SYSTEM);
        run_strap(h, STRAP);
        run_settle(h, 120);
        run_wait_manager(h, "Session", "1");
        run_call(h, "StopSession", NULL);
        b = sending_start(h);
        sending_command(&b, "connect");
        sending_wait_outbox(h, "*\nseen 1\nend\n");
        harness_wait_output(h, b.child, true, "*sessions that end from now on are sent", HARNESS_TIMEOUT);
        assert_int_equal(run_call(h, "StartSession", "s", "recovery"), 2);
        run_settle(h, 125);
        sending_wait_outbox(h, "*\nseen 2\nwaiting 2\nend\n");
        sending_expect_waiting(&b, 0);
        sending_expect(&b, 0);
        run_call(h, "StopSession", NULL);
        {
                _cleanup_free_ char *payload = sending_payload(&b, 1);

                run_assert_contains(payload, "{\"device\":\"garage\",\"id\":2,");
                run_assert_contains(payload, "\"kind\":\"recovery\"");
                run_assert_contains(payload, "\"strap\":\"Strap 01\"");
                run_assert_contains(payload, "\"peak_bpm\":125");
        }
        sending_expect_waiting(&b, 1);
        sending_command(&b, "ack 1");
        sending_expect_waiting(&b, 0);
        sending_wait_outbox(h, "cardio-bridge 1\ndatabase /*/cardiod.db\nseen 2\nend\n");
        sending_command(&b, "ack 1"); /* once more, or one that was never sent, means nothing */
        sending_command(&b, "ack 7");
        sending_command(&b, "refuse 7");
        sending_end(&b, SIGKILL);
        b = sending_start(h);
        sending_command(&b, "connect");
        sending_expect(&b, 0);
        sending_end(&b, SIGTERM);
}

/* The bytes are those of the first time, whatever is said of the session in between. */
static void test_killed_before_the_acknowledgement(Harness *h)
{
        _cleanup_free_ char *first = NULL;
        Sending b = begin_with(h, 3);

        sending_command(&b, "connect");
        more_sessions(h, 4, 4);
        first = sending_payload(&b, 1);
        run_assert_contains(first, "\"id\":4,");
        for (unsigned i = 0; i < 3; i++) {
                _cleanup_free_ char *again = NULL;

                sending_end(&b, SIGKILL);
                run_command(h, COACH "Annotate", "xa{sv}", INT64_C(4), 1, "note", "s",
                                i == 0 ? "late" : "later");
                b = sending_start(h);
                if (i == 1)
                        sending_expect_waiting(&b, 1); /* it knows before it is connected */
                sending_command(&b, "connect");
                again = sending_payload(&b, 1);
                assert_string_equal(again, first);
                sending_expect(&b, 1);
        }
        sending_command(&b, "ack 1");
        sending_end(&b, SIGKILL);
        b = sending_start(h);
        sending_command(&b, "connect");
        sending_expect(&b, 0);
        sending_end(&b, SIGTERM);
}

/* All that was on its way is sent again, in the same order, and goes without the daemon. */
static void test_connection_lost(Harness *h)
{
        char *first[2];
        Sending b = begin_with(h, 1);

        sending_command(&b, "connect");
        more_sessions(h, 2, 3);
        first[0] = sending_payload(&b, 1);
        first[1] = sending_payload(&b, 2);
        sending_command(&b, "disconnect");
        sending_command(&b, "ack 1"); /* of another connection: too late */
        sending_expect_waiting(&b, 2);
        assert_int_equal(harness_daemon_stop(h, SIGTERM), 0);
        for (unsigned i = 0; i < 2; i++) {
                sending_command(&b, "connect");
                for (unsigned j = 0; j < 2; j++) {
                        _cleanup_free_ char *again = sending_payload(&b, 3 + 2 * i + j);

                        assert_string_equal(again, first[j]);
                }
                sending_expect(&b, 4 + 2 * i);
                sending_command(&b, "disconnect");
        }
        sending_command(&b, "connect");
        free(sending_payload(&b, 8));
        sending_command(&b, "ack 7");
        sending_command(&b, "ack 8");
        sending_wait_outbox(h, "*\nseen 3\nend\n");
        sending_expect_waiting(&b, 0);
        free(first[0]);
        free(first[1]);
        sending_end(&b, SIGTERM);
}

/* One after the other goes on as they are acknowledged, in whatever order that is. */
static void test_four_are_on_their_way(Harness *h)
{
        Sending b = begin_with(h, 1);

        more_sessions(h, 2, 8);
        sending_wait_outbox(h, "*\nseen 8\nwaiting 2\n*waiting 8\nend\n");
        sending_expect_waiting(&b, 7);
        sending_command(&b, "connect");
        for (unsigned i = 1; i <= 4; i++)
                sending_expect_session(&b, i, 1 + i);
        sending_expect(&b, 4);
        sending_expect_waiting(&b, 7);
        sending_command(&b, "ack 3");
        sending_expect_session(&b, 5, 6);
        sending_expect(&b, 5);
        sending_command(&b, "ack 1");
        sending_command(&b, "ack 2");
        sending_expect_session(&b, 6, 7);
        sending_expect_session(&b, 7, 8);
        sending_expect(&b, 7);
        for (unsigned i = 4; i <= 7; i++) {
                char line[16];

                (void)snprintf(line, sizeof(line), "ack %u", i);
                sending_command(&b, line);
        }
        sending_wait_outbox(h, "*\nseen 8\nend\n");
        sending_expect(&b, 7);
        sending_end(&b, SIGTERM);
}

/* No room in the connection for a moment. */
static void test_no_room(Harness *h)
{
        Sending b = begin_with(h, 1);

        sending_command(&b, "full 2");
        sending_command(&b, "connect");
        more_sessions(h, 2, 3);
        harness_wait_output(h, b.child, false, "no room", HARNESS_TIMEOUT);
        sending_expect_session(&b, 1, 2);
        sending_expect_session(&b, 2, 3);
        sending_expect(&b, 2);
        sending_end(&b, SIGTERM);
}

/* The broker answers that it does not take it: kept, and tried again after one minute, then two; that is said once. */
static void test_refused(Harness *h)
{
        ClockShim *clock;
        Sending b = begin_with(h, 1);

        sending_end(&b, SIGKILL);
        clock = clock_begin(harness_path(h, "bridge-clock"));
        b = sending_start(h);
        shim_inherit_no_more();
        sending_command(&b, "connect");
        more_sessions(h, 2, 2);
        sending_expect_session(&b, 1, 2);
        sending_command(&b, "refuse 1");
        sending_wait_outbox(h, "*\nseen 2\nsending 2 {*\nend\n");
        for (unsigned i = 1; i <= 5; i++) {
                static const int64_t minutes[] = { 0, 1, 2, 4, 8, 10 };
                char line[32];

                clock_pass(clock, minutes[i] * 60 * (int64_t)USEC_PER_SEC - 10 * (int64_t)USEC_PER_SEC);
                sending_expect_waiting(&b, 1);
                sending_expect(&b, i);
                clock_pass(clock, 11 * (int64_t)USEC_PER_SEC);
                sending_expect_waiting(&b, 1);
                sending_expect_session(&b, 1 + i, 2);
                (void)snprintf(line, sizeof(line), "refuse %u", 1 + i);
                sending_command(&b, line);
        }
        assert_int_equal(sending_count_lines(&b, "*session 2: the broker does not take it*"), 1);
        /* Another connection may be another matter. */
        sending_command(&b, "disconnect");
        sending_command(&b, "connect");
        sending_expect_session(&b, 7, 2);
        sending_command(&b, "ack 7");
        sending_wait_outbox(h, "*\nseen 2\nend\n");
        sending_end(&b, SIGTERM);
        clock_end(clock);
}

/* A stopped or killed daemon may go on with its session: until then it is not over. */
static void test_interrupted(Harness *h)
{
        Sending b;

        harness_daemon_start(h, LIVE, DAEMON_SYSTEM);
        run_strap(h, STRAP);
        b = sending_start(h);
        sending_command(&b, "connect");
        sending_wait_outbox(h, "*\nseen 0\nend\n");
        run_settle(h, 120);
        run_wait_manager(h, "Session", "1");
        sending_wait_outbox(h, "*\nseen 1\nwaiting 1\nend\n");
        for (unsigned i = 0; i < 2; i++) {
                assert_int_equal(harness_daemon_stop(h, i == 0 ? SIGTERM : SIGKILL),
                                i == 0 ? 0 : 128 + SIGKILL);
                sending_expect(&b, 0);
                harness_daemon_start(h, NULL, DAEMON_SYSTEM);
                sending_expect(&b, 0);
                sending_expect_waiting(&b, 0);
                harness_standin(h, "expect notifying " STRAP " 30s");
                run_settle(h, 125 + i);
                run_wait_manager(h, "Session", "1");
        }
        run_call(h, "StopSession", NULL);
        {
                _cleanup_free_ char *payload = sending_payload(&b, 1);

                run_assert_contains(payload, "\"peak_bpm\":126");
        }
        sending_expect(&b, 1);
        sending_end(&b, SIGTERM);
}

/* A run that was recorded by a clock which nobody had set is sent with its right time. */
static void test_clock_is_set_late(Harness *h)
{
        Sending b;

        harness_clock(h)->unsynchronised = true;
        harness_daemon_start(h, LIVE, DAEMON_SYSTEM);
        run_strap(h, STRAP);
        b = sending_start(h);
        sending_command(&b, "connect");
        sending_wait_outbox(h, "*\nseen 0\nend\n");
        run_settle(h, 120);
        run_wait_manager(h, "Session", "1");
        run_call(h, "StopSession", NULL);
        sending_wait_outbox(h, "*\nseen 1\nwaiting 1\nend\n");
        sending_expect(&b, 0);
        sending_expect_waiting(&b, 0);
        assert_int_equal(run_int(h, "SELECT clock_known FROM session"), 0);
        clock_step(harness_clock(h), 48 * 3600 * (int64_t)USEC_PER_SEC);
        harness_clock(h)->unsynchronised = false;
        harness_clock_pass(h, 11 * USEC_PER_SEC);
        run_wait_int(h, 1, "SELECT clock_known FROM session");
        {
                _cleanup_free_ char *payload = sending_payload(&b, 1),
                                    *date = harness_sql(h, "SELECT date FROM sessions");

                run_assert_contains(payload, date);
        }
        sending_end(&b, SIGTERM);
}

/* What ends while the bridge is away, or the daemon and then the bridge, is found by what is stored. */
static void test_ended_while_nobody_listened(Harness *h)
{
        Sending b = begin_with(h, 2);

        sending_end(&b, SIGKILL);
        more_sessions(h, 3, 3);
        b = sending_start(h);
        sending_command(&b, "connect");
        sending_expect_session(&b, 1, 3);
        sending_command(&b, "ack 1");
        sending_end(&b, SIGTERM);
        more_sessions(h, 4, 4);
        assert_int_equal(harness_daemon_stop(h, SIGTERM), 0);
        b = sending_start(h);
        sending_command(&b, "connect");
        sending_expect(&b, 0);
        harness_daemon_start(h, NULL, DAEMON_SYSTEM);
        sending_expect_session(&b, 1, 4);
        sending_end(&b, SIGTERM);
}

/* -- What becomes of a session before it is sent ------------------------------------------------------------ */

static void test_what_is_not_sent(Harness *h)
{
        Sending b = begin_with(h, 1);

        sending_command(&b, "connect");
        assert_int_equal(import_run(h, 1, import_moment(-60, 8), 10, 120), 2);
        assert_int_equal(coach_run(h, -70, 30, ""), 3);
        /* Of one that was there before. */
        assert_int_equal(edit_by(h, 1, "split", 10 * MINUTE_MS), 4);
        more_sessions(h, 5, 5);
        sending_expect_session(&b, 1, 5);
        sending_command(&b, "ack 1");
        sending_wait_outbox(h, "*\nseen 5\nend\n");
        /* Of one that was sent. */
        assert_int_equal(edit_by(h, 5, "split", 10 * MINUTE_MS), 6);
        assert_int_equal(edit_by(h, 6, "split", 5 * MINUTE_MS), 7);
        edit_trim(h, 5, MINUTE_MS, 8 * MINUTE_MS);
        more_sessions(h, 8, 8);
        sending_expect_session(&b, 2, 8);
        sending_expect(&b, 2);
        sending_end(&b, SIGTERM);
}

static void test_split_before_it_is_sent(Harness *h)
{
        _cleanup_free_ char *first = NULL, *second = NULL;
        Sending b = begin_with(h, 1);

        more_sessions(h, 2, 2);
        sending_wait_outbox(h, "*\nseen 2\nwaiting 2\nend\n");
        assert_int_equal(edit_by(h, 2, "split", 5 * MINUTE_MS), 3);
        sending_command(&b, "connect");
        first = sending_payload(&b, 1);
        run_assert_contains(first, "\"id\":2,");
        run_assert_contains(first, "\"duration\":\"0:04:59\"");
        second = sending_payload(&b, 2);
        run_assert_contains(second, "\"id\":3,");
        run_assert_contains(second, "\"duration\":\"0:15:00\"");
        sending_expect(&b, 2);
        sending_end(&b, SIGTERM);
}

static void test_deleted_before_it_is_sent(Harness *h)
{
        Sending b = begin_with(h, 1);

        /* One that waits, and one that was on its way when the connection was lost. */
        sending_command(&b, "connect");
        more_sessions(h, 2, 2);
        sending_expect_session(&b, 1, 2);
        sending_command(&b, "disconnect");
        more_sessions(h, 3, 3);
        sending_wait_outbox(h, "*\nseen 3\nwaiting 3\nsending 2 {*\nend\n");
        run_command(h, "DeleteSession", "x", INT64_C(2));
        run_command(h, "DeleteSession", "x", INT64_C(3));
        sending_command(&b, "connect");
        sending_wait_outbox(h, "*\nseen 3\nend\n");
        sending_expect(&b, 1);
        sending_expect_waiting(&b, 0);
        sending_end(&b, SIGTERM);
}

/* One that was merged into another one is back when the edit is taken back. */
static void test_merged_and_taken_back(Harness *h)
{
        EditRun morning = { .id = 2, .days = -5, .start_s = 7 * 3600, .length_s = 1200 },
                evening = { .id = 3, .days = -5, .start_s = 8 * 3600, .length_s = 1200 };
        Sending b = begin_with(h, 1);

        assert_int_equal(harness_daemon_stop(h, SIGTERM), 0);
        edit_put_run(h, &morning);
        edit_put_run(h, &evening);
        harness_daemon_start(h, NULL, DAEMON_SYSTEM);
        sending_wait_outbox(h, "*\nseen 3\nwaiting 2\nwaiting 3\nend\n");
        assert_int_equal(edit_merge(h, 2, 3), 2);
        more_sessions(h, 4, 4);
        sending_wait_outbox(h, "*\nseen 4\nwaiting 2\nwaiting 3\nwaiting 4\nend\n");
        sending_expect_waiting(&b, 2);
        edit_undo(h, 2);
        sending_command(&b, "connect");
        for (unsigned i = 1; i <= 3; i++)
                sending_expect_session(&b, i, 1 + i);
        sending_end(&b, SIGTERM);
}

/* -- Databases --------------------------------------------------------------------------------------------- */

/* From a backup: what had those numbers before was sent already, and what gets them now is new. */
static void test_restored_backup(Harness *h)
{
        Sending b = begin_with(h, 5);

        sending_command(&b, "connect");
        assert_int_equal(harness_daemon_stop(h, SIGTERM), 0);
        edit_meddle(h, "DELETE FROM session WHERE id > 3; DELETE FROM sample WHERE session_id > 3;"
                       "DELETE FROM zone_time WHERE session_id > 3; UPDATE sqlite_sequence SET seq = 3 WHERE name = 'session'");
        harness_daemon_start(h, NULL, DAEMON_SYSTEM);
        harness_wait_output(h, b.child, true, "*an older one than before, with no session above 3;*",
                        HARNESS_TIMEOUT);
        sending_wait_outbox(h, "*\nseen 3\nend\n");
        more_sessions(h, 4, 4);
        sending_expect_session(&b, 1, 4);
        sending_expect(&b, 1);
        assert_int_equal(sending_count_lines(&b, "*an older one*"), 1);
        sending_end(&b, SIGTERM);
}

static void test_another_database(Harness *h)
{
        _cleanup_free_ char *text = NULL;
        Sending b = begin_with(h, 2);
        char *place;

        sending_end(&b, SIGTERM);
        text = harness_read_file(h, SENDING_OUTBOX);
        place = strstr(text, "/cardiod.db");
        assert_non_null(place);
        place[1] = 'C';
        harness_write_file(h, SENDING_OUTBOX, text);
        b = sending_start(h);
        sending_command(&b, "connect");
        harness_wait_output(h, b.child, true,
                        "*no sessions are sent from /*/cardiod.db: what the broker has was kept of /*/Cardiod.db;*",
                        HARNESS_TIMEOUT);
        more_sessions(h, 3, 3);
        sending_expect(&b, 0);
        assert_int_equal(sending_count_lines(&b, "*no sessions are sent*"), 1);
        sending_end(&b, SIGTERM);
        /* As it says: the database was moved. */
        place[1] = 'c';
        harness_write_file(h, SENDING_OUTBOX, text);
        b = sending_start(h);
        sending_command(&b, "connect");
        sending_expect_session(&b, 1, 3);
        sending_end(&b, SIGTERM);
}

/* -- What is wrong ----------------------------------------------------------------------------------------- */

/* A disk that takes nothing when a session ends: it is not sent before it can be kept; said once. */
static void test_disk_takes_nothing(Harness *h)
{
        Sending b = begin_with(h, 1);

        assert_int_equal(mkdir(harness_path(h, "outbox/.bridge-outbox.part"), 0700), 0);
        sending_command(&b, "connect");
        more_sessions(h, 2, 2);
        harness_wait_output(h, b.child, true,
                        "*cannot keep which sessions the broker has: Is a directory; trying again*",
                        HARNESS_TIMEOUT);
        sending_expect(&b, 0);
        sending_expect_waiting(&b, 1);
        harness_pass_time(h, 1500 * USEC_PER_MSEC);
        assert_int_equal(sending_count_lines(&b, "*cannot keep*"), 1);
        assert_int_equal(rmdir(harness_path(h, "outbox/.bridge-outbox.part")), 0);
        sending_expect_session(&b, 1, 2);
        /* An acknowledgement that cannot be kept: the next one is not sent before it is. */
        assert_int_equal(mkdir(harness_path(h, "outbox/.bridge-outbox.part"), 0700), 0);
        sending_command(&b, "ack 1");
        sending_expect_waiting(&b, 0);
        harness_pass_time(h, SENDING_MOMENT);
        assert_int_equal(sending_count_lines(&b, "*cannot keep*"), 2);
        sending_wait_outbox(h, "*\nseen 2\nsending 2 {*\nend\n");
        more_sessions(h, 3, 3);
        sending_expect(&b, 1);
        assert_int_equal(rmdir(harness_path(h, "outbox/.bridge-outbox.part")), 0);
        sending_expect_session(&b, 2, 3);
        sending_wait_outbox(h, "*\nseen 3\nsending 3 {*\nend\n");
        sending_end(&b, SIGTERM);
}

static void test_two_bridges(Harness *h)
{
        Sending b = begin_with(h, 1), other = sending_start(h);

        assert_int_equal(harness_child_end(h, other.child, 0), 1);
        assert_int_equal(sending_count_lines(&other,
                                         "another cardio-bridge keeps its sessions in */outbox already"),
                        1);
        sending_end(&b, SIGKILL);
        harness_write_file(h, SENDING_OUTBOX, "cardio-bridge 1\ndatabase /x\nseen 1\n");
        b = sending_start(h);
        assert_int_equal(harness_child_end(h, b.child, 0), 1);
        assert_int_equal(
                        sending_count_lines(&b, "*bridge-outbox: line 4 is not as cardio-bridge writes it,*"),
                        1);
}

/* A daemon that does not know ListSessions. */
static void test_older_daemon(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };
        Sending b;

        ctl_daemon(&c, BUS_SYSTEM);
        b = sending_start(h);
        sending_command(&b, "connect");
        harness_wait_output(h, b.child, true,
                        "*cannot ask cardiod which sessions there are: it is older than cardio-bridge; *",
                        HARNESS_TIMEOUT);
        harness_pass_time(h, 1500 * USEC_PER_MSEC);
        assert_int_equal(sending_count_lines(&b, "*older than*"), 1);
        sending_expect(&b, 0);
        sending_end(&b, SIGTERM);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                harness_clock_test(test_a_run_is_sent_once),
                harness_test(test_killed_before_the_acknowledgement),
                harness_test(test_connection_lost),
                harness_test(test_four_are_on_their_way),
                harness_test(test_no_room),
                harness_test(test_refused),
                harness_clock_test(test_interrupted),
                harness_clock_test(test_clock_is_set_late),
                harness_test(test_ended_while_nobody_listened),
                harness_test(test_what_is_not_sent),
                harness_test(test_split_before_it_is_sent),
                harness_test(test_deleted_before_it_is_sent),
                harness_test(test_merged_and_taken_back),
                harness_test(test_restored_backup),
                harness_test(test_another_database),
                harness_test(test_disk_takes_nothing),
                harness_test(test_two_bridges),
                harness_test(test_older_daemon),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
