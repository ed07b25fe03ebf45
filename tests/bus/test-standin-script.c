/* SPDX-License-Identifier: MIT */

/* The language of the stand-in's scripts: rules for methods, the stranger, recordings, and the error texts. */

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "standin-fixture.h"

#define DEVICE         "org.bluez.Device1"
#define CHARACTERISTIC "org.bluez.GattCharacteristic1"

static void expect_answer(Harness *h, const char *command, const char *expected)
{
        _cleanup_free_ char *answer = harness_standin_answer(h, command);

        assert_string_equal(answer, expected);
}

/* -- Lines -- */

static void test_mistakes(Harness *h)
{
        client_set_up(h);
        expect_answer(h, "", "ok");
        expect_answer(h, "   # a comment", "ok");
        expect_answer(h, "nonsense", "error: no such command: nonsense");
        expect_answer(h, "pace", "error: expected: pace DURATION");
        expect_answer(h, "pace 1", "error: expected a duration such as 250ms or 2s: 1");
        expect_answer(h, "hr 11:22:33:44:55:66 140", "error: no such strap: 11:22:33:44:55:66");
        expect_answer(h, "hr " STRAP " fast", "error: expected a number from 0 to 65535: fast");
        expect_answer(h, "raw " STRAP " 0", "error: expected a byte of two hexadecimal digits: 0");
        expect_answer(h, "adapter power hci1 on", "error: no such adapter: hci1");
        expect_answer(h, "adapter add hci0", "error: hci0 is there already");
        expect_answer(h, "strap add hci0 " STRAP " again", "error: hci0 has that strap already");
        expect_answer(h, "strap add hci0 aa:bb:cc:dd:ee:ff x",
                        "error: not an address such as AA:BB:CC:DD:EE:FF: aa:bb:cc:dd:ee:ff");
        expect_answer(h, "print \"half",
                        "error: a quotation mark is missing, or \\ is followed by none of \" \\ xHH");
        expect_answer(h, "print \\x00",
                        "error: a quotation mark is missing, or \\ is followed by none of \" \\ xHH");
        expect_answer(h, "resolve " STRAP, "error: " STRAP " is not connected");
        expect_answer(h, "expect connected " STRAP " 10ms",
                        "error: not in time: expect connected " STRAP " 10ms");
        expect_answer(h, "expect-call Connect 10ms", "error: not in time: expect-call Connect 10ms");
        expect_answer(h, "bluetoothd start", "error: bluetoothd runs already");
        /* It has not been thrown off by any of them. */
        expect_answer(h, "print \"a \\\"b\\\" \\\\ \\x41\"", "ok");
        assert_int_equal(harness_calls(h, "a \"b\" \\\\ A"), 1);
}

static void test_long_line(Harness *h)
{
        char line[5000];

        memset(line, '#', sizeof(line) - 1);
        line[sizeof(line) - 1] = '\0';
        expect_answer(h, line, "error: a line is longer than 4095 characters");
}

static void test_file(Harness *h)
{
        _cleanup_free_ char *program = NULL, *expected = NULL, *errors = NULL;
        const char *build = getenv("BUILD");
        Child *child;

        harness_write_file(h, "bad", "adapter add hci0 powered\n\n# fine so far\nadapter frobnicate hci0");
        harness_write_file(h, "good",
                        "adapter add hci0 powered\nexpect ready hci0\nprint done\nexit\nnonsense\n");
        assert_true(asprintf(&program, "%s/bluez-standin", build ? build : BUILD) > 0);

        child = harness_spawn(
                        h, "bad", false, (const char *const[]){ program, harness_path(h, "bad"), NULL });
        assert_int_equal(harness_child_end(h, child, 0), 1);
        errors = harness_child_output(h, child, true);
        assert_true(asprintf(&expected, "%s:4: unknown word: frobnicate\n", harness_path(h, "bad")) > 0);
        assert_string_equal(errors, expected);

        child = harness_spawn(
                        h, "good", false, (const char *const[]){ program, harness_path(h, "good"), NULL });
        assert_int_equal(harness_child_end(h, child, 0), 0);
        harness_wait_output(h, child, false, "done", HARNESS_TIMEOUT);

        /* At the end of a file it goes on. */
        harness_write_file(h, "short", "print begun");
        child = harness_spawn(
                        h, "short", false, (const char *const[]){ program, harness_path(h, "short"), NULL });
        harness_wait_output(h, child, false, "begun", HARNESS_TIMEOUT);
        assert_int_equal(harness_child_end(h, child, SIGTERM), 0);
}

/* -- Rules for methods -- */

static void test_rules(Harness *h)
{
        Answer answer;

        client_set_up_notifying(h);
        harness_standin(h, "fail StartNotify org.bluez.Error.NotPermitted \"Not now\" 2");
        for (unsigned i = 0; i < 2; i++)
                client_expect_error(h, HEART_RATE, CHARACTERISTIC, "StartNotify",
                                "org.bluez.Error.NotPermitted: Not now");
        client_expect_done(h, HEART_RATE, CHARACTERISTIC, "StartNotify");

        harness_standin(h, "delay Disconnect 500ms");
        client_call_async(h, &answer, STRAP_PATH, DEVICE, "Disconnect", NULL);
        harness_standin(h, "expect-call Disconnect");
        client_expect_property(h, STRAP_PATH, DEVICE, "Connected", "true");
        answer_expect(h, &answer, NULL);
        client_expect_property(h, STRAP_PATH, DEVICE, "Connected", "false");

        harness_standin(h, "never Connect");
        client_call_async(h, &answer, STRAP_PATH, DEVICE, "Connect", NULL);
        harness_standin(h, "expect-call Connect");
        expect_answer(h, "expect connected " STRAP " 50ms",
                        "error: not in time: expect connected " STRAP " 50ms");
        assert_false(answer.done);
        answer_done(&answer);

        harness_standin(h, "normal all");
        harness_standin(h, "never Connect 1");
        client_call_async(h, &answer, STRAP_PATH, DEVICE, "Connect", NULL);
        client_expect_done(h, STRAP_PATH, DEVICE, "Connect");
        assert_false(answer.done);
        answer_done(&answer);
}

/* -- The stranger -- */

static void test_stranger(Harness *h)
{
        sd_bus_message *m;
        const char *owner;
        _cleanup_(sd_bus_creds_unrefp) sd_bus_creds *creds = NULL;

        client_set_up_notifying(h);
        assert_true(sd_bus_get_name_creds(harness_bus(h, BUS_SYSTEM), "org.bluez", SD_BUS_CREDS_UNIQUE_NAME,
                                    &creds) >= 0);
        assert_true(sd_bus_creds_get_unique_name(creds, &owner) >= 0);

        /* It passes a match for org.bluez, and only its sender shows that it is not. */
        harness_standin(h, "spoof " STRAP " value 00 ff");
        m = harness_wait_signal(h, NULL, NULL, HARNESS_TIMEOUT);
        assert_string_equal(sd_bus_message_get_path(m), HEART_RATE);
        assert_string_not_equal(sd_bus_message_get_sender(m), owner);
        harness_standin(h, "spoof " STRAP " connected no");
        m = harness_wait_signal(h, NULL, NULL, HARNESS_TIMEOUT);
        assert_string_equal(sd_bus_message_get_path(m), STRAP_PATH);
        harness_standin(h, "spoof " STRAP " removed");
        assert_string_equal(sd_bus_message_get_member(harness_wait_signal(h, NULL, NULL, HARNESS_TIMEOUT)),
                        "InterfacesRemoved");
        harness_standin(h, "spoof " STRAP " broadcast value 00 ff");
        client_expect_silence(h);
        harness_standin(h, "hr " STRAP " 140");
        client_expect_value(h, "008c");
}

/* -- Packets in a row -- */

typedef struct Sums {
        unsigned packets, rr, heart_rate;
        uint64_t rr_sum;
} Sums;

/* Adds up all values kept. */
static Sums sum_values(Harness *h)
{
        Sums sums = { .packets = 0 };
        unsigned n;

        client_sync(h);
        n = sums.packets = harness_count_signals(h, PROPERTIES, "PropertiesChanged");
        for (unsigned i = 0; i < n; i++) {
                sd_bus_message *m = harness_wait_signal(h, PROPERTIES, "PropertiesChanged", 0);
                const uint8_t *value;
                const char *text;
                size_t size;

                assert_true(sd_bus_message_read(m, "s", &text) > 0);
                assert_true(sd_bus_message_enter_container(m, 'a', "{sv}") > 0);
                assert_true(sd_bus_message_enter_container(m, 'e', "sv") > 0);
                assert_true(sd_bus_message_read(m, "s", &text) > 0);
                assert_true(sd_bus_message_enter_container(m, 'v', "ay") > 0);
                assert_true(sd_bus_message_read_array(m, 'y', (const void **)&value, &size) >= 0);
                assert_in_range(size, 2, 512);
                sums.heart_rate += value[1];
                for (size_t k = 2; k + 1 < size; k += 2, sums.rr++)
                        sums.rr_sum += value[k] + 256U * value[k + 1];
        }
        return sums;
}

static void test_play(Harness *h)
{
        Sums sums;

        client_set_up_notifying(h);
        harness_write_file(h, "records.csv", "t_s,hr_bpm\n0,99\n1,98\n2,98\n4,100\n");
        harness_write_file(h, "rr.csv", "after_record_index,rr_ms\n1,616\n1,592\n2,516\n3,1000\n");
        harness_standin(h, "play " STRAP " %s rr %s speed 100", harness_path(h, "records.csv"),
                        harness_path(h, "rr.csv"));
        client_expect_value(h, "0063");
        client_expect_value(h, "106277025e02");
        client_expect_value(h, "10621002");
        client_expect_value(h, "10640004");
        client_expect_silence(h);

        harness_standin(h, "play " STRAP " %s from 1 to 2 speed 100 background",
                        harness_path(h, "records.csv"));
        client_expect_value(h, "0062");
        client_expect_value(h, "0062");

        harness_standin(h, "pace 10ms");
        harness_standin(h, "curve " STRAP " 100 200 500ms");
        sums = sum_values(h);
        assert_int_equal(sums.packets, 51);
        assert_int_equal(sums.heart_rate, 51 * 150);
        /* R-R intervals of 510 ms, except one that is not complete. */
        assert_in_range(sums.rr_sum, 100, 523);

        harness_standin(h, "stream " STRAP " 120 plain");
        for (unsigned i = 0; i < 5; i++)
                client_expect_value(h, "0078");
        harness_standin(h, "repeat " STRAP " 01 2c 01");
        for (unsigned i = 0; i < 5; i++)
                client_expect_value(h, "012c01");
        harness_standin(h, "stop " STRAP);
        client_sync(h);
        harness_clear_signals(h);
        harness_standin(h, "wait 50ms");
        client_expect_silence(h);
}

static void test_play_mistakes(Harness *h)
{
        _cleanup_free_ char *command = NULL, *expected = NULL;
        const char *path;

        client_set_up_notifying(h);
        harness_write_file(h, "records.csv", "t_s,hr_bpm\n0,99\n1;98\n");
        path = harness_path(h, "records.csv");
        assert_true(asprintf(&command, "play " STRAP " %s", path) > 0);
        assert_true(asprintf(&expected, "error: cannot play %s:3 (below a line \"t_s,hr_bpm\"): Bad message",
                                    path) > 0);
        expect_answer(h, command, expected);
        expect_answer(h, "play " STRAP " /nowhere",
                        "error: cannot play /nowhere:1 (below a line \"t_s,hr_bpm\"): No such file or directory");
}

/* The recorded run, whole: as many packets as rows, and every R-R interval in them. */
static void test_play_recording(Harness *h)
{
        const char *data = getenv("TEST_DATA");
        char records[PATH_MAX], intervals[PATH_MAX]; /* skipping leaves no time to free */
        Sums sums;

        data = data ? data : TEST_DATA;
        (void)snprintf(records, sizeof(records), "%s/garmin-strap-run/records.csv", data);
        (void)snprintf(intervals, sizeof(intervals), "%s/garmin-strap-run/rr.csv", data);
        if (access(records, R_OK) < 0 || access(intervals, R_OK) < 0)
                harness_skip(h, "there is no recording %s", records);
        client_set_up_notifying(h);
        harness_standin(h, "play " STRAP " %s rr %s speed 5000", records, intervals);
        sums = sum_values(h);
        assert_int_equal(sums.packets, 1681);
        assert_int_equal(sums.rr, 4360);
        /* 1685.729 s, each interval rounded by itself. */
        assert_in_range(sums.rr_sum, 1685729 * 1024 / 1000 - 500, 1685729 * 1024 / 1000 + 500);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                harness_test(test_mistakes),
                harness_test(test_long_line),
                harness_test(test_file),
                harness_test(test_rules),
                harness_test(test_stranger),
                harness_test(test_play),
                harness_test(test_play_mistakes),
                harness_test(test_play_recording),
        };

        return cmocka_run_group_tests_name("scripts of the stand-in", tests, NULL, NULL);
}
