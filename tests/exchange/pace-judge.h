/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "cardio/macro.h"
#include "exchange/exchange.h"

/* What has to hold of pace in a file, whatever the format:
 *
 * - What a record has of it is one row's, with all figures of that: of the second of its heart rate or of the one before, or, in a
 *   record of its own, of that moment.
 * - Of each second that has any, the newest row is in a record, unless the format has none of its figures.
 * - There are no more records with pace than rows, and their distances never go back.
 *
 * Figures that no runner has are not known, and rows of after the last heart rate are none. */
typedef struct PaceRow {
        ExchangeItem item; /* with NAN for what is not in a file */
        bool is_found;
} PaceRow;

typedef struct PaceJudge {
        const ExchangeSession *session;
        PaceRow *rows;
        size_t n_rows, n_records;
        size_t first;    /* those before are from too long ago for a heart rate */
        double distance; /* of the record before */
} PaceJudge;

/* Exits if there is no memory. */
void pace_judge_begin(PaceJudge *j, const ExchangeSession *session, const ExchangeItem *items, size_t n_items,
                bool has_incline);
void pace_judge_done(PaceJudge *j);
#define _cleanup_pace_judge_ _cleanup_(pace_judge_done)

/* Takes a record with pace: its heart rate, or NULL; its distance, NAN = none; and whether what was found in it is the same as a
 * row, and, without a heart rate, of the same time. Returns the row, or NULL if what has to hold does not. */
typedef bool (*PaceSameFn)(const ExchangeItem *row, const void *found);
const ExchangeItem *pace_judge_record(PaceJudge *j, const ExchangeItem *heart_rate, double distance,
                PaceSameFn same, const void *found);

/* Whether none is missing, and there are not too many. */
bool pace_judge_end(const PaceJudge *j);
