/* SPDX-License-Identifier: MIT */

/* Runs from a seed. Heart rate follows a plan (warm-up, an even or a hard middle, cool-down) from which it wanders a
 * little; beats fall at its pace with some variability, and each packet carries the intervals that ended since the one
 * before. Whole numbers decide all that is drawn, so no libm disagrees about it. Time is Unix time, made up. */

#include "runs.h"

#include <math.h>
#include <string.h>

#include "cardio/macro.h"

#define FIRST_DAY_S    1451606400ULL /* 2016-01-01 */
#define DAY_S          86400ULL
#define WARM_UP_S      300U
#define COOL_DOWN_S    240U
#define STANDING       74.0 /* bpm */
#define RR_UNIT_HZ     1024.0
#define PACKET_RR_MOST 8U

/* xorshift64* (Vigna 2016) */
static uint64_t next_random(uint64_t *state)
{
        *state ^= *state >> 12;
        *state ^= *state << 25;
        *state ^= *state >> 27;
        return *state * 2685821657736338717ULL;
}

/* From 0 on, below n. */
static unsigned random_below(Run *r, unsigned n)
{
        return (unsigned)(next_random(&r->random) >> 40) % n;
}

/* -1 to 1, mostly near 0. */
static double random_noise(Run *r)
{
        return ((double)random_below(r, 2001) + (double)random_below(r, 2001) - 2000) / 2000;
}

void run_begin(Run *r, uint64_t seed, unsigned day)
{
        *r = (Run){ .random = (seed + 1) * 0x9e3779b97f4a7c15ULL ^ (day + 1) * 0xbf58476d1ce4e5b9ULL };
        for (unsigned i = 0; i < 4; i++) /* neighbours in seed begin alike */
                (void)next_random(&r->random);
        r->at_usec = (FIRST_DAY_S + day * DAY_S + 61200 + random_below(r, 5400)) * USEC_PER_SEC;
        r->easy = 135 + random_below(r, 9);
        switch (day % 7) {
        case 1: /* intervals */
                r->kind = "hard";
                r->length_s = 3150 + random_below(r, 600);
                r->swing = 22;
                break;
        case 6:
                r->kind = "long";
                r->length_s = 5500 + random_below(r, 1400);
                break;
        default:
                r->length_s = 2780 + random_below(r, 560);
                r->swing = random_below(r, 4) == 0 ? 8 : 0; /* now and then too fast for a while */
        }
}

/* What the runner means to run at, bpm. */
static double run_plan(const Run *r)
{
        unsigned left_s = r->length_s - r->second;
        double middle = r->easy;

        if (r->second < WARM_UP_S)
                return STANDING + (middle - STANDING) * sqrt((double)r->second / WARM_UP_S);
        if (left_s < COOL_DOWN_S)
                return STANDING + 20 + (middle - STANDING - 20) * left_s / COOL_DOWN_S;
        if ((r->second - WARM_UP_S) / 180 % 2 == 1)
                middle += r->swing;
        return middle + 4.0 * r->second / r->length_s; /* it drifts up as one tires */
}

static size_t run_beats(Run *r, double heart_rate, uint16_t rr[static PACKET_RR_MOST])
{
        size_t n = 0;

        r->phase_s += 1;
        while (n < PACKET_RR_MOST) {
                double interval_s = 60 / heart_rate * (1 + 0.03 * random_noise(r));

                if (r->phase_s < interval_s)
                        break;
                r->phase_s -= interval_s;
                rr[n++] = (uint16_t)(interval_s * RR_UNIT_HZ + 0.5);
        }
        return n;
}

bool run_next(Run *r, RunPacket *ret)
{
        uint16_t rr[PACKET_RR_MOST];
        double heart_rate;
        size_t n;

        if (r->second == r->length_s)
                return false;
        r->wander = 0.95 * r->wander + random_noise(r);
        heart_rate = run_plan(r) + r->wander;
        n = run_beats(r, heart_rate, rr);

        *ret = (RunPacket){ .at_usec = r->at_usec + (random_below(r, 41) * USEC_PER_MSEC), .size = 2 };
        ret->value[0] = n > 0 ? 0x16 : 0x06; /* contact, and whether there are intervals */
        ret->value[1] = (uint8_t)(heart_rate + 0.5);
        for (size_t i = 0; i < n; i++) {
                ret->value[ret->size++] = (uint8_t)rr[i];
                ret->value[ret->size++] = (uint8_t)(rr[i] >> 8);
        }
        r->at_usec += USEC_PER_SEC;
        r->second++;
        return true;
}

EngineConfig runs_config(void)
{
        EngineConfig c = {
                .runner = { .resting = 50, .maximum = 197, .sex = SEX_FEMALE },
                .ceiling = { INTENSITY_PERCENT_RESERVE, 65 },
                .limiter = { .tolerance = 2,
                                .hold_usec = 10 * USEC_PER_SEC,
                                .clear_usec = 5 * USEC_PER_SEC,
                                .repeat_usec = 60 * USEC_PER_SEC },
                .zone_hysteresis = 1,
                .sensor = { .stale_usec = 5 * USEC_PER_SEC, .frozen_usec = 120 * USEC_PER_SEC },
                .trust_contact = true,
                .window_usec = 5 * USEC_PER_SEC,
                .start_above = { INTENSITY_PERCENT_RESERVE, 30 },
                .recorder = { .start_after_usec = 20 * USEC_PER_SEC,
                                .pre_roll_usec = 30 * USEC_PER_SEC,
                                .end_after_usec = 300 * USEC_PER_SEC,
                                .cool_down_usec = 120 * USEC_PER_SEC,
                                .min_duration_usec = 120 * USEC_PER_SEC,
                                .switch_after_usec = 30 * USEC_PER_SEC },
        };
        const ZoneTable bounds = zone_model_default(ZONE_MODEL_HRR);

        /* Known to succeed: the model needs no lactate threshold. */
        (void)zone_table_resolve(ZONE_MODEL_HRR, &bounds, &c.runner, &c.zones);
        return c;
}
