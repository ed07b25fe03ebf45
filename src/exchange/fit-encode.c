/* SPDX-License-Identifier: MIT */

/* Messages become bytes, and the bytes a file whose header and CRC are right although they depend on a size that is known last.
 * Nothing that was written is read again. Pure, no clock. */

#include "exchange/fit-encode.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "cardio/text.h"

static void le16(uint8_t bytes[static 2], uint16_t value)
{
        bytes[0] = (uint8_t)value;
        bytes[1] = (uint8_t)(value >> 8);
}

static void le32(uint8_t bytes[static 4], uint32_t value)
{
        le16(bytes, (uint16_t)value);
        le16(bytes + 2, (uint16_t)(value >> 16));
}

/* -- Messages -- */

static void put_field(FitMessage *m, uint8_t number, uint8_t type, const void *bytes, size_t size)
{
        size_t i = m->n_fields + m->n_developer;

        assert(i < FIT_MESSAGE_FIELDS_MAX && size <= sizeof(m->data) - m->size);
        m->fields[i].number = number;
        m->fields[i].size = (uint8_t)size;
        m->fields[i].type = type;
        memcpy(m->data + m->size, bytes, size);
        m->size += size;
}

static void put_native(FitMessage *m, uint8_t number, FitBaseType type, const void *bytes, size_t size)
{
        assert(m->n_developer == 0);
        put_field(m, number, (uint8_t)type, bytes, size);
        m->n_fields++;
}

void fit_put_enum(FitMessage *m, uint8_t number, unsigned value)
{
        put_native(m, number, FIT_ENUM, &(uint8_t){ (uint8_t)value }, 1);
}

void fit_put_uint8(FitMessage *m, uint8_t number, unsigned value)
{
        put_native(m, number, FIT_UINT8, &(uint8_t){ (uint8_t)value }, 1);
}

void fit_put_uint16(FitMessage *m, uint8_t number, unsigned value)
{
        fit_put_uint16s(m, number, &(uint16_t){ (uint16_t)value }, 1);
}

void fit_put_uint16s(FitMessage *m, uint8_t number, const uint16_t *values, size_t n)
{
        uint8_t bytes[FIT_MESSAGE_SIZE_MAX];

        assert(n <= sizeof(bytes) / 2);
        for (size_t i = 0; i < n; i++)
                le16(bytes + 2 * i, values[i]);
        put_native(m, number, FIT_UINT16, bytes, 2 * n);
}

void fit_put_sint16(FitMessage *m, uint8_t number, int value)
{
        uint8_t bytes[2];

        le16(bytes, (uint16_t)value);
        put_native(m, number, FIT_SINT16, bytes, sizeof(bytes));
}

static void put_four(FitMessage *m, uint8_t number, FitBaseType type, uint32_t value)
{
        uint8_t bytes[4];

        le32(bytes, value);
        put_native(m, number, type, bytes, sizeof(bytes));
}

void fit_put_uint32(FitMessage *m, uint8_t number, uint32_t value)
{
        put_four(m, number, FIT_UINT32, value);
}

void fit_put_uint32z(FitMessage *m, uint8_t number, uint32_t value)
{
        put_four(m, number, FIT_UINT32Z, value);
}

void fit_put_bytes(FitMessage *m, uint8_t number, const uint8_t *bytes, size_t size)
{
        put_native(m, number, FIT_BYTE, bytes, size);
}

void fit_put_text(FitMessage *m, uint8_t number, const char *text, size_t size)
{
        char buf[FIT_TEXT_SIZE_MAX];
        size_t used;

        assert(size <= sizeof(buf));
        used = strlen(text_brief(buf, size, text));
        /* Text that was made plain is shorter, and what is after its end would be read as another string. */
        memset(buf + used, 0, size - used);
        put_native(m, number, FIT_STRING, buf, size);
}

static void put_developer(FitMessage *m, FitDeveloperField number, const void *bytes, size_t size)
{
        put_field(m, (uint8_t)number, 0, bytes, size);
        m->n_developer++;
}

void fit_put_developer_uint8(FitMessage *m, FitDeveloperField number, unsigned value)
{
        put_developer(m, number, &(uint8_t){ (uint8_t)value }, 1);
}

void fit_put_developer_text(FitMessage *m, FitDeveloperField number, const char *text)
{
        char buf[FIT_TEXT_SIZE_MAX], line[FIT_TEXT_SIZE_MAX + 1];
        size_t n = 0;

        for (; text[n] && n + 1 < sizeof(line); n++)
                line[n] = text[n] == '\n' || text[n] == '\r' || text[n] == '\t' ? ' ' : text[n];
        line[n] = '\0';
        put_developer(m, number, buf, strlen(text_brief(buf, sizeof(buf), line)) + 1);
}

void fit_put_developer(FitMessage *m, FitDeveloperField number, double value)
{
        float single = (float)value;
        uint32_t bits;
        uint8_t bytes[4];

        memcpy(&bits, &single, sizeof(bits));
        if (isnan(value))
                bits = FIT_INVALID_UINT32;
        le32(bytes, bits);
        put_developer(m, number, bytes, sizeof(bytes));
}

/* -- The file -- */

static int write_data(FitEncoder *e, const void *data, size_t size)
{
        int r = e->sink.write(e->sink.userdata, data, size);

        if (r < 0)
                return r;
        e->size += size;
        e->crc = fit_crc(e->crc, data, size);
        return 0;
}

static int write_definition(FitEncoder *e, size_t local, const FitMessage *m)
{
        uint8_t bytes[6 + 1 + 3 * FIT_MESSAGE_FIELDS_MAX];
        size_t size = 0;

        bytes[size++] = (uint8_t)(FIT_RECORD_DEFINITION | (m->n_developer > 0 ? FIT_RECORD_DEVELOPER : 0) |
                                  local);
        bytes[size++] = 0; /* reserved */
        bytes[size++] = 0; /* little-endian */
        le16(bytes + size, (uint16_t)m->number);
        size += 2;
        bytes[size++] = (uint8_t)m->n_fields;
        for (size_t i = 0; i < m->n_fields + m->n_developer; i++) {
                if (i == m->n_fields)
                        bytes[size++] = (uint8_t)m->n_developer;
                bytes[size++] = m->fields[i].number;
                bytes[size++] = m->fields[i].size;
                bytes[size++] = m->fields[i].type;
        }
        return write_data(e, bytes, size);
}

int fit_encoder_write(FitEncoder *e, const FitMessage *m)
{
        uint8_t bytes[1 + FIT_MESSAGE_SIZE_MAX];
        size_t local = 0;
        int r;

        while (local < e->n_types && e->types[local].number != m->number)
                local++;
        if (local == e->n_types) {
                assert(local < FIT_LOCAL_TYPES);
                r = write_definition(e, local, m);
                if (r < 0)
                        return r;
                e->types[local].number = m->number;
                e->types[local].size = m->size;
                e->n_types++;
        }
        assert(e->types[local].size == m->size);
        bytes[0] = (uint8_t)local;
        memcpy(bytes + 1, m->data, m->size);
        return write_data(e, bytes, 1 + m->size);
}

static void header_bytes(uint8_t bytes[static FIT_HEADER_SIZE], uint32_t size)
{
        bytes[0] = FIT_HEADER_SIZE;
        bytes[1] = FIT_PROTOCOL_VERSION;
        le16(bytes + 2, FIT_PROFILE_VERSION);
        le32(bytes + 4, size);
        le32(bytes + 8, FIT_SIGNATURE);
        le16(bytes + 12, fit_crc(0, bytes, 12));
}

int fit_encoder_begin(FitEncoder *e, const ExchangeSink *sink)
{
        uint8_t header[FIT_HEADER_SIZE];

        e->sink = *sink;
        header_bytes(header, 0);
        return e->sink.write(e->sink.userdata, header, sizeof(header));
}

/* The CRC at the end is over header and data, and the header has the size, which is known only now. Yet the data's own CRC is that
 * of both: the header ends with its CRC, so the CRC over it is 0, as if nothing had come before the data. */
int fit_encoder_end(FitEncoder *e)
{
        uint8_t header[FIT_HEADER_SIZE], crc[2];
        int r;

        if (e->size > UINT32_MAX)
                return -EINVAL;
        le16(crc, e->crc);
        r = e->sink.write(e->sink.userdata, crc, sizeof(crc));
        if (r < 0)
                return r;
        header_bytes(header, (uint32_t)e->size);
        return e->sink.patch(e->sink.userdata, 0, header, sizeof(header));
}
