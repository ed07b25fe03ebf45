/* SPDX-License-Identifier: MIT */

/* Takes the records of a FIT file apart. A message is as long as its definition says, so all can be passed over that is not
 * known; only a message without a definition, or a definition that is none, leaves nothing to go on from. No number of the file
 * is trusted: whatever is looked at lies within the data. A field of no size is not kept, so that looking for one never takes
 * more steps than the message has bytes. Pure, no clock, no memory of its own. */

#include "exchange/fit-parse.h"

#include <math.h>
#include <string.h>

#include "cardio/macro.h"
#include "cardio/text.h"

#define DEFINITION_HEAD 6U /* the record's header, reserved, byte order, message, number of fields */
#define FIELD_SIZE      3U

#define TIME_BITS 0x1fU /* of a time in a header */

/* -- Types -- */

typedef enum ValueKind {
        KIND_UNSIGNED,
        KIND_SIGNED,
        KIND_ZERO_INVALID,
        KIND_REAL,
        KIND_NONE,
} ValueKind;

/* By the lower bits of a base type; its highest one says that the byte order matters, and is missing in some files. */
static const struct {
        uint8_t size;
        ValueKind kind;
} types[] = {
        { 1, KIND_UNSIGNED },     /* enum */
        { 1, KIND_SIGNED },       /* sint8 */
        { 1, KIND_UNSIGNED },     /* uint8 */
        { 2, KIND_SIGNED },       /* sint16 */
        { 2, KIND_UNSIGNED },     /* uint16 */
        { 4, KIND_SIGNED },       /* sint32 */
        { 4, KIND_UNSIGNED },     /* uint32 */
        { 1, KIND_NONE },         /* string */
        { 4, KIND_REAL },         /* float32 */
        { 8, KIND_REAL },         /* float64 */
        { 1, KIND_ZERO_INVALID }, /* uint8z */
        { 2, KIND_ZERO_INVALID }, /* uint16z */
        { 4, KIND_ZERO_INVALID }, /* uint32z */
        { 1, KIND_UNSIGNED },     /* byte */
        { 8, KIND_SIGNED },       /* sint64 */
        { 8, KIND_UNSIGNED },     /* uint64 */
        { 8, KIND_ZERO_INVALID }, /* uint64z */
};

#define TYPE_BITS 0x1fU

static uint64_t bits_of(const uint8_t *bytes, size_t size, bool big_endian)
{
        uint64_t bits = 0;

        for (size_t i = 0; i < size; i++)
                bits |= (uint64_t)bytes[big_endian ? size - 1 - i : i] << 8 * i;
        return bits;
}

static double real_of(uint64_t bits, size_t size)
{
        uint32_t half = (uint32_t)bits;
        float single;
        double value;

        memcpy(&single, &half, sizeof(single));
        memcpy(&value, &bits, sizeof(value));
        value = size == sizeof(single) ? (double)single : value;
        return isfinite(value) ? value : NAN; /* "invalid" is one of the NANs */
}

static double value_of(const uint8_t *bytes, unsigned type, bool big_endian)
{
        const size_t size = types[type].size;
        const uint64_t bits = bits_of(bytes, size, big_endian), all = UINT64_MAX >> (64 - 8 * size);

        switch (types[type].kind) {
        case KIND_UNSIGNED:
                return bits == all ? NAN : (double)bits;
        case KIND_SIGNED:
                if (bits == all >> 1)
                        return NAN;
                return bits > all >> 1 ? -1 - (double)(all - bits) : (double)bits;
        case KIND_ZERO_INVALID:
                return bits == 0 ? NAN : (double)bits;
        case KIND_REAL:
                return real_of(bits, size);
        case KIND_NONE:
                break;
        }
        return NAN;
}

/* -- Records -- */

void fit_parser_begin(FitParser *p, const uint8_t *data, size_t size)
{
        p->data = data;
        p->size = size;
        p->offset = 0;
        p->has_time = false;
        p->wrong = NULL;
        for (size_t i = 0; i < ELEMENTSOF(p->layouts); i++)
                p->layouts[i].defined = false;
}

static FitStep broken(FitParser *p, const char *wrong)
{
        p->wrong = wrong;
        return FIT_STEP_BROKEN;
}

static void take_fields(FitLayout *l, const uint8_t *fields, unsigned n)
{
        for (unsigned i = 0; i < n; i++, fields += FIELD_SIZE) {
                l->size += fields[1];
                if (fields[1] == 0)
                        continue;
                l->fields[l->n_fields].number = fields[0];
                l->fields[l->n_fields].size = fields[1];
                l->fields[l->n_fields].type = fields[2];
                l->n_fields++;
        }
}

/* The record at the offset, of which `left` bytes are there. */
static FitStep take_definition(FitParser *p, const uint8_t *record, size_t left)
{
        FitLayout *l = &p->layouts[record[0] & FIT_RECORD_LOCAL_MASK];
        const bool developer = record[0] & FIT_RECORD_DEVELOPER;
        size_t size = DEFINITION_HEAD, n_developer = 0;

        if (left < size)
                return FIT_STEP_CUT;
        if (record[2] > 1)
                return broken(p, "this definition's byte order is neither 0 nor 1");
        size += FIELD_SIZE * record[5];
        if (left < size + developer)
                return FIT_STEP_CUT;
        if (developer) {
                n_developer = record[size++];
                if (left < size + FIELD_SIZE * n_developer)
                        return FIT_STEP_CUT;
        }

        l->defined = true;
        l->big_endian = record[2] == 1;
        l->message = (uint16_t)bits_of(record + 3, 2, l->big_endian);
        l->size = l->n_fields = 0;
        take_fields(l, record + DEFINITION_HEAD, record[5]);
        l->n_native = l->n_fields;
        take_fields(l, record + size, (unsigned)n_developer);
        p->offset += size + FIELD_SIZE * n_developer;
        return FIT_STEP_MESSAGE;
}

/* A time in the header is the next one that has these lowest bits. */
static void take_time(FitParser *p, FitParsed *m, uint8_t header)
{
        uint32_t time = fit_parsed_uint32(m, FIT_FIELD_TIMESTAMP, UINT32_MAX);

        if (time == UINT32_MAX && header & FIT_RECORD_COMPRESSED && p->has_time)
                time = p->time + ((header - p->time) & TIME_BITS);
        m->has_time = time != UINT32_MAX;
        m->time = time;
        if (!m->has_time)
                return;
        p->has_time = true;
        p->time = time;
}

static FitStep take_message(FitParser *p, const uint8_t *record, size_t left, FitParsed *ret)
{
        const uint8_t header = record[0];
        const unsigned local =
                        header & FIT_RECORD_COMPRESSED ? header >> 5 & 0x03U : header & FIT_RECORD_LOCAL_MASK;
        const FitLayout *l = &p->layouts[local];

        if (!l->defined)
                return broken(p, "a message that no definition before it describes");
        if (left - 1 < l->size)
                return FIT_STEP_CUT;
        *ret = (FitParsed){ .number = l->message, .layout = l, .bytes = record + 1 };
        take_time(p, ret, header);
        p->offset += 1 + l->size;
        return FIT_STEP_MESSAGE;
}

FitStep fit_parser_next(FitParser *p, FitParsed *ret)
{
        while (p->offset < p->size) {
                const uint8_t *record = p->data + p->offset;
                const size_t left = p->size - p->offset;
                FitStep step;

                if (record[0] & FIT_RECORD_COMPRESSED || !(record[0] & FIT_RECORD_DEFINITION))
                        return take_message(p, record, left, ret);
                step = take_definition(p, record, left);
                if (step != FIT_STEP_MESSAGE)
                        return step;
        }
        return FIT_STEP_END;
}

/* -- Fields -- */

void fit_field_set_type(FitField *f, uint8_t type)
{
        f->type = type & TYPE_BITS;
        f->n = 0;
        if (f->type < ELEMENTSOF(types) && f->type != FIT_STRING && f->size % types[f->type].size == 0)
                f->n = f->size / types[f->type].size;
}

FitField fit_parsed_field(const FitParsed *m, uint8_t number)
{
        const FitLayout *l = m->layout;
        const uint8_t *bytes = m->bytes;
        FitField f = { .big_endian = l->big_endian };

        for (size_t i = 0; i < l->n_native; bytes += l->fields[i++].size) {
                if (l->fields[i].number != number)
                        continue;
                f.bytes = bytes;
                f.size = l->fields[i].size;
                fit_field_set_type(&f, l->fields[i].type);
                break;
        }
        return f;
}

double fit_field_number(const FitField *f, size_t i)
{
        return i < f->n ? value_of(f->bytes + i * types[f->type].size, f->type, f->big_endian) : NAN;
}

uint32_t fit_field_uint32(const FitField *f, size_t i, uint32_t otherwise)
{
        double value = fit_field_number(f, i);

        return value >= 0 && value < UINT32_MAX && value == floor(value) ? (uint32_t)value : otherwise;
}

double fit_parsed_number(const FitParsed *m, uint8_t number)
{
        FitField f = fit_parsed_field(m, number);

        return fit_field_number(&f, 0);
}

uint32_t fit_parsed_uint32(const FitParsed *m, uint8_t number, uint32_t otherwise)
{
        FitField f = fit_parsed_field(m, number);

        return fit_field_uint32(&f, 0, otherwise);
}

char *fit_field_text(const FitField *f, char buf[static FIT_PARSED_TEXT_MAX])
{
        const uint8_t *end;
        size_t size;

        buf[0] = '\0';
        if (!f->bytes || f->type != FIT_STRING)
                return buf;
        end = memchr(f->bytes, '\0', f->size);
        size = end ? (size_t)(end - f->bytes) : f->size; /* 255 at most */
        memcpy(buf, f->bytes, size);
        buf[size] = '\0';
        return text_make_plain(buf);
}

char *fit_parsed_text(const FitParsed *m, uint8_t number, char buf[static FIT_PARSED_TEXT_MAX])
{
        FitField f = fit_parsed_field(m, number);

        return fit_field_text(&f, buf);
}

void fit_parsed_developer(const FitParsed *m, uint8_t developer, FitDeveloperFn fn, void *userdata)
{
        const FitLayout *l = m->layout;
        const uint8_t *bytes = m->bytes;

        for (size_t i = 0; i < l->n_fields; bytes += l->fields[i++].size) {
                FitField f = { .bytes = bytes, .size = l->fields[i].size, .big_endian = l->big_endian };

                if (i >= l->n_native && l->fields[i].type == developer)
                        fn(userdata, l->fields[i].number, &f);
        }
}
