/* SPDX-License-Identifier: MIT */
/* The memory of one strap: its last heart rates, and beside them their R-R intervals, which are few or many a
 * packet and therefore have a ring of their own. The newest entry always has all of its intervals. */

#include "cardio/ring.h"

#include "cardio/macro.h"

_hot_ Sample *ring_push(Ring *r, usec_t at_usec, const Measurement *m)
{
        Sample *s = &r->sample[r->n_samples++ % RING_SAMPLES_MAX];

        *s = (Sample){
                .at_usec = at_usec,
                .first_rr = r->n_rr,
                .heart_rate = m->heart_rate,
                .n_rr = (uint16_t)m->n_rr,
                .contact = (uint8_t)m->contact,
        };
        for (size_t i = 0; i < m->n_rr; i++)
                r->rr[r->n_rr++ % RING_RR_MAX] = m->rr[i];
        return s;
}

_hot_ size_t ring_copy_rr(const Ring *r, const Sample *s, uint16_t ret[static MEASUREMENT_RR_MAX])
{
        if (r->n_rr - s->first_rr > RING_RR_MAX)
                return 0;
        for (size_t i = 0; i < s->n_rr; i++)
                ret[i] = r->rr[(s->first_rr + i) % RING_RR_MAX];
        return s->n_rr;
}
