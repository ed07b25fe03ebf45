/* SPDX-License-Identifier: MIT */
/* A run's heart rates, coarser the longer it lasts. A marathon of five hours has a bucket for each 16 s, which is less than
 * a column of a wide terminal. Times are passed in. */
#include "watch/trace.h"

#include <math.h>
#include <string.h>

#include "cardio/zones.h"

/* A gap is a silence of more than three times the usual interval, from 5 s to 35 s, as the daemon has it by default. */
#define GAP_MIN_USEC  (5 * USEC_PER_SEC)
#define GAP_MAX_USEC  (35 * USEC_PER_SEC)
#define GAP_INTERVALS 3U

void trace_begin(Trace *t, int64_t session, usec_t started_usec)
{
        memset(t, 0, sizeof(*t));
        t->session = session;
        t->started_usec = started_usec;
        t->bucket_s = 1;
        t->intervals.floor_usec = GAP_MIN_USEC / GAP_INTERVALS;
}

/* from is the later one. */
static void merge(TraceBucket *to, const TraceBucket *from)
{
        uint32_t n = to->n + from->n;

        to->flags |= from->flags;
        if (from->n == 0)
                return;
        if (from->n >= to->n)
                to->zone = from->zone;
        if (n < to->n) /* after being told the same again and again */
                n = to->n;
        to->mean += (from->mean - to->mean) * ((float)from->n / (float)n);
        to->high = from->high > to->high ? from->high : to->high;
        to->ceiling = from->ceiling;
        to->n = n;
}

/* Two buckets become one. */
static void halve(Trace *t)
{
        for (unsigned i = 0; i < TRACE_BUCKETS / 2; i++) {
                TraceBucket both = t->bucket[2 * i];

                merge(&both, &t->bucket[2 * i + 1]);
                t->bucket[i] = both;
        }
        memset(&t->bucket[TRACE_BUCKETS / 2], 0, TRACE_BUCKETS / 2 * sizeof(t->bucket[0]));
        t->bucket_s *= 2;
}

/* Makes room for that time. Its bucket, or NULL if it is not of this run. */
static TraceBucket *bucket_at(Trace *t, usec_t at_usec)
{
        uint64_t s;

        if (t->session == 0 || at_usec < t->started_usec)
                return NULL;
        s = (at_usec - t->started_usec) / USEC_PER_SEC;
        if (s > UINT32_MAX / 2) /* no run lasts for years */
                return NULL;
        while (s / t->bucket_s >= TRACE_BUCKETS)
                halve(t);
        return &t->bucket[s / t->bucket_s];
}

void trace_put(Trace *t, usec_t at_usec, double smoothed, uint8_t zone, double ceiling)
{
        TraceBucket *b = smoothed > 0 ? bucket_at(t, at_usec) : NULL;
        const TraceBucket one = { .mean = (float)smoothed,
                .high = (float)smoothed,
                .ceiling = (float)ceiling,
                .n = 1,
                .zone = zone };

        if (!b)
                return;
        merge(b, &one);
        if (b->zone == TRACE_ZONE_UNKNOWN)
                b->zone = zone;
        if (at_usec <= t->last_usec)
                return;
        if (t->last_usec != 0)
                intervals_push(&t->intervals, at_usec - t->last_usec);
        t->last_usec = at_usec;
}

void trace_flag(Trace *t, usec_t from_usec, usec_t to_usec, uint8_t flags)
{
        TraceBucket *to = bucket_at(t, to_usec);
        TraceBucket *from = bucket_at(t, from_usec > t->started_usec ? from_usec : t->started_usec);

        for (TraceBucket *b = from; b && to && b <= to; b++)
                b->flags |= flags;
}

/* For a time between two heart rates that belong together. */
static TraceBucket bridge(const Trace *t, unsigned at, double until_s)
{
        usec_t gap_usec = GAP_INTERVALS * intervals_median(&t->intervals);
        unsigned gap_s = (unsigned)((gap_usec < GAP_MAX_USEC ? gap_usec : GAP_MAX_USEC) / USEC_PER_SEC);
        unsigned reach = (gap_s + t->bucket_s) / t->bucket_s, before, after;
        double until = until_s / t->bucket_s;

        for (before = 1; before <= reach && before <= at; before++)
                if (t->bucket[at - before].n > 0)
                        break;
        if (before > reach || before > at)
                return (TraceBucket){ .flags = 0 };
        for (after = 1; before + after <= reach; after++)
                if (at + after >= TRACE_BUCKETS || at + after >= until || t->bucket[at + after].n > 0)
                        return t->bucket[at - before];
        return (TraceBucket){ .flags = 0 };
}

/* That of most heart rates, of two the higher one. */
static uint8_t zone_of_most(const uint32_t n[static ZONES_MAX + 1])
{
        uint8_t most = TRACE_ZONE_UNKNOWN;

        for (uint8_t zone = 0; zone <= ZONES_MAX; zone++)
                if (n[zone] > 0 && (most == TRACE_ZONE_UNKNOWN || n[zone] >= n[most]))
                        most = zone;
        return most;
}

TraceBucket trace_get(const Trace *t, double from_s, double to_s, double until_s)
{
        TraceBucket all = { .flags = 0 };
        uint32_t zone[ZONES_MAX + 1] = { 0 };
        double first, last;

        if (t->session == 0 || !(from_s >= 0) || !(to_s > from_s))
                return all;
        first = floor(from_s / t->bucket_s);
        last = ceil(to_s / t->bucket_s); /* not included */
        for (double i = first; i < last && i < TRACE_BUCKETS; i++) {
                const TraceBucket *b = &t->bucket[(unsigned)i];

                merge(&all, b);
                if (b->zone <= ZONES_MAX)
                        zone[b->zone] += b->n;
        }
        all.zone = zone_of_most(zone);
        if (all.n == 0 && first < TRACE_BUCKETS) {
                TraceBucket between = bridge(t, (unsigned)first, until_s);

                between.flags = all.flags;
                return between;
        }
        return all;
}
