/* SPDX-License-Identifier: MIT */

/* Heart-rate zones: which bounds a model has, what they are in bpm, and which zone a heart rate is in. Pure, no clock.
 * A table's bounds always rise, so the zone is found by walking from the one before it. */

#include "cardio/zones.h"

#include <assert.h>
#include <string.h>

#include "cardio/macro.h"

static const char *const model_names[] = {
        [ZONE_MODEL_HRR] = "hrr",
        [ZONE_MODEL_HRMAX] = "max",
        [ZONE_MODEL_LTHR] = "lthr",
        [ZONE_MODEL_CUSTOM] = "custom",
};

/* For the lactate threshold: Friel's running zones, 5a, 5b and 5c being 5, 6 and 7. */
static const ZoneTable model_bounds[] = {
        [ZONE_MODEL_HRR] = { .n = 5, .bound = { 50, 60, 70, 80, 90 } },
        [ZONE_MODEL_HRMAX] = { .n = 5, .bound = { 50, 60, 70, 80, 90 } },
        [ZONE_MODEL_LTHR] = { .n = 7, .bound = { 0, 85, 90, 95, 100, 103, 107 } },
        [ZONE_MODEL_CUSTOM] = { .n = 0 },
};

const char *zone_model_to_string(ZoneModel model)
{
        assert(model >= 0 && model < _ZONE_MODEL_MAX);
        return model_names[model];
}

ZoneModel zone_model_from_string(const char *s)
{
        for (size_t i = 0; i < ELEMENTSOF(model_names); i++)
                if (strcmp(s, model_names[i]) == 0)
                        return (ZoneModel)i;
        return _ZONE_MODEL_INVALID;
}

ZoneTable zone_model_default(ZoneModel model)
{
        assert(model >= 0 && model < _ZONE_MODEL_MAX);
        return model_bounds[model];
}

static double bound_to_bpm(ZoneModel model, double bound, const Runner *r)
{
        switch (model) {
        case ZONE_MODEL_HRR:
                return heart_rate_reserve_at(r, bound);
        case ZONE_MODEL_HRMAX:
                return bound * r->maximum / 100;
        case ZONE_MODEL_LTHR:
                return bound * r->lactate_threshold / 100;
        case ZONE_MODEL_CUSTOM:
                return bound;
        case _ZONE_MODEL_MAX:
        case _ZONE_MODEL_INVALID:
                break;
        }
        assert(0 && "no such zone model");
        return 0;
}

int zone_table_resolve(ZoneModel model, const ZoneTable *bounds, const Runner *r, ZoneTable *ret_bpm)
{
        ZoneTable bpm = { .n = bounds->n };

        assert(bounds->n <= ZONES_MAX);

        if (model == ZONE_MODEL_LTHR && r->lactate_threshold <= 0)
                return -ENODATA;
        for (size_t i = 0; i < bounds->n; i++)
                bpm.bound[i] = bound_to_bpm(model, bounds->bound[i], r);
        *ret_bpm = bpm;
        return 0;
}

_hot_ unsigned zone_classify(const ZoneTable *bpm, double hysteresis, int previous, double heart_rate)
{
        size_t zone = 0;

        assert(bpm->n <= ZONES_MAX);

        if (previous < 0)
                hysteresis = 0;
        else if ((size_t)previous < bpm->n)
                zone = (size_t)previous;
        else /* the table may have become shorter since */
                zone = bpm->n;

        while (zone < bpm->n && heart_rate >= bpm->bound[zone] + hysteresis)
                zone++;
        while (zone > 0 && heart_rate < bpm->bound[zone - 1] - hysteresis)
                zone--;
        return (unsigned)zone;
}
