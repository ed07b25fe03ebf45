/* SPDX-License-Identifier: MIT */
#pragma once

/* What waits for the disk. */

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/store.h"

typedef enum OperationType {
        OPERATION_BEGIN,
        OPERATION_RESUME,
        OPERATION_SAMPLE,
        OPERATION_EVENT,
        OPERATION_CLOCK,
        OPERATION_CLOCK_SET,
        OPERATION_END,
        OPERATION_DISCARD,
        OPERATION_SENSOR,
        OPERATION_COMMANDS,
        OPERATION_BATTERY,
        OPERATION_PACE,
        _OPERATION_TYPE_MAX,
        _OPERATION_TYPE_INVALID = -EINVAL,
} OperationType;

/* Small, since there may be many: what only few types need is in extra, which the queue owns. */
typedef struct Operation {
        uint8_t type; /* OperationType */
        uint8_t zone; /* of a sample: */
        uint8_t contact;
        uint16_t heart_rate;
        bool counts;    /* sample_counts() */
        bool known;     /* begin, resume, clock, commands: the clock is known */
        uint16_t n_rr;  /* number of its R-R intervals, which are in the queue's array, in order */
        uint8_t event;  /* event: SessionEvent */
        bool resumable; /* end */
        bool low;       /* battery */
        int64_t session;
        int64_t t; /* resume: CLOCK_BOOTTIME at t = 0, ms; commands: StoreClock.offset_ms */
        union {
                double smoothed; /* sample */
                double value;    /* event */
                int64_t step_ms; /* clock */
        };
        void *extra; /* begin: Beginning; sensor: SensorNews; commands: StoreCommands; battery: the strap's address;
                      * event: its detail, or NULL; pace: PacePoint */
} Operation;

typedef struct Beginning {
        SessionHead head; /* its strings are in text */
        char text[];
} Beginning;

typedef struct SensorNews {
        const char *address, *name, *body_location; /* in text */
        int battery;
        int64_t last_seen_ms;
        char text[];
} SensorNews;

typedef struct Queue {
        Operation *operation;
        size_t n, allocated;
        uint16_t *rr;
        size_t n_rr, rr_allocated;
} Queue;

/* Room kept free of samples, so that a session can still begin, end and log its events. */
#define QUEUE_RESERVE_MAX 4096U
/* R-R intervals that may wait: a heart rate beyond them is refused. */
#define QUEUE_RR_MAX (4 * STORE_QUEUE_MAX)

/* Appends an operation and takes over op->extra, also on failure. rr belongs to samples. Returns 0, -ENOBUFS if there is no
 * room for its type, or -ENOMEM. */
int queue_push(Queue *q, const Operation *op, const uint16_t *rr);
/* Empties it, and frees the memory if it was much. */
void queue_clear(Queue *q);
void queue_free(Queue *q);

Beginning *beginning_new(const SessionHead *head);
SensorNews *sensor_news_new(const char *address, const char *name, const char *body_location, int battery,
                int64_t last_seen_ms);

/* The same for the store's queue. What finds no room is counted, and logged once. */
int store_push(Store *s, const Operation *op, const uint16_t *rr);
