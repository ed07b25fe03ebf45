/* SPDX-License-Identifier: MIT */
/* What `import` makes of what the process that reads a file says: a session, or words why not. That process is not believed. */
#include <errno.h>
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "cardio/macro.h"
#include "ctl/import/activity.h"
#include "ctl/import/local-time.h"
#include "ctl/import/progress.h"
#include "ctl/import/unpack.h"

#define STARTED_AT INT64_C(1779031800000) /* 2026-05-17T15:30:00Z */
#define NOW        (STARTED_AT + 86400000)
#define HOUR       3600000
#define CONTENT    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* -- What was said -- */

typedef struct Said {
        uint8_t bytes[65536];
        size_t n;
} Said;

static void say(Said *s, uint32_t type, uint32_t value, int64_t at, const void *more)
{
        const WireRecord record = { .type = type, .value = value, .at = at };
        size_t size = wire_size(type);

        assert_true(s->n + sizeof(record) + size <= sizeof(s->bytes));
        memcpy(s->bytes + s->n, &record, sizeof(record));
        if (size > 0 && more)
                memcpy(s->bytes + s->n + sizeof(record), more, size);
        else if (size > 0)
                memset(s->bytes + s->n + sizeof(record), 0, size);
        s->n += sizeof(record) + size;
}

static void say_end(Said *s, const ReadingActivity *whole, uint32_t flags)
{
        WireEnd end = { .activity = *whole, .flags = flags, .content = CONTENT };

        say(s, WIRE_END, 0, 0, &end);
}

/* An activity of these heart rates, a second apart. */
static void say_run(Said *s, int64_t at, const unsigned *bpm, size_t n)
{
        say(s, WIRE_BEGIN, 0, 0, NULL);
        for (size_t i = 0; i < n; i++) {
                say(s, WIRE_RR, 500 + (unsigned)i, at + (int64_t)i * 1000, NULL);
                say(s, WIRE_HEART_RATE, bpm[i], at + (int64_t)i * 1000, NULL);
        }
}

static int hear(FileContents *c, const Said *s)
{
        size_t used = 0;

        contents_begin(c);
        return contents_take(c, s->bytes, s->n, &used);
}

static void test_said_in_pieces(void **state _unused_)
{
        const unsigned bpm[] = { 120, 121, 122 };
        const WirePace pace = { 3, NAN, 10, NAN };
        const WireEvent event = { .value = 145, .type = "ceiling", .detail = "65%hrr" };
        _cleanup_contents_ FileContents c = { .n_activities = 0 };
        uint8_t bytes[WIRE_SIZE_MAX];
        size_t n = 0;
        Said s = { .n = 0 };

        say(&s, WIRE_FORMAT, 1, 0, NULL);
        say_run(&s, STARTED_AT, bpm, ELEMENTSOF(bpm));
        say(&s, WIRE_PACE, 0, STARTED_AT + 2000, &pace);
        say(&s, WIRE_EVENT, 0, STARTED_AT + 2000, &event);
        say_end(&s, &READING_ACTIVITY_NONE, WIRE_RUNNING | WIRE_BY_HAND);
        say(&s, WIRE_WARNING, 0, 0, NULL);
        say(&s, WIRE_DONE, READ_DONE, 0, NULL);
        contents_begin(&c);
        /* As a pipe may bring it: byte by byte. */
        for (size_t i = 0; i < s.n; i++) {
                size_t used;

                bytes[n++] = s.bytes[i];
                assert_int_equal(contents_take(&c, bytes, n, &used), 0);
                memmove(bytes, bytes + used, n - used);
                n -= used;
        }
        assert_int_equal(n, 0);
        assert_int_equal(c.result, READ_DONE);
        assert_int_equal(c.format, 1);
        assert_int_equal(c.n_warnings, 1);
        assert_int_equal(c.n_activities, 1);
        assert_int_equal(c.activities[0].n_samples, 3);
        assert_int_equal(c.activities[0].n_rr, 3);
        assert_int_equal(c.activities[0].n_pace, 1);
        assert_int_equal(c.activities[0].n_events, 1);
        assert_true(c.activities[0].whole.is_running && c.activities[0].whole.by_hand);
        assert_string_equal(c.activities[0].content, CONTENT);
}

static void test_not_believed(void **state _unused_)
{
        const WirePace infinite = { INFINITY, 0, 0, 0 };
        const WireEnd no_hash = { .content = "0123" }, endless = { .content = CONTENT };
        const struct {
                const char *what;
                struct {
                        uint32_t type, value;
                        int64_t at;
                        const void *more;
                } said[4];
        } rows[] = {
                { "a type that is none", { { _WIRE_TYPE_MAX, 0, 0, NULL } } },
                { "a huge type", { { UINT32_MAX, 0, 0, NULL } } },
                { "a heart rate of no activity", { { WIRE_HEART_RATE, 120, STARTED_AT, NULL } } },
                { "an end of no activity", { { WIRE_END, 0, 0, &endless } } },
                { "one within another", { { WIRE_BEGIN, 0, 0, NULL }, { WIRE_BEGIN, 0, 0, NULL } } },
                { "no heart rate", { { WIRE_BEGIN, 0, 0, NULL }, { WIRE_HEART_RATE, 0, STARTED_AT, NULL } } },
                { "a contact that is none",
                                { { WIRE_BEGIN, 0, 0, NULL },
                                                { WIRE_HEART_RATE, 0x300 | 120, STARTED_AT, NULL } } },
                { "the same time twice",
                                { { WIRE_BEGIN, 0, 0, NULL }, { WIRE_HEART_RATE, 120, STARTED_AT, NULL },
                                                { WIRE_HEART_RATE, 120, STARTED_AT, NULL } } },
                { "a time of no calendar",
                                { { WIRE_BEGIN, 0, 0, NULL }, { WIRE_HEART_RATE, 120, INT64_MAX, NULL } } },
                { "a time before all", { { WIRE_BEGIN, 0, 0, NULL }, { WIRE_RR, 500, INT64_MIN, NULL } } },
                { "an interval too long",
                                { { WIRE_BEGIN, 0, 0, NULL }, { WIRE_RR, 65536, STARTED_AT, NULL } } },
                { "an infinite pace",
                                { { WIRE_BEGIN, 0, 0, NULL }, { WIRE_PACE, 0, STARTED_AT, &infinite } } },
                { "a content that is none", { { WIRE_BEGIN, 0, 0, NULL }, { WIRE_END, 0, 0, &no_hash } } },
                { "done within an activity",
                                { { WIRE_BEGIN, 0, 0, NULL }, { WIRE_DONE, READ_DONE, 0, NULL } } },
                { "a result that is none", { { WIRE_DONE, READ_DIED, 0, NULL } } },
                { "more after the end", { { WIRE_DONE, READ_DONE, 0, NULL }, { WIRE_BEGIN, 0, 0, NULL } } },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_contents_ FileContents c = { .n_activities = 0 };
                Said s = { .n = 0 };

                for (size_t k = 0; k < ELEMENTSOF(rows[i].said); k++)
                        if (k == 0 || rows[i].said[k].type > 0)
                                say(&s, rows[i].said[k].type, rows[i].said[k].value, rows[i].said[k].at,
                                                rows[i].said[k].more);
                if (hear(&c, &s) != -EBADMSG)
                        fail_msg("%s is believed", rows[i].what);
        }
}

/* Neither are texts without an end. */
static void test_texts_end(void **state _unused_)
{
        _cleanup_contents_ FileContents c = { .n_activities = 0 };
        const unsigned bpm[] = { 120 };
        ReadingProblem endless;
        WireEnd end;
        Said s = { .n = 0 };

        memset(&end, 'a', sizeof(end));
        memset(&endless, 'a', sizeof(endless));
        say_run(&s, STARTED_AT, bpm, 1);
        say(&s, WIRE_END, 0, 0, &end);
        say(&s, WIRE_WARNING, 0, 0, &endless);
        say(&s, WIRE_DONE, READ_BROKEN, 0, &endless);
        assert_int_equal(hear(&c, &s), 0);
        assert_int_equal(strlen(c.activities[0].whole.note), READING_NOTE_MAX - 1);
        assert_int_equal(strlen(c.activities[0].whole.workout), READING_TEXT_MAX - 1);
        assert_int_equal(strlen(c.problem.text), READING_TEXT_MAX - 1);
        assert_int_equal(strlen(c.warnings[0].place), READING_PLACE_MAX - 1);
}

static void test_bounded(void **state _unused_)
{
        _cleanup_contents_ FileContents c = { .n_activities = 0 };
        size_t used;
        Said s = { .n = 0 };
        int r = 0;

        say(&s, WIRE_BEGIN, 0, 0, NULL);
        contents_begin(&c);
        assert_int_equal(contents_take(&c, s.bytes, s.n, &used), 0);
        for (int64_t at = STARTED_AT; r == 0; at += 1000) {
                s.n = 0;
                say(&s, WIRE_HEART_RATE, 120, at, NULL);
                r = contents_take(&c, s.bytes, s.n, &used);
        }
        assert_int_equal(r, -E2BIG);
        assert_int_equal(c.activities[0].n_samples, ACTIVITY_SAMPLES_MAX);
        assert_string_equal(c.problem.text, "it has more than 200000 heart rates in one activity");
}

/* -- A session of it -- */

static void test_finished(void **state _unused_)
{
        const unsigned bpm[] = { 20, 120, 255, 130 };
        const WirePace pace = { 3, NAN, NAN, NAN };
        const WireEvent event = { .type = "mark" };
        _cleanup_contents_ FileContents c = { .n_activities = 0 };
        ReadingProblem problem;
        Activity *a;
        Said s = { .n = 0 };

        say(&s, WIRE_BEGIN, 0, 0, NULL);
        say(&s, WIRE_PACE, 0, STARTED_AT, &pace);
        say(&s, WIRE_EVENT, 0, STARTED_AT, &event);
        for (size_t i = 0; i < ELEMENTSOF(bpm); i++) {
                say(&s, WIRE_RR, 500 + (unsigned)i, STARTED_AT + (int64_t)i * 1000, NULL);
                say(&s, WIRE_HEART_RATE, bpm[i], STARTED_AT + (int64_t)i * 1000, NULL);
        }
        say(&s, WIRE_PACE, 0, STARTED_AT + 2000, &pace);
        say(&s, WIRE_PACE, 0, STARTED_AT + 4000, &pace);
        say(&s, WIRE_EVENT, 0, STARTED_AT + 4000, &event);
        say_end(&s, &READING_ACTIVITY_NONE, WIRE_RUNNING);
        assert_int_equal(hear(&c, &s), 0);
        a = &c.activities[0];
        assert_int_equal(activity_finish(a, NOW, &problem), 0);
        /* 20 and 255 are no heart rates, and their intervals none of any; what is left is from 1 to 3 s. */
        assert_int_equal(a->implausible, 2);
        assert_int_equal(a->n_samples, 2);
        assert_int_equal(a->n_rr, 2);
        assert_int_equal(a->rr[1].rr, 503);
        assert_int_equal(a->n_pace, 1);
        assert_int_equal(a->events[0].at, STARTED_AT + 1000);
        assert_int_equal(a->events[1].at, STARTED_AT + 3000);
        assert_int_equal(activity_length(a), 2000);
        assert_true(activity_average(a) == 120);
}

/* What was run before the first heart rate is no part of the session. */
static void test_distance_begins_with_the_first_heart_rate(void **state _unused_)
{
        const double said[] = { 100, 105, NAN, 108, 50 }, distance[] = { NAN, 3, NAN };
        const unsigned bpm[] = { 120, 121, 122 };
        _cleanup_contents_ FileContents c = { .n_activities = 0 };
        ReadingProblem problem;
        const Activity *a;
        Said s = { .n = 0 };

        say_run(&s, STARTED_AT + 2000, bpm, ELEMENTSOF(bpm));
        for (size_t i = 0; i < ELEMENTSOF(said); i++)
                say(&s, WIRE_PACE, 0, STARTED_AT + (int64_t)i * 1000, &(WirePace){ 3, NAN, said[i], NAN });
        say_end(&s, &READING_ACTIVITY_NONE, WIRE_RUNNING);
        assert_int_equal(hear(&c, &s), 0);
        assert_int_equal(activity_finish(&c.activities[0], NOW, &problem), 0);
        a = &c.activities[0];
        assert_int_equal(a->n_pace, ELEMENTSOF(distance));
        for (size_t i = 0; i < ELEMENTSOF(distance); i++) {
                assert_int_equal(a->pace[i].at, STARTED_AT + 2000 + (int64_t)i * 1000);
                assert_true(isnan(distance[i]) ? isnan(a->pace[i].pace.distance)
                                               : a->pace[i].pace.distance == distance[i]);
        }
}

static void test_refused(void **state _unused_)
{
        const struct {
                int64_t first, last;
                unsigned bpm, skipped;
                const char *why; /* NULL = taken */
        } rows[] = {
                { STARTED_AT, STARTED_AT + HOUR, 120, 0, NULL },
                { STARTED_AT, STARTED_AT + 24 * HOUR, 120, 2, NULL },
                { STARTED_AT, STARTED_AT + 24 * HOUR + 1, 120, 0, "are 24.0 hours; up to 24 are accepted" },
                { NOW + 24 * HOUR, NOW + 25 * HOUR, 120, 0, NULL },
                { NOW + 24 * HOUR + 1, NOW + 25 * HOUR, 120, 0, "2026-05-19, which is still to come" },
                { INT64_C(631152000000), INT64_C(631152000000) + 1000, 120, 0, NULL },
                { INT64_C(631151999999), INT64_C(631152000000), 120, 0, "1989-12-31, before 1990" },
                { 0, 1000, 120, 0, "1970-01-01, before 1990" },
                { -INT64_C(999999999999999), 0, 120, 0, "before 1990" },
                { STARTED_AT, STARTED_AT + 1000, 24, 0, "no heart rate between 25 and 250 bpm" },
                { STARTED_AT, STARTED_AT + 1000, 120, 3, "most of it would be lost: 3 records" },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_contents_ FileContents c = { .n_activities = 0 };
                ReadingActivity whole = READING_ACTIVITY_NONE;
                ReadingProblem problem = { .text = "" };
                Said s = { .n = 0 };

                whole.skipped = rows[i].skipped;
                say(&s, WIRE_BEGIN, 0, 0, NULL);
                say(&s, WIRE_HEART_RATE, rows[i].bpm, rows[i].first, NULL);
                say(&s, WIRE_HEART_RATE, rows[i].bpm, rows[i].last, NULL);
                say_end(&s, &whole, 0);
                assert_int_equal(hear(&c, &s), 0);
                assert_int_equal(activity_finish(&c.activities[0], NOW, &problem), rows[i].why ? -EINVAL : 0);
                if (rows[i].why && !strstr(problem.text, rows[i].why))
                        fail_msg("row %zu: %s", i, problem.text);
        }
}

/* What the daemon would refuse a whole session for is not known. */
static void test_made_acceptable(void **state _unused_)
{
        static const struct {
                const char *said, *kept;
        } kinds[] = { { "base", "base" }, { "party", "" }, { "", "" } },
          ceilings[] = { { "65%hrr", "65%hrr" }, { "auto", "auto" }, { "much", "" } },
          bounds[] = { { "50 60.5", "50 60.5" }, { "60, 50", "" }, { "60 50", "" } };
        const WireEvent mark = { .value = NAN, .type = "mark" }, zone = { .value = 1, .type = "zone" },
                        ceiling = { .value = 1000, .type = "ceiling" };
        static const double limits[][4] = { { 190, 50, 190, 50 }, { 50, 50, NAN, 50 }, { 100, 110, NAN, NAN },
                { INFINITY, NAN, NAN, NAN } };

        for (size_t i = 0; i < ELEMENTSOF(limits); i++) {
                _cleanup_contents_ FileContents c = { .n_activities = 0 };
                ReadingActivity whole = READING_ACTIVITY_NONE, *w;
                const unsigned bpm[] = { 120 };
                ReadingProblem problem;
                Said s = { .n = 0 };

                whole.maximum = limits[i][0];
                whole.resting = limits[i][1];
                whole.ceiling = 400;
                whole.rpe = 11;
                memset(whole.device, 'a', READING_TEXT_MAX);
                memcpy(whole.device + 199, "\xc3\xbc", 2); /* a character across the last byte that fits */
                (void)snprintf(whole.sport, sizeof(whole.sport), "\033[31mrow\xffing");
                (void)snprintf(whole.kind, sizeof(whole.kind), "%s", kinds[i % 3].said);
                (void)snprintf(whole.ceiling_expression, sizeof(whole.ceiling_expression), "%s",
                                ceilings[i % 3].said);
                (void)snprintf(whole.zone_model, sizeof(whole.zone_model), "hrr");
                (void)snprintf(whole.zone_bounds, sizeof(whole.zone_bounds), "%s", bounds[i % 3].said);
                (void)snprintf(whole.talk_test, sizeof(whole.talk_test), "perhaps");
                say_run(&s, STARTED_AT, bpm, 1);
                say(&s, WIRE_EVENT, 0, STARTED_AT, &zone);
                say(&s, WIRE_EVENT, 0, STARTED_AT, &mark);
                say(&s, WIRE_EVENT, 0, STARTED_AT, &ceiling);
                say_end(&s, &whole, 0);
                assert_int_equal(hear(&c, &s), 0);
                assert_int_equal(activity_finish(&c.activities[0], NOW, &problem), 0);
                w = &c.activities[0].whole;
                assert_true(w->maximum == limits[i][2] || (isnan(w->maximum) && isnan(limits[i][2])));
                assert_true(w->resting == limits[i][3] || (isnan(w->resting) && isnan(limits[i][3])));
                assert_true(isnan(w->ceiling) && w->rpe == 0);
                assert_int_equal(strlen(w->device), 199);
                assert_string_equal(w->sport, "?[31mrow?ing");
                assert_string_equal(w->kind, kinds[i % 3].kept);
                assert_string_equal(w->ceiling_expression, ceilings[i % 3].kept);
                assert_string_equal(w->zone_bounds, bounds[i % 3].kept);
                assert_string_equal(w->zone_model, *w->zone_bounds ? "hrr" : "");
                assert_string_equal(w->talk_test, "");
                assert_int_equal(c.activities[0].n_events, 2);
                assert_true(isnan(c.activities[0].events[1].event.value));
        }
}

/* -- Local times -- */

static void set_zone(const char *zone)
{
        assert_int_equal(setenv("TZ", zone, 1), 0);
        tzset();
}

#define LOCAL(day, hour, minute) (((int64_t)(day)*86400 + (hour)*3600 + (minute)*60) * 1000)
#define SPRING                   20541 /* 2026-03-29 */
#define AUTUMN                   20751 /* 2026-10-25 */

static void test_local_times(void **state _unused_)
{
        static const struct {
                int64_t local;
                int32_t offset;
        } rows[] = {
                { LOCAL(SPRING, 1, 59), 3600 },
                { LOCAL(SPRING, 2, 30), 3600 }, /* clocks skip it */
                { LOCAL(SPRING, 3, 0), 7200 },
                { LOCAL(AUTUMN, 1, 59), 7200 },
                { LOCAL(AUTUMN, 2, 30), 7200 }, /* it comes twice */
                { LOCAL(AUTUMN, 3, 0), 3600 },
                { LOCAL(SPRING + 60, 12, 0), 7200 },
                { LOCAL(10, 12, 0), 3600 },
        };

        set_zone("CET-1CEST,M3.5.0,M10.5.0/3");
        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                assert_int_equal(local_time_offset(rows[i].local), rows[i].offset);
        set_zone("UTC");
        assert_int_equal(local_time_offset(LOCAL(SPRING, 2, 30)), 0);
}

static void test_of_local_times(void **state _unused_)
{
        static const struct {
                uint32_t flags;
                int32_t said;
                int64_t at, utc;
                int32_t offset;
        } rows[] = {
                /* By the zone here, by what the file says, and not by what no clock says. */
                { WIRE_LOCAL, 0, LOCAL(AUTUMN, 12, 0), LOCAL(AUTUMN, 11, 0), 3600 },
                { WIRE_LOCAL | WIRE_HAS_OFFSET, -18000, LOCAL(AUTUMN, 12, 0), LOCAL(AUTUMN, 17, 0), -18000 },
                { WIRE_LOCAL | WIRE_HAS_OFFSET, 999999, LOCAL(AUTUMN, 12, 0), LOCAL(AUTUMN, 11, 0), 3600 },
                { WIRE_HAS_OFFSET, -18000, LOCAL(AUTUMN, 12, 0), LOCAL(AUTUMN, 12, 0), -18000 },
                /* A run through the hour that comes twice goes by the clock of its beginning. */
                { WIRE_LOCAL, 0, LOCAL(AUTUMN, 2, 30), LOCAL(AUTUMN, 0, 30), 7200 },
        };

        set_zone("CET-1CEST,M3.5.0,M10.5.0/3");
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_contents_ FileContents c = { .n_activities = 0 };
                ReadingActivity whole = READING_ACTIVITY_NONE;
                ReadingProblem problem;
                Said s = { .n = 0 };

                whole.utc_offset_s = rows[i].said;
                say(&s, WIRE_BEGIN, 0, 0, NULL);
                say(&s, WIRE_HEART_RATE, 120, rows[i].at, NULL);
                say(&s, WIRE_HEART_RATE, 120, rows[i].at + 2 * HOUR, NULL);
                say_end(&s, &whole, rows[i].flags);
                assert_int_equal(hear(&c, &s), 0);
                assert_int_equal(activity_finish(&c.activities[0], LOCAL(AUTUMN + 1, 0, 0), &problem), 0);
                assert_int_equal(c.activities[0].samples[0].at, rows[i].utc);
                assert_int_equal(activity_length(&c.activities[0]), 2 * HOUR);
                assert_int_equal(c.activities[0].whole.utc_offset_s, rows[i].offset);
                assert_true(c.activities[0].whole.has_offset);
        }
        set_zone("UTC");
}

/* -- Unpacking -- */

/* "run", by gzip. */
static const uint8_t packed[] = { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0x2b, 0x2a, 0xcd, 3, 0, 0xc0, 0xa4,
        0x76, 0x50, 3, 0, 0, 0 };

static void test_unpacked(void **state _unused_)
{
        uint8_t twice[2 * sizeof(packed) + 3], *bytes = NULL;
        size_t size = 0;
        int r;

        memcpy(twice, packed, sizeof(packed));
        memcpy(twice + sizeof(packed), packed, sizeof(packed));
        memset(twice + 2 * sizeof(packed), 0, 3); /* as tapes have it */
        assert_true(unpack_is(packed, sizeof(packed)));
        r = unpack(packed, sizeof(packed), 2, &bytes, &size);
        if (r == -EOPNOTSUPP)
                skip();
        assert_int_equal(r, -EFBIG);
        assert_int_equal(unpack(packed, sizeof(packed), 3, &bytes, &size), 0);
        assert_int_equal(size, 3);
        assert_memory_equal(bytes, "run", 3);
        free(bytes);
        assert_int_equal(unpack(twice, sizeof(twice), 100, &bytes, &size), 0);
        assert_int_equal(size, 6);
        assert_memory_equal(bytes, "runrun", 6);
        free(bytes);
        for (size_t n = 3; n < sizeof(packed); n++)
                assert_int_equal(unpack(packed, n, 100, &bytes, &size), -EBADMSG);
        twice[12] ^= 0x10;
        assert_int_equal(unpack(twice, sizeof(packed), 100, &bytes, &size), -EBADMSG);
}

/* -- Progress -- */

static void test_progress(void **state _unused_)
{
        Progress p = { .n = 3650, .size = 1000 };
        char line[PROGRESS_LINE_MAX];

        assert_string_equal(progress_line(&p, 0, 0, 0, 79, line),
                        "........................................ 0 of 3650  0 files/s  ");
        assert_string_equal(progress_line(&p, 1000, 250, 20 * USEC_PER_SEC, 79, line),
                        "##########.............................. 1000 of 3650  50 files/s  1 min left");
        assert_string_equal(progress_line(&p, 1000, 250, 20 * USEC_PER_SEC, 40, line),
                        "1000 of 3650  50 files/s  1 min left");
        /* Narrower than its words. */
        assert_string_equal(progress_line(&p, 1000, 250, 20 * USEC_PER_SEC, 12, line), "1000 of 3650");
        assert_string_equal(progress_line(&p, 3650, 1001, 60 * USEC_PER_SEC, 60, line),
                        "######################### 3650 of 3650  61 files/s  0 s left");
        /* Of standard input nobody knows how long it is. */
        p.size = 0;
        assert_non_null(strstr(progress_line(&p, 365, 0, 10 * USEC_PER_SEC, 79, line), "1 min 30 s left"));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_said_in_pieces),
                cmocka_unit_test(test_not_believed),
                cmocka_unit_test(test_texts_end),
                cmocka_unit_test(test_bounded),
                cmocka_unit_test(test_finished),
                cmocka_unit_test(test_distance_begins_with_the_first_heart_rate),
                cmocka_unit_test(test_refused),
                cmocka_unit_test(test_made_acceptable),
                cmocka_unit_test(test_local_times),
                cmocka_unit_test(test_of_local_times),
                cmocka_unit_test(test_unpacked),
                cmocka_unit_test(test_progress),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
