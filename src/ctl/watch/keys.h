/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cardio/time.h"
#include "watch/live.h"

/* What is typed: bytes of a terminal become keys, and keys become orders. Pure; times are of the live clock. */

/* -- Bytes -- */

typedef enum KeyState {
        KEY_GROUND,
        KEY_ESCAPE,   /* after ESC: the next byte belongs to it */
        KEY_SEQUENCE, /* in an arrow or function key */
        KEY_LINUX,    /* the same of the Linux console: one more byte */
        KEY_STRING,   /* in an answer of the terminal, up to its end */
} KeyState;

/* Zero it to begin. */
typedef struct KeyReader {
        KeyState state;
        usec_t last_usec;
} KeyReader;

/* Returns the key, or 0 if the byte is none by itself: part of an arrow key, of a key with Alt, of a letter beyond ASCII. */
int key_read(KeyReader *k, unsigned char byte, usec_t now_usec);

/* -- Orders -- */

typedef enum KeyOrder {
        ORDER_NONE,
        ORDER_QUIT,
        ORDER_REDRAW,
        ORDER_WHOLE, /* the whole run, or the last minutes */
        ORDER_START,
        ORDER_ASK, /* whether the run is to be stopped: the same key again does */
        ORDER_STOP,
        ORDER_SNOOZE,
        ORDER_ALERT, /* ends snoozing */
        ORDER_MARK,
} KeyOrder;

/* How long a question holds. */
#define KEY_ASK_USEC (5 * USEC_PER_SEC)

/* Zero it to begin. */
typedef struct KeyOrders {
        int key; /* the last one */
        usec_t last_usec;
        int64_t asked; /* the session that is to be stopped, 0 = none */
        usec_t asked_usec;
} KeyOrders;

/* Whether the question is open. */
bool key_asks(const KeyOrders *k, const Live *l, usec_t now_usec);

/* A key that is held down, or leaned on, gives one order. */
KeyOrder key_order(KeyOrders *k, const Live *l, int key, usec_t now_usec, usec_t now_realtime_usec);
