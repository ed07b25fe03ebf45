/* SPDX-License-Identifier: MIT */

/* What waits for the disk, in the order of happening. It grows as needed up to fixed limits: heart rates and
 * pace are refused first, then events, and a session is begun only if there is room for its end. No I/O but for the log line that there is no room; no
 * clock. */

#include "store/queue.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "cardio/macro.h"
#include "log.h"
#include "store/internal.h"

/* Entries whose memory is kept when the queue is emptied: a few commits' worth. */
#define QUEUE_KEEP 1024U

static size_t operation_limit(OperationType type)
{
        switch (type) {
        case OPERATION_SAMPLE:
        case OPERATION_PACE:
                return STORE_QUEUE_MAX;
        case OPERATION_EVENT:
        case OPERATION_CLOCK:
        case OPERATION_CLOCK_SET:
        case OPERATION_SENSOR:
        case OPERATION_COMMANDS:
        case OPERATION_BATTERY:
                return STORE_QUEUE_MAX + QUEUE_RESERVE_MAX / 2;
        case OPERATION_BEGIN:
        case OPERATION_RESUME:
                return STORE_QUEUE_MAX + QUEUE_RESERVE_MAX - 1;
        case OPERATION_END:
        case OPERATION_DISCARD:
                return STORE_QUEUE_MAX + QUEUE_RESERVE_MAX;
        case _OPERATION_TYPE_MAX:
        case _OPERATION_TYPE_INVALID:
                break;
        }
        assert(0 && "no such operation");
        return 0;
}

/* Makes room for `more` entries after the first n. Returns 0 or -ENOMEM. */
static int array_reserve(void **array, size_t *allocated, size_t n, size_t more, size_t size)
{
        size_t wanted = *allocated > 0 ? *allocated : QUEUE_KEEP;
        void *grown;

        if (n + more <= *allocated)
                return 0;
        while (wanted < n + more)
                wanted *= 2;
        grown = reallocarray(*array, wanted, size);
        if (!grown)
                return -ENOMEM;
        *array = grown;
        *allocated = wanted;
        return 0;
}

static int queue_reserve(Queue *q, const Operation *op)
{
        void *operation = q->operation, *rr = q->rr;
        int r;

        if (q->n >= operation_limit(op->type) || q->n_rr + op->n_rr > QUEUE_RR_MAX)
                return -ENOBUFS;

        r = array_reserve(&operation, &q->allocated, q->n, 1, sizeof(q->operation[0]));
        q->operation = operation;
        if (r < 0)
                return r;
        r = array_reserve(&rr, &q->rr_allocated, q->n_rr, op->n_rr, sizeof(q->rr[0]));
        q->rr = rr;
        return r;
}

_hot_ int queue_push(Queue *q, const Operation *op, const uint16_t *rr)
{
        int r;

        assert(op->n_rr == 0 || op->type == OPERATION_SAMPLE);

        r = queue_reserve(q, op);
        if (r < 0) {
                free(op->extra);
                return r;
        }
        q->operation[q->n++] = *op;
        if (op->n_rr > 0)
                memcpy(q->rr + q->n_rr, rr, op->n_rr * sizeof(rr[0]));
        q->n_rr += op->n_rr;
        return 0;
}

void queue_clear(Queue *q)
{
        for (size_t i = 0; i < q->n; i++)
                free(q->operation[i].extra);
        q->n = 0;
        q->n_rr = 0;
        if (q->allocated > QUEUE_KEEP || q->rr_allocated > 4 * QUEUE_KEEP)
                queue_free(q);
}

void queue_free(Queue *q)
{
        for (size_t i = 0; i < q->n; i++)
                free(q->operation[i].extra);
        free(q->operation);
        free(q->rr);
        *q = (Queue){ 0 };
}

static size_t text_size(const char *s)
{
        return s ? strlen(s) + 1 : 0;
}

/* Copies s to *text and advances *text past it. */
static const char *text_pack(char **text, const char *s)
{
        char *copy = *text;

        if (!s)
                return NULL;
        *text = stpcpy(copy, s) + 1;
        return copy;
}

Beginning *beginning_new(const SessionHead *head)
{
        Beginning *b;
        char *text;

        b = malloc(sizeof(*b) + text_size(head->address) + text_size(head->kind) + text_size(head->day_kind) +
                        text_size(head->workout) + text_size(head->ceiling_expression) +
                        text_size(head->zone_model) + text_size(head->zone_bounds));
        if (!b)
                return NULL;
        b->head = *head;
        text = b->text;
        b->head.address = text_pack(&text, head->address);
        b->head.kind = text_pack(&text, head->kind);
        b->head.day_kind = text_pack(&text, head->day_kind);
        b->head.workout = text_pack(&text, head->workout);
        b->head.ceiling_expression = text_pack(&text, head->ceiling_expression);
        b->head.zone_model = text_pack(&text, head->zone_model);
        b->head.zone_bounds = text_pack(&text, head->zone_bounds);
        return b;
}

SensorNews *sensor_news_new(const char *address, const char *name, const char *body_location, int battery,
                int64_t last_seen_ms)
{
        SensorNews *n;
        char *text;

        n = malloc(sizeof(*n) + text_size(address) + text_size(name) + text_size(body_location));
        if (!n)
                return NULL;
        n->battery = battery;
        n->last_seen_ms = last_seen_ms;
        text = n->text;
        n->address = text_pack(&text, address);
        n->name = text_pack(&text, name);
        n->body_location = text_pack(&text, body_location);
        return n;
}

_hot_ int store_push(Store *s, const Operation *op, const uint16_t *rr)
{
        int r = queue_push(&s->queue, op, rr);

        if (r < 0 && s->dropped++ == 0)
                log_error("%s: %zu entries wait for the disk, there is no room for more: %s", s->path,
                                s->queue.n, strerror(-r));
        return r;
}
