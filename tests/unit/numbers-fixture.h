/* SPDX-License-Identifier: MIT */
#pragma once

/* Numbers of a recording in TEST_DATA, one or more a line; a test that needs them is skipped without it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define NUMBERS_MAX 8192U

/* The last number of each line that ends with one; what comes before the line `after` is left out (NULL = nothing). */
static inline size_t numbers_load(const char *name, const char *after, double number[static NUMBERS_MAX])
{
        char path[4096], line[256];
        size_t n = 0;
        FILE *f;

        snprintf(path, sizeof(path), "%s/%s", TEST_DATA, name);
        f = fopen(path, "re");
        if (!f) {
                print_message("%s is missing: skipped\n", path);
                skip();
        }
        while (fgets(line, sizeof(line), f)) {
                const char *comma = strrchr(line, ',');
                char *end;
                double value;

                line[strcspn(line, "\r\n")] = '\0';
                if (after) {
                        if (strcmp(line, after) == 0)
                                after = NULL;
                        continue;
                }
                value = strtod(comma ? comma + 1 : line, &end);
                if (end == (comma ? comma + 1 : line))
                        continue; /* a header, or nothing */
                assert_true(n < NUMBERS_MAX);
                number[n++] = value;
        }
        fclose(f);
        return n;
}
