/* SPDX-License-Identifier: MIT */

/* Edits of imported sessions: the same as if the file had been like that; the file is known when it comes again, whatever became
 * of its session; and the pace that came with it is cut and joined. */

#include "edit-fixture.h"
#include "import-fixture.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MIN_MS INT64_C(60000)

static void expect(Harness *h, const char *sql, const char *expected)
{
        _cleanup_free_ char *text = harness_sql(h, sql);

        assert_string_equal(text, expected);
}

/* Up and down from second `from` on, an R-R interval and, if there is a pace, 3 m in each second. */
static sd_bus_message *wavy(
                Harness *h, unsigned number, int64_t started_at, unsigned from, unsigned n, bool pace)
{
        sd_bus_message *m = import_begin(h, number, started_at);

        assert_true(sd_bus_message_append(m, "{sv}{sv}", "ceiling", "d", 150.0, "tolerance", "d", 2.0) >= 0);
        import_end_header(m);
        assert_true(sd_bus_message_open_container(m, 'a', "(tqy)") >= 0);
        for (unsigned i = 0; i < n; i++)
                assert_true(sd_bus_message_append(m, "(tqy)", i * USEC_PER_SEC,
                                            110 + (from + i) / 10 % 60 + i % 3, 1) >= 0);
        assert_true(sd_bus_message_close_container(m) >= 0);
        assert_true(sd_bus_message_open_container(m, 'a', "(tq)") >= 0);
        for (unsigned i = 0; i < n; i++)
                assert_true(sd_bus_message_append(m, "(tq)", i * USEC_PER_SEC, 400 + (from + i) % 50) >= 0);
        assert_true(sd_bus_message_close_container(m) >= 0);
        assert_true(sd_bus_message_open_container(m, 'a', "(tdddd)") >= 0);
        for (unsigned i = 0; i < n && pace; i++)
                assert_true(sd_bus_message_append(m, "(tdddd)", i * USEC_PER_SEC, 3.0, 170.0, 3.0 * i,
                                            (double)NAN) >= 0);
        assert_true(sd_bus_message_close_container(m) >= 0);
        return m;
}

#define OF(id)                                                                                                            \
        "SELECT t || ' ' || heart_rate || ' ' || smoothed || ' ' || zone || contact || settled || rr_json FROM sample"    \
        " WHERE session_id = " id                                                                                         \
        " UNION ALL SELECT * FROM (SELECT t || type || coalesce(value, '-') || coalesce(detail, '-')"                     \
        " FROM event WHERE session_id = " id                                                                              \
        " ORDER BY id) UNION ALL SELECT zone || ' ' || seconds FROM zone_time"                                            \
        " WHERE session_id = " id                                                                                         \
        " UNION ALL SELECT live_s || ' ' || avg_hr || ' ' || min_hr || ' ' || peak_hr || ' ' || over_s"                   \
        " || ' ' || breaches || ' ' || longest_breach_s || ' ' || trimp || ' ' || hard_s || ' ' || easy_s || record_kind" \
        " || (ended_at - started_at) FROM session WHERE id = " id

static void test_trimmed_it_is_as_the_shorter_file(Harness *h)
{
        _cleanup_free_ char *trimmed = NULL, *shorter = NULL;

        edit_daemon(h, NULL, 0);
        assert_int_equal(import_send(h, wavy(h, 1, import_moment(-3, 8), 0, 3601, false)), 1);
        assert_int_equal(import_send(h, wavy(h, 2, import_moment(-2, 8), 0, 2401, false)), 2);
        edit_by(h, 1, "trim-end", 40 * MIN_MS);
        trimmed = harness_sql(h, OF("1"));
        shorter = harness_sql(h, OF("2"));
        edit_assert_same(trimmed, shorter);
}

static void test_two_files_merged_are_as_one(Harness *h)
{
        _cleanup_free_ char *merged = NULL, *one = NULL;

        edit_daemon(h, NULL, 0);
        assert_int_equal(import_send(h, wavy(h, 1, import_moment(-3, 8), 0, 1200, false)), 1);
        assert_int_equal(import_send(h, wavy(h, 2, import_moment(-3, 8) + 1200000, 1200, 1200, false)), 2);
        assert_int_equal(import_send(h, wavy(h, 3, import_moment(-2, 8), 0, 2400, false)), 3);
        edit_merge(h, 1, 2);
        merged = harness_sql(h, OF("1"));
        one = harness_sql(h, OF("3"));
        edit_assert_same(merged, one);
}

static void refused_as(Harness *h, unsigned number, const char *pattern)
{
        import_refused(h, wavy(h, number, import_moment(-9, 8), 0, 600, false), CARDIO_ERROR_ALREADY_IMPORTED,
                        pattern);
}

static void test_files_are_known_when_they_come_again(Harness *h)
{
        edit_daemon(h, NULL, 0);
        assert_int_equal(import_send(h, wavy(h, 1, import_moment(-3, 8), 0, 1200, false)), 1);
        assert_int_equal(import_send(h, wavy(h, 2, import_moment(-3, 9), 0, 1200, false)), 2);
        edit_by(h, 1, "trim-start", 5 * MIN_MS);
        refused_as(h, 1, "*session 1*");
        assert_int_equal(edit_by(h, 1, "split", 5 * MIN_MS), 3);
        refused_as(h, 1, "*session 1*");
        edit_undo(h, 1);
        edit_merge(h, 1, 2);
        refused_as(h, 2, "*session 1*");
        edit_by(h, 1, "trim-start", MIN_MS);
        refused_as(h, 2, "*session 1*");
        edit_undo(h, 1);
        edit_undo(h, 1);
        refused_as(h, 2, "*session 2*");
        edit_merge(h, 1, 2);
        run_command(h, "DeleteSession", "x", INT64_C(1));
        assert_int_equal(import_send(h, wavy(h, 2, import_moment(-3, 9), 0, 1200, false)), 4);
        expect(h, "SELECT source, content IS NOT NULL, split_from IS NULL, edited_at IS NULL FROM session",
                        "import|1|1|1");
}

static void test_pace_is_cut_and_joined(Harness *h)
{
        _cleanup_free_ char *before = NULL, *after = NULL;

        edit_daemon(h, NULL, 0);
        assert_int_equal(import_send(h, wavy(h, 1, import_moment(-3, 8), 0, 1201, true)), 1);
        before = edit_dump(h);
        assert_int_equal(edit_by(h, 1, "split", 10 * MIN_MS), 2);
        expect(h,
                        "SELECT session_id, count(*), min(t), max(t), min(distance), max(distance), max(speed), max(incline) FROM pace"
                        " GROUP BY session_id",
                        "1|600|0|599000|0.0|1797.0|3.0|\n2|601|0|600000|0.0|1800.0|3.0|");
        edit_merge(h, 1, 2);
        expect(h, "SELECT count(*), min(t), max(t), max(distance) FROM pace", "1201|0|1200000|3597.0");
        edit_undo(h, 1);
        edit_undo(h, 1);
        after = edit_dump(h);
        edit_assert_same(after, before);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                harness_test(test_trimmed_it_is_as_the_shorter_file),
                harness_test(test_two_files_merged_are_as_one),
                harness_test(test_files_are_known_when_they_come_again),
                harness_test(test_pace_is_cut_and_joined),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
