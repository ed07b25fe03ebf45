/* SPDX-License-Identifier: MIT */

/* Where FIT files lie in the bytes. The length in a header is believed if the checksum is right, or if the bytes or another file
 * go on from there. Else, as in a file that was never finished, all bytes are of its records. Pure, no clock. */

#include "exchange/fit-extent.h"

#include <string.h>

#include "exchange/fit.h"

#define SIGNATURE_OFFSET 8U

bool fit_is_header(const uint8_t *bytes, size_t size)
{
        return size >= FIT_HEADER_SIZE_MIN && memcmp(bytes + SIGNATURE_OFFSET, ".FIT", 4) == 0;
}

static void flawed(FitExtent *x, size_t at, const char *flaw)
{
        x->flaw = flaw;
        x->flaw_at = at;
}

/* Where the records end, by the header or in spite of it. */
static void find_end(const uint8_t *bytes, size_t size, FitExtent *x)
{
        const uint8_t *header = bytes + x->begin;
        const uint64_t length = header[4] | (uint64_t)header[5] << 8 | (uint64_t)header[6] << 16 |
                                (uint64_t)header[7] << 24;
        const size_t left = size - x->data;
        size_t next;

        x->end = x->next = size;
        x->is_cut = true;
        if (length > left) {
                flawed(x, size, "the file is cut short here; what was whole before is taken");
                return;
        }
        if (length + FIT_CRC_SIZE > left) {
                flawed(x, size, "the file is cut short here: its checksum is missing, all else is taken");
                x->end = x->data + (size_t)length;
                return;
        }
        next = x->data + (size_t)length + FIT_CRC_SIZE;
        if (fit_crc(0, header, next - x->begin) != 0) {
                if (length == 0) {
                        flawed(x, x->begin, "this file was never finished; what is whole in it is taken");
                        return;
                }
                if (next != size && !fit_is_header(bytes + next, size - next)) {
                        flawed(x, x->begin,
                                        "the length in the header is wrong; what is whole in the file is taken");
                        return;
                }
                flawed(x, next - FIT_CRC_SIZE,
                                "the checksum is wrong, so that something in the file has been changed; it is taken as it is");
        }
        x->end = next - FIT_CRC_SIZE;
        x->next = next;
        x->is_cut = false;
}

bool fit_extent_find(const uint8_t *bytes, size_t size, size_t begin, FitExtent *ret)
{
        const size_t left = size - begin;
        uint8_t header_size;

        if (!fit_is_header(bytes + begin, left))
                return false;
        header_size = bytes[begin];
        if (header_size < FIT_HEADER_SIZE_MIN || header_size > left)
                return false;
        *ret = (FitExtent){ .begin = begin, .data = begin + header_size };
        find_end(bytes, size, ret);
        return true;
}
