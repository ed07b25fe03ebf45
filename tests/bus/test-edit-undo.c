/* SPDX-License-Identifier: MIT */

/* UndoEdit: every row of every table is as it was before the edit, as long as that is kept and nothing else has been done
 * since; and an edit happens whole or not at all, whatever dies in the middle of it. */

#include "edit-fixture.h"
#include "shared/clock.h"
#include "shim-fixture.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MIN_MS  UINT64_C(60000)
#define NO_EDIT CARDIO_ERROR_NO_SUCH_ENTRY

static const EditRun runs[] = {
        { .id = 7,
                        .days = -1,
                        .start_s = 7 * 3600,
                        .length_s = 1800,
                        .gap_s = 600,
                        .gap_end_s = 700,
                        .more = "UPDATE session SET note = 'an unforgettable hill' WHERE id = 7;"
                                "INSERT INTO event (session_id, t, type, detail) VALUES (7, 1500000, 'mark', 'hill')" },
        { .id = 8, .days = -1, .start_s = 9 * 3600, .length_s = 1200 },
        { .id = 9, .days = 0, .start_s = 6 * 3600, .length_s = 600 },
};

static void expect(Harness *h, const char *sql, const char *expected)
{
        _cleanup_free_ char *text = harness_sql(h, sql);

        assert_string_equal(text, expected);
}

/* -- All as it was --------------------------------------------------------------------------------------- */

static void trim(Harness *h)
{
        edit_trim(h, 7, 5 * MIN_MS, 20 * MIN_MS);
}

static void split(Harness *h)
{
        edit_by(h, 7, "split", 12 * MIN_MS);
}

static void merge(Harness *h)
{
        edit_merge(h, 8, 7);
}

/* An edit of an edit, three deep. */
static void all(Harness *h)
{
        edit_merge(h, 7, 8);
        edit_by(h, 7, "trim-end", 130 * MIN_MS);
        edit_by(h, 7, "split", 125 * MIN_MS);
}

/* Events that come meanwhile do not take ids that an undo needs. */
static void test_undo_gives_back_every_row(Harness *h)
{
        static const struct {
                void (*edit)(Harness *h);
                unsigned undos;
        } cases[] = { { trim, 1 }, { split, 1 }, { merge, 1 }, { all, 3 } };
        _cleanup_free_ char *before = NULL;

        edit_daemon(h, runs, ELEMENTSOF(runs));
        before = edit_dump(h);
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ char *edited = NULL, *after = NULL;

                cases[i].edit(h);
                edited = edit_dump(h);
                assert_string_not_equal(edited, before);
                for (unsigned n = 0; n < cases[i].undos; n++)
                        edit_undo(h, 7);
                after = edit_dump(h);
                edit_assert_same(after, before);
        }
        harness_clear_signals(h);
        split(h);
        run_refused(h, NO_EDIT, "Session 9 was not edited*", "UndoEdit", "x", INT64_C(9));
        edit_undo(h, 7);
        (void)harness_wait_signal(h, CARDIO_MANAGER_INTERFACE, "SessionsChanged", HARNESS_TIMEOUT);
        assert_int_equal(run_count(h, "SessionEnded"), 0);
}

/* Each of the sessions that an edit concerns names it, even one that is gone. */
static void test_undo_by_any_session_of_the_edit(Harness *h)
{
        _cleanup_free_ char *before = NULL, *after = NULL;
        int64_t part;

        edit_daemon(h, runs, ELEMENTSOF(runs));
        before = edit_dump(h);
        edit_merge(h, 7, 8);
        edit_undo(h, 8);
        part = edit_by(h, 8, "split", MIN_MS);
        edit_undo(h, part);
        after = edit_dump(h);
        edit_assert_same(after, before);
        assert_int_equal(edit_by(h, 8, "split", MIN_MS), part + 1); /* no id is used twice */
}

/* Edits of different sessions, in any order: what one of them took away is not in the way of the others. */
static void test_edits_of_other_sessions_do_not_matter(Harness *h)
{
        _cleanup_free_ char *before = NULL, *after = NULL;

        edit_daemon(h, runs, ELEMENTSOF(runs));
        before = edit_dump(h);
        edit_by(h, 9, "trim-end", 5 * MIN_MS); /* whose events have the highest ids */
        edit_by(h, 7, "split", 10 * MIN_MS);
        edit_undo(h, 9);
        edit_by(h, 8, "trim-start", 10 * MIN_MS);
        edit_undo(h, 7);
        edit_undo(h, 8);
        after = edit_dump(h);
        edit_assert_same(after, before);
}

/* Whatever came with later versions of the schema: what is kept has the same columns. */
static void test_all_tables_of_sessions_are_kept(Harness *h)
{
        edit_daemon(h, NULL, 0);
        expect(h,
                        "SELECT t.name || '.' || c.name || ' ' || c.type FROM sqlite_schema AS t, pragma_table_info(t.name) AS c"
                        " WHERE t.type = 'table' AND t.name NOT GLOB 'kept_*' AND t.name <> 'edit_session'"
                        " AND (t.name = 'session' OR EXISTS"
                        " (SELECT 1 FROM pragma_table_info(t.name) WHERE name = 'session_id'))"
                        " AND NOT EXISTS (SELECT 1 FROM pragma_table_info('kept_' || t.name) AS k"
                        " WHERE k.name = c.name AND k.type = c.type)",
                        "");
}

/* -- In between ------------------------------------------------------------------------------------------ */

static void test_what_was_said_since_stays(Harness *h)
{
        edit_daemon(h, runs, ELEMENTSOF(runs));
        edit_by(h, 7, "split", 12 * MIN_MS);
        expect(h, "SELECT note FROM session WHERE id IN (7, 10) ORDER BY id", "an unforgettable hill\n");
        run_command(h, COACH "Annotate", "xa{sv}", INT64_C(7), 2, "rpe", "y", 4, "kind", "s", "recovery");
        run_command(h, COACH "Annotate", "xa{sv}", INT64_C(10), 3, "rpe", "y", 9, "note", "s", "a drive",
                        "talk_test", "s", "pass");
        edit_undo(h, 7);
        expect(h, "SELECT rpe, kind, talk_test, note FROM session WHERE id = 7",
                        "4|recovery|pass|an unforgettable hill / a drive");
        edit_merge(h, 7, 8);
        run_command(h, COACH "Annotate", "xa{sv}", INT64_C(7), 1, "note", "s", "");
        edit_undo(h, 7);
        expect(h, "SELECT rpe, note FROM session WHERE id IN (7, 8) ORDER BY id", "4|\n|");
}

/* Recorded while the clock was not set; it was set after the edit. */
static void test_a_clock_that_was_set_since_stays_set(Harness *h)
{
        char sql[200];

        edit_daemon(h, runs, 1);
        edit_meddle(h, "UPDATE session SET clock_known = 0");
        edit_by(h, 7, "trim-start", 10 * MIN_MS);
        edit_meddle(h, "UPDATE session SET started_at = started_at + 5000, ended_at = ended_at + 5000, clock_known = 1");
        edit_undo(h, 7);
        (void)snprintf(sql, sizeof(sql),
                        "SELECT started_at - %lld, ended_at - started_at, clock_known FROM session",
                        (long long)edit_start(&runs[0]));
        expect(h, sql, "5000|1800000|1");
}

static void test_later_edits_are_taken_back_first(Harness *h)
{
        int64_t part;

        edit_daemon(h, runs, ELEMENTSOF(runs));
        edit_by(h, 7, "trim-end", 25 * MIN_MS);
        part = edit_by(h, 7, "split", 12 * MIN_MS);
        edit_by(h, part, "trim-end", 5 * MIN_MS);
        run_refused(h, CARDIO_ERROR_INVALID_ARGUMENT,
                        "It cannot be taken back yet: session 10 was edited again since; take that back first",
                        "UndoEdit", "x", INT64_C(7));
        edit_undo(h, part);
        edit_undo(h, 7);
        edit_undo(h, 7);
        run_refused(h, NO_EDIT, "Session 7 was not edited*", "UndoEdit", "x", INT64_C(7));
}

/* What the runner deletes is gone, with all that edits have kept of it; other edits stay. */
static void test_deletion_takes_along_what_was_kept(Harness *h)
{
        int64_t part, other;

        edit_daemon(h, runs, ELEMENTSOF(runs));
        edit_by(h, 7, "trim-end", 25 * MIN_MS);
        part = edit_by(h, 7, "split", 12 * MIN_MS);
        other = edit_by(h, 8, "split", 10 * MIN_MS);
        run_command(h, "DeleteSession", "x", part);
        run_refused(h, NO_EDIT, "It cannot be taken back: session 10 was deleted since, *", "UndoEdit", "x",
                        INT64_C(7));
        run_refused(h, NO_EDIT, "It cannot be taken back: session 10 was deleted since, *", "UndoEdit", "x",
                        part);
        expect(h, "SELECT DISTINCT session_id FROM kept_sample", "8");
        edit_undo(h, other);
        run_command(h, "DeleteSession", "x", INT64_C(7));
        expect(h,
                        "SELECT (SELECT count(*) FROM kept_session), (SELECT count(*) FROM kept_sample),"
                        " (SELECT count(*) FROM kept_event), (SELECT count(*) FROM kept_zone_time),"
                        " (SELECT count(*) FROM edit_session WHERE note IS NOT NULL)",
                        "0|0|0|0|0");
        assert_int_equal(harness_daemon_stop(h, SIGTERM), 0);
        expect(h, "SELECT count(*) FROM session", "2");
}

/* -- A week ---------------------------------------------------------------------------------------------- */

static bool file_has(Harness *h, const char *name, const char *text)
{
        FILE *f = fopen(harness_path(h, name), "re");
        size_t at = 0;
        int c;

        while (f && text[at] && (c = fgetc(f)) != EOF)
                at = c == text[at] ? at + 1 : c == text[0] ? 1 : 0;
        if (f)
                (void)fclose(f);
        return !text[at];
}

static void test_kept_for_a_week_and_no_longer(Harness *h)
{
        edit_daemon(h, runs, ELEMENTSOF(runs));
        edit_by(h, 7, "trim-end", 20 * MIN_MS);
        edit_by(h, 8, "trim-end", 10 * MIN_MS);
        run_command(h, COACH "Annotate", "xa{sv}", INT64_C(7), 1, "note", "s", "flat");
        edit_meddle(h, "UPDATE edit SET made_at = made_at - 604800000 + 3600000 WHERE id = 2;"
                       "UPDATE edit SET made_at = made_at - 604800000 WHERE id = 1");
        assert_int_equal(harness_daemon_stop(h, SIGTERM), 0);
        harness_daemon_start(h, NULL, DAEMON_SYSTEM);
        run_refused(h, NO_EDIT, "Session 7 was not edited in the last week: *", "UndoEdit", "x", INT64_C(7));
        expect(h, "SELECT DISTINCT session_id FROM kept_sample", "8");
        edit_undo(h, 8);
        assert_int_equal(harness_daemon_stop(h, SIGTERM), 0);
        /* Not only hidden. */
        assert_false(file_has(h, "cardiod.db", "unforgettable"));
        assert_false(file_has(h, "cardiod.db-wal", "unforgettable"));
        assert_true(file_has(h, "cardiod.db", "edit_session"));
}

/* The machine is suspended for so long. */
static void sleep_days(Harness *h, unsigned days)
{
        clock_sleep(harness_clock(h), (int64_t)(days * 24 * USEC_PER_HOUR));
        harness_clock_settle(h);
}

/* A daemon that runs on and on drops it when another day has begun. */
static void test_dropped_while_the_daemon_runs(Harness *h)
{
        edit_daemon(h, runs, ELEMENTSOF(runs));
        edit_by(h, 7, "trim-end", 20 * MIN_MS);
        sleep_days(h, 6);
        expect(h, "SELECT count(*) FROM kept_session", "1");
        sleep_days(h, 2);
        expect(h, "SELECT (SELECT count(*) FROM kept_session) + (SELECT count(*) FROM kept_sample)", "0");
        expect(h, "SELECT max(t) FROM sample WHERE session_id = 7", "1200000");
}

/* After so many times of ten seconds, since they are looked at one by one. */
static void wait_for_beats(Harness *h)
{
        for (unsigned i = 0; i < 10; i++) {
                clock_sleep(harness_clock(h), 11 * (int64_t)USEC_PER_SEC);
                harness_clock_settle(h);
        }
}

/* Of an older version, and edited before the daemon came to it. */
static void test_beats_of_what_was_kept_are_looked_at(Harness *h)
{
        edit_daemon(h, runs, ELEMENTSOF(runs));
        edit_by(h, 7, "trim-end", 20 * MIN_MS);
        expect(h, "SELECT beats_known FROM kept_session", "0");
        wait_for_beats(h);
        expect(h, "SELECT count(*) FROM session WHERE beats_known = 0", "0");
        edit_undo(h, 7);
        expect(h, "SELECT id FROM session WHERE beats_known = 0", "7");
        wait_for_beats(h);
        expect(h, "SELECT count(*) FROM session WHERE beats_known = 0", "0");
}

/* One by a clock that was years ahead is not kept for years. */
static void test_kept_by_a_clock_that_was_ahead(Harness *h)
{
        edit_daemon(h, runs, ELEMENTSOF(runs));
        edit_by(h, 7, "trim-end", 20 * MIN_MS);
        edit_meddle(h, "UPDATE edit SET made_at = made_at + 100000000000");
        assert_int_equal(harness_daemon_stop(h, SIGTERM), 0);
        harness_daemon_start(h, NULL, DAEMON_SYSTEM);
        assert_int_equal(run_int(h, "SELECT abs(made_at - 1000 * unixepoch()) < 100000 FROM edit"), 1);
        edit_undo(h, 7);
}

/* A later one by a clock that was put back in between is kept as long as the one before it: taken back alone, that would take
 * along the other run of a merge. */
static void test_later_edit_by_an_earlier_clock_is_kept_as_well(Harness *h)
{
        _cleanup_free_ char *before = NULL, *after = NULL;
        int64_t part;

        edit_daemon(h, runs, ELEMENTSOF(runs));
        before = edit_dump(h);
        part = edit_by(h, 7, "split", 12 * MIN_MS);
        assert_int_equal(edit_merge(h, part, 8), part);
        edit_meddle(h, "UPDATE edit SET made_at = made_at - 604800000 WHERE id = 2");
        assert_int_equal(harness_daemon_stop(h, SIGTERM), 0);
        harness_daemon_start(h, NULL, DAEMON_SYSTEM);
        run_refused(h, CARDIO_ERROR_INVALID_ARGUMENT, "It cannot be taken back yet: *", "UndoEdit", "x",
                        INT64_C(7));
        edit_undo(h, part);
        edit_undo(h, 7);
        after = edit_dump(h);
        edit_assert_same(after, before);
        /* Once the first one is a week old neither is. */
        part = edit_by(h, 7, "split", 12 * MIN_MS);
        (void)edit_merge(h, part, 8);
        edit_meddle(h, "UPDATE edit SET made_at = made_at - 604800000 - 1000 * id");
        assert_int_equal(harness_daemon_stop(h, SIGTERM), 0);
        harness_daemon_start(h, NULL, DAEMON_SYSTEM);
        expect(h, "SELECT (SELECT count(*) FROM edit) + (SELECT count(*) FROM kept_sample)", "0");
}

/* -- All or nothing -------------------------------------------------------------------------------------- */

/* kill -9 at any moment of it. */
static void test_killed_in_an_edit_it_is_done_or_not(Harness *h)
{
        _cleanup_free_ char *before = NULL, *after = NULL, *parts = NULL;
        const unsigned rounds = 8;
        unsigned done = 0;
        usec_t usec;

        edit_daemon(h, runs, ELEMENTSOF(runs));
        before = edit_dump(h);
        usec = now_boot_usec();
        edit_by(h, 7, "trim-end", 20 * MIN_MS);
        usec = now_boot_usec() - usec; /* that it takes here */
        edit_undo(h, 7);
        for (unsigned i = 0; i < rounds; i++) {
                _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
                sd_bus *bus = harness_bus(h, BUS_SYSTEM);
                _cleanup_free_ char *is = NULL;

                assert_true(sd_bus_message_new_method_call(bus, &m, CARDIO_BUS_NAME, CARDIO_OBJECT,
                                            CARDIO_MANAGER_INTERFACE, "EditSession") >= 0);
                assert_true(sd_bus_message_append(m, "xa{sv}", INT64_C(7), 1, "trim-end", "t", 20 * MIN_MS) >=
                                0);
                assert_true(sd_bus_send(bus, m, NULL) >= 0);
                assert_true(sd_bus_flush(bus) >= 0);
                harness_pass_time(h, i * usec / (rounds - 2));
                if (i == rounds - 1)
                        run_wait_int(h, 1200000, "SELECT max(t) FROM sample WHERE session_id = 7");
                assert_int_equal(harness_daemon_stop(h, SIGKILL), 128 + SIGKILL);
                harness_daemon_start(h, NULL, DAEMON_SYSTEM);
                is = edit_dump(h);
                if (strcmp(is, before) != 0) {
                        done++;
                        expect(h, "SELECT max(t) FROM sample WHERE session_id = 7", "1200000");
                        edit_undo(h, 7);
                        after = edit_dump(h);
                        edit_assert_same(after, before);
                        free(TAKE_PTR(after));
                }
        }
        assert_true(done > 0);
        parts = harness_sql(h, "PRAGMA integrity_check");
        assert_string_equal(parts, "ok");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                harness_test(test_undo_gives_back_every_row),
                harness_test(test_undo_by_any_session_of_the_edit),
                harness_test(test_edits_of_other_sessions_do_not_matter),
                harness_test(test_all_tables_of_sessions_are_kept),
                harness_test(test_what_was_said_since_stays),
                harness_test(test_a_clock_that_was_set_since_stays_set),
                harness_test(test_later_edits_are_taken_back_first),
                harness_test(test_deletion_takes_along_what_was_kept),
                harness_test(test_kept_for_a_week_and_no_longer),
                harness_clock_test(test_dropped_while_the_daemon_runs),
                harness_clock_test(test_beats_of_what_was_kept_are_looked_at),
                harness_test(test_kept_by_a_clock_that_was_ahead),
                harness_test(test_later_edit_by_an_earlier_clock_is_kept_as_well),
                harness_test(test_killed_in_an_edit_it_is_done_or_not),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
