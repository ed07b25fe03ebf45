/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* FIT files by hand, record by record, as other programs write them: what is odd about them, too. */

#define FIT_BYTES_MAX        16384U
#define FIT_BYTES_FIELDS_MAX 32U

typedef struct FitBytes {
        size_t size, begin; /* of all, of the file that is being made */
        struct {
                bool big_endian;
                size_t n;
                struct {
                        uint8_t size, type;
                } fields[FIT_BYTES_FIELDS_MAX];
        } local[16];
        uint8_t data[FIT_BYTES_MAX];
} FitBytes;

/* Begins a file behind those that are there. header_size is 12 or 14. */
void fit_bytes_begin(FitBytes *b, size_t header_size);
/* Fields as "NUMBER:SIZE:TYPE …", the type in hexadecimal; those behind a "|" are a developer's, with its index as type. */
void fit_bytes_define(FitBytes *b, unsigned local, bool big_endian, unsigned message, const char *fields);
/* All values of all fields one by one, in the byte order of the definition; of types that do not fit their size, and of a
 * developer's, each byte is one. The header is a local type, or of a compressed time. */
void fit_bytes_put(FitBytes *b, unsigned header, const uint64_t *values, size_t n);
#define fit_bytes_message(b, header, ...)                           \
        fit_bytes_put(b, header, (const uint64_t[]){ __VA_ARGS__ }, \
                        sizeof((const uint64_t[]){ __VA_ARGS__ }) / sizeof(uint64_t))
/* Puts the length into the header, and the CRC behind all. */
void fit_bytes_end(FitBytes *b);
