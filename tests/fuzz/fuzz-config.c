/* SPDX-License-Identifier: MIT */

/* The whole configuration: cardiod.conf and up to three drop-ins, separated by NULs. What is accepted prints as a file that
 * loads and prints the same, and the core can run on it. What is refused yields one line that names the file. No clock. */

#include "daemon/config/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "shared/ini-failures.h"

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

/* A line for each mistake, and perhaps one for those beyond the limit. */
static void check_refusal(int r, char *error)
{
        _cleanup_free_ char *brief = error ? config_errors_brief(error) : NULL;
        const char *path = fuzz_path("cardiod.conf");
        char *save = NULL, *line;
        unsigned n = 0;

        check(r == -EINVAL);
        check(error != NULL);
        check(brief && strpbrk(brief, "\n\r") == NULL);
        check(strchr(error, '\r') == NULL);
        for (line = strtok_r(error, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
                check(++n <= INI_ERRORS_MAX + 1);
                if (n > INI_ERRORS_MAX) {
                        check(strncmp(line, "and ", strlen("and ")) == 0);
                        continue;
                }
                check(strncmp(line, path, strlen(path)) == 0);
                check(strstr(line, "accepted: ") != NULL);
        }
        check(n > 0);
}

static void check_engine(const Config *c)
{
        const Runner runner = config_runner(c, today);
        EngineConfig e = config_engine(c, &runner);
        ConfigWarnings w;

        check(e.runner.resting < e.runner.maximum);
        check(e.zones.n >= 1 && e.zones.n <= ZONES_MAX);
        for (size_t i = 1; i < e.zones.n; i++)
                check(e.zones.bound[i] > e.zones.bound[i - 1]);
        check(c->cool_down_usec <= c->end_after_usec);
        check(c->commit_interval_usec <= c->sync_interval_usec);
        for (size_t i = 0; i < c->n_workouts; i++)
                check(c->workout[i].name && c->workout[i].steps);
        config_warnings(c, &runner, &(RestingInForce){ .heart_rate = 50, .mornings = 7 }, &w);
        for (size_t i = 0; i < w.n; i++) /* one line, and not cut */
                check(strlen(w.warning[i].text) < CONFIG_WARNING_MAX - 1 && !strchr(w.warning[i].text, '\n'));
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
