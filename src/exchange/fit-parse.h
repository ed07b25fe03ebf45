/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "exchange/fit.h"

/* The messages of a FIT file's data, one after the other, whoever wrote it: both byte orders, times in a record's header,
 * fields of any size, developer fields apart. Nothing is kept but what the present definitions say. */

#define FIT_LAYOUT_FIELDS_MAX (2U * 255U)

typedef struct FitLayout {
        bool defined, big_endian;
        uint16_t message;
        uint16_t n_native,
                        n_fields; /* the developers' stand behind the native ones; those of no size are left out */
        uint32_t size;
        struct {
                uint8_t number, size, type; /* in place of the type of a developer field: whose it is */
        } fields[FIT_LAYOUT_FIELDS_MAX];
} FitLayout;

typedef struct FitParser {
        const uint8_t *data; /* without the header and the CRC */
        size_t size;
        size_t offset; /* of the next record, or of the one that is cut or broken */
        bool has_time;
        uint32_t time;     /* the last one, which times in headers go on from */
        const char *wrong; /* what a broken record is, in words */
        FitLayout layouts[FIT_RECORD_LOCAL_MASK + 1];
} FitParser;

/* It stands in the file, and goes by the layout until the next one is taken. */
typedef struct FitParsed {
        uint16_t number;
        const FitLayout *layout;
        const uint8_t *bytes;
        bool has_time;
        uint32_t time; /* in FIT's time */
} FitParsed;

typedef enum FitStep {
        FIT_STEP_MESSAGE,
        FIT_STEP_END,
        FIT_STEP_CUT,    /* the data end within a record */
        FIT_STEP_BROKEN, /* it cannot be said where the next record begins */
} FitStep;

void fit_parser_begin(FitParser *p, const uint8_t *data, size_t size);
FitStep fit_parser_next(FitParser *p, FitParsed *ret);

/* A native field of a message, as it stands in the file. */
typedef struct FitField {
        const uint8_t *bytes;
        size_t size;
        size_t n; /* values; 0 if the field is not there, or its size or type is none that numbers have */
        unsigned type;
        bool big_endian;
} FitField;

FitField fit_parsed_field(const FitParsed *m, uint8_t number);
/* One of its values, NAN if it is not there, or is FIT's "invalid". */
double fit_field_number(const FitField *f, size_t i);
/* As a whole number from 0 on, or otherwise. */
uint32_t fit_field_uint32(const FitField *f, size_t i, uint32_t otherwise);

/* The same of the first value of a field. */
double fit_parsed_number(const FitParsed *m, uint8_t number);
uint32_t fit_parsed_uint32(const FitParsed *m, uint8_t number, uint32_t otherwise);
/* The text in a field, up to its NUL, plain; "" if it is not there. Returns buf. */
#define FIT_PARSED_TEXT_MAX 256U
char *fit_parsed_text(const FitParsed *m, uint8_t number, char buf[static FIT_PARSED_TEXT_MAX]);
/* The same of a field. */
char *fit_field_text(const FitField *f, char buf[static FIT_PARSED_TEXT_MAX]);

/* Calls with each field of this developer. A field has its type only once it was given the one that its description says. */
typedef void (*FitDeveloperFn)(void *userdata, uint8_t number, FitField *f);
void fit_parsed_developer(const FitParsed *m, uint8_t developer, FitDeveloperFn fn, void *userdata);
void fit_field_set_type(FitField *f, uint8_t type);
