/* SPDX-License-Identifier: MIT */
#pragma once

/* The text of an INI file, of which single values are read and changed; all else stays as it is. Results are to be freed. */

/* The value of a key, without a comment behind it; NULL if it is not set. The last one counts. */
char *ini_get(const char *text, const char *section, const char *key);

/* The text with that value of a key, NULL = without the key. A comment behind the value stays. */
char *ini_set(const char *text, const char *section, const char *key, const char *value);
