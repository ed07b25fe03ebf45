/* SPDX-License-Identifier: MIT */

/* R-R intervals as a row has them. No clock. */

#include "store/rr-json.h"

#include <stdlib.h>

size_t store_rr_from_json(const char *json, uint16_t rr[static MEASUREMENT_RR_MAX])
{
        size_t n = 0;
        char *end;

        while (json && *json && n < MEASUREMENT_RR_MAX) {
                unsigned long value = strtoul(json + 1, &end, 10); /* skips [ or , */

                if (end == json + 1 || value > UINT16_MAX)
                        break;
                rr[n++] = (uint16_t)value;
                json = end;
        }
        return n;
}
