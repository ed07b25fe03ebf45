/* SPDX-License-Identifier: MIT */

/* Files, bytes and the end of a fuzz target. One thread, one folder for each process. No clock. */

#include "fuzz.h"

#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cardio/macro.h"

#define PATHS_MAX 8U

static char folder[64];
static char paths[PATHS_MAX][128];

void fuzz_failed(const char *file, int line, const char *condition)
{
        fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, condition);
        if (*fuzz_log_last())
                fprintf(stderr, "logged last: %s\n", fuzz_log_last());
        abort();
}

static int remove_one(const char *path, _unused_ const struct stat *st, _unused_ int type,
                _unused_ struct FTW *walk)
{
        return remove(path);
}

static void folder_remove(void)
{
        (void)nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

const char *fuzz_folder(void)
{
        if (folder[0])
                return folder;
        (void)snprintf(folder, sizeof(folder), "%s/cardio-fuzz-XXXXXX",
                        access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
        check(mkdtemp(folder) != NULL);
        check(atexit(folder_remove) == 0);
        return folder;
}

const char *fuzz_path(const char *name)
{
        size_t prefix = strlen(fuzz_folder()) + 1;

        for (size_t i = 0; i < PATHS_MAX; i++) {
                if (!paths[i][0])
                        (void)snprintf(paths[i], sizeof(paths[i]), "%s/%s", folder, name);
                if (strcmp(paths[i] + prefix, name) == 0)
                        return paths[i];
        }
        check(!"too many paths");
        return NULL;
}

void fuzz_write(const char *path, const void *data, size_t size)
{
        FILE *f = fopen(path, "we");

        check(f != NULL);
        check(fwrite(data, 1, size, f) == size);
        check(fclose(f) == 0);
}

uint8_t *fuzz_read(const char *path, size_t *ret_size)
{
        FILE *f = fopen(path, "re");
        uint8_t *data;
        long size;

        if (!f)
                return NULL;
        check(fseek(f, 0, SEEK_END) == 0);
        size = ftell(f);
        check(size >= 0);
        rewind(f);
        data = malloc((size_t)size + 1);
        check(data != NULL);
        check(fread(data, 1, (size_t)size, f) == (size_t)size);
        (void)fclose(f); /* only read from */
        *ret_size = (size_t)size;
        return data;
}

void fuzz_remove(const char *path)
{
        check(unlink(path) == 0 || errno == ENOENT);
}

Bytes fuzz_part(Bytes *rest, const void *separator, size_t separator_size)
{
        const uint8_t *found =
                        rest->size > 0 ? memmem(rest->data, rest->size, separator, separator_size) : NULL;
        Bytes part = *rest;

        if (!found) {
                *rest = (Bytes){ NULL, 0 };
                return part;
        }
        part.size = (size_t)(found - rest->data);
        rest->data = found + separator_size;
        rest->size -= part.size + separator_size;
        return part;
}

char *fuzz_text(const uint8_t *data, size_t size)
{
        char *text = malloc(size + 1);

        check(text != NULL);
        if (size > 0)
                memcpy(text, data, size);
        text[size] = '\0';
        return text;
}
