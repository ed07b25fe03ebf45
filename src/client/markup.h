/* SPDX-License-Identifier: MIT */
#pragma once

#include <stddef.h>

typedef enum MarkupQuotes {
        MARKUP_QUOTES_KEEP, /* between tags, where they mean nothing */
        MARKUP_QUOTES_ESCAPE,
} MarkupQuotes;

/* A character becomes so many at most. */
#define MARKUP_FACTOR 6U

/* Writes text as markup, such as Pango's or that of desktop notifications, that shows as that text; returns buf, which is
 * never too small if it has MARKUP_FACTOR times the text's length and 1. */
const char *markup_escape(const char *text, MarkupQuotes quotes, char *buf, size_t size);
