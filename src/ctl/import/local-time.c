/* SPDX-License-Identifier: MIT */

/* By the system's zone, TZ if it is set: the one that localtime_r() knows. No clock. */

#include "import/local-time.h"

#include <time.h>

#define DAY_S 86400

static int32_t offset_at(int64_t utc)
{
        time_t t = (time_t)utc;
        struct tm tm = { .tm_gmtoff = 0 };

        return localtime_r(&t, &tm) ? (int32_t)tm.tm_gmtoff : 0;
}

int32_t local_time_offset(int64_t local)
{
        int64_t seconds = local / 1000;
        /* Zones change at most once within two days, so that one of both is right, or clocks skip the time. */
        int32_t before = offset_at(seconds - DAY_S), after = offset_at(seconds + DAY_S);

        if (offset_at(seconds - before) == before)
                return before;
        return offset_at(seconds - after) == after ? after : before;
}

int32_t utc_offset_at(int64_t at)
{
        return offset_at(at / 1000);
}
