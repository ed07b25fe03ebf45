/* SPDX-License-Identifier: MIT */
#pragma once

#include <errno.h>
#include <stddef.h>
#include <stdint.h>

/* What a beat is, seen from all beats around it. The numbers are those stored in the database. */
typedef enum ArtefactFlag {
        ARTEFACT_NONE = 0,
        ARTEFACT_ECTOPIC = 1,
        ARTEFACT_MISSED = 2,      /* a beat was not detected: two intervals in one */
        ARTEFACT_EXTRA = 3,       /* something else was taken for a beat: one interval in two */
        ARTEFACT_LENGTH = 4,      /* too long or too short otherwise */
        ARTEFACT_IMPLAUSIBLE = 5, /* no heart beats like this */
        _ARTEFACT_MAX,
        _ARTEFACT_INVALID = -EINVAL,
} ArtefactFlag;

/* A beat among those that follow on each other. rr_ms is the caller's, and flag the answer; the rest is room to work in. */
typedef struct ArtefactBeat {
        double rr_ms;
        double median;       /* of the eleven around it, ms */
        double jump, offset; /* of the beat before, of the median, each in thresholds */
        double threshold;    /* of the offset, ms */
        uint8_t flag;        /* ArtefactFlag */
} ArtefactBeat;

/* J. Lipponen, M. Tarvainen: A robust algorithm for heart rate variability time series artefact correction using novel beat
 * classification. J Med Eng Technol 43 (2019). Tells artefacts among n plausible beats; nothing is corrected. O(n). */
void artefact_classify(ArtefactBeat *beat, size_t n);
