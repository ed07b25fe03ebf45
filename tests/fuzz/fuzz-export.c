/* SPDX-License-Identifier: MIT */

/* Sessions made of any bytes, in every format. A session that is as the database can have it is written, and a judge of the format
 * finds nothing wrong with the file; any other one may be refused. When the sink fails that is what is returned, and nothing more
 * is written. No clock. */

#include "exchange/exchange.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cardio/macro.h"
#include "cardio/measurement.h"
#include "exchange-fixture.h"
#include "format-judge.h"
#include "fuzz.h"

#define ITEMS_MAX 300U
#define TEXTS_MAX 16U

typedef struct Made {
        Bytes rest;
        ExchangeSession session;
        size_t n_items, n_texts;
        ExchangeItem items[ITEMS_MAX];
        char *texts[TEXTS_MAX]; /* freed at the end */
        bool odd;               /* no database has it */
} Made;

/* 0 once there are no more. */
static uint64_t pull(Made *m, size_t size)
{
        uint64_t value = 0;

        for (size_t i = 0; i < size && m->rest.size > 0; i++) {
                value |= (uint64_t)m->rest.data[0] << 8 * i;
                m->rest.data++;
                m->rest.size--;
        }
        return value;
}

/* Any bytes but NUL; the same one for all once there are too many. */
static const char *pull_text(Made *m)
{
        size_t size = pull(m, 1) % 80;

        if (m->n_texts == TEXTS_MAX)
                return m->texts[0];
        size = size < m->rest.size ? size : m->rest.size;
        m->texts[m->n_texts] = fuzz_text(m->rest.data, size);
        m->rest.data += size;
        m->rest.size -= size;
        return m->texts[m->n_texts++];
}

static double pull_double(Made *m)
{
        uint64_t bits = pull(m, 8);
        double value;

        memcpy(&value, &bits, sizeof(value));
        return value;
}

/* As of a heart rate or a length in seconds, or not known. */
static double pull_figure(Made *m)
{
        unsigned value = (unsigned)pull(m, 2);

        return value == 0 ? NAN : value / 100.0;
}

static const char *pull_kind(Made *m)
{
        static const char *const kinds[] = { "", "recovery", "cross-training", "race" };
        unsigned which = (unsigned)pull(m, 1);

        return which < 0xf0 ? kinds[which % ELEMENTSOF(kinds)] : pull_text(m);
}

static void make_session(Made *m)
{
        ExchangeSession *s = &m->session;
        unsigned flags = (unsigned)pull(m, 1);

        *s = fixture_run;
        s->id = (int64_t)pull(m, 2);
        s->started_at += (int64_t)pull(m, 4);
        s->length = (int64_t)pull(m, 3);
        s->utc_offset_s = ((int32_t)(pull(m, 1) % 105) - 48) * 900;
        s->kind = pull_kind(m);
        s->device = pull_text(m);
        s->note = flags & 0x01 ? pull_text(m) : "";
        s->talk_test = flags & 0x02 ? "passed" : "";
        s->verdict = flags & 0x04 ? "too-fast" : "";
        s->source = flags & 0x08 ? "manual" : "strap";
        s->average = pull_figure(m);
        s->ceiling = pull_figure(m);
        s->over_s = pull_figure(m);
        s->rpe = (int)(pull(m, 1) % 11);
        s->has_pace = s->rpe % 2 == 0;
        if (flags & 0x10) {
                s->started_at = (int64_t)pull(m, 8);
                m->odd = true;
        }
        if (flags & 0x20) {
                s->length = (int64_t)pull(m, 8);
                m->odd = true;
        }
        if (flags & 0x40) {
                s->utc_offset_s = (int32_t)pull(m, 4);
                m->odd = true;
        }
        if (flags & 0x80) {
                s->ceiling = pull_double(m);
                s->over_s = pull_double(m);
                s->trimp = pull_double(m);
        }
}

static ExchangeItem make_event(Made *m, int64_t t)
{
        static const char *const types[] = { "step", "mark", "gap", "ceiling" };
        static const char *const cues[] = { "warm-up", "hard", "easy", "cool-down", "" };
        unsigned which = (unsigned)pull(m, 1);

        return event(t, which == 0xff ? pull_text(m) : types[which % ELEMENTSOF(types)],
                        which & 0x40 ? NAN : pull_figure(m),
                        which & 0x80 ? pull_text(m) : cues[which / 4 % ELEMENTSOF(cues)]);
}

/* What no database has. */
static ExchangeItem make_odd(Made *m)
{
        int64_t t = (int64_t)pull(m, 8);
        unsigned bpm = (unsigned)pull(m, 2);
        ExchangeItem item;

        m->odd = true;
        switch (pull(m, 1) % 4) {
        case 0:
                return make_event(m, t);
        case 1:
                return interval(t, bpm);
        case 2:
                item = heart_rate(t, bpm);
                item.sample.smoothed = pull_double(m);
                return item;
        default:
                return (ExchangeItem){ .type = _EXCHANGE_ITEM_TYPE_MAX, .t = t };
        }
}

/* As a database may have it: what its columns take, but for what is below 0. */
static double pull_measure(Made *m, double unit)
{
        unsigned value = (unsigned)pull(m, 2);
        double any;

        if (value != 0xffff)
                return value == 0xfffe ? NAN : value * unit;
        any = pull_double(m);
        return any >= 0 ? any : NAN;
}

static ExchangeItem make_pace(Made *m, int64_t t)
{
        double speed = pull_measure(m, 1 / 256.0), cadence = pull_measure(m, 1 / 128.0);
        ExchangeItem item = pace(t, speed, cadence, pull_measure(m, 0.1));

        item.pace.incline = pull_measure(m, 0.01) - 100;
        item.pace.ascent = pull_measure(m, 0.1);
        return item;
}

/* A byte for each item: what it is, and how long after the one before. */
static ExchangeItem make_item(Made *m, int64_t t)
{
        unsigned what = (unsigned)pull(m, 1);
        ExchangeItem item;

        if (what & 0x04)
                t += what & 0x08 ? (int64_t)pull(m, 2) : 990;
        switch (what & 0x03) {
        case 0:
                return make_event(m, t);
        case 1:
                return interval(t, (unsigned)pull(m, 2));
        case 2:
                item = heart_rate(t, 25 + (unsigned)(pull(m, 1) % 226));
                item.sample.smoothed += what >> 4 & 0x07;
                item.sample.zone = what >> 4 & 0x07;
                item.sample.contact = what >> 4 & 0x01;
                return item;
        default:
                if (what & 0x80 && what != 0xf3)
                        return make_pace(m, t);
                return what == 0xf3 ? make_odd(m) : heart_rate(t, 25 + what % 200);
        }
}

/* By t, and of those with one t in the order of their types, with one heart rate at most. More intervals for one than a strap
 * can send at once are odd. */
static void make_items(Made *m)
{
        size_t n_rr = 0;

        while (m->rest.size > 0 && m->n_items < ITEMS_MAX) {
                const ExchangeItem *before = m->n_items > 0 ? &m->items[m->n_items - 1] : NULL;
                ExchangeItem item = make_item(m, before && before->t < INT32_MAX ? before->t : 0);

                if (before && item.t == before->t &&
                                (item.type < before->type || item.type == EXCHANGE_SAMPLE ||
                                                (item.type == EXCHANGE_PACE &&
                                                                before->type == EXCHANGE_PACE)))
                        item.t++; /* of heart rates and of paces there is one at a time */
                n_rr = item.type == EXCHANGE_RR ? n_rr + 1 : item.type == EXCHANGE_SAMPLE ? 0 : n_rr;
                m->odd = m->odd || n_rr > MEASUREMENT_RR_MAX;
                m->items[m->n_items++] = item;
        }
}

static void try_format(const Made *m, size_t i, size_t fails_at)
{
        File whole = { 0 }, cut = { 0 };
        int r = exchange_write(judged_formats[i].format, &whole, &m->session, m->items, m->n_items);

        check(r == 0 || (r == -EINVAL && m->odd));
        if (r == 0)
                check(judged_formats[i].judge(&m->session, m->items, m->n_items, whole.data, whole.size) ==
                                NULL);
        if (r == 0 && whole.n_calls > 0) {
                cut.fails_at = fails_at % whole.n_calls + 1;
                check(exchange_write(judged_formats[i].format, &cut, &m->session, m->items, m->n_items) ==
                                -ENOSPC);
        }
        file_done(&whole);
        file_done(&cut);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        _cleanup_free_ Made *m = calloc(1, sizeof(*m));
        size_t fails_at;

        check(m != NULL);
        m->rest = (Bytes){ data, size };
        fails_at = pull(m, 2);
        make_session(m);
        make_items(m);
        for (size_t i = 0; judged_formats[i].format; i++)
                try_format(m, i, fails_at);
        for (size_t i = 0; i < m->n_texts; i++)
                free(m->texts[i]);
        return 0;
}
