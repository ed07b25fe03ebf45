/* SPDX-License-Identifier: MIT */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cardio/runner.h"

#define ZONES_MAX 7U

typedef enum ZoneModel {
        ZONE_MODEL_HRR,    /* per cent of heart-rate reserve */
        ZONE_MODEL_HRMAX,  /* per cent of maximum heart rate */
        ZONE_MODEL_LTHR,   /* per cent of lactate threshold (Friel) */
        ZONE_MODEL_CUSTOM, /* bpm */
        _ZONE_MODEL_MAX,
        _ZONE_MODEL_INVALID = -EINVAL,
} ZoneModel;

const char *zone_model_to_string(ZoneModel model);
ZoneModel zone_model_from_string(const char *s);

/* Lower bounds of zones 1, 2, …; a zone is [its bound, the next). Zone 0 is below the first. */
typedef struct ZoneTable {
        size_t n;                /* 1..ZONES_MAX */
        double bound[ZONES_MAX]; /* rising; bpm, or per cent before zone_table_resolve() */
} ZoneTable;

/* The bounds a model comes with, in its own unit; none (n = 0) for custom. */
ZoneTable zone_model_default(ZoneModel model);

/* Turns bounds in the model's unit into bpm. Returns 0, or -ENODATA if the model needs a lactate threshold and none is
 * known. */
int zone_table_resolve(ZoneModel model, const ZoneTable *bounds, const Runner *r, ZoneTable *ret_bpm);

/* The zone of a heart rate, 0..n, given the zone before it: a bound counts as passed only when the heart rate is
 * hysteresis bpm beyond it. previous < 0: nothing came before, the bounds hold as they are. */
unsigned zone_classify(const ZoneTable *bpm, double hysteresis, int previous, double heart_rate);
