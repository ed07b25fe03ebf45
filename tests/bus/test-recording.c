/* SPDX-License-Identifier: MIT */
/* A real run through strap packets, BlueZ's signals, the daemon and the database: what comes out is what went in, each
 * heart rate and each R-R interval in its place. The recording is read here once more, by other code. */

#include "bluez-fixture.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

/* Of the recording, four times as fast as life: a packet every 250 ms, never two alike within the 200 ms in which the
 * second would be taken for an echo. */
#define SECONDS 90U
#define SPEED   4U

typedef struct Expected {
        char *heart_rates; /* one a line: 61 */
        char *rr;          /* one packet a line: [600,601], or nothing */
} Expected;

static void expected_free(Expected *e)
{
        free(e->heart_rates);
        free(e->rr);
}

static const char *recording_path(char path[static 512], const char *name)
{
        const char *folder = getenv("TEST_DATA");

        assert_in_range(snprintf(path, 512, "%s/garmin-strap-run/%s", folder ? folder : TEST_DATA, name), 1,
                        511);
        return path;
}

static FILE *recording_open(const char *name)
{
        char path[512], heading[128];
        FILE *f = fopen(recording_path(path, name), "re");

        assert_non_null(f);
        assert_non_null(fgets(heading, sizeof(heading), f));
        return f;
}

/* The intervals of one row. Both files are in order: *index and *milliseconds are the next line of the second. */
static void write_row_rr(FILE *out, FILE *intervals, unsigned row, unsigned *index, double *milliseconds)
{
        bool any = false;

        while (*index == row) {
                fprintf(out, "%s%ld", any ? "," : "[", lround(*milliseconds * 1024 / 1000));
                any = true;
                if (fscanf(intervals, "%u,%lf\n", index, milliseconds) != 2)
                        *index = UINT32_MAX;
        }
        if (any)
                fputc(']', out);
}

static void expected_read(Expected *e)
{
        size_t heart_rates_size, rr_size;
        FILE *records = recording_open("records.csv"), *intervals = recording_open("rr.csv");
        FILE *heart_rates = open_memstream(&e->heart_rates, &heart_rates_size);
        FILE *rr = open_memstream(&e->rr, &rr_size);
        double t, milliseconds;
        unsigned heart_rate, index;

        assert_true(heart_rates && rr);
        assert_int_equal(fscanf(intervals, "%u,%lf\n", &index, &milliseconds), 2);
        for (unsigned row = 0; fscanf(records, "%lf,%u\n", &t, &heart_rate) == 2 && t <= SECONDS; row++) {
                fprintf(heart_rates, "%s%u", row > 0 ? "\n" : "", heart_rate);
                if (row > 0)
                        fputc('\n', rr);
                write_row_rr(rr, intervals, row, &index, &milliseconds);
        }
        fclose(heart_rates);
        fclose(rr);
        fclose(records);
        fclose(intervals);
}

static void test_recorded_run(Harness *h)
{
        _cleanup_(expected_free) Expected expected = { 0 };
        _cleanup_free_ char *heart_rates = NULL, *rr = NULL, *smoothed = NULL;
        char records[512], intervals[512];

        if (access(recording_path(records, "records.csv"), R_OK) != 0 ||
                        access(recording_path(intervals, "rr.csv"), R_OK) != 0)
                harness_skip(h, "no recording at %s", records);
        expected_read(&expected);

        bluez_begin(h, "[runner]\nage = 23\nresting-heart-rate = 50\n[session]\nstart-above = contact\nmin-duration = 0\n"
                       "[storage]\ncommit-interval = 1s\n");
        harness_standin(h, "strap add hci0 " STRAP " \"Strap of the recording\" trusted");
        harness_standin(h, "advertise " STRAP);
        harness_wait_calls(h, "call StartNotify *", 1, SOON_USEC);
        harness_standin(h, "expect notifying " STRAP " 10s");
        assert_int_equal(harness_call(h, NULL, NULL, "Subscribe", NULL), 0);
        harness_standin(h, "play " STRAP " \"%s\" rr \"%s\" to %u speed %u", records, intervals, SECONDS,
                        SPEED);
        assert_int_equal(harness_call(h, NULL, NULL, "StopSession", NULL), 0);
        (void)harness_wait_signal(h, CARDIO_MANAGER_INTERFACE, "SessionEnded", SOON_USEC);

        heart_rates = harness_sql(h, "SELECT heart_rate FROM sample WHERE session_id = 1 ORDER BY t");
        assert_string_equal(heart_rates, expected.heart_rates);
        rr = harness_sql(h, "SELECT rr_json FROM sample WHERE session_id = 1 ORDER BY t");
        assert_string_equal(rr, expected.rr);
        assert_int_equal(harness_count_signals(h, CARDIO_SENSOR_INTERFACE, "Measurement"), SECONDS + 1);
        harness_wait_sql(h, "SELECT count(*) FROM session WHERE source = 'strap' AND by_hand = 0", "1",
                        SOON_USEC);
        harness_wait_sql(h, "SELECT count(*) FROM event WHERE type IN ('gap', 'stale', 'contact-lost')", "0",
                        SOON_USEC);
        /* Each packet has its own place in time, a quarter of a second after the one before. */
        harness_wait_sql(h, "SELECT count(DISTINCT t), max(t) BETWEEN 22000 AND 24000 FROM sample", "91|1",
                        SOON_USEC);
        /* The smoothed heart rate lies within what it is the median of. */
        smoothed = harness_sql(h,
                        "SELECT count(*) FROM sample AS s WHERE smoothed < "
                        "(SELECT min(heart_rate) FROM sample WHERE t BETWEEN s.t - 5000 AND s.t) OR smoothed > "
                        "(SELECT max(heart_rate) FROM sample WHERE t BETWEEN s.t - 5000 AND s.t)");
        assert_string_equal(smoothed, "0");
        bluez_assert_calls(h, "note lost *", 0);
        bluez_assert_calls(h, "call Connect *", 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                harness_test(test_recorded_run),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
