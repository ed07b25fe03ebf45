/* SPDX-License-Identifier: MIT */

/* Reads FIT files for tests. No clock. */

#include "fit-decode.h"

#include <string.h>

typedef struct Definition {
        bool defined;
        unsigned number;
        size_t n_fields, size;
        struct {
                bool developer;
                uint8_t number, type;
                size_t size;
        } fields[DECODED_FIELDS_MAX];
} Definition;

typedef struct Decoder {
        const uint8_t *next;
        size_t left;
        Definition local[16];
        bool has_developer;
        uint8_t developer_types[256]; /* 0 = not described */
} Decoder;

static unsigned reversed(unsigned value, unsigned bits)
{
        unsigned r = 0;

        for (unsigned i = 0; i < bits; i++)
                r |= (value >> i & 1) << (bits - 1 - i);
        return r;
}

/* By the book: the message, each byte from its lowest bit on, and 16 zeros, divided by 0x18005. */
uint16_t decoded_crc(const uint8_t *data, size_t size)
{
        unsigned remainder = 0;

        for (size_t i = 0; i < size + 2; i++) {
                unsigned byte = i < size ? reversed(data[i], 8) : 0;

                for (int bit = 7; bit >= 0; bit--) {
                        remainder = remainder << 1 | (byte >> bit & 1);
                        if (remainder & 0x10000)
                                remainder ^= 0x18005;
                }
        }
        return (uint16_t)reversed(remainder, 16);
}

static uint64_t number_of(const uint8_t *bytes, size_t size)
{
        uint64_t value = 0;

        for (size_t i = 0; i < size; i++)
                value |= (uint64_t)bytes[i] << 8 * i;
        return value;
}

/* 0 = there is no such type. */
static size_t type_size(uint8_t type)
{
        switch (type) {
        case 0x00: /* enum, sint8, uint8, string, uint8z, byte */
        case 0x01:
        case 0x02:
        case 0x07:
        case 0x0a:
        case 0x0d:
                return 1;
        case 0x83: /* sint16, uint16, uint16z */
        case 0x84:
        case 0x8b:
                return 2;
        case 0x85: /* sint32, uint32, float32, uint32z */
        case 0x86:
        case 0x88:
        case 0x8c:
                return 4;
        default:
                return 0;
        }
}

static const uint8_t *take(Decoder *d, size_t size)
{
        const uint8_t *bytes = d->next;

        if (size > d->left)
                return NULL;
        d->next += size;
        d->left -= size;
        return bytes;
}

static const char *take_fields(Decoder *d, Definition *def, bool developer)
{
        const uint8_t *count = take(d, 1), *field;

        if (!count)
                return "cut in a definition";
        if (*count == 0 || def->n_fields + *count > DECODED_FIELDS_MAX)
                return "no fields, or too many";
        for (unsigned i = 0; i < *count; i++, def->n_fields++) {
                field = take(d, 3);
                if (!field)
                        return "cut in a definition";
                if (developer && field[2] != 0)
                        return "another developer's field";
                if (developer && !d->has_developer)
                        return "a developer field without developer_data_id";
                def->fields[def->n_fields].developer = developer;
                def->fields[def->n_fields].number = field[0];
                def->fields[def->n_fields].size = field[1];
                def->fields[def->n_fields].type = developer ? d->developer_types[field[0]] : field[2];
                def->size += field[1];
                if (type_size(def->fields[def->n_fields].type) == 0)
                        return developer ? "a developer field that was not described" : "an unknown type";
                if (field[1] == 0 || field[1] % type_size(def->fields[def->n_fields].type) != 0)
                        return "a size that does not fit its type";
        }
        return NULL;
}

static const char *take_definition(Decoder *d, uint8_t header)
{
        Definition *def = &d->local[header & 0x0f];
        const uint8_t *bytes = take(d, 4);
        const char *wrong;

        if (header & 0x10)
                return "a reserved bit";
        if (!bytes)
                return "cut in a definition";
        if (bytes[0] != 0 || bytes[1] != 0)
                return "neither little-endian nor plain";
        if (def->defined)
                return "a local type that is defined twice";
        def->number = bytes[2] | (unsigned)bytes[3] << 8;
        wrong = take_fields(d, def, false);
        if (!wrong && header & 0x20)
                wrong = take_fields(d, def, true);
        def->defined = true;
        return wrong;
}

static void learn_developer(Decoder *d, const DecodedMessage *m)
{
        int64_t number = decoded_number(m, 1);

        if (m->number == 207 && decoded_number(m, 3) == 0)
                d->has_developer = true;
        if (m->number == 206 && d->has_developer && decoded_number(m, 0) == 0 && number >= 0)
                d->developer_types[number] = (uint8_t)decoded_number(m, 2);
}

/* Some readers take what is after the end as one more string. */
static bool has_more_strings(const DecodedField *field)
{
        size_t i = strnlen((const char *)field->bytes, field->size);

        while (i < field->size && field->bytes[i] == 0)
                i++;
        return i < field->size;
}

static const char *take_message(Decoder *d, uint8_t header, DecodedFn fn, void *userdata)
{
        const Definition *def = &d->local[header & 0x0f];
        DecodedMessage m = { .number = def->number, .n_fields = def->n_fields };

        if (header & 0xf0)
                return "a reserved bit, or a compressed time";
        if (!def->defined)
                return "a message that was not defined";
        for (size_t i = 0; i < def->n_fields; i++) {
                m.fields[i].developer = def->fields[i].developer;
                m.fields[i].number = def->fields[i].number;
                m.fields[i].type = def->fields[i].type;
                m.fields[i].size = def->fields[i].size;
                m.fields[i].bytes = take(d, def->fields[i].size);
                if (!m.fields[i].bytes)
                        return "cut in a message";
                if (m.fields[i].type == 0x07 && !memchr(m.fields[i].bytes, '\0', m.fields[i].size))
                        return "a string without an end";
                if (m.fields[i].type == 0x07 && has_more_strings(&m.fields[i]))
                        return "something after a string's end";
        }
        learn_developer(d, &m);
        fn(&m, userdata);
        return NULL;
}

const char *fit_decode(const uint8_t *data, size_t size, DecodedFn fn, void *userdata)
{
        Decoder d = { .next = data + 14 };

        if (size < 16 || data[0] != 14 || memcmp(data + 8, ".FIT", 4) != 0)
                return "no header";
        if (data[1] != 0x20)
                return "another version of the protocol";
        if (number_of(data + 12, 2) != decoded_crc(data, 12))
                return "a wrong CRC of the header";
        if (number_of(data + 4, 4) != size - 16)
                return "a wrong size in the header";
        if (number_of(data + size - 2, 2) != decoded_crc(data, size - 2))
                return "a wrong CRC";
        d.left = size - 16;
        while (d.left > 0) {
                uint8_t header = *take(&d, 1);
                const char *wrong = header & 0x40 ? take_definition(&d, header)
                                                  : take_message(&d, header, fn, userdata);

                if (wrong)
                        return wrong;
        }
        return NULL;
}

static const DecodedField *find_field(const DecodedMessage *m, unsigned number, bool developer)
{
        for (size_t i = 0; i < m->n_fields; i++)
                if (m->fields[i].number == number && m->fields[i].developer == developer)
                        return &m->fields[i];
        return NULL;
}

const DecodedField *decoded_field(const DecodedMessage *m, unsigned number)
{
        return find_field(m, number, false);
}

const DecodedField *decoded_developer_field(const DecodedMessage *m, unsigned number)
{
        return find_field(m, number, true);
}

int64_t decoded_number(const DecodedMessage *m, unsigned number)
{
        const DecodedField *f = decoded_field(m, number);
        uint64_t value;

        if (!f || f->size != type_size(f->type) || f->type == 0x07 || f->type == 0x88)
                return -1;
        value = number_of(f->bytes, f->size);
        if (f->type == 0x8c)
                return value == 0 ? -1 : (int64_t)value;
        return value == (UINT64_MAX >> (64 - 8 * f->size)) ? -1 : (int64_t)value;
}
