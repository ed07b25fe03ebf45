/* SPDX-License-Identifier: MIT */

/* CRC-16/ARC: the polynomial x^16 + x^15 + x^2 + 1, each byte from its lowest bit on, beginning with 0, not inverted. Pure, no
 * clock. */

#include "exchange/fit.h"

#define POLYNOMIAL 0xa001U /* without x^16, its bits in reverse */

uint16_t fit_crc(uint16_t crc, const void *data, size_t size)
{
        const uint8_t *bytes = data;

        for (size_t i = 0; i < size; i++) {
                unsigned bits = crc ^ bytes[i];

                for (unsigned k = 0; k < 8; k++)
                        bits = bits & 1 ? bits >> 1 ^ POLYNOMIAL : bits >> 1;
                crc = (uint16_t)bits;
        }
        return crc;
}
