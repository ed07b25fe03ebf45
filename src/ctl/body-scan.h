/* SPDX-License-Identifier: MIT */
#pragma once

/* What to feel for next, of which n lines have been shown: NULL if it is not time yet, or nothing is left. From the toes to the
 * head, spread over the whole length. */
const char *body_scan_guide(unsigned n, unsigned gone_s, unsigned length_s);
