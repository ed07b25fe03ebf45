/* SPDX-License-Identifier: MIT */
#pragma once

/* What the fuzz targets share. Each target is one function, LLVMFuzzerTestOneInput(), that libFuzzer calls with bytes of
 * its choice (https://llvm.org/docs/LibFuzzer.html). A target does not only wait for a crash: it asserts with check()
 * what must hold of whatever was accepted, and of whatever was refused. */

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* Ends the program with the place and the condition; libFuzzer keeps the input. */
void fuzz_failed(const char *file, int line, const char *condition) __attribute__((__noreturn__));
#define check(condition) ((condition) ? (void)0 : fuzz_failed(__FILE__, __LINE__, #condition))

/* A folder of the program's own, in memory where there is such a place, gone at its end. */
const char *fuzz_folder(void);
/* The path of a file in it; valid to the end. */
const char *fuzz_path(const char *name);
void fuzz_write(const char *path, const void *data, size_t size);
/* NULL if there is no such file; to be freed. */
uint8_t *fuzz_read(const char *path, size_t *ret_size);
void fuzz_remove(const char *path); /* if it is there */

/* The bytes up to the next separator, or all that are left. */
typedef struct Bytes {
        const uint8_t *data;
        size_t size;
} Bytes;
Bytes fuzz_part(Bytes *rest, const void *separator, size_t separator_size);
/* As a string, cut at the first NUL; to be freed. */
char *fuzz_text(const uint8_t *data, size_t size);

/* What the daemon's modules log goes here instead of to the journal. The last line, "" if none; set to "" by
 * fuzz_log_clear(). */
const char *fuzz_log_last(void);
void fuzz_log_clear(void);
