/* SPDX-License-Identifier: MIT */

/* Any bytes as a table and as a file of a watch. The fixture holds each reader to the rules of reading.h; what was read once is
 * read the same again, and a target's error ends it wherever it comes. No clock. */

#include <errno.h>
#include <string.h>

#include "cardio/macro.h"
#include "fuzz.h"
#include "reading-fixture.h"

static void try_format(const ReadingFormat *format, const uint8_t *data, size_t size, size_t fails_at)
{
        Reading whole = { 0 }, cut = { 0 };

        (void)format->is(data, size);
        reading_make(&whole, format, data, size);
        check(whole.n_calls <= 2 * size + 4); /* an interval has a digit and what is behind it */
        if (whole.n_calls > 0) {
                cut.fails_at = fails_at % whole.n_calls + 1;
                reading_make(&cut, format, data, size);
                check(cut.r == -ECANCELED);
                check(cut.n_calls == cut.fails_at);
                check(strncmp(cut.text, whole.text, strlen(cut.text)) == 0);
        }
        reading_done(&whole);
        reading_done(&cut);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static const ReadingFormat *const formats[] = { &reading_csv, &reading_hrm };
        size_t fails_at = size > 0 ? data[size - 1] : 0;

        for (size_t i = 0; i < ELEMENTSOF(formats); i++)
                try_format(formats[i], data, size, fails_at);
        return 0;
}
