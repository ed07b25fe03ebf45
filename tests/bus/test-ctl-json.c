/* SPDX-License-Identifier: MIT */
/* The shape of every JSON document: its members, in their order, and their types, as cardioctl(1) lists them. With the
 * real daemon, a strap and a run, so that every member has something to hold. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "coach-fixture.h"
#include "ctl-fixture.h"
#include "run-fixture.h"

#define CONFIG                                                      \
        RUN_BASE "[ceiling]\nhold = 100ms\nclear = 100ms\n[sensor]" \
                 "\nstale-after = 5min\nfrozen-after = 1h\n"

/* The members of the object at that path, or of the first one in the array there, as "id number, date text". Types are
 * text, number, boolean, array, object and null. To be freed. */
static char *shape(const char *document, const char *path)
{
        static const char sql[] =
                        "SELECT group_concat(key || ' ' || CASE type WHEN 'integer' THEN 'number' WHEN 'real' THEN 'number' "
                        "WHEN 'true' THEN 'boolean' WHEN 'false' THEN 'boolean' ELSE type END, ', ')"
                        " FROM json_each(?1, ?2)";
        sqlite3 *db = NULL;
        sqlite3_stmt *s = NULL;
        char *text;

        assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
        assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &s, NULL), SQLITE_OK);
        assert_int_equal(sqlite3_bind_text(s, 1, document, -1, SQLITE_STATIC), SQLITE_OK);
        assert_int_equal(sqlite3_bind_text(s, 2, path, -1, SQLITE_STATIC), SQLITE_OK);
        if (sqlite3_step(s) != SQLITE_ROW)
                fail_msg("%s: %s in:\n%s", path, sqlite3_errmsg(db), document);
        text = strdup(sqlite3_column_text(s, 0) ? (const char *)sqlite3_column_text(s, 0) : "");
        (void)sqlite3_finalize(s);
        (void)sqlite3_close(db);
        return text;
}

static void assert_shape(const char *document, const char *path, const char *expected)
{
        _cleanup_free_ char *got = shape(document, path);

        assert_string_equal(got, expected);
}

#define SENSOR                                                                                                     \
        "address text, kind text, name text, configured boolean, trusted boolean, rotating boolean, rssi number, " \
        "state text, contact text, body_location text, link_problem text, battery_percentage number, "             \
        "session number, alpha1 null, alpha1_reason text, "                                                        \
        "heart_rate number, smoothed_heart_rate number, zone number, "                                             \
        "speed null, cadence null, incline null, distance null, link_losses array"

#define VIEW                                                                                                 \
        "id number, date text, start text, duration text, kind text, avg_bpm number, peak_bpm number, "      \
        "ceiling number, over text, breaches number, longest_breach text, easy_percent number, strap text, " \
        "duration_s number, over_s number, trimp number, verdict null, talk_test null, rpe null, note "      \
        "null, "                                                                                             \
        "source text, rmssd null, distance_km null, pace null, ascent_m null"

static bool is_over_limit(Harness *h, void *userdata)
{
        run_heart_rate(h, 160);
        return harness_count_signals(h, CARDIO_MANAGER_INTERFACE, userdata) > 0;
}

/* A run of three heart rates and a breach. */
static void start(Harness *h)
{
        static char over_limit[] = "OverLimit";

        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        run_strap(h, STRAP);
        run_heart_rate(h, 130);
        (void)run_call(h, "StartSession", "s", "base");
        run_heart_rate(h, 131);
        assert_true(harness_wait(h, is_over_limit, over_limit, 4 * HARNESS_TIMEOUT));
}

static void test_answers(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };

        start(h);
        /* A desktop without the notifier is a trouble. */
        assert_true(sd_bus_request_name(harness_bus(h, BUS_SESSION), "org.freedesktop.Notifications", 0) >=
                        0);
        assert_int_equal(ctl_run(&c, "status", "--json", NULL), 0);
        assert_shape(c.out, "$",
                        "version text, database_path text, recording boolean, session number, ceiling number, "
                        "ceiling_expression text, ceiling_reason text, tolerance number, resting_heart_rate number, "
                        "maximum_heart_rate number, resting_provisional boolean, snoozed_until number, scanning boolean, "
                        "waits_for_rest boolean, clock_set boolean, bluetooth text, waiting number, pace_limit number, "
                        "pace_reason text, pace_units text, speed null, distance null, over_ceiling boolean, warnings array, "
                        "workout text, workout_step text, workout_step_number array, workout_step_ends number, sensors array, "
                        "troubles array");
        assert_shape(c.out, "$.troubles[0]", "check text, health text, text text, advice text");
        assert_shape(c.out, "$.sensors[0]", SENSOR);

        assert_int_equal(ctl_run(&c, "ceiling", "--json", NULL), 0);
        assert_shape(c.out, "$", "ceiling number, ceiling_expression text, ceiling_reason text");
        assert_int_equal(ctl_run(&c, "snooze", "10min", "--json", NULL), 0);
        assert_shape(c.out, "$", "snoozed_until number");
        assert_int_equal(ctl_run(&c, "stop", "--json", NULL), 0);
        assert_shape(c.out, "$", "session number");
        assert_int_equal(ctl_run(&c, "start", "--json", NULL), 0);
        assert_shape(c.out, "$", "session number");
        assert_int_equal(ctl_run(&c, "db", "--json", NULL), 0);
        assert_shape(c.out, "$", "path text");
}

/* Straps, the health of it all, and a backup. */
static void test_setup(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };

        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        run_strap(h, STRAP);
        run_heart_rate(h, 130);
        assert_int_equal(ctl_run(&c, "trust", STRAP, "--json", NULL), 0);
        assert_shape(c.out, "$", SENSOR);
        assert_int_equal(ctl_run(&c, "scan", "--for", "10ms", "--json", NULL), 0);
        assert_shape(c.out, "$[0]", SENSOR);
        assert_int_equal(ctl_run(&c, "doctor", "--json", NULL), 0);
        assert_shape(c.out, "$[0]", "check text, health text, text text, advice null");
        assert_int_equal(ctl_run(&c, "backup", harness_path(h, "backup.db"), "--json", NULL), 0);
        assert_shape(c.out, "$", "file text, sessions number, bytes number");
}

static void test_sessions(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };

        start(h);
        (void)run_call(h, "StopSession", NULL);
        assert_int_equal(ctl_run(&c, "sessions", "--json", NULL), 0);
        assert_shape(c.out, "$[0]", VIEW);
        assert_int_equal(ctl_run(&c, "show", "last", "--json", NULL), 0);
        assert_shape(c.out, "$",
                        VIEW
                        ", address text, started_at number, ended_at number, utc_offset_s number, "
                        "resting_hr number, max_hr number, ceiling_expression text, tolerance number, zone_model text, "
                        "zone_bounds text, live_s number, avg_hr number, min_hr number, peak_hr number, "
                        "longest_breach_s number, by_hand number, sex text, record_kind text, hard_s number, easy_s number, "
                        "day_kind text, workout null, record_long number, clock_known number, content null, device null, sport null, "
                        "edited_at null, split_from null, beats_known number, sdnn null, pnn50 null, "
                        "artefact_percent null, hrr60 null, held_hr null, distance_m null, avg_speed null, undo_until null, "
                        "zones array, events array, drift_percent null, decoupling_percent null, "
                        "body_location text, rr object, alpha1 array, units text, cadence null, splits array, verdict_text text");
        assert_shape(c.out, "$.rr",
                        "heart_rates number, heart_rates_with_rr number, intervals number, most_at_once number");
        assert_shape(c.out, "$.zones[0]", "zone number, seconds number, percent number");
        assert_shape(c.out, "$.events[0]", "t number, type text, value number, detail text");
}

static void test_coach(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };
        static const char day[] =
                        "kind text, ceiling text, ceiling_bpm number, ceiling_reason text, coach_ceiling text, reason text, "
                        "rule text, advice array, care array, minutes array, streak number, cycle_day number, sessions number, "
                        "week_sessions number, week_minutes number, resting number, resting_delta null, provisional boolean, "
                        "proposed_maximum number, proposed_maximum_date text, proposed_maximum_text text, "
                        "date text, pains array";

        coach_daemon(h, CONFIG);
        assert_int_equal(ctl_run(&c, "today", "--json", NULL), 0);
        assert_shape(c.out, "$", day);
        assert_shape(c.out, "$.minutes", "0 number, 1 number");
        assert_int_equal(ctl_run(&c, "add", "yesterday", "30", "--kind", "recovery", "--json", NULL), 0);
        assert_shape(c.out, "$", "session number, kind text, verdict text, verdict_text text");
        assert_int_equal(ctl_run(&c, "log", "last", "--kind", "hard", "--json", NULL), 0);
        assert_shape(c.out, "$", "session number, kind text, verdict null, verdict_text null");
        assert_int_equal(ctl_run(&c, "log", "today", "--feel", "4", "--json", NULL), 0);
        assert_shape(c.out, "$", day);
        assert_int_equal(ctl_run(&c, "log", "today", "--pain", "toe", "--json", NULL), 0);
        assert_shape(c.out, "$.pains[0]", "text text, since text, stops boolean");
        assert_int_equal(ctl_run(&c, "log", "today", "--json", NULL), 0);
        assert_shape(c.out, "$",
                        "feel number, pain text, pain_worsening boolean, pain_gait boolean, pains array, date text");
        assert_int_equal(ctl_run(&c, "week", "--json", NULL), 0);
        assert_shape(c.out, "$[6]", day);
        assert_int_equal(ctl_run(&c, "race", "add", "tomorrow", "5k", "--note", "x", "--json", NULL), 0);
        assert_shape(c.out, "$", "id number");
        assert_int_equal(ctl_run(&c, "race", "list", "--json", NULL), 0);
        assert_shape(c.out, "$[0]", "id number, local_date text, distance text, hilly number, note text");
        assert_int_equal(ctl_run(&c, "rest", "add", "today", "48", "--json", NULL), 0);
        assert_shape(c.out, "$", "id number");
        assert_int_equal(ctl_run(&c, "rest", "list", "--json", NULL), 0);
        assert_shape(c.out, "$[0]",
                        "id number, local_date text, heart_rate number, rmssd null, sdnn null, pnn50 null, seconds null, "
                        "source text, taken_at number, rmssd_mean null, rmssd_low null, rmssd_high null");
        assert_int_equal(ctl_run(&c, "workout", "--json", NULL), 0);
        assert_shape(c.out, "$[0]", "name text, steps text");
}

/* -- watch ----------------------------------------------------------------------------------------------- */

#define LIVE(session)                                                                                              \
        "time number, event text, verdict text, address text, name text, state text, contact text, "               \
        "battery_percentage number, heart_rate number, smoothed number, zone number, rr array, alpha1 null, "      \
        "alpha1_reason text, ceiling number, ceiling_expression text, ceiling_reason text, over boolean, " session \
        ", pace_address null, speed null, cadence null, incline null, distance null, pace_limit null, "            \
        "pace_reason text, over_pace boolean, workout null, "                                                      \
        "workout_step null, workout_step_number null, workout_steps null, workout_left_s null, "                   \
        "trouble null, snoozed_until null"

/* The line that matches the pattern, the last one; to be freed. */
static char *line_with(Harness *h, const Child *child, const char *part)
{
        _cleanup_free_ char *output = harness_child_output(h, child, false);
        char *save = NULL, *found = NULL;

        for (char *line = strtok_r(output, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
                if (strstr(line, part))
                        found = line;
        if (!found)
                fail_msg("no line with %s", part);
        return strdup(found);
}

/* A `watch` that starts in the middle of a breach has its beginning, and so its length, from the database. */
static void check_second_watch(Harness *h)
{
        _cleanup_free_ char *line = NULL;
        const char *breach_s;
        double most_s;
        Child *watch;

        run_settle(h, 170);
        run_wait_int(h, 1, "SELECT count(*) FROM sample WHERE heart_rate = 170");
        most_s = run_real(h,
                        "SELECT (max(s.t) - e.t) / 1000.0 FROM sample AS s, event AS e WHERE e.type = 'over-limit'");
        watch = harness_spawn(h, "second-watch", false,
                        (const char *const[]){ BUILD "/cardioctl", "watch", "--json", NULL });
        harness_wait_output(h, watch, false, "*\"verdict\":\"too-fast\"*", HARNESS_TIMEOUT);
        line = line_with(h, watch, "\"verdict\":\"too-fast\"");
        breach_s = strstr(line, "\"breach_s\":");
        assert_non_null(breach_s);
        /* Less only if the machine stood still for longer than the credit of a heart rate. */
        assert_true(strtod(breach_s + strlen("\"breach_s\":"), NULL) > 0.2);
        assert_true(strtod(breach_s + strlen("\"breach_s\":"), NULL) <= most_s + 0.051);
        assert_int_equal(harness_child_end(h, watch, SIGTERM), 128 + SIGTERM);
}

static void test_watch(Harness *h)
{
        static char over_limit[] = "OverLimit";
        _cleanup_free_ char *idle = NULL, *running = NULL, *over = NULL, *ended = NULL, *gone = NULL;
        Child *watch;

        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        run_strap(h, STRAP);
        harness_standin(h, "battery " STRAP " 80");
        run_heart_rate(h, 130);
        harness_wait_property(
                        h, STRAP_PATH, CARDIO_SENSOR_INTERFACE, "BatteryPercentage", "80", HARNESS_TIMEOUT);
        watch = harness_program_start(h, "cardioctl", "watch", "--json");
        harness_wait_output(h, watch, false, "*\"event\":\"daemon\"*", HARNESS_TIMEOUT);
        harness_standin(h, "hr " STRAP " 131 rr 450 460");
        harness_wait_output(h, watch, false, "*\"heart_rate\":131,*", HARNESS_TIMEOUT);
        idle = line_with(h, watch, "\"heart_rate\":131,");
        assert_shape(idle, "$",
                        LIVE("session null, kind null, duration_s null, over_s null, breaches null, breach_s null"));
        run_assert_contains(idle, "\"event\":\"measurement\",\"verdict\":\"idle\",\"address\":\"" STRAP "\"");
        run_assert_contains(idle, "\"rr\":[450,460]");
        run_assert_contains(idle, "\"battery_percentage\":80");

        (void)run_call(h, "StartSession", "s", "base");
        harness_wait_output(
                        h, watch, false, "*\"event\":\"session-started\"*\"session\":1,*", HARNESS_TIMEOUT);
        harness_wait_output(h, watch, false, "*\"kind\":\"base\"*", HARNESS_TIMEOUT);
        run_heart_rate(h, 132);
        harness_wait_output(h, watch, false, "*\"heart_rate\":132,*", HARNESS_TIMEOUT);
        running = line_with(h, watch, "\"heart_rate\":132,");
        assert_shape(running, "$",
                        LIVE("session number, kind text, duration_s number, over_s number, breaches number, breach_s null"));
        run_assert_contains(running, "\"verdict\":\"easy\"");
        run_assert_contains(running, "\"over\":false");

        assert_true(harness_wait(h, is_over_limit, over_limit, 4 * HARNESS_TIMEOUT));
        harness_wait_output(h, watch, false, "*\"event\":\"over-limit\"*", HARNESS_TIMEOUT);
        over = line_with(h, watch, "\"event\":\"over-limit\"");
        assert_shape(over, "$",
                        LIVE("session number, kind text, duration_s number, over_s number, breaches number, breach_s number"));
        run_assert_contains(over, "\"verdict\":\"too-fast\"");
        run_assert_contains(over, "\"over\":true");
        run_assert_contains(over, "\"breaches\":1");
        check_second_watch(h);

        (void)run_call(h, "StopSession", NULL);
        harness_wait_output(h, watch, false, "*\"event\":\"back-in-range\"*", HARNESS_TIMEOUT);
        harness_wait_output(h, watch, false, "*\"event\":\"session-ended\"*", HARNESS_TIMEOUT);
        ended = line_with(h, watch, "\"event\":\"session-ended\"");
        run_assert_contains(ended, "\"session\":1");

        assert_int_equal(harness_daemon_stop(h, SIGTERM), 0);
        harness_wait_output(h, watch, false, "*\"verdict\":\"no-daemon\"*", HARNESS_TIMEOUT);
        gone = line_with(h, watch, "\"verdict\":\"no-daemon\"");
        run_assert_contains(gone, "\"event\":\"daemon\"");
        run_assert_contains(gone, "\"state\":null");
        harness_daemon_start(h, NULL, DAEMON_SYSTEM);
        harness_standin(h, "expect notifying " STRAP " 30s");
        run_heart_rate(h, 133);
        harness_wait_output(h, watch, false, "*\"heart_rate\":133,*", HARNESS_TIMEOUT);
        assert_int_equal(harness_child_end(h, watch, SIGTERM), 128 + SIGTERM);
}

/* A status bar starts before everything else; what comes from the air must not become markup. */
static void test_waybar(Harness *h)
{
        _cleanup_free_ char *off = NULL, *line = NULL;
        Child *watch = harness_program_start(h, "cardioctl", "watch", "--waybar");

        harness_wait_output(h, watch, false, "*\"class\":[[]\"no-daemon\"]*", HARNESS_TIMEOUT);
        off = line_with(h, watch, "no-daemon");
        assert_string_equal(off, "{\"text\":\"\",\"tooltip\":\"cardiod is not running; waiting for it\","
                                 "\"class\":[\"no-daemon\"],\"percentage\":0}");

        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        harness_standin(h, "adapter add hci0 powered");
        harness_standin(h, "strap add hci0 " STRAP " \"<b>\\x1bH&'10\\\"\" trusted");
        harness_standin(h, "advertise " STRAP);
        harness_standin(h, "expect notifying " STRAP " 30s");
        harness_standin(h, "battery " STRAP " 80");
        run_heart_rate(h, 130);
        (void)run_call(h, "StartSession", "s", "base");
        harness_wait_output(h, watch, false, "{\"text\":\"130\"*EASY*battery 80*", HARNESS_TIMEOUT);
        line = line_with(h, watch, "EASY");
        assert_string_equal(line,
                        "{\"text\":\"130\",\"tooltip\":\"EASY  16 "
                        "below\\n&lt;b&gt;?H&amp;&#39;10&quot;, live, "
                        "battery 80 %\\nceiling 146, from the configuration\\nover 0 s in 0 breaches\","
                        "\"class\":[\"easy\",\"zone-1\"],\"percentage\":54}");
        assert_int_equal(harness_child_end(h, watch, SIGTERM), 128 + SIGTERM);
}

/* Nothing is said twice. */
static void test_waybar_repeats(Harness *h)
{
        _cleanup_free_ char *output = NULL;
        char *save = NULL, *before = NULL;
        Child *watch;

        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        run_strap(h, STRAP);
        watch = harness_program_start(h, "cardioctl", "watch", "--waybar");
        for (unsigned i = 0; i < 5; i++)
                run_heart_rate(h, 130);
        run_settle(h, 132);
        harness_wait_output(h, watch, false, "{\"text\":\"132\"*", HARNESS_TIMEOUT);
        output = harness_child_output(h, watch, false);
        for (char *line = strtok_r(output, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
                assert_true(!before || strcmp(before, line) != 0);
                before = line;
        }
        assert_int_equal(harness_child_end(h, watch, SIGTERM), 128 + SIGTERM);
}

static void test_lines(Harness *h)
{
        Child *watch;

        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        run_strap(h, STRAP);
        run_heart_rate(h, 130);
        watch = harness_program_start(h, "cardioctl", "watch");
        harness_wait_output(h, watch, false, "*  130 bpm  zone 1  not recording", HARNESS_TIMEOUT);
        (void)run_call(h, "StartSession", "s", "base");
        run_settle(h, 133);
        harness_wait_output(h, watch, false,
                        "[0-2][0-9]:[0-5][0-9]:[0-5][0-9]  133 bpm  zone 1  EASY  13 below", HARNESS_TIMEOUT);
        run_lose_contact(h);
        harness_wait_output(h, watch, false, "??:??:??  no skin contact", HARNESS_TIMEOUT);
        assert_int_equal(harness_daemon_stop(h, SIGTERM), 0);
        harness_wait_output(
                        h, watch, false, "??:??:??  cardiod is not running; waiting for it", HARNESS_TIMEOUT);
        harness_refute_output(h, watch, false, "*\033*");
        assert_int_equal(harness_child_end(h, watch, SIGTERM), 128 + SIGTERM);
}

/* No keys and no escapes either on a terminal that is said to understand none. */
static void test_dumb_terminal(Harness *h)
{
        static const char *const argv[] = { "sh", "-c",
                "TERM=dumb timeout -s INT 60 script -qec '" BUILD "/cardioctl watch' /dev/null", NULL };
        Child *watch;

        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        run_strap(h, STRAP);
        run_heart_rate(h, 130);
        watch = harness_spawn(h, "script", false, argv);
        harness_wait_output(h, watch, false, "??:??:??  130 bpm  zone 1  not recording*", HARNESS_TIMEOUT);
        run_settle(h, 132);
        harness_wait_output(h, watch, false, "??:??:??  132 bpm  zone 1  not recording*", HARNESS_TIMEOUT);
        harness_refute_output(h, watch, false, "*\033*");
        (void)harness_child_end(h, watch, SIGTERM);
}

/* A reader that exits is no failure, and is noticed although nothing happens. */
static void test_reader_gone(Harness *h)
{
        static const char *const argv[] = { "bash", "-c",
                "set -o pipefail; " BUILD "/cardioctl watch --json | head -n 1", NULL };
        Child *watch;

        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        run_strap(h, STRAP);
        run_heart_rate(h, 130);
        watch = harness_spawn(h, "pipe", false, argv);
        assert_int_equal(harness_child_end(h, watch, 0), 0);
}

static void test_refused(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };

        assert_int_equal(ctl_run(&c, "watch", NULL), 3);
        ctl_assert_contains(c.err, "start it with `systemctl start cardiod`");
        assert_int_equal(ctl_run(&c, "watch", "--json", NULL), 3);
        assert_string_equal(c.out, "");
        assert_int_equal(ctl_run(&c, "watch", "--json", "--waybar", NULL), 2);
        ctl_assert_contains(c.err, "give one of them");
        assert_int_equal(ctl_run(&c, "completions", "csh", NULL), 2);
        ctl_assert_contains(c.err, "accepted: bash, zsh or fish");
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                harness_test(test_answers),
                harness_test(test_setup),
                harness_test(test_sessions),
                harness_test(test_coach),
                harness_test(test_watch),
                harness_test(test_waybar),
                harness_test(test_waybar_repeats),
                harness_test(test_lines),
                harness_test(test_dumb_terminal),
                harness_test(test_reader_gone),
                harness_test(test_refused),
        };

        ctl_join_group();
        return cmocka_run_group_tests(tests, NULL, NULL);
}
