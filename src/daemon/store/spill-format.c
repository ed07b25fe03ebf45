/* SPDX-License-Identifier: MIT */

/* The queue as bytes, and back: the content of a spill file (spill.c says when there is one).
 *
 *     magic, version, flags, id, the highest session id that the database knew, the clock, how many entries
 *     the entries, in order
 *     a checksum of all of it
 *
 * Numbers are little-endian and of fixed size, a text is its length and its bytes. One function goes through an entry in both
 * directions, so that writing and reading cannot drift apart. Whatever is read is checked as untrusted input: the checksum
 * only finds damage. No I/O but on the given stream, no clock. */

#include "store/spill-format.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cardio/measurement.h"
#include "cardio/zones.h"
#include "shared/fnv.h"
#include "store/figures.h"

#define MAGIC      "cardiod spill\n"
#define VERSION    1
#define FLAG_MOVED 1U
/* Longer than any queued text. */
#define TEXT_MAX  4096U
#define TEXT_NONE UINT32_MAX

typedef struct Coder {
        FILE *out; /* NULL: it reads */
        const uint8_t *p, *end;
        uint64_t checksum;
        bool bad; /* impossible values were read, or memory is short */
        /* Texts that were read, until their entry has copied them. */
        char *text[8];
        size_t n_texts;
} Coder;

static void code_bytes(Coder *c, void *bytes, size_t n)
{
        if (c->out) {
                c->checksum = fnv1a(c->checksum, bytes, n);
                c->bad |= fwrite(bytes, 1, n, c->out) != n;
        } else if ((size_t)(c->end - c->p) < n) {
                c->bad = true;
                c->p = c->end;
                memset(bytes, 0, n);
        } else {
                memcpy(bytes, c->p, n);
                c->p += n;
        }
}

static void code_u64(Coder *c, uint64_t *value)
{
        uint8_t bytes[sizeof(*value)];

        for (size_t i = 0; i < sizeof(bytes); i++)
                bytes[i] = (uint8_t)(*value >> (8 * i));
        code_bytes(c, bytes, sizeof(bytes));
        *value = 0;
        for (size_t i = 0; i < sizeof(bytes); i++)
                *value |= (uint64_t)bytes[i] << (8 * i);
}

static void code_u32(Coder *c, uint32_t *value)
{
        uint8_t bytes[] = { (uint8_t)*value, (uint8_t)(*value >> 8), (uint8_t)(*value >> 16),
                (uint8_t)(*value >> 24) };

        code_bytes(c, bytes, sizeof(bytes));
        *value = (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
                 (uint32_t)bytes[3] << 24;
}

static void code_u16(Coder *c, uint16_t *value)
{
        uint8_t bytes[] = { (uint8_t)*value, (uint8_t)(*value >> 8) };

        code_bytes(c, bytes, sizeof(bytes));
        *value = (uint16_t)(bytes[0] | bytes[1] << 8);
}

static void code_u8(Coder *c, uint8_t *value, unsigned most)
{
        code_bytes(c, value, 1);
        c->bad |= *value > most;
}

static void code_bool(Coder *c, bool *value)
{
        uint8_t byte = *value;

        code_u8(c, &byte, 1);
        *value = byte != 0;
}

static void code_int(Coder *c, int64_t *value)
{
        uint64_t u = (uint64_t)*value;

        code_u64(c, &u);
        *value = (int64_t)u;
}

static void code_real(Coder *c, double *value)
{
        uint64_t bits;

        memcpy(&bits, value, sizeof(bits));
        code_u64(c, &bits);
        memcpy(value, &bits, sizeof(bits));
}

static char *read_text(Coder *c, uint32_t n)
{
        char *text;

        if (n > TEXT_MAX || n > (size_t)(c->end - c->p) || c->n_texts == ELEMENTSOF(c->text))
                return NULL;
        text = strndup((const char *)c->p, n);
        if (!text || strlen(text) != n) {
                free(text);
                return NULL;
        }
        c->p += n;
        c->text[c->n_texts++] = text;
        return text;
}

static void code_text(Coder *c, const char **text)
{
        uint32_t n = *text ? (uint32_t)strlen(*text) : TEXT_NONE;

        if (n != TEXT_NONE && c->out && n > TEXT_MAX)
                n = TEXT_MAX;
        code_u32(c, &n);
        if (n == TEXT_NONE)
                *text = NULL;
        else if (c->out)
                code_bytes(c, (void *)*text, n);
        else {
                *text = read_text(c, n);
                c->bad |= !*text;
        }
}

static void texts_free(Coder *c)
{
        while (c->n_texts > 0)
                free(c->text[--c->n_texts]);
}

/* -- An entry -- */

static void code_beginning(Coder *c, Operation *op)
{
        SessionHead head = c->out ? ((const Beginning *)op->extra)->head : (SessionHead){ 0 };
        int64_t offset = head.utc_offset_s;
        uint8_t sex = (uint8_t)head.runner.sex;

        code_text(c, &head.address);
        code_text(c, &head.kind);
        code_text(c, &head.day_kind);
        code_text(c, &head.workout);
        code_bool(c, &head.by_hand);
        code_int(c, &head.started_at);
        code_int(c, &head.boot_ms);
        code_int(c, &offset);
        code_real(c, &head.runner.resting);
        code_real(c, &head.runner.maximum);
        code_real(c, &head.runner.lactate_threshold);
        code_u8(c, &sex, _SEX_MAX - 1);
        code_real(c, &head.ceiling);
        code_text(c, &head.ceiling_expression);
        code_real(c, &head.tolerance);
        code_text(c, &head.zone_model);
        code_text(c, &head.zone_bounds);
        if (c->out)
                return;
        head.utc_offset_s = (int)offset;
        head.runner.sex = (Sex)sex;
        if (!c->bad && head.address)
                op->extra = beginning_new(&head);
        c->bad |= !op->extra;
}

static void code_sensor(Coder *c, Operation *op)
{
        SensorNews none = { .battery = -1 }, *news = c->out ? op->extra : &none;
        const char *address = news->address, *name = news->name, *location = news->body_location;
        int64_t battery = news->battery, last_seen_ms = news->last_seen_ms;

        code_text(c, &address);
        code_text(c, &name);
        code_text(c, &location);
        code_int(c, &battery);
        code_int(c, &last_seen_ms);
        if (c->out)
                return;
        if (!c->bad && address && battery >= -1 && battery <= UINT8_MAX)
                op->extra = sensor_news_new(address, name, location, (int)battery, last_seen_ms);
        c->bad |= !op->extra;
}

static void code_battery(Coder *c, Operation *op)
{
        const char *address = op->extra;

        code_text(c, &address);
        code_bool(c, &op->low);
        if (c->out)
                return;
        if (!c->bad && address)
                op->extra = strdup(address);
        c->bad |= !op->extra;
}

static void code_day(Coder *c, Day *day)
{
        int64_t value = *day;

        code_int(c, &value);
        c->bad |= value != DAY_NONE && (value < DAY_MIN || value > DAY_MAX);
        *day = c->bad ? DAY_NONE : (Day)value;
}

static void code_commands(Coder *c, Operation *op)
{
        StoreCommands commands = c->out ? *(const StoreCommands *)op->extra : (StoreCommands){ 0 };
        const char *ceiling = commands.ceiling;

        code_text(c, &ceiling);
        code_int(c, &commands.snoozed_until);
        code_int(c, &commands.effort_at);
        code_day(c, &commands.ceiling_day);
        code_day(c, &commands.advised_day);
        code_day(c, &commands.raced_day);
        if (c->out)
                return;
        c->bad |= !ceiling || strlen(ceiling) >= sizeof(commands.ceiling);
        if (!c->bad) {
                (void)stpcpy(commands.ceiling, ceiling);
                op->extra = malloc(sizeof(commands));
        }
        if (op->extra)
                memcpy(op->extra, &commands, sizeof(commands));
        c->bad |= !op->extra;
}

static void code_sample(Coder *c, Operation *op, uint16_t *rr)
{
        code_u8(c, &op->zone, ZONES_MAX);
        code_u8(c, &op->contact, _CONTACT_MAX - 1);
        code_bool(c, &op->counts);
        code_u16(c, &op->heart_rate);
        code_real(c, &op->smoothed);
        code_u16(c, &op->n_rr);
        c->bad |= op->n_rr > MEASUREMENT_RR_MAX || isnan(op->smoothed) || op->heart_rate < HEART_RATE_MIN ||
                  op->heart_rate > HEART_RATE_MAX;
        for (size_t i = 0; i < op->n_rr && !c->bad; i++)
                code_u16(c, &rr[i]);
}

static void code_event(Coder *c, Operation *op)
{
        const char *detail = op->extra;

        code_u8(c, &op->event, _SESSION_EVENT_MAX - 1);
        code_real(c, &op->value);
        code_text(c, &detail);
        if (!c->out && detail) {
                op->extra = strdup(detail);
                c->bad |= !op->extra;
        }
}

static void code_pace(Coder *c, Operation *op)
{
        PacePoint p = c->out ? *(const PacePoint *)op->extra : (PacePoint){ 0 };
        double *const values[] = { &p.speed, &p.cadence, &p.distance, &p.incline, &p.ascent };

        for (size_t i = 0; i < ELEMENTSOF(values); i++) {
                code_real(c, values[i]);
                c->bad |= !c->out && isinf(*values[i]);
        }
        if (c->out)
                return;
        if (!c->bad)
                op->extra = malloc(sizeof(p));
        if (op->extra)
                memcpy(op->extra, &p, sizeof(p));
        c->bad |= !op->extra;
}

/* rr has room for MEASUREMENT_RR_MAX. */
static void code_operation(Coder *c, Operation *op, uint16_t *rr)
{
        code_u8(c, &op->type, _OPERATION_TYPE_MAX - 1);
        code_int(c, &op->session);
        code_int(c, &op->t);
        code_bool(c, &op->known);
        if (c->bad)
                return;
        switch ((OperationType)op->type) {
        case OPERATION_BEGIN:
                code_beginning(c, op);
                break;
        case OPERATION_SAMPLE:
                code_sample(c, op, rr);
                break;
        case OPERATION_EVENT:
                code_event(c, op);
                break;
        case OPERATION_CLOCK:
                code_int(c, &op->step_ms);
                break;
        case OPERATION_END:
                code_bool(c, &op->resumable);
                break;
        case OPERATION_SENSOR:
                code_sensor(c, op);
                break;
        case OPERATION_COMMANDS:
                code_commands(c, op);
                break;
        case OPERATION_BATTERY:
                code_battery(c, op);
                break;
        case OPERATION_PACE:
                code_pace(c, op);
                break;
        case OPERATION_RESUME:
        case OPERATION_CLOCK_SET:
        case OPERATION_DISCARD:
        case _OPERATION_TYPE_MAX:
        case _OPERATION_TYPE_INVALID:
                break;
        }
        texts_free(c);
}

/* -- The whole -- */

static void code_clock(Coder *c, StoreClock *clock)
{
        const char *boot_id = clock->boot_id;

        code_text(c, &boot_id);
        code_int(c, &clock->offset_ms);
        code_bool(c, &clock->known);
        if (c->out)
                return;
        c->bad |= !boot_id || strlen(boot_id) >= sizeof(clock->boot_id);
        if (!c->bad)
                (void)stpcpy(clock->boot_id, boot_id);
        texts_free(c);
}

static void code_head(Coder *c, SpillHead *head, uint32_t *version, uint64_t *n)
{
        uint8_t magic[] = MAGIC;
        uint32_t flags = head->moved ? FLAG_MOVED : 0;

        code_bytes(c, magic, sizeof(magic));
        c->bad |= memcmp(magic, MAGIC, sizeof(magic)) != 0;
        code_u32(c, version);
        code_u32(c, &flags);
        code_int(c, &head->id);
        code_int(c, &head->stored_id);
        code_clock(c, &head->clock);
        code_u64(c, n);
        head->moved = flags & FLAG_MOVED;
}

int spill_encode(FILE *out, const SpillHead *head, const Queue *q)
{
        Coder c = { .out = out, .checksum = FNV1A_BEGIN };
        SpillHead h = *head;
        uint32_t version = VERSION;
        uint64_t n = q->n, checksum;
        uint16_t *rr = q->rr;

        code_head(&c, &h, &version, &n);
        for (size_t i = 0; i < q->n; i++) {
                code_operation(&c, &q->operation[i], rr);
                rr += q->operation[i].n_rr;
        }
        checksum = c.checksum;
        code_u64(&c, &checksum);
        return c.bad ? -EIO : 0;
}

static int decode_operations(Coder *c, uint64_t n, Queue *q)
{
        uint16_t rr[MEASUREMENT_RR_MAX];
        int r;

        for (uint64_t i = 0; i < n && !c->bad; i++) {
                Operation op = { 0 };

                code_operation(c, &op, rr);
                texts_free(c);
                if (c->bad) {
                        free(op.extra);
                        break;
                }
                r = queue_push(q, &op, rr);
                if (r < 0)
                        return r == -ENOBUFS ? -EBADMSG : r;
        }
        return c->bad || c->p != c->end ? -EBADMSG : 0;
}

int spill_decode(const uint8_t *bytes, size_t size, SpillHead *ret, Queue *q)
{
        Coder c = { .p = bytes, .end = bytes + size }, tail = c;
        uint64_t n = 0, checksum = 0;
        uint32_t version = 0;
        SpillHead head = { 0 };

        code_head(&c, &head, &version, &n);
        if (c.bad)
                return -EBADMSG;
        if (version != VERSION)
                return -EPROTONOSUPPORT;
        if ((size_t)(c.end - c.p) < sizeof(checksum))
                return -EBADMSG;
        c.end -= sizeof(checksum);
        tail.p = c.end;
        code_u64(&tail, &checksum);
        if (checksum != fnv1a(FNV1A_BEGIN, bytes, size - sizeof(checksum)))
                return -EBADMSG;
        *ret = head;
        return decode_operations(&c, n, q);
}
