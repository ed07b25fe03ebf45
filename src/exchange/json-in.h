/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "exchange/reading.h"

/* A JSON document (RFC 8259), value by value, where it lies: nothing is held of it but where one is. Whoever reads asks for what
 * should come next; a copy of a JsonIn goes on from its own place. */

#define JSON_DEPTH_MAX 64U

typedef struct JsonIn {
        const char *text;
        size_t size, at;
        unsigned depth;    /* arrays and objects that are open */
        bool first;        /* nothing was taken of the innermost one */
        const char *wrong; /* what is, at `at`; NULL = nothing was */
        bool is_cut;       /* what is wrong is that the text ends here */
} JsonIn;

/* A byte-order mark is passed over. */
void json_in_begin(JsonIn *in, const uint8_t *data, size_t size);

/* The character that the next value begins with: one of {["-0tfn, where 0 is any digit; or 0 if there is none. */
char json_in_peek(JsonIn *in);

/* Those below return 0, or -EBADMSG with what is wrong. Of a value of another kind than was asked for that is that it is one. */

/* After these come the members, each begun with json_in_member(), or the elements, with json_in_element(). */
int json_in_object(JsonIn *in);
int json_in_array(JsonIn *in);

/* Returns 1 if there is one more, 0 at the end of the innermost object or array, which is over then. Of an object it takes the
 * name and the colon; the name is cut if it does not fit. */
#define JSON_NAME_MAX 32U
int json_in_member(JsonIn *in, char name[static JSON_NAME_MAX]);
int json_in_element(JsonIn *in);

/* As UTF-8, cut at a whole character if it does not fit into the size. What no text can have, U+0000 and half a pair, becomes
 * U+FFFD. */
int json_in_string(JsonIn *in, char *buf, size_t size);
/* The number that figure_from_real() wrote, else the nearest one or one of its neighbours. Up to 10^15. */
int json_in_number(JsonIn *in, double *ret);
int json_in_bool(JsonIn *in, bool *ret);
/* Whether null is what comes next. Of a text that is "", of a figure NAN. */
bool json_in_is_null(JsonIn *in);
int json_in_text(JsonIn *in, char *buf, size_t size);
int json_in_figure(JsonIn *in, double *ret);
/* Passes over any value, as deep as it may be. */
int json_in_skip(JsonIn *in);

/* That there are only blanks behind. */
int json_in_end(JsonIn *in);

/* Where it is, for people. */
void json_in_place(const JsonIn *in, ReadingProblem *ret);
