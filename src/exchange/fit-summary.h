/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "exchange/fit-parse.h"
#include "exchange/reading.h"

/* What a FIT file says of its activity as a whole, wherever in it that stands, and where its heart rates are. */

typedef struct FitSummary {
        ReadingActivity activity; /* all but what is skipped */
        bool has_strides;         /* cadences are of a runner's or walker's steps */
        bool is_ours;             /* cardioctl wrote it */
        unsigned file_type;
        size_t n_records, n_heart_rates; /* record messages, and those with a heart rate */
        size_t n_events;                 /* heart rates in hr messages */
        bool has_id;                     /* a file of hr messages alone has none */
        bool has_shift;                  /* times that are no dates become local ones by adding … */
        int64_t shift;                   /* … this, s */
        bool has_span;
        uint32_t first, last; /* from when to when it was, by its records and sessions */

        /* For the summary itself. */
        unsigned device_rank, maximum_rank;
        bool has_session_sport;
        unsigned sport; /* FIT_INVALID_UINT8 = not said */
        bool is_mixed;
        bool has_us;                              /* there is a developer that is us */
        uint8_t us;                               /* its index */
        bool described[_FIT_DEVELOPER_FIELD_MAX]; /* our field is, as it should be */
        uint8_t types[_FIT_DEVELOPER_FIELD_MAX];
        double resting, maximum; /* of our fields */
} FitSummary;

void fit_summary_begin(FitSummary *s);
void fit_summary_message(FitSummary *s, const FitParsed *m);
void fit_summary_end(FitSummary *s);

/* Whether a file has nothing but the heart rates of the activity in the file before it. */
bool fit_summary_is_addition(const FitSummary *s);

/* A message's time in Unix ms. Returns false if it has none. */
bool fit_summary_time(const FitSummary *s, const FitParsed *m, int64_t *ret);

/* A heart rate in a field, 1 to 254; 0 = there is none. */
unsigned fit_heart_rate(const FitField *f, size_t i);
