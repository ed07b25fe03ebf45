/* SPDX-License-Identifier: MIT */

/* FIT files: any bytes. Whatever they are, what holds of every reader is judged by the fixture; they are read the same twice; an
 * error of the target ends reading; and of a damaged file that is not refused there is a warning. No clock. */

#include "exchange/reading.h"

#include <errno.h>
#include <string.h>

#include "exchange/fit.h"
#include "fuzz.h"
#include "reading-fixture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        Reading reading = { 0 }, again = { 0 };

        reading_make(&reading, &reading_fit, data, size);
        check(reading.r != 0 || reading_fit.is(data, size));
        check(reading_fit.is(data, size) || reading.r == -EBADMSG);
        check(reading.n[READ_BEGIN] >= reading.n[READ_END]);
        if (reading.r == 0 && reading.n[READ_BEGIN] == 1 && reading.n[READ_WARNING] == 0)
                check(size >= FIT_HEADER_SIZE_MIN + FIT_CRC_SIZE && fit_crc(0, data, size) == 0);

        /* A place for the error from the bytes themselves. */
        if (reading.n_calls > 0)
                again.fails_at = 1 + (size > 20 ? data[20] : 0U) % reading.n_calls;
        reading_make(&again, &reading_fit, data, size);
        if (reading.n_calls > 0)
                check(again.r == -ECANCELED);
        else
                check(again.r == reading.r && strcmp(again.text, reading.text) == 0);
        reading_done(&reading);
        reading_done(&again);
        return 0;
}
