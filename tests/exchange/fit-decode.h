/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A reader of FIT files for tests, which shares nothing with what writes them. It takes what we write and no more: little-endian,
 * a header of 14 bytes, no compressed times; and it is strict where other readers are not. */

#define DECODED_FIELDS_MAX 40U

typedef struct DecodedField {
        bool developer;
        uint8_t number, type; /* of a developer field as it was described */
        size_t size;
        const uint8_t *bytes; /* in the file */
} DecodedField;

typedef struct DecodedMessage {
        unsigned number;
        size_t n_fields;
        DecodedField fields[DECODED_FIELDS_MAX];
} DecodedMessage;

/* Goes through a file and hands on each message. Returns NULL, or what is wrong with the file in words. Wrong is also a local type
 * that is defined twice, and a developer field that was not described before. */
typedef void (*DecodedFn)(const DecodedMessage *m, void *userdata);
const char *fit_decode(const uint8_t *data, size_t size, DecodedFn fn, void *userdata);

/* NULL if it is not there. */
const DecodedField *decoded_field(const DecodedMessage *m, unsigned number);
const DecodedField *decoded_developer_field(const DecodedMessage *m, unsigned number);
/* The number in a field of one value; -1 if it is not there, is FIT's invalid, or is no such number. */
int64_t decoded_number(const DecodedMessage *m, unsigned number);

uint16_t decoded_crc(const uint8_t *data, size_t size);
