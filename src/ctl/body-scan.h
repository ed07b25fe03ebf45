/* SPDX-License-Identifier: MIT */
#pragma once

/* The next line of the body scan, of which n lines have been shown: NULL if it is not due yet, or none is left. From the
 * toes to the head, spread over the whole length. */
const char *body_scan_guide(unsigned n, unsigned gone_s, unsigned length_s);
