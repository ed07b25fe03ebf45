/* SPDX-License-Identifier: MIT */

/* The JSON texts of states, events and sessions. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bridge/payload.h"
#include "cardio/bus-api.h"
#include "cardio/macro.h"

/* -- The state ------------------------------------------------------------------------------------------- */

static void test_state(void **state)
{
        static const struct {
                StateView view;
                const char *expected;
        } cases[] = {
                { { .battery = CARDIO_BATTERY_UNKNOWN },
                                "{\"heart_rate\":null,\"smoothed\":null,\"zone\":null,\"ceiling\":null,\"over\":false,"
                                "\"recording\":false,\"session\":null,\"strap\":null,\"battery\":null,\"contact\":null,"
                                "\"state\":\"absent\"}" },
                { { .state = STRAP_LIVE,
                                  .over = true,
                                  .recording = true,
                                  .session = INT64_C(9007199254740993),
                                  .ceiling = 145.55,
                                  .strap = "H10 \"x\"\\",
                                  .heart_rate = 151,
                                  .smoothed = 149.5,
                                  .zone = 3,
                                  .battery = 0,
                                  .contact = "yes" },
                                "{\"heart_rate\":151,\"smoothed\":149.5,\"zone\":3,\"ceiling\":145.55,\"over\":true,"
                                "\"recording\":true,\"session\":9007199254740993,\"strap\":\"H10 \\\"x\\\"\\\\\","
                                "\"battery\":0,\"contact\":\"yes\",\"state\":\"live\"}" },
                /* A zone below the first is known; a smoothed heart rate that is none is not. */
                { { .state = STRAP_LIVE, .heart_rate = 60, .zone = 0, .battery = 100, .strap = "a/b" },
                                "{\"heart_rate\":60,\"smoothed\":null,\"zone\":0,\"ceiling\":null,\"over\":false,"
                                "\"recording\":false,\"session\":null,\"strap\":\"a/b\",\"battery\":100,\"contact\":null,"
                                "\"state\":\"live\"}" },
                { { .state = STRAP_NO_CONTACT, .strap = "x", .battery = CARDIO_BATTERY_UNKNOWN },
                                "{\"heart_rate\":null,\"smoothed\":null,\"zone\":null,\"ceiling\":null,\"over\":false,"
                                "\"recording\":false,\"session\":null,\"strap\":\"x\",\"battery\":null,\"contact\":null,"
                                "\"state\":\"no-contact\"}" },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ char *text = NULL;

                assert_int_equal(payload_state(&cases[i].view, &text), 0);
                assert_string_equal(text, cases[i].expected);
        }
}

/* -- Events ---------------------------------------------------------------------------------------------- */

static void test_event(void **state)
{
        static const struct {
                FollowerEvent event;
                int64_t session;
                const char *expected; /* NULL: none */
        } cases[] = {
                { { .type = FOLLOWER_OVER_LIMIT,
                                  .limit = { .session = 7,
                                                  .heart_rate = 157.5,
                                                  .ceiling = 145.55,
                                                  .seconds = 12 } },
                                9,
                                "{\"event\":\"over-limit\",\"device\":\"garage\",\"time\":\"2026-05-17T06:31:00Z\","
                                "\"session\":7,\"heart_rate\":157.5,\"ceiling\":145.55,\"seconds\":12}" },
                { { .type = FOLLOWER_BACK_IN_RANGE,
                                  .limit = { .session = 7,
                                                  .heart_rate = 140,
                                                  .ceiling = 0,
                                                  .seconds = UINT32_MAX } },
                                0,
                                "{\"event\":\"back-in-range\",\"device\":\"garage\",\"time\":\"2026-05-17T06:31:00Z\","
                                "\"session\":7,\"heart_rate\":140,\"ceiling\":0,\"seconds\":4294967295}" },
                { { .type = FOLLOWER_SESSION_STARTED,
                                  .session = { .id = 8, .at_realtime_usec = UINT64_C(1778999429999999) } },
                                8,
                                "{\"event\":\"session-started\",\"device\":\"garage\",\"time\":\"2026-05-17T06:31:00Z\","
                                "\"session\":8,\"started\":\"2026-05-17T06:30:29Z\"}" },
                { { .type = FOLLOWER_SESSION_STARTED, .session = { .id = 8 } }, 8,
                                "{\"event\":\"session-started\",\"device\":\"garage\",\"time\":\"2026-05-17T06:31:00Z\","
                                "\"session\":8,\"started\":null}" },
                { { .type = FOLLOWER_SESSION_ENDED, .session = { .id = 8 } }, 0,
                                "{\"event\":\"session-ended\",\"device\":\"garage\",\"time\":\"2026-05-17T06:31:00Z\","
                                "\"session\":8}" },
                { { .type = FOLLOWER_TROUBLE,
                                  .trouble = { "strap-lost", "No heart rate\nfor a \"minute\"\x1b[m" } },
                                7,
                                "{\"event\":\"trouble\",\"device\":\"garage\",\"time\":\"2026-05-17T06:31:00Z\",\"session\":7,"
                                "\"kind\":\"strap-lost\",\"text\":\"No heart rate?for a \\\"minute\\\"?[m\"}" },
                { { .type = FOLLOWER_TROUBLE, .trouble = { "battery", "Low" } }, 0,
                                "{\"event\":\"trouble\",\"device\":\"garage\",\"time\":\"2026-05-17T06:31:00Z\",\"session\":null,"
                                "\"kind\":\"battery\",\"text\":\"Low\"}" },
                { { .type = FOLLOWER_SESSION_DISCARDED, .session = { .id = 8 } }, 0, NULL },
                { { .type = FOLLOWER_MEASUREMENT, .measurement = { .heart_rate = 120 } }, 0, NULL },
                { { .type = FOLLOWER_PACE }, 0, NULL },
                { { .type = FOLLOWER_OVER_PACE }, 0, NULL },
                { { .type = FOLLOWER_PACE_IN_RANGE }, 0, NULL },
                { { .type = FOLLOWER_ADVICE }, 0, NULL },
                { { .type = FOLLOWER_CUE }, 0, NULL },
                { { .type = FOLLOWER_READY }, 0, NULL },
                { { .type = FOLLOWER_LOST }, 0, NULL },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ char *text = NULL;
                int r = payload_event(&cases[i].event, "garage", cases[i].session, UINT64_C(1778999460999999),
                                &text);

                assert_int_equal(r, cases[i].expected ? 0 : -ENOENT);
                if (cases[i].expected)
                        assert_string_equal(text, cases[i].expected);
                else
                        assert_null(text);
        }
}

/* What is no UTF-8, and what never ends. */
static void test_hostile_text(void **state)
{
        _cleanup_free_ char *text = NULL;
        char words[8192];
        FollowerEvent e = { .type = FOLLOWER_TROUBLE, .trouble = { "\xff", words } };

        (void)state;
        memset(words, 'w', sizeof(words) - 1);
        words[sizeof(words) - 1] = '\0';
        assert_int_equal(payload_event(&e, "garage", 0, 1, &text), 0);
        assert_non_null(strstr(text, "\"kind\":\"?\""));
        assert_true(strlen(text) < 2300 && strlen(text) > 2048);
}

/* -- Sessions -------------------------------------------------------------------------------------------- */

/* A bus that nothing is ever sent on: it only makes messages. */
static int setup(void **state)
{
        sd_bus *bus = NULL;
        int fds[2];

        assert_true(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) == 0);
        assert_true(sd_bus_new(&bus) >= 0);
        assert_true(sd_bus_set_fd(bus, fds[0], fds[0]) >= 0);
        assert_true(sd_bus_start(bus) >= 0);
        (void)close(fds[1]);
        *state = bus;
        return 0;
}

static int teardown(void **state)
{
        sd_bus_close_unref(*state);
        return 0;
}

static sd_bus_message *message_new(sd_bus *bus)
{
        sd_bus_message *m = NULL;

        assert_true(sd_bus_message_new_signal(bus, &m, "/x", "x.y", "Z") >= 0);
        return m;
}

/* As it is read. */
static void seal(sd_bus_message *m)
{
        assert_true(sd_bus_message_seal(m, 1, 0) >= 0);
        assert_true(sd_bus_message_rewind(m, true) >= 0);
}

static void test_session(void **state)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = message_new(*state);
        _cleanup_free_ char *text = NULL;

        /* In another order, without what is NULL, and with what is no column of the view. */
        assert_true(sd_bus_message_append(m, "a{sv}", 22, "verdict_text", "s", "Too fast.", "breaches", "x",
                                    (int64_t)2, "id", "x", (int64_t)41, "date", "s", "2026-05-17", "start",
                                    "s", "06:31", "duration", "s", "0:40:12", "kind", "s", "base", "avg_bpm",
                                    "d", 138.3, "peak_bpm", "d", 161.0, "ceiling", "d", 145.55, "over", "s",
                                    "0:03:10", "longest_breach", "s", "0:01:30", "easy_percent", "d", 92.1,
                                    "strap", "s", "Demo \x1b strap", "duration_s", "x", (int64_t)2412,
                                    "over_s", "x", (int64_t)190, "trimp", "d", 0.1 + 0.2, "verdict", "s",
                                    "too-fast", "source", "s", "strap", "ask_talk_test", "b", 1, "moon", "u",
                                    7, "note", "s", "Hills:\n\t1. \"up\"\r\x7f\n") >= 0);
        seal(m);
        assert_int_equal(payload_session(m, "garage", &text), 0);
        assert_string_equal(text,
                        "{\"device\":\"garage\",\"id\":41,\"date\":\"2026-05-17\",\"start\":\"06:31\",\"duration\":\"0:40:12\","
                        "\"kind\":\"base\",\"avg_bpm\":138.3,\"peak_bpm\":161,\"ceiling\":145.55,\"over\":\"0:03:10\","
                        "\"breaches\":2,\"longest_breach\":\"0:01:30\",\"easy_percent\":92.1,\"strap\":\"Demo ? strap\","
                        "\"duration_s\":2412,\"over_s\":190,\"trimp\":0.30000000000000004,\"verdict\":\"too-fast\","
                        "\"talk_test\":null,\"rpe\":null,\"note\":\"Hills:\\n\\t1. \\\"up\\\"??\\n\",\"source\":\"strap\",\"rmssd\":null,"
                        "\"distance_km\":null,\"pace\":null,\"ascent_m\":null}");
}

static void test_session_refused(void **state)
{
        static const struct {
                const char *types, *key, *type;
                int expected;
        } cases[] = {
                { "a{sv}", "kind", "s", -EBADMSG }, /* no id */
                { "a{sv}", "id", "s", -EBADMSG },   /* an id of another type */
                { "a(sv)", "id", "s", -ENXIO },     /* no dictionary */
                { "a{ss}", "id", NULL, -ENXIO },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = message_new(*state);
                _cleanup_free_ char *text = NULL;

                if (cases[i].type)
                        assert_true(sd_bus_message_append(m, cases[i].types, 1, cases[i].key, cases[i].type,
                                                    "7") >= 0);
                else
                        assert_true(sd_bus_message_append(m, cases[i].types, 1, cases[i].key, "7") >= 0);
                seal(m);
                assert_int_equal(payload_session(m, "garage", &text), cases[i].expected);
                assert_null(text);
        }
}

/* Infinity is no JSON. */
static void test_session_not_finite(void **state)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = message_new(*state);
        _cleanup_free_ char *text = NULL;

        assert_true(sd_bus_message_append(m, "a{sv}", 3, "id", "x", (int64_t)1, "trimp", "d",
                                    (double)INFINITY, "rmssd", "d", (double)NAN) >= 0);
        seal(m);
        assert_int_equal(payload_session(m, "garage", &text), 0);
        assert_non_null(strstr(text, "\"trimp\":null"));
        assert_non_null(strstr(text, "\"rmssd\":null"));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_state),
                cmocka_unit_test(test_event),
                cmocka_unit_test(test_hostile_text),
                cmocka_unit_test_setup_teardown(test_session, setup, teardown),
                cmocka_unit_test_setup_teardown(test_session_refused, setup, teardown),
                cmocka_unit_test_setup_teardown(test_session_not_finite, setup, teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
