/* SPDX-License-Identifier: MIT */

/* The grammar of efforts such as 65%hrr: text to figure, figure to text, and the bpm it stands for with one runner. Pure,
 * no clock. An Intensity that intensity_parse() gave out always has a value inside of its kind's range. */

#include "cardio/intensity.h"

#include <assert.h>
#include <string.h>

#include "cardio/macro.h"
#include "cardio/measurement.h"
#include "cardio/parse.h"

/* Kinds without a figure are named by a word, the others by what follows the figure. */
static const struct {
        const char *word;
        const char *suffix;
        double min, max;
} grammar[] = {
        [INTENSITY_OFF] = { .word = "off" },
        [INTENSITY_BPM] = { .suffix = "", .min = HEART_RATE_MIN, .max = HEART_RATE_MAX },
        [INTENSITY_PERCENT_RESERVE] = { .suffix = "%hrr", .min = 1, .max = 100 },
        [INTENSITY_PERCENT_MAXIMUM] = { .suffix = "%max", .min = 1, .max = 100 },
        [INTENSITY_PERCENT_THRESHOLD] = { .suffix = "%lthr", .min = 1, .max = 150 },
        [INTENSITY_AUTO] = { .word = "auto" },
        [INTENSITY_CONTACT] = { .word = "contact" },
};

static int intensity_parse_word(const char *text, Intensity *ret)
{
        for (size_t i = 0; i < ELEMENTSOF(grammar); i++)
                if (grammar[i].word && strcmp(text, grammar[i].word) == 0) {
                        *ret = (Intensity){ .kind = (IntensityKind)i };
                        return 0;
                }
        return -EINVAL;
}

int intensity_parse(const char *text, Intensity *ret)
{
        double value;
        int r;

        r = parse_decimal(&text, &value);
        if (r == -EINVAL)
                return intensity_parse_word(text, ret);
        if (r < 0)
                return r;

        for (size_t i = 0; i < ELEMENTSOF(grammar); i++)
                if (grammar[i].suffix && strcmp(text, grammar[i].suffix) == 0) {
                        if (value < grammar[i].min || value > grammar[i].max)
                                return -ERANGE;
                        *ret = (Intensity){ .kind = (IntensityKind)i, .value = value };
                        return 0;
                }
        return -EINVAL;
}

const char *intensity_to_string(const Intensity *i, char buf[static INTENSITY_STRING_MAX])
{
        const char *tail;
        size_t n = 0;

        assert(i->kind >= 0 && i->kind < _INTENSITY_KIND_MAX);

        tail = grammar[i->kind].word;
        if (!tail) {
                tail = grammar[i->kind].suffix;
                n = strlen(decimal_to_string(i->value, buf));
        }
        memcpy(buf + n, tail, strlen(tail) + 1);
        return buf;
}

int intensity_to_bpm(const Intensity *i, const Runner *r, double *ret)
{
        switch (i->kind) {
        case INTENSITY_OFF:
        case INTENSITY_AUTO:
        case INTENSITY_CONTACT:
                return 0;
        case INTENSITY_BPM:
                *ret = i->value;
                return 1;
        case INTENSITY_PERCENT_RESERVE:
                *ret = heart_rate_reserve_at(r, i->value);
                return 1;
        case INTENSITY_PERCENT_MAXIMUM:
                *ret = i->value * r->maximum / 100;
                return 1;
        case INTENSITY_PERCENT_THRESHOLD:
                if (r->lactate_threshold <= 0)
                        return -ENODATA;
                *ret = i->value * r->lactate_threshold / 100;
                return 1;
        case _INTENSITY_KIND_MAX:
        case _INTENSITY_KIND_INVALID:
                break;
        }
        assert(0 && "no such kind of intensity");
        return 0;
}
