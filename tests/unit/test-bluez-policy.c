/* SPDX-License-Identifier: MIT */
/* The rules about links, as tables. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/bluez/policy.h"
#include "cardio/macro.h"

/* So many values, each so long after the one before. */
static Arrivals arrivals_of(unsigned n, usec_t interval_usec)
{
        Arrivals a = { .last_usec = 0 };

        for (unsigned i = 0; i < n; i++)
                arrivals_push(&a, USEC_PER_HOUR + i * interval_usec);
        return a;
}

static void test_a_link_is_silent_by_its_own_pace(void **state)
{
        static const struct {
                const char *about;
                unsigned values;
                usec_t interval_usec, stale_usec, expected_usec;
        } table[] = {
                { "nothing came yet", 0, 0, 0, 35 * USEC_PER_SEC },
                { "four intervals are too few", 5, USEC_PER_SEC, 0, 35 * USEC_PER_SEC },
                { "the same with a figure", 5, USEC_PER_SEC, 5 * USEC_PER_SEC, 35 * USEC_PER_SEC },
                { "a long figure holds from the start", 0, 0, USEC_PER_MIN, USEC_PER_MIN },
                { "every second", 6, USEC_PER_SEC, 0, 10 * USEC_PER_SEC },
                { "every second, a shorter figure", 6, USEC_PER_SEC, 3 * USEC_PER_SEC, 10 * USEC_PER_SEC },
                { "every second, a longer figure", 6, USEC_PER_SEC, 20 * USEC_PER_SEC, 20 * USEC_PER_SEC },
                { "every 5.2 s", 6, 5200 * USEC_PER_MSEC, 0, 15600 * USEC_PER_MSEC },
                { "every 5.2 s, a figure of 5 s", 6, 5200 * USEC_PER_MSEC, 5 * USEC_PER_SEC,
                                15600 * USEC_PER_MSEC },
                { "every 11 s", 6, 11 * USEC_PER_SEC, 0, 33 * USEC_PER_SEC },
                { "every 11 s, a figure of 5 s", 6, 11 * USEC_PER_SEC, 5 * USEC_PER_SEC, 33 * USEC_PER_SEC },
                { "every 30 s", 6, 30 * USEC_PER_SEC, 0, 35 * USEC_PER_SEC },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                Arrivals a = arrivals_of(table[i].values, table[i].interval_usec);

                if (policy_silence(&a, table[i].stale_usec) != table[i].expected_usec)
                        fail_msg("%s: %lu", table[i].about,
                                        (unsigned long)policy_silence(&a, table[i].stale_usec));
        }
}

/* What is known of the sensor from its last link is not known of this one. */
static void test_a_new_link_is_waited_for(void **state)
{
        Arrivals a = arrivals_of(10, USEC_PER_SEC);

        (void)state;
        assert_int_equal(policy_silence(&a, 0), 10 * USEC_PER_SEC);
        arrivals_link(&a);
        assert_int_equal(policy_silence(&a, 0), 35 * USEC_PER_SEC);
}

/* The kernel gives up a pairing after 30 s: until then nothing of a strap that was never heard is resolved. */
static void test_a_pairing_is_waited_for(void **state)
{
        (void)state;
        assert_int_equal(policy_resolve_timeout(true), 10 * USEC_PER_SEC);
        assert_true(policy_resolve_timeout(false) > 30 * USEC_PER_SEC);
}

static void test_what_a_new_link_does_not_change(void **state)
{
        static const struct {
                const char *name, *message;
                LinkProblem expected;
        } table[] = {
                { "org.bluez.Error.NotPermitted", "Notify acquired", LINK_HELD },
                { "org.bluez.Error.NotPermitted", "Not paired", LINK_WANTS_PAIRING },
                { "org.bluez.Error.Failed", "Operation failed with ATT error: 0x05", LINK_WANTS_PAIRING },
                { "org.bluez.Error.Failed", "Operation failed with ATT error: 0x0f", LINK_WANTS_PAIRING },
                { "org.bluez.Error.Failed", "Operation failed with ATT error: 0x0e", LINK_OK },
                { "org.bluez.Error.Failed", "Not connected", LINK_OK },
                { "org.bluez.Error.NotConnected", "Not Connected", LINK_OK },
                { "org.bluez.Error.InProgress", "Operation already in progress", LINK_OK },
                { "org.bluez.Error.NotAuthorized", "Not Authorized", LINK_REFUSED },
                { "org.bluez.Error.NotSupported", "Operation is not supported", LINK_REFUSED },
                { "org.bluez.Error.NotPermitted", NULL, LINK_REFUSED },
                { "org.freedesktop.DBus.Error.NoReply", "Method call timed out", LINK_OK },
                { "org.freedesktop.DBus.Error.UnknownObject", "", LINK_OK },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(table); i++)
                if (policy_refusal(table[i].name, table[i].message) != table[i].expected)
                        fail_msg("%s: %s", table[i].name, table[i].message ? table[i].message : "");
}

static void test_what_is_something_else(void **state)
{
        static const struct {
                uint16_t appearance;
                bool expected;
        } appearances[] = {
                { 0, false },      /* unknown */
                { 0x0340, false }, /* heart-rate sensor */
                { 0x0341, false }, /* heart-rate belt */
                { 0x0440, false }, /* running walking sensor */
                { 0x00c0, true },  /* watch */
                { 0x00c1, true },  /* sports watch */
                { 0x0040, true },  /* phone */
                { 0x0080, true },  /* computer */
                { 0x03c1, true },  /* keyboard */
                { 0x0941, true },  /* earbud */
                { 0xffff, false },
        };
        static const char *const icons[] = { "audio-headset", "audio-headphones", "input-mouse", "phone",
                "computer" };
        static const char *const services[] = { "0000110b-0000-1000-8000-00805f9b34fb",
                "0000110B-0000-1000-8000-00805F9B34FB", "00001812-0000-1000-8000-00805f9b34fb",
                "0000fee0-0000-1000-8000-00805f9b34fb" };
        static const char *const usual[] = { "0000180d-0000-1000-8000-00805f9b34fb",
                "0000180f-0000-1000-8000-00805f9b34fb", "0000180a-0000-1000-8000-00805f9b34fb",
                "00001814-0000-1000-8000-00805f9b34fb", "0000feee-0000-1000-8000-00805f9b34fb",
                "0000110b-0000-1000-8000-00805f9b34fc", "0000110b", "" };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(appearances); i++)
                if (policy_appearance_is_other(appearances[i].appearance) != appearances[i].expected)
                        fail_msg("appearance 0x%04x", appearances[i].appearance);
        for (size_t i = 0; i < ELEMENTSOF(icons); i++)
                assert_true(policy_icon_is_other(icons[i]));
        assert_false(policy_icon_is_other("unknown"));
        assert_false(policy_icon_is_other(""));
        for (size_t i = 0; i < ELEMENTSOF(services); i++)
                if (!policy_service_is_other(services[i]))
                        fail_msg("%s", services[i]);
        for (size_t i = 0; i < ELEMENTSOF(usual); i++)
                if (policy_service_is_other(usual[i]))
                        fail_msg("%s", usual[i]);
}

static void test_whose_link_may_be_cut(void **state)
{
        static const struct {
                const char *about;
                LinkFacts facts;
                bool expected;
        } table[] = {
                { "a companion's, silent", { .problem = LINK_SILENT }, false },
                { "a companion's, unresolved", { .problem = LINK_UNRESOLVED }, false },
                { "earbuds", { .problem = LINK_NO_HEART_RATE }, false },
                { "ours, silent", { .problem = LINK_SILENT, .ours = true }, true },
                { "ours, unresolved", { .problem = LINK_UNRESOLVED, .ours = true }, true },
                { "ours, and all is well", { .ours = true, .known = true, .delivered = true }, false },
                { "ours, and a watch", { .problem = LINK_SILENT, .ours = true, .other = true }, false },
                { "ours, held", { .problem = LINK_HELD, .ours = true, .refused = true }, false },
                { "ours, one of two held", { .problem = LINK_SILENT, .ours = true, .refused = true }, false },
                { "ours, wants pairing", { .problem = LINK_WANTS_PAIRING, .ours = true, .refused = true },
                                false },
                { "fell silent", { .problem = LINK_SILENT, .delivered = true }, true },
                { "a watch that fell silent", { .problem = LINK_SILENT, .delivered = true, .other = true },
                                false },
                { "known, silent", { .problem = LINK_SILENT, .known = true }, false },
                { "known, unresolved", { .problem = LINK_UNRESOLVED, .known = true }, true },
                { "known, its services not read", { .problem = LINK_NO_HEART_RATE, .known = true }, true },
                { "a pod, its services not read", { .problem = LINK_NO_PACE, .known = true }, true },
                { "a pod of another program", { .problem = LINK_NO_PACE }, false },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(table); i++)
                if (policy_may_cut(&table[i].facts) != table[i].expected)
                        fail_msg("%s", table[i].about);
}

static void test_pauses_grow(void **state)
{
        static const unsigned minutes[] = { 0, 1, 2, 5, 10, 30, 30 };

        (void)state;
        for (unsigned i = 0; i < ELEMENTSOF(minutes); i++)
                assert_int_equal(policy_cut_pause(i), minutes[i] * USEC_PER_MIN);
        assert_int_equal(policy_cut_pause(UINT32_MAX), 30 * USEC_PER_MIN);
        assert_in_range(policy_notify_pause(1, SUBSCRIBE_FAILURE_OTHER), 1 * USEC_PER_SEC, 2 * USEC_PER_SEC);
        assert_int_equal(policy_notify_pause(2, SUBSCRIBE_FAILURE_LINK), 5 * USEC_PER_SEC);
        assert_int_equal(policy_notify_pause(3, SUBSCRIBE_FAILURE_OTHER), 30 * USEC_PER_SEC);
        assert_int_equal(policy_notify_pause(100, SUBSCRIBE_FAILURE_OTHER), 30 * USEC_PER_SEC);
        assert_int_equal(policy_notify_pause(1, SUBSCRIBE_FAILURE_UNANSWERED), 5 * USEC_PER_SEC);
        assert_int_equal(policy_notify_pause(3, SUBSCRIBE_FAILURE_UNANSWERED), 30 * USEC_PER_SEC);
        for (unsigned i = 0; i < ELEMENTSOF(minutes); i++)
                assert_int_equal(policy_pairing_pause(i + 1), minutes[i] * USEC_PER_MIN);
        assert_int_equal(policy_pairing_pause(0), 0);
        assert_int_equal(policy_pairing_pause(UINT32_MAX), 30 * USEC_PER_MIN);
}

static void test_how_start_notify_fails(void **state)
{
        static const struct {
                const char *name, *message;
                SubscribeFailure expected;
        } table[] = {
                { "org.bluez.Error.Failed", "Operation failed with ATT error: 0x0e", SUBSCRIBE_FAILURE_LINK },
                { "org.freedesktop.DBus.Error.NoReply", "Method call timed out",
                                SUBSCRIBE_FAILURE_UNANSWERED },
                { "org.freedesktop.DBus.Error.Timeout", NULL, SUBSCRIBE_FAILURE_UNANSWERED },
                { "org.bluez.Error.NotPermitted", "Not paired", SUBSCRIBE_FAILURE_NOT_PAIRED },
                { "org.bluez.Error.Failed", "Operation failed with ATT error: 0x05",
                                SUBSCRIBE_FAILURE_NOT_PAIRED },
                { "org.bluez.Error.NotPermitted", "Notify acquired", SUBSCRIBE_FAILURE_OTHER },
                { "org.bluez.Error.Failed", "Not connected", SUBSCRIBE_FAILURE_OTHER },
                { "org.bluez.Error.Failed", NULL, SUBSCRIBE_FAILURE_OTHER },
                { "org.freedesktop.DBus.Error.UnknownObject", "", SUBSCRIBE_FAILURE_OTHER },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(table); i++)
                if (policy_subscribe_failure(table[i].name, table[i].message) != table[i].expected)
                        fail_msg("%s: %s", table[i].name, table[i].message ? table[i].message : "");
}

/* l: the link is lost, or ATT error 0x0e; u: unanswered; p: Not paired; o: another error; | another link; v: a value; k: it
 * has sent before. */
static void test_what_wants_to_be_paired(void **state)
{
        static const struct {
                const char *about, *what;
                bool expected;
        } table[] = {
                { "nothing yet", "", false },
                { "a link that is lost", "l", false },
                { "the error and the loss of one link", "ll", false },
                { "two links", "l|l", true },
                { "unanswered, and then the link is lost", "ul", false },
                { "unanswered on two links", "u|u", true },
                { "unanswered twice, for longer than a lost link stays", "uu", true },
                { "a dead link, and one that is lost", "u|l", true },
                { "BlueZ says so", "p", true },
                { "other errors", "o|o|o", false },
                { "other errors in between", "l|o|l", true },
                { "a link with a value in between", "l|v|l", false },
                { "it is paired, and sends", "l|l|v", false },
                { "a link without a failure in between", "l||l", true },
                { "it has sent before: it is the radio, or BlueZ", "kl|l|u|uu", false },
                { "BlueZ says so all the same", "kl|p", true },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                unsigned failures = 0;
                bool counted = false, known = false;

                for (const char *c = table[i].what; *c; c++) {
                        unsigned before = failures;

                        if (*c == 'v')
                                failures = 0;
                        else if (*c == 'k')
                                known = true;
                        else if (*c != '|')
                                failures = policy_count_failure(failures,
                                                *c == 'l'   ? SUBSCRIBE_FAILURE_LINK
                                                : *c == 'u' ? SUBSCRIBE_FAILURE_UNANSWERED
                                                : *c == 'p' ? SUBSCRIBE_FAILURE_NOT_PAIRED
                                                            : SUBSCRIBE_FAILURE_OTHER,
                                                counted, known);
                        counted = *c != '|' && (counted || failures > before);
                }
                if (policy_wants_pairing(failures) != table[i].expected)
                        fail_msg("%s: %u", table[i].about, failures);
        }
}

static void test_how_a_link_is_lost(void **state)
{
        (void)state;
        assert_int_equal(policy_lost_failure(0), SUBSCRIBE_FAILURE_LINK);
        assert_int_equal(policy_lost_failure(6 * USEC_PER_SEC), SUBSCRIBE_FAILURE_LINK);
        assert_int_equal(policy_lost_failure(7 * USEC_PER_SEC), SUBSCRIBE_FAILURE_UNANSWERED);
        assert_int_equal(policy_lost_failure(12 * USEC_PER_SEC), SUBSCRIBE_FAILURE_UNANSWERED);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_link_is_silent_by_its_own_pace),
                cmocka_unit_test(test_a_new_link_is_waited_for),
                cmocka_unit_test(test_a_pairing_is_waited_for),
                cmocka_unit_test(test_what_a_new_link_does_not_change),
                cmocka_unit_test(test_what_is_something_else),
                cmocka_unit_test(test_whose_link_may_be_cut),
                cmocka_unit_test(test_pauses_grow),
                cmocka_unit_test(test_how_start_notify_fails),
                cmocka_unit_test(test_how_a_link_is_lost),
                cmocka_unit_test(test_what_wants_to_be_paired),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
