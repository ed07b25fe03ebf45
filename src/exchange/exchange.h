/* SPDX-License-Identifier: MIT */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A session on its way into the files of other programs: what it is as a whole, and what happened in it, in order of time.
 *
 * Whoever reads the session gives its items to a writer one by one, and the writer's bytes go to a sink, so that nothing is ever
 * held as a whole, however long the session was. Pure: no I/O, no clock. */

#define EXCHANGE_ZONES 8U

typedef struct ExchangeSession {
        int64_t id;           /* of its row */
        int64_t started_at;   /* Unix ms, where t is 0 */
        int64_t length;       /* ms, to the last heart rate */
        int32_t utc_offset_s; /* what the local clock was ahead of UTC */
        /* "" = not known, or none. Any text, UTF-8. kind is the one that it counts as, said_kind what the runner said, record_kind
         * what it was by its record. */
        const char *kind, *said_kind, *record_kind;
        const char *device, *sport, *note, *talk_test, *verdict, *source;
        const char *content; /* the SHA-256 of the file that it is from */
        const char *ceiling_expression, *zone_model, *zone_bounds, *sex, *day_kind, *workout;
        /* bpm, NAN = not known, or none. The average is of all heart rates, each weighed with its time; lowest and peak are of
         * the smoothed ones that are no spikes. Laps have none beyond these. */
        double average, lowest, peak;
        double resting, maximum, ceiling, tolerance;
        double live_s, over_s, trimp; /* NAN = not known */
        double longest_breach_s, hard_s, easy_s;
        double rmssd, sdnn, pnn50, artefact_percent, hrr60;
        double zone_s[EXCHANGE_ZONES]; /* in each zone, NAN = none; 0 is below zone 1 */
        int64_t breaches;
        int rpe; /* 1 to 10, 0 = not known */
        bool by_hand, record_long, clock_known;
        bool has_alpha1; /* samples have it */
        bool has_pace;   /* there are items of it; of one without it files say nothing of distances */
} ExchangeSession;

typedef enum ExchangeItemType {
        EXCHANGE_EVENT,  /* as in table `event` */
        EXCHANGE_PACE,   /* how fast it went, as in table `pace` */
        EXCHANGE_RR,     /* an R-R interval */
        EXCHANGE_SAMPLE, /* a heart rate */
        _EXCHANGE_ITEM_TYPE_MAX,
        _EXCHANGE_ITEM_TYPE_INVALID = -EINVAL,
} ExchangeItemType;

/* A heart rate. */
typedef struct ExchangeSample {
        unsigned heart_rate; /* bpm, 25 to 250 */
        double smoothed;     /* bpm */
        unsigned zone;
        unsigned contact; /* 0 the strap cannot tell, 1 yes, 2 no */
        bool unsettled;   /* smoothed is not to be gone by */
        bool has_alpha1;  /* from here on, until the next one, DFA α1 is … */
        double alpha1;    /* NAN = not available */
} ExchangeSample;

/* NAN = not known. */
typedef struct ExchangePace {
        double speed;    /* m/s */
        double cadence;  /* steps per min, of both feet */
        double distance; /* m since the session's start */
        double incline;  /* per cent */
        double ascent;   /* m since the session's start, by the machine's own counter */
} ExchangePace;

/* Items come by t; of those with one t events first, then how fast it went, then the R-R intervals that came with a heart rate, the
 * oldest first, then that heart rate. */
typedef struct ExchangeItem {
        ExchangeItemType type;
        int64_t t; /* ms since started_at, 0 or more */
        union {
                struct {
                        const char *type;   /* "step", "mark", "gap" and the like */
                        double value;       /* NAN = none */
                        const char *detail; /* "" = none */
                } event;
                struct {
                        uint16_t rr; /* 1/1024 s */
                        int flag;    /* as in view `rr`, -1 = not classified */
                } rr;
                ExchangeSample sample;
                ExchangePace pace;
        };
} ExchangeItem;

/* Where a writer's bytes go. Both return 0, or a negative errno, which the writer returns in turn. patch replaces bytes that
 * were written before. */
typedef struct ExchangeSink {
        int (*write)(void *userdata, const void *data, size_t size);
        int (*patch)(void *userdata, uint64_t offset, const void *data, size_t size);
        void *userdata;
} ExchangeSink;

/* One way to write a session. begin() is followed by item() for each item and by end(); after one of them has failed only
 * free() is called, which is called in any case. The session, its texts and the sink stay as they are until end(). All return 0 or a negative errno: the sink's, -ENOMEM, or -EINVAL for what the
 * format cannot say, such as a time before its epoch. */
typedef struct ExchangeFormat {
        const char *name; /* as in `--format fit` */
        const char *extension;
        bool binary;
        size_t size; /* of its writer, which is zeroed before begin() */
        int (*begin)(void *writer, const ExchangeSession *session, const ExchangeSink *sink);
        int (*item)(void *writer, const ExchangeItem *item);
        int (*end)(void *writer);
        void (*free)(void *writer); /* NULL = nothing to free */
} ExchangeFormat;

extern const ExchangeFormat exchange_csv, exchange_fit, exchange_json, exchange_rr, exchange_tcx;
