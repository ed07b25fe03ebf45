/* SPDX-License-Identifier: MIT */

/* The whole configuration: cardiod.conf and up to three drop-ins, parted by a NUL. What is accepted prints as a file that
 * loads and prints the same, and the core can run on it. What is refused says so in one line that names the file. */

#include "daemon/config.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz.h"

#define DROPINS_MAX 3U

static const Date today = { 2026, 6, 15 };
static const char *const dropins[DROPINS_MAX] = { "cardiod.conf.d/10.conf", "cardiod.conf.d/20.conf",
        "cardiod.conf.d/30.conf" };

int LLVMFuzzerInitialize(_unused_ int *argc, _unused_ char ***argv)
{
        check(mkdir(fuzz_path("cardiod.conf.d"), 0700) == 0);
        return 0;
}

/* To be freed. */
static char *print(const Config *c)
{
        char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);

        check(f != NULL);
        check(config_print(c, f) == 0);
        check(fclose(f) == 0);
        return text;
}

static void check_refusal(int r, const char *error)
{
        check(r == -EINVAL);
        check(error != NULL);
        check(strncmp(error, fuzz_path("cardiod.conf"), strlen(fuzz_path("cardiod.conf"))) == 0);
        check(strstr(error, "accepted: ") != NULL);
        check(strpbrk(error, "\n\r") == NULL);
}

static void check_engine(const Config *c)
{
        const Runner runner = config_runner(c, today);
        EngineConfig e = config_engine(c, &runner);

        check(e.runner.resting < e.runner.maximum);
        check(e.zones.n >= 1 && e.zones.n <= ZONES_MAX);
        for (size_t i = 1; i < e.zones.n; i++)
                check(e.zones.bound[i] > e.zones.bound[i - 1]);
        check(c->cool_down_usec <= c->end_after_usec);
        check(c->commit_interval_usec <= c->sync_interval_usec);
        for (size_t i = 0; i < c->n_workouts; i++)
                check(c->workout[i].name && c->workout[i].steps);
}

static void check_printed(const Config *c)
{
        _cleanup_free_ char *first = print(c), *second = NULL, *error = NULL;
        _cleanup_(config_freep) Config *again = NULL;

        fuzz_write(fuzz_path("printed.conf"), first, strlen(first));
        if (config_load(fuzz_path("printed.conf"), true, today, &again, &error) < 0)
                fprintf(stderr, "%s\n", error);
        check(again != NULL);
        second = print(again);
        check(strcmp(first, second) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        _cleanup_(config_freep) Config *c = NULL;
        _cleanup_free_ char *error = NULL;
        Bytes rest = { data, size }, part = fuzz_part(&rest, "", 1);
        size_t n = 0;
        int r;

        fuzz_write(fuzz_path("cardiod.conf"), part.data, part.size);
        for (; n < DROPINS_MAX && rest.size > 0; n++) {
                part = fuzz_part(&rest, "", 1);
                fuzz_write(fuzz_path(dropins[n]), part.data, part.size);
        }
        r = config_load(fuzz_path("cardiod.conf"), true, today, &c, &error);
        while (n > 0)
                fuzz_remove(fuzz_path(dropins[--n]));
        if (r < 0) {
                check(c == NULL);
                check_refusal(r, error);
                return 0;
        }
        check_engine(c);
        check_printed(c);
        return 0;
}
