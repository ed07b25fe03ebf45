/* SPDX-License-Identifier: MIT */
/* The scale of a bar graph. The ceiling lies between two rows, so that values just below and just above it look different,
 * whatever rounding does. Pure; no clock. */
#include "scale.h"

#include <math.h>

/* The range, at least, and the margin below the lowest and above the highest value. */
#define RANGE_MIN_BPM 30.0
#define MARGIN_BPM    4.0

static void put_ceiling_between_rows(Scale *s, double low, double high)
{
        for (unsigned below = 1; s->ceiling > 0 && below < s->rows; below++) {
                double row_bpm = fmax((s->ceiling - low) / below, (high - s->ceiling) / (s->rows - below));

                if (s->below > 0 && row_bpm >= s->row_bpm)
                        continue;
                s->below = below;
                s->row_bpm = row_bpm;
                s->low = s->ceiling - below * row_bpm;
        }
}

Scale scale_find(double low, double high, double ceiling, unsigned rows)
{
        Scale s = { .rows = rows, .ceiling = ceiling };

        if (ceiling > 0) {
                low = fmin(low, ceiling); /* fmin() ignores NAN */
                high = fmax(high, ceiling);
        }
        if (isnan(low))
                low = high = 100;
        low -= MARGIN_BPM;
        high += MARGIN_BPM;
        if (high - low < RANGE_MIN_BPM) {
                double middle = (low + high) / 2;

                low = middle - RANGE_MIN_BPM / 2;
                high = middle + RANGE_MIN_BPM / 2;
        }
        s.low = low;
        s.row_bpm = (high - low) / rows;
        put_ceiling_between_rows(&s, low, high);
        return s;
}

unsigned scale_height(const Scale *s, double value)
{
        long height, line = (long)s->below * (long)SCALE_EIGHTHS;

        if (isnan(value))
                return 0;
        height = lround((value - s->low) / s->row_bpm * SCALE_EIGHTHS);
        if (s->below > 0 &&
                        value > s->ceiling) /* the smallest excess shows above the line, and nothing else does */
                height = height > line ? height : line + 1;
        else if (s->below > 0 && height > line)
                height = line;
        return height < 1 ? 1 : (unsigned)height;
}

uint32_t scale_block(unsigned eighths, bool utf8)
{
        if (utf8)
                return 0x2580 + eighths; /* lower eighths up to the full block */
        return eighths == SCALE_EIGHTHS ? '#' : eighths >= SCALE_EIGHTHS / 2 ? ':' : '.';
}
