/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Text of others, such as the name a strap sends: UTF-8 or not, and not always meant well. */

#define UTF8_INVALID UINT32_MAX

/* Decodes the character at text, which does not end here. Returns its length in bytes; a byte that is not UTF-8 is one
 * character, UTF8_INVALID. */
size_t utf8_next(const char *text, uint32_t *ret);

/* Characters that do something to a terminal, to the lines of a log, or to the direction of the text around them, rather
 * than show. */
bool utf8_is_control(uint32_t c);

/* Replaces each of them, and each byte that is not UTF-8, by a question mark, in place. Returns text. */
char *text_make_plain(char *text);

/* The length of the whole characters that fit into size bytes, without a NUL. */
size_t utf8_fit(const char *text, size_t size);

/* Others' text as it is repeated, in a refusal or a log line: plain, and where it does not fit into size bytes, 8 or more,
 * as many whole characters as do, and "…". Returns buf. */
#define TEXT_BRIEF_MAX  64U                            /* bytes that are repeated of a caller's text */
#define TEXT_BRIEF_SIZE (TEXT_BRIEF_MAX + sizeof("…")) /* of a buffer for them */
char *text_brief(char *buf, size_t size, const char *text);
