/* SPDX-License-Identifier: MIT */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "exchange/exchange.h"
#include "exchange/fit.h"

/* Messages on their way into a FIT file: each becomes a record, behind its definition when it is the first of its kind. All that
 * have one number have the same fields of the same sizes, so no definition ever changes. */

#define FIT_MESSAGE_FIELDS_MAX 40U
#define FIT_MESSAGE_SIZE_MAX   3072U
#define FIT_TEXT_SIZE_MAX      255U /* with its NUL */
#define FIT_LOCAL_TYPES        16U

/* Its fields are put into it one by one, developer fields last. */
typedef struct FitMessage {
        FitMessageNumber number;
        size_t n_fields, n_developer, size;
        struct {
                uint8_t number, size, type; /* in place of the type of a developer field: whose it is */
        } fields[FIT_MESSAGE_FIELDS_MAX];
        uint8_t data[FIT_MESSAGE_SIZE_MAX];
} FitMessage;

void fit_put_enum(FitMessage *m, uint8_t number, unsigned value);
void fit_put_uint8(FitMessage *m, uint8_t number, unsigned value);
void fit_put_uint16(FitMessage *m, uint8_t number, unsigned value);
void fit_put_uint16s(FitMessage *m, uint8_t number, const uint16_t *values, size_t n);
void fit_put_sint16(FitMessage *m, uint8_t number, int value);
void fit_put_uint32(FitMessage *m, uint8_t number, uint32_t value);
void fit_put_uint32z(FitMessage *m, uint8_t number, uint32_t value);
void fit_put_bytes(FitMessage *m, uint8_t number, const uint8_t *bytes, size_t size);
/* In a field of this size, at most FIT_TEXT_SIZE_MAX; what does not fit is cut. */
void fit_put_text(FitMessage *m, uint8_t number, const char *text, size_t size);
/* Of the one developer that there is, index 0: a float32, a byte, a text, which is
 * on one line, and cut if it has to be. */
void fit_put_developer(FitMessage *m, FitDeveloperField number, double value);
void fit_put_developer_uint8(FitMessage *m, FitDeveloperField number, unsigned value);
void fit_put_developer_text(FitMessage *m, FitDeveloperField number, const char *text);

typedef struct FitEncoder {
        ExchangeSink sink;
        uint64_t size; /* of the data so far */
        uint16_t crc;  /* of them */
        size_t n_types;
        struct {
                FitMessageNumber number;
                size_t size;
        } types[FIT_LOCAL_TYPES];
} FitEncoder;

/* All return 0, the sink's error, or -EINVAL if the file would be too long. */
int fit_encoder_begin(FitEncoder *e, const ExchangeSink *sink);
int fit_encoder_write(FitEncoder *e, const FitMessage *m);
int fit_encoder_end(FitEncoder *e);
