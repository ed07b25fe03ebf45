/* SPDX-License-Identifier: MIT */
#pragma once

/* A database with runs in it, and what the coach makes of them. */

#include "store-fixture.h"

#include "cardio/day.h"
#include "daemon/store/coach.h"

#define DATE       STARTED_DAY
#define MINUTE_MS  INT64_C(60000)
#define MS_PER_DAY INT64_C(86400000)

static inline Day day_of(const char *text)
{
        Day day;

        assert_int_equal(day_parse(text, &day), 0);
        return day;
}

/* A run with a strap: so many minutes at each of up to three heart rates, at noon UTC. Returns its id. */
static inline int64_t record(Fixture *f, Day date, const unsigned (*part)[2], size_t n, const char *kind)
{
        SessionHead head = head_default();
        int64_t id, t = 0;

        head.started_at = date * MS_PER_DAY + 12 * 60 * MINUTE_MS;
        head.utc_offset_s = 0;
        head.kind = kind;
        id = session_begin(f->store, &head);
        assert_true(id > 0);
        for (size_t i = 0; i < n; i++) {
                add_samples(f->store, t, part[i][0] * 60, part[i][1]);
                t += part[i][0] * MINUTE_MS;
        }
        add_sample(f->store, t, part[n - 1][1], part[n - 1][1], 3);
        session_end(f->store, t, false);
        assert_int_equal(store_commit(f->store), 0);
        return id;
}

static inline int64_t record_easy(Fixture *f, Day date, unsigned minutes)
{
        return record(f, date, &(const unsigned[2]){ minutes, 130 }, 1, NULL);
}

static inline ManualSession manual(Day date, unsigned minutes, const char *kind)
{
        ManualSession m = {
                .started_at = date * MS_PER_DAY + 12 * 60 * MINUTE_MS,
                .minutes = minutes,
                .annotation = ANNOTATION_NOTHING,
        };

        m.annotation.kind = kind;
        return m;
}

static inline int64_t add_manual(Fixture *f, Day date, unsigned minutes, const char *kind)
{
        ManualSession m = manual(date, minutes, kind);
        int64_t id = store_add_session(f->store, &m);

        assert_true(id > 0);
        return id;
}

static inline CoachFacts facts(Fixture *f, Day date)
{
        CoachFacts found;

        assert_int_equal(store_get_coach_facts(f->store, date, &found), 0);
        return found;
}

static inline CoachDay ask(Fixture *f, Day date)
{
        static const CoachConfig config = {
                .base_ceiling = { INTENSITY_PERCENT_RESERVE, 80 },
                .rest_days = true,
                .cycle_days = 7,
                .level = LEVEL_REGULAR,
        };
        CoachFacts known = facts(f, date);
        CoachDay day;

        coach_day(&known, &config, 60, &day);
        return day;
}
