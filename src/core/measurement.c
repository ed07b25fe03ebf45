/* SPDX-License-Identifier: MIT */
/* Decodes Heart Rate Measurement (0x2A37) through a cursor that cannot leave the value. */

#include "cardio/measurement.h"

#include "cardio/macro.h"
#include "cursor.h"

/* Heart Rate Service 1.0, 3.1.1.1. Bits 5 to 7 are reserved and ignored. */
enum {
        FLAG_HEART_RATE_UINT16 = 1 << 0,
        FLAG_CONTACT_DETECTED = 1 << 1,
        FLAG_CONTACT_SUPPORTED = 1 << 2,
        FLAG_ENERGY_EXPENDED = 1 << 3,
        FLAG_RR_INTERVAL = 1 << 4,
};

static bool cursor_pull_heart_rate(Cursor *c, uint8_t flags, uint16_t *ret)
{
        uint8_t small;

        if (flags & FLAG_HEART_RATE_UINT16)
                return cursor_pull_le16(c, ret);
        if (!cursor_pull_u8(c, &small))
                return false;
        *ret = small;
        return true;
}

const char *contact_to_string(Contact contact)
{
        static const char *const names[_CONTACT_MAX] = {
                [CONTACT_UNSUPPORTED] = "unsupported",
                [CONTACT_YES] = "yes",
                [CONTACT_NO] = "no",
        };
        return contact >= 0 && contact < _CONTACT_MAX ? names[contact] : NULL;
}

bool measurement_has_rr(const uint8_t *value, size_t size)
{
        return size > 0 && (value[0] & FLAG_RR_INTERVAL);
}

_hot_ int measurement_parse(const uint8_t *value, size_t size, Measurement *ret)
{
        Cursor c = { .next = value, .left = size };
        uint16_t heart_rate, energy = 0;
        uint8_t flags;

        if (!cursor_pull_u8(&c, &flags) || !cursor_pull_heart_rate(&c, flags, &heart_rate))
                return -EBADMSG;
        if ((flags & FLAG_ENERGY_EXPENDED) && !cursor_pull_le16(&c, &energy))
                return -EBADMSG;

        ret->heart_rate = heart_rate;
        ret->contact = !(flags & FLAG_CONTACT_SUPPORTED) ? CONTACT_UNSUPPORTED
                       : flags & FLAG_CONTACT_DETECTED   ? CONTACT_YES
                                                         : CONTACT_NO;
        ret->has_energy = flags & FLAG_ENERGY_EXPENDED;
        ret->energy = energy;
        ret->n_rr = 0;
        if (flags & FLAG_RR_INTERVAL)
                while (ret->n_rr < MEASUREMENT_RR_MAX && cursor_pull_le16(&c, &ret->rr[ret->n_rr]))
                        ret->n_rr++;
        return 0;
}

_hot_ MeasurementVerdict measurement_judge(const Measurement *m, bool trust_contact)
{
        if (m->heart_rate == 0 || (trust_contact && m->contact == CONTACT_NO))
                return MEASUREMENT_NO_CONTACT;
        if (m->heart_rate < HEART_RATE_MIN || m->heart_rate > HEART_RATE_MAX)
                return MEASUREMENT_IMPLAUSIBLE;
        return MEASUREMENT_HEART_RATE;
}
