/* SPDX-License-Identifier: MIT */
#pragma once

#include <errno.h>

#include "exchange/text-in.h"

/* What a column of a table of others is, by its name. */

typedef enum CsvColumn {
        CSV_TIME, /* a moment, or how long after the start, as its cells say */
        CSV_UTC,  /* a moment in UTC where the cells do not say otherwise */
        CSV_DATE,
        CSV_ELAPSED, /* since the start */
        CSV_HEART_RATE,
        CSV_RR,      /* all that came with a heart rate */
        CSV_EVENT,   /* what happened since the row before, in tables of ours */
        CSV_CONTACT, /* of the strap with the skin, in tables of ours: yes, no or nothing */
        CSV_SPEED,
        CSV_CADENCE,
        CSV_DISTANCE,
        CSV_INCLINE,
        /* Of the two lines on the whole that come before the table in files of Polar Flow, which have CSV_DATE as well. */
        CSV_START_TIME,
        CSV_SPORT,
        CSV_NOTE,
        CSV_MAXIMUM,
        CSV_RESTING,
        _CSV_COLUMN_MAX,
        _CSV_COLUMN_INVALID = -EINVAL,
} CsvColumn;

/* Capitals, blanks and all other characters than letters and digits play no part. ret_unit is what the column's numbers are to
 * be multiplied with to be ms, m/s, steps per min of both feet, m or %; of a cadence 0 if it is not said whether it is of one foot. */
CsvColumn csv_column(TextSpan name, double *ret_unit);

#define CSV_HEART_RATE_ACCEPTED "heart_rate, hr or bpm"
