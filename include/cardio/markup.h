/* SPDX-License-Identifier: MIT */
#pragma once

#include <stddef.h>

typedef enum MarkupQuotes {
        MARKUP_QUOTES_KEEP, /* between tags, where they mean nothing */
        MARKUP_QUOTES_ESCAPE,
} MarkupQuotes;

/* The longest escape of one character, in bytes. */
#define MARKUP_FACTOR 6U

/* What stands for a character in markup, NULL for one that may stand for itself. */
const char *markup_entity(char c, MarkupQuotes quotes);

/* Escapes text for markup such as Pango's or that of desktop notifications, so that it shows literally. Returns buf, which
 * is large enough if it has MARKUP_FACTOR times the text's length and 1. */
const char *markup_escape(const char *text, MarkupQuotes quotes, char *buf, size_t size);
