/* SPDX-License-Identifier: MIT */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cardio/bus-api.h"
#include "store/raw.h"
#include "store/store.h"
#include "store/writer.h"

/* Finished sessions that are changed, and what they were before. Each function commits the queue first and is one transaction
 * of its own: one that fails has changed nothing. Besides what is documented they return -EAGAIN if the sync has the database
 * for a moment, -EBUSY if another program has locked it, or the negative errno of a disk that refuses. */

#define EDIT_SESSIONS_MAX 2U

/* How long what an edit took away is kept. */
#define EDIT_KEPT_MS (CARDIO_EDIT_KEPT_S * 1000)

/* At most so many edits are kept. */
#define EDITS_MAX 500

typedef enum EditKind {
        EDIT_TRIM,
        EDIT_SPLIT,
        EDIT_MERGE,
        _EDIT_KIND_MAX,
        _EDIT_KIND_INVALID = -EINVAL,
} EditKind;

/* A part of a session before the edit, in ms from its start, and what is to be added to make them times of the session after. */
typedef struct EditPiece {
        int64_t session;
        int64_t from_ms, to_ms; /* its first and last heart rate */
        int64_t shift_ms;
        bool cut; /* what is before from_ms is none of it */
} EditPiece;

/* A session that comes of an edit. Where not said otherwise it is as the one that it begins with. */
typedef struct EditResult {
        int64_t from;     /* that one */
        int64_t id;       /* its own; 0 = a new one, set by store_edit() */
        int64_t start_ms; /* its t = 0, in ms from the start of that one */
        int utc_offset_s;
        bool other_day; /* it begins on another local date */
        double ceiling; /* at its start, NAN = none */
        const char *ceiling_expression;
        const char *address; /* of the strap that it begins with, NULL = as it is */
        RawSaid said;
        const SessionWriter *rows;          /* a staged session, ended */
        EditPiece piece[EDIT_SESSIONS_MAX]; /* what it was made of */
        size_t n_pieces;
} EditResult;

typedef struct StoreEdit {
        EditKind kind;
        int64_t made_at;                   /* Unix ms */
        int64_t before[EDIT_SESSIONS_MAX]; /* the sessions that it changes, finished ones; kept as they are */
        size_t n_before;
        EditResult result[EDIT_SESSIONS_MAX]; /* those that there are afterwards */
        size_t n_results;
} StoreEdit;

int store_edit(Store *s, StoreEdit *e);

/* Why an edit is not taken back. */
typedef enum UndoRefusal {
        UNDO_DONE,
        UNDO_NO_SESSION, /* there is none with that id, and there was none to an edit */
        UNDO_NOT_EDITED, /* there is nothing to take back: it was not edited, or too long ago */
        UNDO_DELETED,    /* .session was deleted since, and with it what was kept */
        UNDO_LATER,      /* .session was edited again since: that is to be taken back first */
        _UNDO_REFUSAL_MAX,
        _UNDO_REFUSAL_INVALID = -EINVAL,
} UndoRefusal;

typedef struct StoreUndo {
        UndoRefusal refusal;
        int64_t session;
} StoreUndo;

/* Takes back the last edit that concerns a session: its rows are as they were, but for what was said of it since. Returns 0, and
 * in ret whether that was done; or a negative errno. */
int store_undo_edit(Store *s, int64_t id, StoreUndo *ret);

/* Drops what has been kept for long enough. Returns 0 or a negative errno. */
int store_drop_edits(Store *s, int64_t now_ms);

/* Inside a transaction that deletes a session: so is all that edits have kept of it. */
int store_forget_edits(Store *s, int64_t session);
