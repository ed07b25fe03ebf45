/* SPDX-License-Identifier: MIT */

/* What the tests of the coach share. The programs' time zone is chosen so that it is the hour a test needs: so dates are an
 * input, too, and no test waits for midnight. */

#include "coach-fixture.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DAY_S 86400L

long coach_offset_for(unsigned hour, unsigned minute, unsigned second)
{
        long now = (long)(run_realtime_usec() / USEC_PER_SEC) % DAY_S;
        long wanted = (long)(hour * 3600 + minute * 60 + second), ahead = wanted - now;

        /* Zones are at most 24 h from UTC. */
        return ahead > DAY_S / 2 ? ahead - DAY_S : ahead < -DAY_S / 2 ? ahead + DAY_S : ahead;
}

void coach_set_zone(long ahead_s)
{
        long s = labs(ahead_s);
        char zone[32];

        /* POSIX negates what is ahead of UTC. */
        (void)snprintf(zone, sizeof(zone), "RUN%c%ld:%02ld:%02ld", ahead_s > 0 ? '-' : '+', s / 3600,
                        s / 60 % 60, s % 60);
        assert_int_equal(setenv("TZ", zone, 1), 0);
        tzset();
}

void coach_daemon(Harness *h, const char *config)
{
        coach_set_zone(coach_offset_for(12, 0, 0));
        harness_daemon_start(h, config, DAEMON_SYSTEM);
}

const char *coach_date(int days, char buf[static COACH_DATE_MAX])
{
        time_t at = (time_t)(run_realtime_usec() / USEC_PER_SEC) + days * DAY_S;
        struct tm tm;

        assert_non_null(localtime_r(&at, &tm));
        assert_true(strftime(buf, COACH_DATE_MAX, "%Y-%m-%d", &tm) > 0);
        return buf;
}

int64_t coach_run(Harness *h, int days, unsigned minutes, const char *kind)
{
        char date[COACH_DATE_MAX];

        return run_call(h, "AddSession", "a{sv}", 3, "local_date", "s", coach_date(days, date), "minutes",
                        "u", minutes, "kind", "s", kind);
}

int64_t coach_race(Harness *h, int days, const char *distance)
{
        char date[COACH_DATE_MAX];

        return run_call(h, COACH "AddRace", "ssa{sv}", coach_date(days, date), distance, 0);
}

int64_t coach_morning(Harness *h, int days, double heart_rate)
{
        char date[COACH_DATE_MAX];

        return run_call(h, COACH "AddResting", "sd", coach_date(days, date), heart_rate);
}

/* -- Today ----------------------------------------------------------------------------------------------- */

static void read_text(sd_bus_message *m, char *buf, size_t size)
{
        const char *text;

        assert_true(sd_bus_message_read(m, "v", "s", &text) > 0);
        assert_true(snprintf(buf, size, "%s", text) < (int)size);
}

/* One a line. */
static void read_texts(sd_bus_message *m, char *buf, size_t size)
{
        const char *text;

        assert_true(sd_bus_message_enter_container(m, 'v', "as") > 0);
        assert_true(sd_bus_message_enter_container(m, 'a', "s") > 0);
        while (sd_bus_message_read(m, "s", &text) > 0) {
                size_t n = strlen(buf);

                assert_true(snprintf(buf + n, size - n, "%s\n", text) < (int)(size - n));
        }
        assert_true(sd_bus_message_exit_container(m) >= 0);
        assert_true(sd_bus_message_exit_container(m) >= 0);
}

static void read_key(sd_bus_message *m, const char *key, CoachDay *day)
{
        int r = 1;

        if (strcmp(key, "kind") == 0)
                read_text(m, day->kind, sizeof(day->kind));
        else if (strcmp(key, "ceiling") == 0)
                read_text(m, day->ceiling, sizeof(day->ceiling));
        else if (strcmp(key, "reason") == 0)
                read_text(m, day->reason, sizeof(day->reason));
        else if (strcmp(key, "advice") == 0)
                read_texts(m, day->advice, sizeof(day->advice));
        else if (strcmp(key, "care") == 0)
                read_texts(m, day->care, sizeof(day->care));
        else if (strcmp(key, "coach_ceiling") == 0)
                read_text(m, day->coach_ceiling, sizeof(day->coach_ceiling));
        else if (strcmp(key, "ceiling_reason") == 0)
                read_text(m, day->ceiling_reason, sizeof(day->ceiling_reason));
        else if (strcmp(key, "rule") == 0)
                read_text(m, day->rule, sizeof(day->rule));
        else if (strcmp(key, "ceiling_bpm") == 0)
                r = sd_bus_message_read(m, "v", "d", &day->ceiling_bpm);
        else if (strcmp(key, "minutes") == 0)
                r = sd_bus_message_read(m, "v", "(uu)", &day->min_minutes, &day->max_minutes);
        else if (strcmp(key, "streak") == 0)
                r = sd_bus_message_read(m, "v", "u", &day->streak);
        else if (strcmp(key, "cycle_day") == 0)
                r = sd_bus_message_read(m, "v", "u", &day->cycle_day);
        else if (strcmp(key, "sessions") == 0)
                r = sd_bus_message_read(m, "v", "u", &day->sessions);
        else if (strcmp(key, "week_sessions") == 0)
                r = sd_bus_message_read(m, "v", "u", &day->week_sessions);
        else if (strcmp(key, "week_minutes") == 0)
                r = sd_bus_message_read(m, "v", "u", &day->week_minutes);
        else if (strcmp(key, "resting") == 0)
                r = sd_bus_message_read(m, "v", "d", &day->resting);
        else if (strcmp(key, "resting_delta") == 0)
                r = sd_bus_message_read(m, "v", "d", &day->resting_delta);
        else if (strcmp(key, "provisional") == 0)
                r = sd_bus_message_read(m, "v", "b", &day->provisional);
        else if (strcmp(key, "proposed_maximum") == 0)
                r = sd_bus_message_read(m, "v", "d", &day->proposed_maximum);
        else if (strcmp(key, "proposed_maximum_date") == 0)
                read_text(m, day->proposed_maximum_date, sizeof(day->proposed_maximum_date));
        else if (strcmp(key, "proposed_maximum_text") == 0)
                read_text(m, day->proposed_maximum_text, sizeof(day->proposed_maximum_text));
        else
                fail_msg("Today has a key %s", key);
        assert_true(r > 0);
}

CoachDay coach_ask(Harness *h, int days)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        char date[COACH_DATE_MAX];
        CoachDay day = { 0 };
        const char *key;

        assert_true(harness_call(h, &reply, NULL, COACH "Today", "s",
                                    days == 0 ? "" : coach_date(days, date)) >= 0);
        assert_true(sd_bus_message_enter_container(reply, 'a', "{sv}") > 0);
        while (sd_bus_message_enter_container(reply, 'e', "sv") > 0) {
                assert_true(sd_bus_message_read(reply, "s", &key) > 0);
                read_key(reply, key, &day);
                assert_true(sd_bus_message_exit_container(reply) >= 0);
                day.keys++;
        }
        return day;
}

/* -- Mornings -------------------------------------------------------------------------------------------- */

static int on_answer(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        CoachAnswer *answer = userdata;

        (void)ret_error;
        answer->here = true;
        if (sd_bus_message_is_method_error(m, NULL))
                (void)snprintf(answer->error, sizeof(answer->error), "%s", sd_bus_message_get_error(m)->name);
        else
                assert_true(sd_bus_message_read(m, "dd", &answer->heart_rate, &answer->rmssd) > 0);
        return 0;
}

bool coach_is_answered(Harness *h, void *userdata)
{
        (void)h;
        return ((CoachAnswer *)userdata)->here;
}

void coach_measure(sd_bus *bus, CoachAnswer *answer)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;

        *answer = (CoachAnswer){ 0 };
        assert_true(sd_bus_message_new_method_call(bus, &m, CARDIO_BUS_NAME, CARDIO_OBJECT,
                                    CARDIO_COACH_INTERFACE, "MeasureResting") >= 0);
        assert_true(sd_bus_message_append(m, "u", 30) >= 0);
        assert_true(sd_bus_call_async(bus, NULL, m, on_answer, answer, 10 * USEC_PER_MIN) >= 0);
        assert_true(sd_bus_flush(bus) >= 0);
}

void coach_expect(Harness *h, int days, const char *kind, const char *pattern)
{
        CoachDay day = coach_ask(h, days);

        if (strcmp(day.kind, kind) != 0 || fnmatch(pattern, day.reason, 0) != 0)
                harness_fail(h, "day %+d is %s: %s; expected %s: %s", days, day.kind, day.reason, kind,
                                pattern);
}
