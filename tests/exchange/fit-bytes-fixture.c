/* SPDX-License-Identifier: MIT */

/* Makes FIT files byte by byte. What does not fit aborts the program. No clock. */

#include "fit-bytes-fixture.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "fit-decode.h"

static void put(FitBytes *b, uint64_t value, size_t size, bool big_endian)
{
        assert(b->size + size <= sizeof(b->data));
        for (size_t i = 0; i < size; i++)
                b->data[b->size++] = (uint8_t)(value >> 8 * (big_endian ? size - 1 - i : i));
}

static void patch(FitBytes *b, size_t offset, uint64_t value, size_t size)
{
        size_t whole = b->size;

        b->size = offset;
        put(b, value, size, false);
        b->size = whole;
}

void fit_bytes_begin(FitBytes *b, size_t header_size)
{
        b->begin = b->size;
        memset(b->local, 0, sizeof(b->local));
        put(b, header_size, 1, false);
        put(b, 0x10, 1, false);
        put(b, 2132, 2, false);
        put(b, 0, 4, false);
        put(b, 0x5449462e, 4, false);
        put(b, 0, header_size - 12, false);
}

/* "NUMBER:SIZE:TYPE"; returns what is behind it. */
static const char *define_field(FitBytes *b, unsigned local, bool developer, const char *text)
{
        uint8_t field[3];
        char *end;
        size_t i = b->local[local].n++;

        assert(i < FIT_BYTES_FIELDS_MAX);
        field[0] = (uint8_t)strtoul(text, &end, 10);
        assert(*end == ':');
        field[1] = (uint8_t)strtoul(end + 1, &end, 10);
        assert(*end == ':');
        field[2] = (uint8_t)strtoul(end + 1, &end, 16);
        for (size_t k = 0; k < sizeof(field); k++)
                put(b, field[k], 1, false);
        b->local[local].fields[i].size = field[1];
        b->local[local].fields[i].type = developer ? 0 : field[2];
        return end;
}

void fit_bytes_define(FitBytes *b, unsigned local, bool big_endian, unsigned message, const char *fields)
{
        const char *developer = strchr(fields, '|');
        size_t counted;

        put(b, 0x40 | (developer ? 0x20 : 0) | local, 1, false);
        put(b, 0, 1, false);
        put(b, big_endian, 1, false);
        put(b, message, 2, big_endian);
        counted = b->size;
        put(b, 0, 1, false);
        b->local[local].big_endian = big_endian;
        b->local[local].n = 0;
        while (*fields) {
                if (*fields == ' ') {
                        fields++;
                } else if (*fields == '|') {
                        counted = b->size;
                        put(b, 0, 1, false);
                        fields++;
                } else {
                        fields = define_field(b, local, developer && fields > developer, fields);
                        b->data[counted]++;
                }
        }
}

static size_t type_size(unsigned type)
{
        static const uint8_t sizes[] = { 1, 1, 1, 2, 2, 4, 4, 1, 4, 8, 1, 2, 4, 1, 8, 8, 8 };

        return (type & 0x1f) < sizeof(sizes) ? sizes[type & 0x1f] : 1;
}

void fit_bytes_put(FitBytes *b, unsigned header, const uint64_t *values, size_t n)
{
        unsigned local = header & 0x80 ? header >> 5 & 3 : header & 15;

        put(b, header, 1, false);
        for (size_t i = 0; i < b->local[local].n; i++) {
                size_t size = b->local[local].fields[i].size,
                       each = type_size(b->local[local].fields[i].type);

                if (size % each != 0)
                        each = 1;
                for (size_t k = 0; k < size / each; k++, n--) {
                        assert(n > 0);
                        put(b, *values++, each, b->local[local].big_endian);
                }
        }
        assert(n == 0);
}

void fit_bytes_end(FitBytes *b)
{
        patch(b, b->begin + 4, b->size - b->begin - b->data[b->begin], 4);
        if (b->data[b->begin] == 14)
                patch(b, b->begin + 12, decoded_crc(b->data + b->begin, 12), 2);
        put(b, decoded_crc(b->data + b->begin, b->size - b->begin), 2, false);
}
