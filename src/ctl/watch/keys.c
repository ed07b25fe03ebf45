/* SPDX-License-Identifier: MIT */
/* Keys of the live view, as a runner hits them: with one finger, perhaps too long, perhaps with an elbow. A run is stopped only
 * by two strokes with a pause between them, which a key held down does not make. Times are passed in. */
#include "watch/keys.h"

#define ESC 0x1b
#define BEL 0x07

/* The bytes of one key come together; after that time ESC was a key of its own. */
#define SEQUENCE_USEC (300 * USEC_PER_MSEC)
/* A key that is held repeats itself after at most this long, by the defaults of consoles and desktops. */
#define HELD_USEC (800 * USEC_PER_MSEC)

static bool is_final(unsigned char byte)
{
        return byte >= 0x40 && byte <= 0x7e;
}

static KeyState after_escape(unsigned char byte)
{
        switch (byte) {
        case ESC:
                return KEY_ESCAPE;
        case '[':
        case 'O':
                return KEY_SEQUENCE;
        case ']': /* OSC, DCS, PM, APC, SOS: what a terminal answers */
        case 'P':
        case '^':
        case '_':
        case 'X':
                return KEY_STRING;
        default: /* with Alt */
                return KEY_GROUND;
        }
}

int key_read(KeyReader *k, unsigned char byte, usec_t now_usec)
{
        if (usec_sub(now_usec, k->last_usec) > SEQUENCE_USEC)
                k->state = KEY_GROUND;
        k->last_usec = now_usec;
        switch (k->state) {
        case KEY_ESCAPE:
                k->state = after_escape(byte);
                return 0;
        case KEY_SEQUENCE:
                if (byte == ESC)
                        k->state = KEY_ESCAPE;
                else if (byte == '[')
                        k->state = KEY_LINUX;
                else if (byte < ' ' || is_final(byte))
                        k->state = KEY_GROUND;
                return 0;
        case KEY_LINUX:
                k->state = KEY_GROUND;
                return 0;
        case KEY_STRING:
                if (byte == ESC || byte == BEL) /* ESC \ ends it, too */
                        k->state = byte == ESC ? KEY_ESCAPE : KEY_GROUND;
                return 0;
        case KEY_GROUND:
                break;
        }
        if (byte == ESC)
                k->state = KEY_ESCAPE;
        return byte == ESC || byte >= 0x80 ? 0 : byte;
}

bool key_asks(const KeyOrders *k, const Live *l, usec_t now_usec)
{
        return k->asked != 0 && k->asked == l->session.id && usec_sub(now_usec, k->asked_usec) < KEY_ASK_USEC;
}

/* Begins a run, asks whether to end it, or is the answer. */
static KeyOrder order_space(KeyOrders *k, const Live *l, usec_t now_usec)
{
        bool answers = key_asks(k, l, now_usec);

        k->asked = 0;
        if (l->session.id == 0)
                return ORDER_START;
        if (answers)
                return ORDER_STOP;
        k->asked = l->session.id;
        k->asked_usec = now_usec;
        return ORDER_ASK;
}

KeyOrder key_order(KeyOrders *k, const Live *l, int key, usec_t now_usec, usec_t now_realtime_usec)
{
        int lower = key >= 'A' && key <= 'Z' ? key - 'A' + 'a' : key;
        bool held = lower == k->key && usec_sub(now_usec, k->last_usec) < HELD_USEC;

        k->key = lower;
        k->last_usec = now_usec;
        if (lower != ' ')
                k->asked = 0;
        switch (lower) {
        case 'q':
                return ORDER_QUIT;
        case 'L' - '@':
                return ORDER_REDRAW;
        case 'g':
                return ORDER_WHOLE;
        case ' ':
                return held ? ORDER_NONE : order_space(k, l, now_usec);
        case 's':
                if (held)
                        return ORDER_NONE;
                return l->snoozed_until_usec > now_realtime_usec ? ORDER_ALERT : ORDER_SNOOZE;
        case 'm':
                return held ? ORDER_NONE : ORDER_MARK;
        default:
                return ORDER_NONE;
        }
}
