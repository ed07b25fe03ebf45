/* SPDX-License-Identifier: MIT */

/* Any bytes as TCX and as GPX: what a reader calls is held to its rules by the fixture, nothing is called after a call that has
 * failed, and the error is then the target's. The first byte says which call that is; the rest is the file. */

#include "fuzz.h"

#include <errno.h>

#include "cardio/macro.h"
#include "exchange/reading.h"
#include "reading-fixture.h"

static void try_format(const ReadingFormat *format, unsigned which, const uint8_t *data, size_t size)
{
        Reading whole = { 0 }, cut = { 0 };

        (void)format->is(data, size);
        reading_make(&whole, format, data, size);
        if (whole.n_calls > 0) {
                cut.fails_at = which % whole.n_calls + 1;
                reading_make(&cut, format, data, size);
                check(cut.r == -ECANCELED);
        }
        reading_done(&whole);
        reading_done(&cut);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static const ReadingFormat *const formats[] = { &reading_gpx, &reading_tcx };

        if (size == 0)
                return 0;
        for (size_t i = 0; i < ELEMENTSOF(formats); i++)
                try_format(formats[i], data[0], data + 1, size - 1);
        return 0;
}
