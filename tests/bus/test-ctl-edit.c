/* SPDX-License-Identifier: MIT */

/* `cardioctl edit` on the real daemon: what it says became of a run, in words and as JSON, what it accepts, and that `sessions`,
 * `show` and `export --follow` know of it. */

#include "ctl-fixture.h"
#include "edit-fixture.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An hour from seven in the morning on, yesterday. */
static const EditRun runs[] = {
        { .id = 7,
                        .days = -1,
                        .start_s = 7 * 3600,
                        .length_s = 3600,
                        .more = "UPDATE session SET note = 'x' WHERE id = 7" },
        { .id = 8, .days = 0, .start_s = 6 * 3600, .length_s = 600 },
};

static void expect(Ctl *c, int status, const char *out, const char *err)
{
        if (status != 0 || err)
                ctl_assert_contains(c->err, err ? err : "");
        if (out)
                ctl_assert_contains(c->out, out);
}

static void test_says_what_became_of_it(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };

        edit_daemon(h, runs, ELEMENTSOF(runs));
        assert_int_equal(ctl_run(&c, "edit", "7", "--split", "07:20", NULL), 0);
        expect(&c, 0,
                        "Session 7: 07:00:00 to 07:19:59, 19 min 59 s.\nSession 9: 07:20:00 to 08:00:00, 40 min.\n"
                        "What you logged of it stays with session 7.\n`cardioctl edit undo 7` takes that back, until ",
                        NULL);
        assert_int_equal(ctl_run(&c, "edit", "9", "--trim-end", "-5min", NULL), 0);
        expect(&c, 0, "Session 9: 07:20:00 to 07:55:00, 35 min.\n", NULL);

        assert_int_equal(ctl_run(&c, "sessions", NULL), 0);
        expect(&c, 0, "edited\n", NULL);
        assert_int_equal(ctl_run(&c, "show", "9", NULL), 0);
        expect(&c, 0, "`cardioctl edit undo 9` takes it back, until ", NULL);
        assert_int_equal(ctl_run(&c, "show", "7", NULL), 0);
        expect(&c, 0, "Edited", NULL);
        assert_null(strstr(c.out, "edit undo")); /* its other part was edited again */
        assert_int_equal(ctl_run(&c, "show", "8", NULL), 0);
        assert_null(strstr(c.out, "Edited"));

        assert_int_equal(ctl_run(&c, "edit", "undo", "7", NULL), 2);
        expect(&c, 2, NULL, "session 9 was edited again since; take that back first");
        assert_int_equal(ctl_run(&c, "edit", "undo", "9", NULL), 0);
        expect(&c, 0, "Session 9: 07:20:00 to 08:00:00, 40 min.\nIt is as before the edit.\n", NULL);
        assert_int_equal(ctl_run(&c, "edit", "merge", "9", "yesterday", NULL), 2); /* there are two */
        assert_int_equal(ctl_run(&c, "edit", "merge", "9", "7", NULL), 0);
        expect(&c, 0, "Session 7: 07:00:00 to 08:00:00, 1 h.\n`cardioctl edit undo 7`", NULL);
        assert_int_equal(ctl_run(&c, "edit", "undo", "9", NULL), 0);
        expect(&c, 0,
                        "Session 7: 07:00:00 to 07:19:59, 19 min 59 s.\nSession 9: 07:20:00 to 08:00:00, 40 min.\n"
                        "They are as before the edit.\n",
                        NULL);
}

static void test_json(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };

        edit_daemon(h, runs, ELEMENTSOF(runs));
        assert_int_equal(ctl_run(&c, "edit", "7", "--trim-start", "10min", "--trim-end", "+0:50:00", "--json",
                                         NULL),
                        0);
        assert_string_equal(ctl_json(&c, "$.edit"), "trim");
        assert_string_equal(ctl_json(&c, "$.sessions[0].id"), "7");
        assert_string_equal(ctl_json(&c, "$.sessions[0].duration_s"), "2400");
        assert_null(ctl_json(&c, "$.sessions[1]"));
        assert_true(atoll(ctl_json(&c, "$.undo_until")) > (int64_t)(run_realtime_usec() / 1000) + 604700000);
        assert_int_equal(ctl_run(&c, "show", "7", "--json", NULL), 0);
        assert_non_null(ctl_json(&c, "$.undo_until"));
        assert_non_null(ctl_json(&c, "$.edited_at"));
        assert_null(ctl_json(&c, "$.split_from"));
        assert_int_equal(ctl_run(&c, "edit", "undo", "7", "--json", NULL), 0);
        assert_string_equal(ctl_json(&c, "$.edit"), "undo");
        assert_string_equal(ctl_json(&c, "$.sessions[0].duration_s"), "3600");
        assert_null(ctl_json(&c, "$.undo_until"));
        assert_int_equal(ctl_run(&c, "show", "7", "--json", NULL), 0);
        assert_null(ctl_json(&c, "$.edited_at"));
}

static void test_refuses(Harness *h)
{
        static const struct {
                const char *arguments[5];
                int status;
                const char *err;
        } cases[] = {
                { { "7" }, 2, "say what is to be done; accepted: --trim-start T" },
                { { "7", "--trim-start", "45" }, 2, "minutes or seconds? Say 45min or 45s" },
                { { "7", "--trim-end", "1:30pm" }, 2,
                                "'1:30pm' is not a time; accepted: a time of day such as 18:45" },
                { { "7", "--split", "09:00" }, 2,
                                "--split 09:00 is not within session 7; accepted: a time from 07:00:00 to 08:00:00, or "
                                "from +0:00:00 to its end 1 h later" },
                { { "7", "--split", "5min", "--trim-end", "6min" }, 2, "--split is an edit of its own" },
                { { "70", "--split", "5min" }, 4, "there is no session 70" },
                { { "7", "--split", "0s" }, 2,
                                "session 7 has no heart rate before 0:00:00; accepted: a time in it" },
                { { "merge", "7" }, 2, "usage: cardioctl edit merge ID ID" },
                { { "merge", "7", "7" }, 2, "session 7 cannot be merged with itself" },
                { { "merge", "7", "8", "--split", "5min" }, 2, "--split is not for `edit merge`" },
                { { "merg", "7", "8" }, 2, "there is no `edit merg`; did you mean `edit merge`?" },
                { { "undo", "7" }, 4,
                                "session 7 was not edited in the last week: there is nothing to take back" },
                { { "undo", "70" }, 4, "there is no session 70" },
                { { "7", "8" }, 2, "there is no `edit 7`; usage: cardioctl edit ID | merge ID ID | undo ID" },
        };
        _cleanup_ctl_ Ctl c = { .h = h };

        edit_daemon(h, runs, ELEMENTSOF(runs));
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                const char *const *a = cases[i].arguments;

                assert_int_equal(ctl_run(&c, "edit", a[0], a[1], a[2], a[3], a[4], NULL), cases[i].status);
                ctl_assert_contains(c.err, cases[i].err);
        }
        /* An hour more than a day cannot be said by the clock. */
        edit_meddle(h, "INSERT INTO sample SELECT 8, 90000000, 100, 100, 1, 1, NULL, 1");
        assert_int_equal(ctl_run(&c, "edit", "8", "--split", "06:30", NULL), 2);
        ctl_assert_contains(c.err, "--split 06:30 comes twice in session 8, which is longer than a day");
}

/* -- export --follow ------------------------------------------------------------------------------------- */

/* Follows until a line of that pattern is there; returns all that was written. */
static char *follow_until(Harness *h, const char *name, const char *pattern)
{
        const char *const argv[] = { BUILD "/cardioctl", "export", "--follow", "-o",
                harness_path(h, "folder"), NULL };
        Child *child;

        assert_int_equal(setenv("XDG_STATE_HOME", harness_path(h, "state"), 1), 0);
        child = harness_spawn(h, name, true, argv);
        harness_wait_output(h, child, false, pattern, 2 * HARNESS_TIMEOUT);
        assert_int_equal(harness_child_end(h, child, SIGTERM), 0);
        return harness_child_output(h, child, false);
}

/* What was written whole is not written again in parts; a part of what was not yet written is a run of its own. */
static void test_follow_writes_no_run_twice(Harness *h)
{
        const EditRun later[] = { { .id = 9, .days = 0, .start_s = 6 * 3600, .length_s = 600 },
                { .id = 10, .days = 0, .start_s = 8 * 3600, .length_s = 600 } };
        char *text;

        edit_daemon(h, runs, 1);
        free(follow_until(h, "first", "Runs that end from now on*"));
        edit_by(h, 7, "split", 600000);
        edit_put_run(h, &later[0]);
        text = follow_until(h, "second", "*-9.fit");
        assert_null(strstr(text, "-7.fit"));
        assert_null(strstr(text, "-8.fit"));
        free(text);

        /* Recorded and split while nobody followed. */
        edit_put_run(h, &later[1]);
        assert_int_equal(harness_daemon_stop(h, SIGTERM), 0);
        harness_daemon_start(h, NULL, DAEMON_SYSTEM);
        assert_int_equal(edit_by(h, 10, "split", 300000), 11);
        text = follow_until(h, "third", "*-11.fit");
        assert_non_null(strstr(text, "-10.fit"));
        free(text);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                harness_test(test_says_what_became_of_it),
                harness_test(test_json),
                harness_test(test_refuses),
                harness_test(test_follow_writes_no_run_twice),
        };

        ctl_join_group();
        return cmocka_run_group_tests(tests, NULL, NULL);
}
