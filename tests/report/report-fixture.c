/* SPDX-License-Identifier: MIT */

/* Runs made of any bytes. No clock. */

#include "report-fixture.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cardio/macro.h"
#include "page-judge.h"

#define LIST_MAX 40U
#define TEXT_MAX 24U

int page_bytes_write(void *userdata, const void *data, size_t size)
{
        PageBytes *p = userdata;

        if (++p->n_calls == p->fails_at)
                return -ENOSPC;
        p->data = realloc(p->data, p->size + size + 1);
        if (!p->data)
                abort();
        memcpy(p->data + p->size, data, size);
        p->size += size;
        p->data[p->size] = '\0';
        return 0;
}

void page_bytes_done(PageBytes *p)
{
        free(p->data);
        *p = (PageBytes){ .data = NULL };
}

ReportRun fixture_empty_run(void)
{
        return (ReportRun){ .id = 1,
                .dated = true,
                .average = NAN,
                .lowest = NAN,
                .peak = NAN,
                .ceiling = NAN,
                .easy_percent = NAN,
                .trimp = NAN,
                .drift_percent = NAN,
                .decoupling_percent = NAN,
                .resting = NAN,
                .maximum = NAN,
                .distance_m = NAN,
                .speed = NAN,
                .ascent_m = NAN,
                .cadence = NAN,
                .rmssd = NAN,
                .hrr60 = NAN };
}

/* -- Of any bytes -- */

typedef struct Made {
        const uint8_t *data;
        size_t size;
        size_t n_texts;
        char texts[16][TEXT_MAX + 1];
        Span gaps[LIST_MAX], ceilings[LIST_MAX];
        ReportBreach breaches[LIST_MAX];
        ReportMark marks[LIST_MAX];
        ReportStep steps[LIST_MAX];
        ReportSplit splits[LIST_MAX];
        ReportPaceAlert pace_alerts[LIST_MAX];
        Series series[5];
} Made;

/* 0 once there are no more. */
static uint64_t pull(Made *m, size_t size)
{
        uint64_t value = 0;

        for (size_t i = 0; i < size && m->size > 0; i++, m->data++, m->size--)
                value |= (uint64_t)m->data[0] << 8 * i;
        return value;
}

static double pull_number(Made *m)
{
        uint64_t bits;
        double value;

        switch (pull(m, 1) % 8) {
        case 0:
                return NAN;
        case 1:
                bits = pull(m, 8);
                memcpy(&value, &bits, sizeof(value));
                return value;
        case 2:
                return 0;
        default:
                return (double)pull(m, 2) / 100;
        }
}

/* Any bytes but NUL. */
static const char *pull_text(Made *m)
{
        static const char *const texts[] = { NULL, "", "<script>alert(1)</script>", "\"' onload='x",
                "&amp;]]>", "base", "race", "good", "pass", "strap" };
        unsigned which = (unsigned)pull(m, 1);
        char *text;
        size_t n;

        if (which < 0xa0 || m->n_texts == ELEMENTSOF(m->texts))
                return texts[which % ELEMENTSOF(texts)];
        text = m->texts[m->n_texts++];
        n = which % TEXT_MAX;
        for (size_t i = 0; i < n; i++) {
                char c = (char)pull(m, 1);

                text[i] = c ? c : '?';
        }
        return text;
}

static int64_t pull_time(Made *m, int64_t length)
{
        return length > 0 ? (int64_t)(pull(m, 4) % (uint64_t)(length + 1)) : 0;
}

static void make_figures(Made *m, ReportRun *run)
{
        double *const figures[] = { &run->duration_s, &run->live_s, &run->average, &run->lowest, &run->peak,
                &run->ceiling, &run->tolerance, &run->over_s, &run->longest_breach_s, &run->easy_percent,
                &run->trimp, &run->drift_percent, &run->resting, &run->maximum, &run->distance_m, &run->speed,
                &run->ascent_m, &run->rmssd, &run->hrr60, &run->decoupling_percent, &run->cadence };
        const char **const texts[] = { &run->kind, &run->state, &run->source, &run->strap, &run->note,
                &run->talk_test, &run->workout, &run->verdict, &run->verdict_text, &run->ceiling_expression };

        for (size_t i = 0; i < ELEMENTSOF(figures); i++)
                *figures[i] = pull_number(m);
        for (size_t i = 0; i < ELEMENTSOF(texts); i++)
                *texts[i] = pull_text(m);
        run->started_s = (int64_t)pull(m, 8) / 1000;
        run->dated = pull(m, 1) % 2;
        run->miles = pull(m, 1) % 2;
        run->breaches = (int64_t)pull(m, 1);
        run->rpe = (int)(pull(m, 1) % 12);
        run->n_zones = pull(m, 1) % (ZONES_MAX + 2);
        for (size_t i = 0; i < run->n_zones; i++)
                run->zone[i] = (ReportZone){ pull_number(m), pull_number(m), pull_number(m), pull_number(m) };
        run->n_peers = pull(m, 1) % (REPORT_PEERS_MAX + 1);
        for (size_t i = 0; i < run->n_peers; i++)
                run->peers[i] = (ReportPeer){ .date = pull_text(m),
                        .duration_s = pull_number(m),
                        .average = pull_number(m),
                        .easy_percent = pull_number(m),
                        .trimp = pull_number(m),
                        .speed = pull_number(m) };
}

static void make_lists(Made *m, ReportRun *run, int64_t length)
{
        int64_t at = 0;

        run->n_gaps = pull(m, 1) % LIST_MAX;
        run->n_ceilings = pull(m, 1) % LIST_MAX;
        run->n_breaches = pull(m, 1) % LIST_MAX;
        run->n_marks = pull(m, 1) % LIST_MAX;
        run->n_steps = pull(m, 1) % LIST_MAX;
        run->n_splits = pull(m, 1) % LIST_MAX;
        run->n_pace_alerts = pull(m, 1) % LIST_MAX;
        for (size_t i = 0; i < run->n_gaps; i++) {
                at = fmin((double)length, (double)(at + pull_time(m, length / 8)));
                m->gaps[i] = (Span){ at, at + (int64_t)pull(m, 2), pull_number(m) };
        }
        at = 0;
        for (size_t i = 0; i < run->n_ceilings; i++) {
                int64_t next = fmin((double)length, (double)(at + pull_time(m, length / 4)));

                m->ceilings[i] = (Span){ at, next, pull_number(m) };
                at = next;
        }
        for (size_t i = 0; i < run->n_breaches; i++)
                m->breaches[i] = (ReportBreach){ pull_time(m, length), pull_time(m, length), pull_number(m),
                        pull_number(m), pull_number(m) };
        for (size_t i = 0; i < run->n_marks; i++)
                m->marks[i] = (ReportMark){ pull_time(m, length), pull_text(m) };
        for (size_t i = 0; i < run->n_steps; i++)
                m->steps[i] = (ReportStep){ pull_time(m, length), pull_time(m, length), pull_text(m),
                        pull_number(m) };
        for (size_t i = 0; i < run->n_splits; i++)
                m->splits[i] = (ReportSplit){ pull_number(m), pull_number(m), pull_number(m),
                        pull_number(m) };
        for (size_t i = 0; i < run->n_pace_alerts; i++)
                m->pace_alerts[i] = (ReportPaceAlert){ pull_time(m, length), pull_number(m) };
        run->gaps = m->gaps;
        run->ceilings = m->ceilings;
        run->breach = m->breaches;
        run->marks = m->marks;
        run->steps = m->steps;
        run->splits = m->splits;
        run->pace_alerts = m->pace_alerts;
}

static const Series *make_series(Made *m, Series *s, int64_t length, const ReportRun *run)
{
        unsigned n = (unsigned)(pull(m, 1) % 64), every = (unsigned)pull(m, 2);
        int64_t at = 0;

        if (n == 0)
                return NULL;
        series_begin(s, length, run->gaps, run->n_gaps);
        for (unsigned i = 0; i < n; i++) {
                series_add(s, at, pull_number(m), (unsigned)(pull(m, 1) % 9));
                at += every;
        }
        return s;
}

int fixture_write_any_run(const uint8_t *data, size_t size, PageBytes *ret)
{
        _cleanup_free_ Made *m = calloc(1, sizeof(*m));
        const ReportSink sink = { .write = page_bytes_write, .userdata = ret };
        ReportRun run = fixture_empty_run();
        int64_t length;

        if (!m)
                abort();
        m->data = data;
        m->size = size;
        length = (int64_t)pull(m, 1) % 8 == 0 ? (int64_t)pull(m, 6) : (int64_t)pull(m, 3);
        make_figures(m, &run);
        make_lists(m, &run, length);
        run.heart_rate = make_series(m, &m->series[0], length, &run);
        run.speed_series = make_series(m, &m->series[1], length, &run);
        run.incline = make_series(m, &m->series[2], length, &run);
        run.rr = make_series(m, &m->series[3], length, &run);
        run.alpha1 = make_series(m, &m->series[4], length, &run);
        return report_write_run(&run, &sink);
}

#define DAYS_MAX     2000U
#define MORNINGS_MAX 60U

int fixture_write_any_trend(const uint8_t *data, size_t size, PageBytes *ret)
{
        _cleanup_free_ TrendDay *days = calloc(DAYS_MAX, sizeof(*days));
        const ReportSink sink = { .write = page_bytes_write, .userdata = ret };
        Made m = { .data = data, .size = size };
        TrendMorning mornings[MORNINGS_MAX];
        ReportTrend t = { .days = days, .mornings = mornings };
        Day at;

        if (!days)
                abort();
        t.first = (Day)(pull(&m, 2) % 40000) - 10000;
        t.last = t.first + (Day)(pull(&m, 2) % DAYS_MAX);
        t.shown = t.first + (Day)(pull(&m, 2) % (uint64_t)(t.last - t.first + 1));
        t.miles = pull(&m, 1) % 2;
        for (unsigned n = (unsigned)pull(&m, 1); n > 0; n--) {
                const TrendSession s = { .day = t.first - 5 + (Day)(pull(&m, 2) % (DAYS_MAX + 10)),
                        .kind = (Kind)(pull(&m, 1) % (_KIND_MAX + 2)) - 1,
                        .duration_s = pull_number(&m),
                        .live_s = pull_number(&m),
                        .over_s = pull_number(&m),
                        .trimp = pull_number(&m),
                        .distance_m = pull_number(&m),
                        .limited = pull(&m, 1) % 2 };

                trend_add(&t, &s);
        }
        at = t.first - 30;
        for (t.n_mornings = 0; t.n_mornings < pull(&m, 1) % MORNINGS_MAX; t.n_mornings++) {
                at += 1 + (Day)(pull(&m, 1) % 40);
                mornings[t.n_mornings] = (TrendMorning){ at, pull_number(&m), pull_number(&m) };
        }
        trend_settle(&t);
        return report_write_trend(&t, &sink);
}

/* splitmix64 */
static uint64_t next_random(uint64_t *state)
{
        uint64_t z = (*state += 0x9e3779b97f4a7c15);

        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
}

const char *fixture_judge_any(
                int (*write_any)(const uint8_t *data, size_t size, PageBytes *ret), unsigned n, uint64_t seed)
{
        const char *wrong = NULL;

        for (unsigned i = 0; i < n && !wrong; i++) {
                PageBytes page = { .data = NULL };
                uint8_t bytes[2048];

                for (size_t k = 0; k < sizeof(bytes); k++)
                        bytes[k] = (uint8_t)next_random(&seed);
                wrong = write_any(bytes, next_random(&seed) % sizeof(bytes), &page) < 0
                                        ? "it cannot be written"
                                        : page_judge(page.data, page.size);
                page_bytes_done(&page);
        }
        return wrong;
}
