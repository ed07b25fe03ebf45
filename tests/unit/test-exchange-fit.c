/* SPDX-License-Identifier: MIT */

/* FIT files: made of sessions by hand and of random ones, and read again by a decoder that shares nothing with the writer. */

#include "exchange/exchange.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cardio/macro.h"
#include "exchange/fit.h"
#include "exchange-fixture.h"
#include "fit-decode.h"
#include "fit-fixture.h"
#include "fit-judge.h"

static const char *text_of(const DecodedMessage *m, unsigned number)
{
        const DecodedField *f = decoded_field(m, number);

        assert_non_null(f);
        assert_int_equal(f->type, FIT_STRING);
        return (const char *)f->bytes;
}

static float float_of(const DecodedMessage *m, unsigned number)
{
        const DecodedField *f = decoded_developer_field(m, number);
        float value;

        assert_non_null(f);
        assert_int_equal(f->type, FIT_FLOAT32);
        memcpy(&value, f->bytes, sizeof(value));
        return value;
}

/* -- CRC -- */

static void test_crc(void **state)
{
        static const char text[] = "123456789";

        (void)state;
        assert_int_equal(fit_crc(0, text, 9), 0xbb3d);
        assert_int_equal(decoded_crc((const uint8_t *)text, 9), 0xbb3d);
        assert_int_equal(fit_crc(fit_crc(0, text, 4), text + 4, 5), 0xbb3d);
        assert_int_equal(fit_crc(0xbb3d, (const uint8_t[]){ 0x3d, 0xbb }, 2), 0);
}

/* The judge would see it. */
static void test_no_byte_can_be_changed(void **state)
{
        const ExchangeItem items[] = { interval(0, 700), heart_rate(0, 90), heart_rate(1000, 91) };
        File f = { 0 };

        (void)state;
        assert_int_equal(exchange_write(&exchange_fit, &f, &fixture_run, items, ELEMENTSOF(items)), 0);
        for (size_t i = 0; i < f.size; i++)
                for (unsigned bit = 0; bit < 8; bit++) {
                        f.data[i] ^= (uint8_t)(1U << bit);
                        assert_non_null(fit_judge(&fixture_run, items, ELEMENTSOF(items), f.data, f.size));
                        f.data[i] ^= (uint8_t)(1U << bit);
                }
        for (size_t size = 0; size < f.size; size++)
                assert_non_null(fit_judge(&fixture_run, items, ELEMENTSOF(items), f.data, size));
        assert_null(fit_judge(&fixture_run, items, ELEMENTSOF(items), f.data, f.size));
        file_done(&f);
}

/* -- The whole -- */

static void test_messages_in_their_order(void **state)
{
        static const unsigned order[] = { FIT_FILE_ID, FIT_DEVICE_INFO, FIT_DEVICE_INFO,
                FIT_DEVELOPER_DATA_ID, FIT_FIELD_DESCRIPTION, FIT_FIELD_DESCRIPTION, FIT_FIELD_DESCRIPTION,
                FIT_FIELD_DESCRIPTION, FIT_EVENT, FIT_HRV, FIT_RECORD, FIT_HRV, FIT_RECORD, FIT_EVENT,
                FIT_LAP, FIT_SESSION, FIT_ACTIVITY };
        const ExchangeItem items[] = { interval(0, 700), heart_rate(0, 90), interval(1000, 690),
                interval(1000, 680), heart_rate(1000, 91) };
        const DecodedMessage *id;
        FitMessages all;
        File f = { 0 };

        (void)state;
        fit_make(&f, &all, &fixture_run, items, ELEMENTSOF(items));
        assert_int_equal(all.n, ELEMENTSOF(order));
        for (size_t i = 0; i < all.n; i++)
                assert_int_equal(all.messages[i].number, order[i]);
        id = fit_find(&all, FIT_FILE_ID, 0);
        assert_int_equal(decoded_number(id, FIT_FILE_ID_TYPE), 4);
        assert_int_equal(decoded_number(id, FIT_FILE_ID_MANUFACTURER), 255);
        assert_true(decoded_number(id, FIT_FILE_ID_SERIAL_NUMBER) > 0);
        assert_int_equal(decoded_number(id, FIT_FILE_ID_TIME_CREATED), FIT_FIXTURE_STARTED_S);
        assert_string_equal(text_of(id, FIT_FILE_ID_PRODUCT_NAME), "cardiod");
        file_done(&f);
}

/* In every record, as the judge asks for, once it is known of any. */
static void test_alpha1(void **state)
{
        ExchangeSession run = fixture_run;
        ExchangeItem items[] = { heart_rate(0, 90), heart_rate(1000, 91), heart_rate(2000, 92),
                heart_rate(3000, 93) };
        FitMessages all;
        File f = { 0 };

        (void)state;
        run.has_alpha1 = true;
        items[1].sample.has_alpha1 = items[3].sample.has_alpha1 = true;
        items[1].sample.alpha1 = 0.75;
        items[3].sample.alpha1 = NAN;
        fit_make(&f, &all, &run, items, ELEMENTSOF(items));
        assert_true(isnan(float_of(fit_find(&all, FIT_RECORD, 0), FIT_DEVELOPER_ALPHA1)));
        assert_true(float_of(fit_find(&all, FIT_RECORD, 1), FIT_DEVELOPER_ALPHA1) == 0.75F);
        assert_true(float_of(fit_find(&all, FIT_RECORD, 2), FIT_DEVELOPER_ALPHA1) == 0.75F);
        assert_true(isnan(float_of(fit_find(&all, FIT_RECORD, 3), FIT_DEVELOPER_ALPHA1)));
        file_done(&f);
}

/* No distance, speed, position or calories anywhere, not even of 0. */
static void test_nothing_that_was_not_measured(void **state)
{
        static const struct {
                unsigned message, field;
        } unmeasured[] = {
                { FIT_RECORD, 0 },
                { FIT_RECORD, 1 },
                { FIT_RECORD, 4 },
                { FIT_RECORD, 5 },
                { FIT_RECORD, 6 },
                { FIT_LAP, 3 },
                { FIT_LAP, 4 },
                { FIT_LAP, 9 },
                { FIT_LAP, 11 },
                { FIT_LAP, 13 },
                { FIT_SESSION, 3 },
                { FIT_SESSION, 4 },
                { FIT_SESSION, 9 },
                { FIT_SESSION, 11 },
                { FIT_SESSION, 14 },
                { FIT_RECORD, 73 },
                { FIT_SESSION, 29 },
                { FIT_SESSION, 124 },
                { FIT_LAP, 110 },
        };
        const ExchangeItem items[] = { heart_rate(0, 90), heart_rate(1000, 91) };
        FitMessages all;
        File f = { 0 };

        (void)state;
        fit_make(&f, &all, &fixture_run, items, ELEMENTSOF(items));
        for (size_t i = 0; i < ELEMENTSOF(unmeasured); i++)
                assert_null(decoded_field(fit_find(&all, unmeasured[i].message, 0), unmeasured[i].field));
        file_done(&f);
}

static void test_a_dropout_is_no_stop(void **state)
{
        const ExchangeItem items[] = { interval(0, 700), heart_rate(0, 90), event(1000, "stale", NAN, ""),
                event(31000, "gap", 31, ""), interval(31000, 512), heart_rate(31000, 140),
                heart_rate(32000, 141) };
        FitMessages all;
        File f = { 0 };

        (void)state;
        fit_make(&f, &all, &fixture_run, items, ELEMENTSOF(items));
        assert_int_equal(fit_count(&all, FIT_RECORD), 3);
        assert_int_equal(fit_count(&all, FIT_HRV), 2);
        assert_int_equal(fit_count(&all, FIT_EVENT), 2);
        assert_int_equal(decoded_number(fit_find(&all, FIT_SESSION, 0), FIT_SESSION_TOTAL_TIMER_TIME), 32000);
        assert_int_equal(decoded_number(fit_find(&all, FIT_RECORD, 1), FIT_FIELD_TIMESTAMP),
                        FIT_FIXTURE_STARTED_S + 31);
        file_done(&f);
}

/* 0.25 s into a second at t 0: the second begins at t 750, 1750, … */
static void test_seconds_are_whole_ones_of_the_clock(void **state)
{
        const ExchangeItem items[] = { heart_rate(0, 90), heart_rate(749, 91), heart_rate(750, 92),
                heart_rate(1749, 93), heart_rate(1750, 94) };
        static const int64_t want[] = { 0, 0, 1, 1, 2 };
        FitMessages all;
        File f = { 0 };

        (void)state;
        fit_make(&f, &all, &fixture_run, items, ELEMENTSOF(items));
        for (size_t i = 0; i < ELEMENTSOF(want); i++) {
                assert_int_equal(decoded_number(fit_find(&all, FIT_RECORD, i), FIT_FIELD_TIMESTAMP),
                                FIT_FIXTURE_STARTED_S + want[i]);
                assert_int_equal(decoded_number(fit_find(&all, FIT_RECORD, i), FIT_RECORD_HEART_RATE),
                                90 + (int)i);
        }
        file_done(&f);
}

/* -- R-R intervals -- */

static void test_intervals_stand_before_their_record(void **state)
{
        ExchangeItem items[12];
        static const unsigned order[] = { FIT_RECORD, FIT_HRV, FIT_HRV, FIT_RECORD };
        static const uint8_t padded[] = { 0xe8, 0x03, 0xe9, 0x03, 0xea, 0x03, 0xeb, 0x03, 0xff, 0xff };
        FitMessages all;
        File f = { 0 };

        (void)state;
        items[0] = heart_rate(0, 60);
        for (unsigned i = 0; i < 9; i++)
                items[1 + i] = interval(1000, 1019 + i);
        items[10] = heart_rate(1000, 61);
        fit_make(&f, &all, &fixture_run, items, 11);
        for (size_t i = 0; i < ELEMENTSOF(order); i++)
                assert_int_equal(all.messages[9 + i].number, order[i]);
        /* 1024 to 1027, as 1000 to 1003 ms, and one that is not there. */
        assert_memory_equal(decoded_field(fit_find(&all, FIT_HRV, 1), 0)->bytes, padded, sizeof(padded));
        file_done(&f);
}

static void test_every_interval_to_the_nearest_ms(void **state)
{
        ExchangeItem items[5];
        FitMessages all;

        (void)state;
        for (unsigned rr = 0; rr <= UINT16_MAX; rr += 97) {
                File f = { 0 };

                for (unsigned i = 0; i < 4; i++)
                        items[i] = interval(0, rr + i > UINT16_MAX ? UINT16_MAX : rr + i);
                items[4] = heart_rate(0, 60);
                fit_make(&f, &all, &fixture_run, items, ELEMENTSOF(items));
                file_done(&f);
        }
}

/* -- The session -- */

static void test_sports(void **state)
{
        static const struct {
                const char *kind;
                int sport, sub_sport;
        } cases[] = {
                { "", 1, 0 },
                { "recovery", 1, 0 },
                { "race", 1, 0 },
                { "something new", 1, 0 },
                { "cross-training", 10, 26 },
        };
        const ExchangeItem items[] = { heart_rate(0, 100) };
        ExchangeSession session = fixture_run;
        FitMessages all;

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                File f = { 0 };

                session.kind = cases[i].kind;
                fit_make(&f, &all, &session, items, ELEMENTSOF(items));
                assert_int_equal(decoded_number(fit_find(&all, FIT_SESSION, 0), FIT_SESSION_SPORT),
                                cases[i].sport);
                assert_int_equal(decoded_number(fit_find(&all, FIT_SESSION, 0), FIT_SESSION_SUB_SPORT),
                                cases[i].sub_sport);
                assert_int_equal(decoded_number(fit_find(&all, FIT_LAP, 0), FIT_LAP_SPORT), cases[i].sport);
                assert_int_equal(decoded_number(fit_find(&all, FIT_LAP, 0), FIT_LAP_SUB_SPORT),
                                cases[i].sub_sport);
                file_done(&f);
        }
}

static void test_developer_fields_only_where_they_are_known(void **state)
{
        static const struct {
                double ceiling, over_s;
                size_t n;
        } cases[] = {
                { NAN, NAN, 0 },
                { NAN, 12, 0 },
                { INFINITY, 12, 0 },
                { 145.55, NAN, 1 },
                { 145.55, 0, 2 },
                { 145.55, 12.5, 2 },
        };
        const ExchangeItem items[] = { heart_rate(0, 100) };
        ExchangeSession session = fixture_run;
        FitMessages all;

        (void)state;
        session.tolerance = session.resting = session.maximum = NAN;
        session.said_kind = "";
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                const DecodedMessage *m;
                File f = { 0 };

                session.ceiling = cases[i].ceiling;
                session.over_s = cases[i].over_s;
                fit_make(&f, &all, &session, items, ELEMENTSOF(items));
                m = fit_find(&all, FIT_SESSION, 0);
                assert_int_equal(fit_count(&all, FIT_DEVELOPER_DATA_ID), cases[i].n > 0);
                assert_int_equal(fit_count(&all, FIT_FIELD_DESCRIPTION), cases[i].n);
                assert_true(cases[i].n > 0 || !decoded_developer_field(m, 0));
                assert_true(cases[i].n > 1 || !decoded_developer_field(m, 1));
                if (cases[i].n > 0) {
                        assert_true(float_of(m, FIT_DEVELOPER_CEILING) == (float)cases[i].ceiling);
                        assert_string_equal(text_of(fit_find(&all, FIT_FIELD_DESCRIPTION, 0),
                                                            FIT_FIELD_DESCRIPTION_NAME),
                                        "Ceiling");
                        assert_string_equal(text_of(fit_find(&all, FIT_FIELD_DESCRIPTION, 0),
                                                            FIT_FIELD_DESCRIPTION_UNITS),
                                        "bpm");
                }
                if (cases[i].n > 1) {
                        assert_true(float_of(m, FIT_DEVELOPER_TIME_OVER) == (float)cases[i].over_s);
                        assert_string_equal(text_of(fit_find(&all, FIT_FIELD_DESCRIPTION, 1),
                                                            FIT_FIELD_DESCRIPTION_NAME),
                                        "TimeOver");
                }
                file_done(&f);
        }
}

/* Names are others' text: cut on a character, and harmless. */
static void test_strap_names(void **state)
{
        static const char e30[] = "éééééééééééééééééééééééééééééé";
        char longest[200];
        static const struct {
                const char *name, *want; /* NULL = no device */
        } cases[] = {
                { "", NULL },
                { "Polar H10 AB12", "Polar H10 AB12" },
                { "a\033[2Jb\xff", "a?[2Jb?" },
                { "♥", "♥" },
                { "\u202e\u202eH10 ♥", "??H10 ♥" },
        };
        const ExchangeItem items[] = { heart_rate(0, 100) };
        ExchangeSession session = fixture_run;
        FitMessages all;
        File f = { 0 };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                session.device = cases[i].name;
                fit_make(&f, &all, &session, items, ELEMENTSOF(items));
                assert_int_equal(fit_count(&all, FIT_DEVICE_INFO), cases[i].want ? 2 : 1);
                if (cases[i].want)
                        assert_string_equal(text_of(fit_find(&all, FIT_DEVICE_INFO, 1),
                                                            FIT_DEVICE_INFO_PRODUCT_NAME),
                                        cases[i].want);
                file_done(&f);
        }
        (void)snprintf(longest, sizeof(longest), "%s%s%s", e30, e30, e30);
        session.device = longest;
        fit_make(&f, &all, &session, items, ELEMENTSOF(items));
        (void)snprintf(longest, sizeof(longest), "%s…", e30);
        assert_string_equal(
                        text_of(fit_find(&all, FIT_DEVICE_INFO, 1), FIT_DEVICE_INFO_PRODUCT_NAME), longest);
        file_done(&f);
}

static void test_a_session_without_heart_rates_is_a_summary(void **state)
{
        ExchangeSession session = fixture_run;
        const DecodedMessage *m;
        FitMessages all;
        File f = { 0 };

        (void)state;
        session.source = "manual";
        session.device = "";
        session.length = 45 * 60 * 1000;
        fit_make(&f, &all, &session, NULL, 0);
        assert_int_equal(fit_count(&all, FIT_RECORD), 0);
        assert_int_equal(fit_count(&all, FIT_LAP), 1);
        m = fit_find(&all, FIT_SESSION, 0);
        assert_int_equal(decoded_number(m, FIT_SESSION_TOTAL_TIMER_TIME), 2700000);
        assert_int_equal(decoded_number(m, FIT_SESSION_AVG_HEART_RATE), -1);
        file_done(&f);
}

/* -- What the format cannot say -- */

static void test_times_outside_are_refused(void **state)
{
        static const int64_t earliest = (631065600 + INT64_C(0x10000000)) * 1000,
                             latest = (631065600 + INT64_C(0xfffffffe)) * 1000 + 999;
        static const struct {
                int64_t started_at, length;
                int32_t utc_offset_s;
                int want;
        } cases[] = {
                { 0, 0, 0, -EINVAL },
                { -1, 0, 0, -EINVAL },
                { INT64_MIN, 0, 0, -EINVAL },
                { INT64_MAX, 0, 0, -EINVAL },
                { earliest - 1, 0, 0, -EINVAL },
                { earliest, 0, 0, 0 },
                { earliest, 0, -1, -EINVAL },
                { earliest, 1000, -1, 0 },
                { latest, 0, 0, 0 },
                { latest, 1, 0, -EINVAL },
                { latest + 1, 0, 0, -EINVAL },
                { latest, 0, 1, -EINVAL },
                { latest, 0, -43200, 0 },
                { FIXTURE_STARTED_AT, -1, 0, -EINVAL },
                { FIXTURE_STARTED_AT, UINT32_MAX - INT64_C(1), INT32_MAX, 0 },
                { FIXTURE_STARTED_AT, UINT32_MAX, 0, -EINVAL },
                { FIXTURE_STARTED_AT, INT64_MAX, 0, -EINVAL },
        };
        ExchangeSession session = fixture_run;

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                File f = { 0 };

                session.started_at = cases[i].started_at;
                session.length = cases[i].length;
                session.utc_offset_s = cases[i].utc_offset_s;
                assert_int_equal(exchange_write(&exchange_fit, &f, &session, NULL, 0), cases[i].want);
                if (cases[i].want == 0)
                        assert_null(fit_judge(&session, NULL, 0, f.data, f.size));
                else
                        assert_int_equal(f.size, 0);
                file_done(&f);
        }
}

static void test_items_that_cannot_be_are_refused(void **state)
{
        const ExchangeItem back[] = { heart_rate(1000, 100), heart_rate(999, 100) },
                           before[] = { heart_rate(-1, 100) }, invalid[] = { heart_rate(0, 255) },
                           late[] = { heart_rate(0, 100), heart_rate(UINT32_MAX, 100) },
                           never[] = { heart_rate(INT64_MAX, 100) },
                           unknown[] = { { .type = _EXCHANGE_ITEM_TYPE_MAX } };
        const struct {
                const ExchangeItem *items;
                size_t n;
        } cases[] = { { back, 2 }, { before, 1 }, { invalid, 1 }, { late, 2 }, { never, 1 }, { unknown, 1 } };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                File f = { 0 };

                assert_int_equal(exchange_write(&exchange_fit, &f, &fixture_run, cases[i].items, cases[i].n),
                                -EINVAL);
                file_done(&f);
        }
}

static void test_the_sinks_error_ends_it_at_every_write(void **state)
{
        const ExchangeItem items[] = { event(0, "step", 1, "warm-up"), interval(0, 700), heart_rate(0, 90),
                event(2000, "mark", NAN, ""), event(3000, "step", 2, "hard"), heart_rate(4000, 91) };
        ExchangeSession session = fixture_run;
        File whole = { 0 };

        (void)state;
        session.length = 4000;
        session.ceiling = 145;
        session.over_s = 0;
        assert_int_equal(exchange_write(&exchange_fit, &whole, &session, items, ELEMENTSOF(items)), 0);
        for (size_t i = 1; i <= whole.n_calls; i++) {
                File f = { .fails_at = i };

                assert_int_equal(exchange_write(&exchange_fit, &f, &session, items, ELEMENTSOF(items)),
                                -ENOSPC);
                assert_int_equal(f.n_calls, i);
                file_done(&f);
        }
        file_done(&whole);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_crc),
                cmocka_unit_test(test_no_byte_can_be_changed),
                cmocka_unit_test(test_messages_in_their_order),
                cmocka_unit_test(test_alpha1),
                cmocka_unit_test(test_nothing_that_was_not_measured),
                cmocka_unit_test(test_a_dropout_is_no_stop),
                cmocka_unit_test(test_seconds_are_whole_ones_of_the_clock),
                cmocka_unit_test(test_intervals_stand_before_their_record),
                cmocka_unit_test(test_every_interval_to_the_nearest_ms),
                cmocka_unit_test(test_sports),
                cmocka_unit_test(test_developer_fields_only_where_they_are_known),
                cmocka_unit_test(test_strap_names),
                cmocka_unit_test(test_a_session_without_heart_rates_is_a_summary),
                cmocka_unit_test(test_times_outside_are_refused),
                cmocka_unit_test(test_items_that_cannot_be_are_refused),
                cmocka_unit_test(test_the_sinks_error_ends_it_at_every_write),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
