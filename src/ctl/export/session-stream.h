/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "database.h"
#include "exchange/exchange.h"
#include "text.h"

typedef enum StreamText {
        STREAM_KIND,
        STREAM_SAID_KIND,
        STREAM_RECORD_KIND,
        STREAM_DEVICE,
        STREAM_SPORT,
        STREAM_NOTE,
        STREAM_TALK_TEST,
        STREAM_VERDICT,
        STREAM_SOURCE,
        STREAM_CONTENT,
        STREAM_CEILING_EXPRESSION,
        STREAM_ZONE_MODEL,
        STREAM_ZONE_BOUNDS,
        STREAM_SEX,
        STREAM_DAY_KIND,
        STREAM_WORKOUT,
        _STREAM_TEXT_MAX,
} StreamText;

/* A stored session, read once and from its beginning to its end: what it is as a whole, then its items in the order that
 * exchange.h asks for. Only the rows that are next are held. */
typedef struct SessionStream {
        const Database *d;
        ExchangeSession session; /* its texts are valid as long as the stream */
        /* Of its start, on the clock of where it was run; "" = not known. */
        char date[DATE_STRING_MAX], time[5]; /* time: HHMM */
        bool dated;                          /* its start is a time that can be */
        bool ended;
        bool clock_known;
        bool has_heart_rates;
        bool beats_known; /* the R-R intervals have flags */

        sqlite3_stmt *head, *samples, *events, *paces;
        char *text[_STREAM_TEXT_MAX], *detail;
        bool sample_waits, samples_end; /* a row waits in the statement; there are no more */
        bool event_waits, events_end;
        bool pace_waits, paces_end;
        const char *rr; /* of the sample that waits, what is left of its R-R intervals; NULL = nothing */
        unsigned n_rr;  /* that were taken of it */
} SessionStream;

/* Prints what is wrong; OUTCOME_NOT_FOUND: there is no such session. session_stream_close() must follow in any case. */
Outcome session_stream_open(const Database *d, int64_t id, SessionStream *ret);
void session_stream_close(SessionStream *s);
#define _cleanup_stream_ _cleanup_(session_stream_close)

/* The next item, whose texts are valid until the next call; *ret_item says whether there was one. */
Outcome session_stream_next(SessionStream *s, ExchangeItem *ret, bool *ret_item);
