/* SPDX-License-Identifier: MIT */
#pragma once

#include <errno.h>

#include "cardio/runner.h"

/* How hard, as the runner writes it: the grammar of `ceiling`, `start-above` and `base-ceiling`.
 *
 *      65%hrr   per cent of heart-rate reserve         1..100
 *      75%max   per cent of maximum heart rate         1..100
 *      90%lthr  per cent of lactate threshold          1..150
 *      150      bpm                                    25..250
 *      off      none
 *      auto     the coach decides
 *      contact  any heart rate at all (start-above only)
 */
typedef enum IntensityKind {
        INTENSITY_OFF,
        INTENSITY_BPM,
        INTENSITY_PERCENT_RESERVE,
        INTENSITY_PERCENT_MAXIMUM,
        INTENSITY_PERCENT_THRESHOLD,
        INTENSITY_AUTO,
        INTENSITY_CONTACT,
        _INTENSITY_KIND_MAX,
        _INTENSITY_KIND_INVALID = -EINVAL,
} IntensityKind;

typedef struct Intensity {
        IntensityKind kind;
        double value; /* per cent or bpm, by kind; else 0 */
} Intensity;

/* What the grammar accepts, in words for an error message. */
#define INTENSITY_ACCEPTED "N%hrr or N%max (1 to 100), N%lthr (1 to 150), bpm (25 to 250), off"

/* Returns 0, -EINVAL if the text is not of the grammar, or -ERANGE if its figure is outside of the range above. */
int intensity_parse(const char *text, Intensity *ret);

#define INTENSITY_STRING_MAX 32
/* Writes it back in the grammar's shortest form. Returns buf. */
const char *intensity_to_string(const Intensity *i, char buf[static INTENSITY_STRING_MAX]);

/* The bpm it stands for with this runner. Returns 1 and sets ret; 0 where there is no figure (off, contact, auto); or
 * -ENODATA if it needs a lactate threshold and none is known. */
int intensity_to_bpm(const Intensity *i, const Runner *r, double *ret);
