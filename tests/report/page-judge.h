/* SPDX-License-Identifier: MIT */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Says what is wrong with a page, NULL if nothing is; valid until the next call. */
const char *page_judge(const void *data, size_t size);

/* How many elements of that name have that class, "" = any. Of a page that the judge accepts. */
unsigned page_count(const void *data, size_t size, const char *name, const char *class);
/* The text in the element of that id; to be freed by free(). NULL = there is none. */
char *page_text(const void *data, size_t size, const char *id);
