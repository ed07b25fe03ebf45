/* SPDX-License-Identifier: MIT */

/* Heart rates of hr messages, one by one. Pure, no clock. */

#include "exchange/fit-events.h"

#include "cardio/macro.h"
#include "exchange/fit-extent.h"
#include "exchange/fit.h"

bool fit_clock_go(FitClock *c, int64_t time, int64_t *ret_at)
{
        if (c->begun && time < c->last)
                return false;
        *ret_at = c->begun && time <= c->last_at ? c->last_at + 1 : time;
        c->begun = true;
        c->last = time;
        c->last_at = *ret_at;
        return true;
}

/* As far as it is known when it was. */
static void limit(FitEvents *e)
{
        const FitSummary *s = e->summary;
        const FitParsed first = { .has_time = s->has_span, .time = s->first },
                        last = { .has_time = s->has_span, .time = s->last };

        e->from = INT64_MIN;
        e->until = INT64_MAX;
        (void)fit_summary_time(s, &first, &e->from);
        if (fit_summary_time(s, &last, &e->until))
                e->until += 1000;
}

void fit_events_begin(FitEvents *e, FitSummary *summary, const uint8_t *bytes, size_t size,
                const FitExtent *x, size_t end)
{
        e->summary = summary;
        e->bytes = bytes;
        e->size = size;
        e->clock = (FitClock){ 0 };
        e->has_anchor = false;
        e->last = 0;
        e->n = e->i = 0;
        e->next = x->next;
        e->end = end;
        limit(e);
        fit_parser_begin(&e->parser, bytes + x->data, x->end - x->data);
}

/* The i-th of the lowest 12 bits of a strap's time: two of them lie in three bytes. */
static uint32_t twelve_bits(const uint8_t *bytes, size_t i)
{
        const uint8_t *pair = bytes + i / 2 * 3;

        return i % 2 == 0 ? pair[0] | (pair[1] & 0x0fU) << 8 : pair[1] >> 4 | (uint32_t)pair[2] << 4;
}

static void keep_event(FitEvents *e, uint32_t event, unsigned heart_rate)
{
        int64_t ticks = (int32_t)(event - e->anchor);

        e->last = event;
        if (heart_rate == 0)
                return;
        if (!e->has_anchor) {
                e->summary->activity.skipped++;
                return;
        }
        e->values[e->n].at = e->anchor_at + (ticks * 1000 + 512) / 1024;
        e->values[e->n].bpm = heart_rate;
        e->n++;
}

/* Its own time and the strap's are the same moment. */
static void take_anchor(FitEvents *e, const FitParsed *m, uint32_t event)
{
        double fraction = fit_parsed_number(m, FIT_HR_FRACTIONAL_TIMESTAMP);
        int64_t time;

        if (event == UINT32_MAX || !fit_summary_time(e->summary, m, &time))
                return;
        e->has_anchor = true;
        e->anchor = event;
        e->anchor_at = time + (fraction >= 0 && fraction < 32768 ? (int64_t)(fraction * 1000 / 32768) : 0);
}

static void take_message(FitEvents *e, const FitParsed *m)
{
        FitField bpm = fit_parsed_field(m, FIT_HR_FILTERED_BPM),
                 whole = fit_parsed_field(m, FIT_HR_EVENT_TIMESTAMP),
                 lowest = fit_parsed_field(m, FIT_HR_EVENT_TIMESTAMP_12);
        size_t n = whole.n > 0 ? whole.n : lowest.size * 8 / 12;

        e->n = e->i = 0;
        take_anchor(e, m, fit_field_uint32(&whole, 0, UINT32_MAX));
        for (size_t i = 0; i < n && i < ELEMENTSOF(e->values); i++) {
                uint32_t event = whole.n > 0 ? fit_field_uint32(&whole, i, e->last)
                                             : e->last + ((twelve_bits(lowest.bytes, i) - e->last) & 0xfffU);

                keep_event(e, event, fit_heart_rate(&bpm, i));
        }
}

/* Of this file, or of those behind it that belong to it. */
static bool next_hr(FitEvents *e, FitParsed *ret)
{
        FitExtent x;

        for (;;) {
                while (fit_parser_next(&e->parser, ret) == FIT_STEP_MESSAGE)
                        if (ret->number == FIT_HR)
                                return true;
                if (e->next >= e->end || !fit_extent_find(e->bytes, e->size, e->next, &x))
                        return false;
                e->next = x.next;
                fit_parser_begin(&e->parser, e->bytes + x.data, x.end - x.data);
        }
}

static bool is_within(const FitEvents *e, int64_t at)
{
        return at >= e->from && at < e->until;
}

bool fit_events_next(FitEvents *e, FitHeartRate *ret)
{
        FitParsed m;

        for (;;) {
                while (e->i < e->n) {
                        const FitHeartRate *value = &e->values[e->i++];

                        if (!is_within(e, value->at))
                                continue;
                        if (fit_clock_go(&e->clock, value->at, &ret->at)) {
                                ret->bpm = value->bpm;
                                return true;
                        }
                        e->summary->activity.skipped++;
                }
                if (!next_hr(e, &m))
                        return false;
                take_message(e, &m);
        }
}
