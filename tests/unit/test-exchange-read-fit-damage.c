/* SPDX-License-Identifier: MIT */

/* FIT files that are cut short, changed or no FIT files; and our own ones, whole, which give back what they were made of. */

#include "exchange/reading.h"

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
#include "exchange-fixture.h"
#include "exchange-fit-fixture.h"
#include "fit-decode.h"

/* Two records, the second one of which ends where the data do. */
static void begin_two(FitBytes *b)
{
        memset(b, 0, sizeof(*b));
        fit_bytes_begin(b, 14);
        fit_bytes_define(b, 0, false, RECORD, TIME_HR);
        fit_bytes_message(b, 0, T, 100);
        fit_bytes_message(b, 0, T + 1, 101);
}

#define RECORDS "begin\n2021-09-08T01:46:40Z hr 100\n2021-09-08T01:46:41Z hr 101\n"

/* -- Not whole -- */

static void test_what_is_no_fit_file(void **state)
{
        static const char none[] =
                        "EBADMSG byte 0: this is no FIT file: it does not begin with a header that has \".FIT\" in it\n";
        static const char length[] =
                        "EBADMSG byte 0: this header's length is neither 12 nor 14 bytes, or not all of it is there\n";
        FitBytes b;

        (void)state;
        expect_bytes(NULL, 0, none);
        expect_bytes("", 1, none);
        expect_bytes("<?xml version=\"1.0\"?>\n", 22, none);
        begin_two(&b);
        fit_bytes_end(&b);
        expect_bytes(b.data, 11, none);
        expect_bytes(b.data, 13, length);
        b.data[0] = 11;
        expect_bytes(b.data, b.size, length);
        b.data[0] = 255;
        expect_bytes(b.data, b.size, length);
        b.data[0] = 14;
        assert_true(reading_fit.is(b.data, b.size));
        assert_true(reading_fit.is(b.data, 12));
        assert_false(reading_fit.is(b.data, 11));
        assert_false(reading_fit.is(NULL, 0));
        b.data[9] = 'f';
        assert_false(reading_fit.is(b.data, b.size));
        expect_bytes(b.data, b.size, none);
}

static void test_a_wrong_checksum_is_a_warning(void **state)
{
        FitBytes b;

        (void)state;
        begin_two(&b);
        fit_bytes_end(&b);
        b.data[b.size - 1] ^= 1;
        expect_bytes(b.data, b.size,
                        "warning: byte 38: the checksum is wrong, so that something in the file has been changed; "
                        "it is taken as it is\n" RECORDS "end running\n");
}

static void test_cut_short(void **state)
{
        FitBytes b;

        (void)state;
        begin_two(&b);
        fit_bytes_end(&b);
        expect_bytes(b.data, b.size - 1,
                        "warning: byte 39: the file is cut short here: its checksum is missing, all else is "
                        "taken\n" RECORDS "end running\n");
        expect_bytes(b.data, b.size - 3,
                        "warning: byte 37: the file is cut short here; what was whole before is taken\n"
                        "begin\n2021-09-08T01:46:40Z hr 100\nend running\n");
        expect_bytes(b.data, 14,
                        "warning: byte 14: the file is cut short here; what was whole before is taken\n"
                        "ENODATA it has no records, and so no heart rates\n");
}

/* By its own account it is whole, but the last message is not. */
static void test_a_last_message_that_is_cut(void **state)
{
        FitBytes b;

        (void)state;
        begin_two(&b);
        b.data[b.size++] = 0;
        b.data[b.size++] = 17;
        fit_bytes_end(&b);
        expect_bytes(b.data, b.size,
                        "warning: byte 38: the last message is cut short; what was whole before is taken\n" RECORDS
                        "end running\n");
}

/* As our own writer leaves it when it is killed: the length is written last. */
static void test_a_file_that_was_never_finished(void **state)
{
        static const char want[] =
                        "warning: byte 0: this file was never finished; what is whole in it is taken\n" RECORDS
                        "end running\n";
        FitBytes b;

        (void)state;
        begin_two(&b);
        expect_bytes(b.data, b.size, want);
        fit_bytes_end(&b);
        memset(b.data + 4, 0, 4);
        expect_bytes(b.data, b.size, want);
}

static void test_a_wrong_length_in_the_header(void **state)
{
        FitBytes b;

        (void)state;
        begin_two(&b);
        fit_bytes_end(&b);
        b.data[4]--;
        expect_bytes(b.data, b.size,
                        "warning: byte 0: the length in the header is wrong; what is whole in the file is taken\n" RECORDS
                        "end running\n");
        b.data[4] += 2;
        expect_bytes(b.data, b.size,
                        "warning: byte 40: the file is cut short here: its checksum is missing, all else is taken\n" RECORDS
                        "end running\n");
        b.data[7] = 0xff;
        expect_bytes(b.data, b.size,
                        "warning: byte 40: the file is cut short here; what was whole before is taken\n" RECORDS
                        "end running\n");
}

static void test_what_follows_is_no_file(void **state)
{
        FitBytes b;

        (void)state;
        begin_two(&b);
        fit_bytes_end(&b);
        memset(b.data + b.size, 0, 100);
        expect_bytes(b.data, b.size + 100,
                        RECORDS
                        "end running\nwarning: byte 40: what follows is no FIT file and is left out\n");
}

/* -- Damage -- */

static void test_a_message_that_nothing_describes(void **state)
{
        FitBytes b;

        (void)state;
        begin_two(&b);
        fit_bytes_put(&b, 7, NULL, 0);
        fit_bytes_message(&b, 0, T + 2, 102);
        fit_bytes_end(&b);
        expect_bytes(b.data, b.size,
                        RECORDS "EBADMSG byte 38: a message that no definition before it describes\n");
        memset(b.data + 4, 0, 4);
        expect_bytes(b.data, b.size,
                        "warning: byte 0: this file was never finished; what is whole in it is taken\n" RECORDS
                        "EBADMSG byte 38: a message that no definition before it describes\n");
}

static void test_a_definition_that_is_none(void **state)
{
        FitBytes b;

        (void)state;
        begin_two(&b);
        fit_bytes_define(&b, 0, false, RECORD, TIME_HR);
        b.data[b.size - 10] = 2;
        fit_bytes_message(&b, 0, T + 2, 102);
        fit_bytes_end(&b);
        expect_bytes(b.data, b.size,
                        RECORDS "EBADMSG byte 38: this definition's byte order is neither 0 nor 1\n");
}

/* The largest definition that there can be, with its data and without. */
static void test_the_largest_definition(void **state)
{
        static uint8_t data[14 + 6 + 2 * 255 * 3 + 1 + 1 + 510 * 255 + 2] = { 14, 0x20, 0, 0, 0, 0, 0, 0, '.',
                'F', 'I', 'T' };
        size_t n = 14;

        (void)state;
        memcpy(data + n, (const uint8_t[]){ 0x60, 0, 0, RECORD, 0, 255 }, 6);
        n += 6;
        for (unsigned i = 0; i < 510; i++) {
                if (i == 255)
                        data[n++] = 255;
                data[n++] = i % 255 == 254 ? 3 : 200;
                data[n++] = 255;
                data[n++] = 0x02;
        }
        expect_bytes(data, n,
                        "warning: byte 0: this file was never finished; what is whole in it is taken\n"
                        "ENODATA it has no records, and so no heart rates\n");
        n++;
        memset(data + n, 100, (size_t)510 * 255);
        n += (size_t)510 * 255;
        expect_bytes(data, n,
                        "warning: byte 0: this file was never finished; what is whole in it is taken\n"
                        "ENODATA its heart rates have no dates\n");
        expect_bytes(data, n - 1,
                        "warning: byte 0: this file was never finished; what is whole in it is taken\n"
                        "ENODATA it has no records, and so no heart rates\n");
}

/* What was given of one file stands, whatever the next one is. */
static void test_damage_in_a_second_file(void **state)
{
        FitBytes b;

        (void)state;
        begin_two(&b);
        fit_bytes_end(&b);
        fit_bytes_begin(&b, 12);
        fit_bytes_put(&b, 3, NULL, 0);
        fit_bytes_put(&b, 3, NULL, 0);
        fit_bytes_put(&b, 3, NULL, 0);
        fit_bytes_end(&b);
        expect_bytes(b.data, b.size,
                        RECORDS
                        "end running\nEBADMSG byte 52: a message that no definition before it describes\n");
}

static void test_damage_in_a_file_of_hr_messages(void **state)
{
        FitBytes b;

        (void)state;
        memset(&b, 0, sizeof(b));
        fit_bytes_begin(&b, 12);
        fit_bytes_end(&b);
        for (unsigned i = 0; i < 3; i++) {
                fit_bytes_begin(&b, 12);
                fit_bytes_define(&b, 2, false, HR, "253:4:86 6:1:02 9:4:86");
                fit_bytes_message(&b, 2, T + i, 100 + i, 1024);
                if (i == 1) {
                        fit_bytes_put(&b, 3, NULL, 0);
                        fit_bytes_put(&b, 3, NULL, 0);
                        fit_bytes_put(&b, 3, NULL, 0);
                }
                fit_bytes_end(&b);
        }
        b.data[52] ^= 1;
        expect_bytes(b.data, b.size,
                        "warning: byte 51: the checksum is wrong, so that something in the file has been changed; "
                        "it is taken as it is\n"
                        "begin\n2021-09-08T01:46:40Z hr 100\n2021-09-08T01:46:41Z hr 101\n"
                        "EBADMSG byte 90: a message that no definition before it describes\n");
}

/* -- Every byte of a small file -- */

/* Whether the heart rates and intervals of one begin like all those of the other. */
static void assert_begins_with(const Reading *whole, const Reading *part)
{
        size_t k = 0;

        for (size_t i = 0; i < part->n_items; i++) {
                if (part->items[i].type != READ_HEART_RATE && part->items[i].type != READ_RR)
                        continue;
                while (k < whole->n_items && whole->items[k].type != READ_HEART_RATE &&
                                whole->items[k].type != READ_RR)
                        k++;
                assert_true(k < whole->n_items);
                assert_int_equal(whole->items[k].type, part->items[i].type);
                assert_int_equal(whole->items[k].at, part->items[i].at);
                assert_int_equal(whole->items[k].value, part->items[i].value);
                k++;
        }
}

static void make_small(File *f)
{
        const ExchangeItem items[] = { heart_rate(0, 90), event(500, "step", 1, "hard"), interval(1000, 700),
                interval(1000, 690), heart_rate(1000, 91), heart_rate(1100, 92), interval(9000, 512),
                heart_rate(9000, 93) };
        ExchangeSession session = fixture_run;

        session.said_kind = "";
        session.resting = session.maximum = session.tolerance = NAN;
        session.ceiling = 145.55;
        session.over_s = 2;
        assert_int_equal(exchange_write(&exchange_fit, f, &session, items, ELEMENTSOF(items)), 0);
}

typedef struct Ends {
        const uint8_t *file;
        size_t n, ends[16]; /* behind each record with a heart rate */
} Ends;

static void keep_end(const DecodedMessage *m, void *userdata)
{
        const DecodedField *last = &m->fields[m->n_fields - 1];
        Ends *ends = userdata;

        if (m->number == RECORD)
                ends->ends[ends->n++] = (size_t)(last->bytes - ends->file) + last->size;
}

static void test_every_truncation(void **state)
{
        Reading whole = { 0 };
        Ends ends = { 0 };
        File f = { 0 };

        (void)state;
        make_small(&f);
        reading_make(&whole, &reading_fit, f.data, f.size);
        assert_int_equal(whole.r, 0);
        ends.file = f.data;
        assert_null(fit_decode(f.data, f.size, keep_end, &ends));
        assert_int_equal(ends.n, 4);
        for (size_t size = 0; size < f.size; size++) {
                Reading part = { 0 };
                size_t n = 0;

                while (n < ends.n && ends.ends[n] <= size)
                        n++;
                reading_make(&part, &reading_fit, f.data, size);
                assert_int_equal(part.r, size < 14 ? -EBADMSG : n == 0 ? -ENODATA : 0);
                assert_int_equal(part.n[READ_WARNING], size >= 14);
                assert_int_equal(part.n[READ_HEART_RATE], n);
                assert_begins_with(&whole, &part);
                reading_done(&part);
        }
        reading_done(&whole);
        file_done(&f);
}

/* What comes before it is read as ever; nothing is read that is not there. A change is noticed unless it is refused. */
static void test_every_byte_changed(void **state)
{
        File f = { 0 };

        (void)state;
        make_small(&f);
        for (size_t i = 14; i < f.size; i++) {
                Reading before = { 0 };

                reading_make(&before, &reading_fit, f.data, i);
                for (unsigned change = 1; change <= UINT8_MAX; change++) {
                        Reading changed = { 0 };

                        f.data[i] ^= (uint8_t)change;
                        reading_make(&changed, &reading_fit, f.data, f.size);
                        assert_begins_with(&changed, &before);
                        assert_true(changed.r != 0 || changed.n[READ_WARNING] > 0);
                        f.data[i] ^= (uint8_t)change;
                        reading_done(&changed);
                }
                reading_done(&before);
        }
        file_done(&f);
}

/* Of the header only the signature and its own length are needed. */
static void test_every_byte_of_the_header_changed(void **state)
{
        Reading whole = { 0 };
        File f = { 0 };

        (void)state;
        make_small(&f);
        reading_make(&whole, &reading_fit, f.data, f.size);
        for (size_t i = 0; i < 14; i++)
                for (unsigned change = 1; change <= UINT8_MAX; change++) {
                        Reading changed = { 0 };

                        f.data[i] ^= (uint8_t)change;
                        reading_make(&changed, &reading_fit, f.data, f.size);
                        f.data[i] ^= (uint8_t)change;
                        if (i >= 8 && i < 12) {
                                assert_int_equal(changed.r, -EBADMSG);
                        } else if (i > 0) {
                                assert_int_equal(changed.r, 0);
                                assert_int_equal(changed.n[READ_HEART_RATE], whole.n[READ_HEART_RATE]);
                                assert_begins_with(&whole, &changed);
                        }
                        reading_done(&changed);
                }
        reading_done(&whole);
        file_done(&f);
}

static void test_an_error_of_the_target_is_returned(void **state)
{
        Reading reading = { 0 };
        size_t n;
        FitBytes b;

        (void)state;
        begin_two(&b);
        fit_bytes_define(&b, 1, false, 78, "0:2:84");
        fit_bytes_message(&b, 1, 500);
        fit_bytes_define(&b, 2, false, RECORD, TIME_HR " 6:2:84");
        fit_bytes_message(&b, 2, T + 2, 102, 3000);
        fit_bytes_end(&b);
        reading_make(&reading, &reading_fit, b.data, b.size);
        n = reading.n_calls;
        assert_int_equal(n, 7);
        reading_done(&reading);
        for (size_t i = 1; i <= n; i++) {
                reading.fails_at = i;
                reading_make(&reading, &reading_fit, b.data, b.size);
                assert_int_equal(reading.r, -ECANCELED);
                assert_int_equal(reading.n_calls, i);
                reading_done(&reading);
        }
}

/* -- Our own -- */

static void test_our_own_file(void **state)
{
        Reading reading = { 0 };
        File f = { 0 };

        (void)state;
        make_small(&f);
        reading_make(&reading, &reading_fit, f.data, f.size);
        assert_string_equal(reading.text,
                        "begin\n"
                        "2026-05-17T15:30:00Z hr 90\n"
                        "2026-05-17T15:30:01Z rr 700\n"
                        "2026-05-17T15:30:01Z rr 690\n"
                        "2026-05-17T15:30:01Z hr 91\n"
                        "2026-05-17T15:30:01.001Z hr 92\n"
                        "2026-05-17T15:30:09Z rr 512\n"
                        "2026-05-17T15:30:09Z hr 93\n"
                        "end offset=7200 running sport=\"running\" device=\"Polar H10 AB12\" ceiling=145.55\n");
        reading_done(&reading);
        file_done(&f);
}

/* Marks are of the heart rate before them; those of others, which may be anything, are left out. */
static void test_marks_of_our_own_file(void **state)
{
        const ExchangeItem items[] = { event(0, "mark", NAN, "x"), heart_rate(0, 90), heart_rate(100, 91),
                event(200, "mark", NAN, ""), event(600, "step", 1, "hard"), heart_rate(3000, 92) };
        ExchangeSession session = fixture_run;
        Reading reading = { 0 };
        File f = { 0 };
        uint8_t *name;

        (void)state;
        session.length = 3000;
        assert_int_equal(exchange_write(&exchange_fit, &f, &session, items, ELEMENTSOF(items)), 0);
        reading_make(&reading, &reading_fit, f.data, f.size);
        assert_non_null(strstr(reading.text,
                        "begin\n2026-05-17T15:30:00Z event mark\n2026-05-17T15:30:00Z hr 90\n"
                        "2026-05-17T15:30:00.001Z hr 91\n2026-05-17T15:30:00.001Z event mark\n"
                        "2026-05-17T15:30:03Z hr 92\nend "));
        reading_done(&reading);
        name = memmem(f.data, f.size, "cardiod", 7);
        assert_non_null(name);
        *name = 'C';
        reading_make(&reading, &reading_fit, f.data, f.size);
        assert_int_equal(reading.n[READ_EVENT], 0);
        reading_done(&reading);
        file_done(&f);
}

/* Marks lie between the heart rates that they stand between, whatever their own times are; as many as may be. */
static void test_marks_with_wrong_times(void **state)
{
        FitBytes b;

        (void)state;
        memset(&b, 0, sizeof(b));
        fit_bytes_begin(&b, 14);
        fit_bytes_define(&b, 0, false, FILE_ID, "0:1:00 1:2:84 8:8:07");
        fit_bytes_message(&b, 0, 4, 255, 'c', 'a', 'r', 'd', 'i', 'o', 'd', 0);
        fit_bytes_define(&b, 1, false, RECORD, TIME_HR);
        fit_bytes_define(&b, 2, false, 21, "253:4:86 0:1:00 1:1:00");
        fit_bytes_message(&b, 1, T, 100);
        fit_bytes_message(&b, 2, T + 9, 32, 3);
        fit_bytes_message(&b, 2, T - 9, 32, 3);
        fit_bytes_message(&b, 1, T + 2, 101);
        fit_bytes_message(&b, 2, T + 3, 32, 3);
        end(&b, "begin\n2021-09-08T01:46:40Z hr 100\n2021-09-08T01:46:42Z event mark\n"
                "2021-09-08T01:46:42Z event mark\n2021-09-08T01:46:42Z hr 101\n2021-09-08T01:46:43Z event mark\n"
                "end running\n");
}

static void test_our_own_file_of_which_little_is_known(void **state)
{
        const ExchangeItem items[] = { heart_rate(0, 90) };
        ExchangeSession session = fixture_run;
        Reading reading = { 0 };
        File f = { 0 };

        (void)state;
        session.device = "";
        session.kind = "cross-training";
        session.said_kind = "";
        session.resting = session.maximum = session.tolerance = NAN;
        session.utc_offset_s = 0;
        assert_int_equal(exchange_write(&exchange_fit, &f, &session, items, ELEMENTSOF(items)), 0);
        reading_make(&reading, &reading_fit, f.data, f.size);
        assert_string_equal(reading.text,
                        "begin\n2026-05-17T15:30:00Z hr 90\nend offset=0 other sport=\"training\"\n");
        reading_done(&reading);
        file_done(&f);
}

static uint32_t random_below(uint32_t *state, uint32_t n)
{
        *state = *state * 1664525U + 1013904223U;
        return (*state >> 8) % n;
}

/* As a strap sends them, with gaps, several in a second, and none. */
static size_t random_items(uint32_t *seed, ExchangeItem *items, size_t max)
{
        int64_t t = random_below(seed, 500);
        size_t n = 0;

        do {
                if (random_below(seed, 20) == 0)
                        items[n++] = event(t, random_below(seed, 2) ? "step" : "mark", 1, "hard");
                for (uint32_t rr = random_below(seed, 4); rr > 0; rr--)
                        items[n++] = interval(t, 1 + random_below(seed, UINT16_MAX));
                items[n++] = heart_rate(t, 25 + random_below(seed, 226));
                t += 1 + random_below(seed, random_below(seed, 10) == 0 ? 100000 : 1500);
        } while (n + 6 < max && random_below(seed, 80) > 0);
        return n;
}

static void assert_same(
                const ExchangeSession *session, const ExchangeItem *items, size_t n, const Reading *reading)
{
        size_t k = 1;

        for (size_t i = 0; i < n; i++) {
                const ReadItem *read = &reading->items[k];

                if (items[i].type == EXCHANGE_EVENT)
                        continue;
                k++;
                assert_int_equal(read->at / 1000, (session->started_at + items[i].t) / 1000);
                if (items[i].type == EXCHANGE_SAMPLE) {
                        assert_int_equal(read->type, READ_HEART_RATE);
                        assert_int_equal(read->value, items[i].sample.heart_rate);
                } else {
                        assert_int_equal(read->type, READ_RR);
                        assert_true(abs((int)read->value - (int)items[i].rr.rr) <= 1);
                }
        }
        assert_int_equal(reading->items[k].type, READ_END);
        assert_int_equal(reading->n_items, k + 1);
}

static void test_random_sessions_are_read_back(void **state)
{
        static ExchangeItem items[600];

        (void)state;
        for (uint32_t i = 0; i < 1000; i++) {
                ExchangeSession session = fixture_run;
                Reading reading = { 0 };
                File f = { 0 };
                uint32_t seed = i;
                size_t n = random_items(&seed, items, ELEMENTSOF(items));

                session.started_at += random_below(&seed, 1000);
                session.utc_offset_s = ((int32_t)random_below(&seed, 105) - 48) * 900;
                session.ceiling = random_below(&seed, 2) ? 100 + random_below(&seed, 10000) / 100.0 : NAN;
                assert_int_equal(exchange_write(&exchange_fit, &f, &session, items, n), 0);
                reading_make(&reading, &reading_fit, f.data, f.size);
                assert_int_equal(reading.r, 0);
                assert_same(&session, items, n, &reading);
                assert_string_equal(reading.activity.device, session.device);
                assert_int_equal(reading.activity.utc_offset_s, session.utc_offset_s);
                assert_true(reading.activity.has_offset && reading.activity.is_running);
                assert_int_equal(isnan(reading.activity.ceiling), isnan(session.ceiling));
                assert_true(isnan(session.ceiling) ||
                                fabs(reading.activity.ceiling - session.ceiling) < 1e-9);
                reading_done(&reading);
                file_done(&f);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_what_is_no_fit_file),
                cmocka_unit_test(test_a_wrong_checksum_is_a_warning),
                cmocka_unit_test(test_cut_short),
                cmocka_unit_test(test_a_last_message_that_is_cut),
                cmocka_unit_test(test_a_file_that_was_never_finished),
                cmocka_unit_test(test_a_wrong_length_in_the_header),
                cmocka_unit_test(test_what_follows_is_no_file),
                cmocka_unit_test(test_a_message_that_nothing_describes),
                cmocka_unit_test(test_a_definition_that_is_none),
                cmocka_unit_test(test_the_largest_definition),
                cmocka_unit_test(test_damage_in_a_second_file),
                cmocka_unit_test(test_damage_in_a_file_of_hr_messages),
                cmocka_unit_test(test_every_truncation),
                cmocka_unit_test(test_every_byte_changed),
                cmocka_unit_test(test_every_byte_of_the_header_changed),
                cmocka_unit_test(test_an_error_of_the_target_is_returned),
                cmocka_unit_test(test_our_own_file),
                cmocka_unit_test(test_marks_of_our_own_file),
                cmocka_unit_test(test_marks_with_wrong_times),
                cmocka_unit_test(test_our_own_file_of_which_little_is_known),
                cmocka_unit_test(test_random_sessions_are_read_back),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
