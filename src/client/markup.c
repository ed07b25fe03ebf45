/* SPDX-License-Identifier: MIT */
/* Text as markup. No clock. */
#include "markup.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

/* Returns NULL for a character that needs no escape. */
static const char *entity(char c, bool quotes)
{
        switch (c) {
        case '&':
                return "&amp;";
        case '<':
                return "&lt;";
        case '>':
                return "&gt;";
        case '"':
                return quotes ? "&quot;" : NULL;
        case '\'':
                return quotes ? "&#39;" : NULL;
        default:
                return NULL;
        }
}

const char *markup_escape(const char *text, MarkupQuotes quotes, char *buf, size_t size)
{
        char *to = buf, *end = buf + size;

        for (; *text; text++) {
                const char *escaped = entity(*text, quotes == MARKUP_QUOTES_ESCAPE);

                assert((size_t)(end - to) > (escaped ? strlen(escaped) : 1));
                if (escaped)
                        to = stpcpy(to, escaped);
                else
                        *to++ = *text;
        }
        assert(to < end);
        *to = '\0';
        return buf;
}
