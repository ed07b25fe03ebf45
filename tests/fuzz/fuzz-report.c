/* SPDX-License-Identifier: MIT */

/* Pages of runs, and of years of them, made of any bytes: whatever the figures and texts are, the judge of pages finds nothing wrong. When the sink
 * fails that is what is returned. No clock. */

#include <errno.h>

#include "fuzz.h"
#include "page-judge.h"
#include "report-fixture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        PageBytes page = { .data = NULL }, cut = { .fails_at = size > 0 ? data[0] % 8U + 1 : 1 };
        int r;

        check(fixture_write_any_run(data, size, &page) == 0);
        check(page_judge(page.data, page.size) == NULL);
        r = fixture_write_any_run(data, size, &cut);
        check(r == (page.n_calls < cut.fails_at ? 0 : -ENOSPC));
        page_bytes_done(&page);
        page_bytes_done(&cut);
        check(fixture_write_any_trend(data, size, &page) == 0);
        check(page_judge(page.data, page.size) == NULL);
        page_bytes_done(&page);
        return 0;
}
