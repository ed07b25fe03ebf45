/* SPDX-License-Identifier: MIT */

/* Heart Rate Measurement, 0x2A37: any bytes. What is accepted can be encoded again, and that parses to the same; what is
 * refused is shorter than its flags announce, and has changed nothing. No clock. */

#include "cardio/measurement.h"

#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

#define VALUE_MAX (1 + 2 + 2 + 2 * MEASUREMENT_RR_MAX)

/* Bytes that the flags announce, apart from R-R intervals. */
static size_t announced(uint8_t flags)
{
        return 1 + (flags & 0x01 ? 2 : 1) + (flags & 0x08 ? 2 : 0);
}

static size_t encode(const Measurement *m, uint8_t buf[static VALUE_MAX])
{
        size_t n = 1;

        buf[0] = (uint8_t)(0x01 | (m->contact != CONTACT_UNSUPPORTED ? 0x04 : 0) |
                           (m->contact == CONTACT_YES ? 0x02 : 0) | (m->has_energy ? 0x08 : 0) |
                           (m->n_rr > 0 ? 0x10 : 0));
        buf[n++] = (uint8_t)m->heart_rate;
        buf[n++] = (uint8_t)(m->heart_rate >> 8);
        if (m->has_energy) {
                buf[n++] = (uint8_t)m->energy;
                buf[n++] = (uint8_t)(m->energy >> 8);
        }
        for (size_t i = 0; i < m->n_rr; i++) {
                buf[n++] = (uint8_t)m->rr[i];
                buf[n++] = (uint8_t)(m->rr[i] >> 8);
        }
        return n;
}

static void check_same(const Measurement *a, const Measurement *b)
{
        check(a->heart_rate == b->heart_rate);
        check(a->contact == b->contact);
        check(a->has_energy == b->has_energy);
        check(a->energy == b->energy);
        check(a->n_rr == b->n_rr);
        check(memcmp(a->rr, b->rr, a->n_rr * sizeof(a->rr[0])) == 0);
}

static void check_verdicts(const Measurement *m)
{
        MeasurementVerdict trusting = measurement_judge(m, true), distrusting = measurement_judge(m, false);
        bool plausible = m->heart_rate >= HEART_RATE_MIN && m->heart_rate <= HEART_RATE_MAX;

        check((distrusting == MEASUREMENT_HEART_RATE) == plausible);
        check((trusting == MEASUREMENT_HEART_RATE) == (plausible && m->contact != CONTACT_NO));
        check(trusting >= 0 && trusting < _MEASUREMENT_VERDICT_MAX && distrusting >= 0 &&
                        distrusting < _MEASUREMENT_VERDICT_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        uint8_t value[VALUE_MAX];
        Measurement m, untouched, again;
        size_t head;

        memset(&m, 0x5a, sizeof(m));
        untouched = m;
        if (measurement_parse(data, size, &m) < 0) {
                check(size == 0 || size < announced(data[0]));
                check(memcmp(&m, &untouched, sizeof(m)) == 0);
                return 0;
        }
        head = announced(data[0]);
        check(size >= head);
        check(contact_to_string(m.contact) != NULL);
        check(m.has_energy || m.energy == 0);
        /* All intervals that are whole, up to as many as a value can hold. */
        if (data[0] & 0x10)
                check(m.n_rr == (size - head) / 2 || m.n_rr == MEASUREMENT_RR_MAX);
        else
                check(m.n_rr == 0);
        check_verdicts(&m);

        check(measurement_parse(value, encode(&m, value), &again) == 0);
        check_same(&m, &again);
        return 0;
}
