/* SPDX-License-Identifier: MIT */

/* Heart Rate Measurement: bytes by hand, then every flag byte at every length against a second reading of the
 * specification. Values lie in memory of exactly their size, so that a read beyond one is seen. */

#include "cardio/measurement.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cardio/macro.h"

static int parse_exact(const uint8_t *value, size_t size, Measurement *ret)
{
        _cleanup_free_ uint8_t *exact = malloc(size ?: 1);

        assert_non_null(exact);
        if (size == 0)
                return measurement_parse(exact + 1, 0, ret);
        memcpy(exact, value, size);
        return measurement_parse(exact, size, ret);
}

static void test_table(void **state)
{
        static const struct {
                size_t size;
                uint8_t value[12];
                Measurement want;
        } cases[] = {
                { 2, { 0x00, 72 }, { .heart_rate = 72 } },
                { 2, { 0x00, 0 }, { .heart_rate = 0 } },
                { 2, { 0x00, 255 }, { .heart_rate = 255 } },
                { 3, { 0x01, 72, 0 }, { .heart_rate = 72 } },
                { 3, { 0x01, 0x2c, 0x01 }, { .heart_rate = 300 } },
                { 3, { 0x01, 0xff, 0xff }, { .heart_rate = 65535 } },
                /* contact: bit 2 supported, bit 1 detected; bit 1 alone says nothing */
                { 2, { 0x02, 72 }, { .heart_rate = 72 } },
                { 2, { 0x04, 72 }, { .heart_rate = 72, .contact = CONTACT_NO } },
                { 2, { 0x06, 72 }, { .heart_rate = 72, .contact = CONTACT_YES } },
                { 4, { 0x08, 72, 0x34, 0x12 }, { .heart_rate = 72, .has_energy = true, .energy = 0x1234 } },
                { 4, { 0x08, 72, 0xff, 0xff }, { .heart_rate = 72, .has_energy = true, .energy = 0xffff } },
                { 2, { 0x10, 72 }, { .heart_rate = 72 } },
                { 4, { 0x10, 72, 0x00, 0x04 }, { .heart_rate = 72, .n_rr = 1, .rr = { 1024 } } },
                { 8, { 0x16, 72, 1, 0, 2, 0, 0xff, 0xff },
                                { .heart_rate = 72,
                                                .contact = CONTACT_YES,
                                                .n_rr = 3,
                                                .rr = { 1, 2, 65535 } } },
                /* a trailing odd byte */
                { 3, { 0x10, 72, 9 }, { .heart_rate = 72 } },
                { 5, { 0x10, 72, 0x00, 0x04, 9 }, { .heart_rate = 72, .n_rr = 1, .rr = { 1024 } } },
                /* bytes that no flag announces */
                { 6, { 0x00, 72, 1, 2, 3, 4 }, { .heart_rate = 72 } },
                { 6, { 0x08, 72, 1, 0, 3, 4 }, { .heart_rate = 72, .has_energy = true, .energy = 1 } },
                /* all at once, with the reserved bits */
                { 9, { 0xff, 0x48, 0, 0x10, 0x27, 0x00, 0x04, 0x01, 0x04 },
                                { .heart_rate = 72,
                                                .contact = CONTACT_YES,
                                                .has_energy = true,
                                                .energy = 10000,
                                                .n_rr = 2,
                                                .rr = { 1024, 1025 } } },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                Measurement m = { .heart_rate = 999, .energy = 999, .n_rr = 99 };

                assert_int_equal(parse_exact(cases[i].value, cases[i].size, &m), 0);
                assert_int_equal(m.heart_rate, cases[i].want.heart_rate);
                assert_int_equal(m.contact, cases[i].want.contact);
                assert_int_equal(m.has_energy, cases[i].want.has_energy);
                assert_int_equal(m.energy, cases[i].want.energy);
                assert_int_equal(m.n_rr, cases[i].want.n_rr);
                assert_memory_equal(m.rr, cases[i].want.rr, m.n_rr * sizeof(m.rr[0]));
        }
}

static void check_combination(uint8_t flags, size_t size)
{
        static const Contact contacts[] = { CONTACT_UNSUPPORTED, CONTACT_UNSUPPORTED, CONTACT_NO,
                CONTACT_YES };
        uint8_t value[16] = { flags };
        size_t heart_rate_at = 1, heart_rate_size = flags & 1 ? 2 : 1;
        size_t energy_at = heart_rate_at + heart_rate_size, energy_size = flags & 8 ? 2 : 0;
        size_t rr_at = energy_at + energy_size;
        Measurement m, before;

        for (size_t i = 1; i < sizeof(value); i++)
                value[i] = (uint8_t)(i * 17);
        memset(&m, 0xa5, sizeof(m));
        memset(&before, 0xa5, sizeof(before));

        if (size < rr_at) {
                assert_int_equal(parse_exact(value, size, &m), -EBADMSG);
                assert_memory_equal(&m, &before, sizeof(m));
                return;
        }
        assert_int_equal(parse_exact(value, size, &m), 0);
        assert_int_equal(m.heart_rate, flags & 1 ? 0x2211 : 0x11);
        assert_int_equal(m.contact, contacts[flags >> 1 & 3]);
        assert_int_equal(m.has_energy, flags & 8 ? 1 : 0);
        assert_int_equal(m.energy, flags & 8 ? value[energy_at] + 256 * value[energy_at + 1] : 0);
        assert_int_equal(m.n_rr, flags & 16 ? (size - rr_at) / 2 : 0);
        for (size_t i = 0; i < m.n_rr; i++)
                assert_int_equal(m.rr[i], value[rr_at + 2 * i] + 256 * value[rr_at + 2 * i + 1]);
}

static void test_every_flag_at_every_length(void **state)
{
        (void)state;
        for (unsigned flags = 0; flags < 256; flags++)
                for (size_t size = 0; size <= 16; size++)
                        if (size > 0 || flags == 0)
                                check_combination((uint8_t)flags, size);
}

static void test_nothing_at_all(void **state)
{
        Measurement m;

        (void)state;
        assert_int_equal(measurement_parse(NULL, 0, &m), -EBADMSG);
}

/* The longest value that Bluetooth knows, and one that is longer still. */
static void test_most_intervals(void **state)
{
        uint8_t value[600];
        Measurement m;

        (void)state;
        for (size_t i = 0; i < sizeof(value); i++)
                value[i] = (uint8_t)i;
        value[0] = 0x10;
        assert_int_equal(parse_exact(value, 512, &m), 0);
        assert_int_equal(m.n_rr, 255);
        assert_int_equal(m.rr[254], (uint8_t)510 + 256 * (uint8_t)511);
        assert_int_equal(parse_exact(value, sizeof(value), &m), 0);
        assert_int_equal(m.n_rr, MEASUREMENT_RR_MAX);
        value[0] = 0x11;
        assert_int_equal(parse_exact(value, 512, &m), 0);
        assert_int_equal(m.n_rr, 254);
}

static void test_judge(void **state)
{
        static const struct {
                uint16_t heart_rate;
                Contact contact;
                MeasurementVerdict trusting, distrusting;
        } cases[] = {
                { 0, CONTACT_UNSUPPORTED, MEASUREMENT_NO_CONTACT, MEASUREMENT_NO_CONTACT },
                { 0, CONTACT_YES, MEASUREMENT_NO_CONTACT, MEASUREMENT_NO_CONTACT },
                { 0, CONTACT_NO, MEASUREMENT_NO_CONTACT, MEASUREMENT_NO_CONTACT },
                { 1, CONTACT_YES, MEASUREMENT_IMPLAUSIBLE, MEASUREMENT_IMPLAUSIBLE },
                { 24, CONTACT_YES, MEASUREMENT_IMPLAUSIBLE, MEASUREMENT_IMPLAUSIBLE },
                { 24, CONTACT_NO, MEASUREMENT_NO_CONTACT, MEASUREMENT_IMPLAUSIBLE },
                { 25, CONTACT_UNSUPPORTED, MEASUREMENT_HEART_RATE, MEASUREMENT_HEART_RATE },
                { 25, CONTACT_YES, MEASUREMENT_HEART_RATE, MEASUREMENT_HEART_RATE },
                { 25, CONTACT_NO, MEASUREMENT_NO_CONTACT, MEASUREMENT_HEART_RATE },
                { 250, CONTACT_YES, MEASUREMENT_HEART_RATE, MEASUREMENT_HEART_RATE },
                { 250, CONTACT_NO, MEASUREMENT_NO_CONTACT, MEASUREMENT_HEART_RATE },
                { 251, CONTACT_YES, MEASUREMENT_IMPLAUSIBLE, MEASUREMENT_IMPLAUSIBLE },
                { 65535, CONTACT_UNSUPPORTED, MEASUREMENT_IMPLAUSIBLE, MEASUREMENT_IMPLAUSIBLE },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                const Measurement m = { .heart_rate = cases[i].heart_rate, .contact = cases[i].contact };

                assert_int_equal(measurement_judge(&m, true), cases[i].trusting);
                assert_int_equal(measurement_judge(&m, false), cases[i].distrusting);
        }
}

static void test_names(void **state)
{
        (void)state;
        assert_string_equal(contact_to_string(CONTACT_UNSUPPORTED), "unsupported");
        assert_string_equal(contact_to_string(CONTACT_YES), "yes");
        assert_string_equal(contact_to_string(CONTACT_NO), "no");
        assert_null(contact_to_string(_CONTACT_MAX));
        assert_null(contact_to_string(_CONTACT_INVALID));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_table),
                cmocka_unit_test(test_every_flag_at_every_length),
                cmocka_unit_test(test_nothing_at_all),
                cmocka_unit_test(test_most_intervals),
                cmocka_unit_test(test_judge),
                cmocka_unit_test(test_names),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
