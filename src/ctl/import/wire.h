/* SPDX-License-Identifier: MIT */
#pragma once

#include <errno.h>
#include <stdint.h>

#include "exchange/reading.h"

/* What the process that reads a file says to the one that started it: records, each followed by what its type has, as they lie in
 * memory, since both are the same program. Whoever reads them believes nothing: see activity.h. */

typedef enum WireType {
        WIRE_FORMAT, /* value: which one, of import_formats; not for a file of none */
        WIRE_BEGIN,
        WIRE_HEART_RATE, /* value: bpm, and contact above it */
        WIRE_RR,         /* value: 1/1024 s */
        WIRE_PACE,       /* WirePace */
        WIRE_EVENT,      /* WireEvent */
        WIRE_END,        /* WireEnd */
        WIRE_WARNING,    /* ReadingProblem */
        WIRE_DONE,       /* ReadingProblem; value: ReadResult; at: a negative errno */
        _WIRE_TYPE_MAX,
        _WIRE_TYPE_INVALID = -EINVAL,
} WireType;

typedef struct WireRecord {
        uint32_t type, value;
        int64_t at; /* Unix ms, as the reader has it */
} WireRecord;

#define WIRE_CONTACT_SHIFT 8U

typedef struct WirePace {
        double speed, cadence, distance, incline;
} WirePace;

#define WIRE_EVENT_TYPE_MAX 32U

typedef struct WireEvent {
        double value;
        char type[WIRE_EVENT_TYPE_MAX];
        char detail[READING_TEXT_MAX];
} WireEvent;

#define CONTENT_STRING_MAX 65U /* a SHA-256 in hexadecimal */

/* The flags of an activity have a place of their own: any byte may come, and a bool takes only two. */
#define WIRE_LOCAL      0x1U
#define WIRE_HAS_OFFSET 0x2U
#define WIRE_RUNNING    0x4U
#define WIRE_BY_HAND    0x8U

typedef struct WireEnd {
        ReadingActivity activity;
        uint32_t flags;
        char content[CONTENT_STRING_MAX];
} WireEnd;

/* How it went. Of all but the first nothing is taken. */
typedef enum ReadResult {
        READ_DONE,
        READ_NO_HEART_RATES, /* with the problem */
        READ_BROKEN,         /* with the problem */
        READ_FOREIGN,        /* of no format */
        READ_EMPTY,
        READ_ARCHIVE, /* ZIP */
        READ_TOO_LARGE,
        READ_TOO_LARGE_UNPACKED,
        READ_NOT_UNPACKED,  /* damaged */
        READ_CANNOT_UNPACK, /* built without zlib */
        READ_ERROR,         /* of the system, the errno */
        READ_DIED,          /* never said: the process has ended without a word */
        _READ_RESULT_MAX,
        _READ_RESULT_INVALID = -EINVAL,
} ReadResult;

/* Bytes that follow a record of this type. */
static inline uint32_t wire_size(uint32_t type)
{
        switch (type) {
        case WIRE_PACE:
                return sizeof(WirePace);
        case WIRE_EVENT:
                return sizeof(WireEvent);
        case WIRE_END:
                return sizeof(WireEnd);
        case WIRE_WARNING:
        case WIRE_DONE:
                return sizeof(ReadingProblem);
        default:
                return 0;
        }
}

#define WIRE_SIZE_MAX (sizeof(WireRecord) + sizeof(WireEnd))
