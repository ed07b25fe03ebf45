/* SPDX-License-Identifier: MIT */

/* Text as markup. No clock. */

#include "cardio/markup.h"

#include <assert.h>
#include <string.h>

const char *markup_entity(char c, MarkupQuotes quotes)
{
        switch (c) {
        case '&':
                return "&amp;";
        case '<':
                return "&lt;";
        case '>':
                return "&gt;";
        case '"':
                return quotes == MARKUP_QUOTES_ESCAPE ? "&quot;" : NULL;
        case '\'':
                return quotes == MARKUP_QUOTES_ESCAPE ? "&#39;" : NULL;
        default:
                return NULL;
        }
}

const char *markup_escape(const char *text, MarkupQuotes quotes, char *buf, size_t size)
{
        char *to = buf, *end = buf + size;

        for (; *text; text++) {
                const char *escaped = markup_entity(*text, quotes);
                size_t n = escaped ? strlen(escaped) : 1;

                assert((size_t)(end - to) > n);
                memcpy(to, escaped ? escaped : text, n);
                to += n;
        }
        assert(to < end);
        *to = '\0';
        return buf;
}
