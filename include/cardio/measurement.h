/* SPDX-License-Identifier: MIT */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An attribute value is at most 512 bytes (Core Specification, Vol 3, Part F, 3.2.9): flags, a one-byte heart
 * rate, and what is left holds at most this many R-R intervals. */
#define MEASUREMENT_RR_MAX 255U

/* A heart rate outside of these is not one, whatever the strap says. */
#define HEART_RATE_MIN 25U
#define HEART_RATE_MAX 250U

/* Skin contact as the strap reports it. The numbers are those stored in the database. */
typedef enum Contact {
        CONTACT_UNSUPPORTED = 0,
        CONTACT_YES = 1,
        CONTACT_NO = 2,
        _CONTACT_MAX,
        _CONTACT_INVALID = -EINVAL,
} Contact;

const char *contact_to_string(Contact contact);

/* Heart Rate Measurement, characteristic 0x2A37 (Heart Rate Service 1.0, 3.1), decoded but not yet judged. */
typedef struct Measurement {
        uint16_t heart_rate; /* bpm */
        Contact contact;
        bool has_energy;
        uint16_t energy; /* kJ since the last reset; 0xFFFF is "that much or more" */
        size_t n_rr;
        uint16_t rr[MEASUREMENT_RR_MAX]; /* R-R intervals in 1/1024 s, the oldest first */
} Measurement;

typedef enum MeasurementVerdict {
        MEASUREMENT_HEART_RATE,  /* plausible, and not without contact */
        MEASUREMENT_NO_CONTACT,  /* the strap says so, or sends 0 */
        MEASUREMENT_IMPLAUSIBLE, /* outside of HEART_RATE_MIN..HEART_RATE_MAX */
        _MEASUREMENT_VERDICT_MAX,
        _MEASUREMENT_VERDICT_INVALID = -EINVAL,
} MeasurementVerdict;

/* Does a value have R-R intervals, as far as its flags say? */
bool measurement_has_rr(const uint8_t *value, size_t size);

/* Decodes one value of the characteristic. A single odd byte behind whole R-R intervals is tolerated, since real
 * straps send it; reserved flags are ignored. Returns 0, or -EBADMSG if the value ends before a field that its flags
 * announce (ret is then untouched). */
int measurement_parse(const uint8_t *value, size_t size, Measurement *ret);

/* Is it a heart rate at all? trust_contact: believe a strap that says it has no contact. */
MeasurementVerdict measurement_judge(const Measurement *m, bool trust_contact);
