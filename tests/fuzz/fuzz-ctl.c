/* SPDX-License-Identifier: MIT */

/* cardioctl on any bytes as the database: the whole program, called as from a shell. It ends with one of its exit statuses,
 * changes nothing, prints JSON that is JSON, and no control character. A separator as in fuzz-database begins a write-ahead
 * log. The same bytes are a file that `import` reads, which stores nothing of it. Its clocks are the real ones. */

#include <ctype.h>
#include <json-c/json.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cardio/macro.h"
#include "commandline.h"
#include "fuzz.h"

#define SEPARATOR "-- wal --"

static FILE *silent, *terminal;

int LLVMFuzzerInitialize(_unused_ int *argc, _unused_ char ***argv)
{
        (void)setlocale(LC_CTYPE, ""); /* as main() does */
        (void)setenv("CARDIO_PAGER", "cat", 1);
        silent = fopen("/dev/null", "we");
        check(silent != NULL);
        terminal = stdout;
        return 0;
}

/* Returns what it printed, to be freed. */
static char *run(const char *const *arguments, int *ret_status)
{
        bool import = strcmp(arguments[0], "import") == 0;
        char *argv[8] = { (char *)"cardioctl", (char *)"--database", (char *)fuzz_path("cardiod.db") };
        FILE *errors = stderr;
        char *text = NULL;
        size_t size;
        int argc = import ? 1 : 3;

        for (; *arguments; arguments++)
                argv[argc++] = (char *)*arguments;
        if (import)
                argv[argc++] = (char *)fuzz_path("cardiod.db");
        stdout = open_memstream(&text, &size);
        check(stdout != NULL);
        stderr = silent;
        *ret_status = (int)commandline_run(argc, argv);
        stderr = errors;
        check(fclose(stdout) == 0);
        stdout = terminal;
        return text;
}

static void check_output(const char *text, bool json, int status)
{
        json_object *parsed;

        check(status >= 0 && status <= 4);
        for (const char *p = text; *p; p++)
                check(!iscntrl((unsigned char)*p) || *p == '\n');
        if (!json || status != 0)
                return;
        parsed = json_tokener_parse(text);
        check(parsed != NULL);
        (void)json_object_put(parsed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static const struct {
                bool json;
                const char *arguments[4];
        } calls[] = {
                { true, { "sessions", "--json" } },
                { false, { "sessions" } },
                { false, { "sessions", "--grep", "a" } },
                { true, { "show", "--json", "last" } },
                { true, { "totals", "--json" } },
                { false, { "totals", "--by", "year" } },
                { false, { "show", "last" } },
                { false, { "show", "2026-05-12" } },
                { true, { "show", "--json", "1" } },
                { true, { "export", "1", "--format=json" } },
                { false, { "report", "1", "-o-" } },
                { false, { "trend", "-o-" } },
                { true, { "import", "--dry-run", "--json" } },
        };
        Bytes rest = { data, size }, db = fuzz_part(&rest, SEPARATOR, strlen(SEPARATOR));
        uint8_t *after;
        size_t after_size;

        fuzz_remove(fuzz_path("cardiod.db-shm"));
        fuzz_remove(fuzz_path("cardiod.db-wal"));
        fuzz_write(fuzz_path("cardiod.db"), db.data, db.size);
        if (rest.size > 0)
                fuzz_write(fuzz_path("cardiod.db-wal"), rest.data, rest.size);
        for (size_t i = 0; i < ELEMENTSOF(calls); i++) {
                _cleanup_free_ char *text = NULL;
                int status;

                text = run(calls[i].arguments, &status);
                check_output(text, calls[i].json, status);
        }
        after = fuzz_read(fuzz_path("cardiod.db"), &after_size);
        check(after && after_size == db.size && (db.size == 0 || memcmp(after, db.data, db.size) == 0));
        free(after);
        return 0;
}
