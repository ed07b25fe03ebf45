/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is wrong with the radio link to a strap, in the runner's words. */

/* Sensor.LinkProblem as the end of a sentence about the strap, as in "sends nothing"; NULL = nothing is wrong. */
const char *link_problem_text(const char *problem);
/* What to do about it, to be freed; NULL = nothing is wrong. */
char *link_problem_advice(const char *problem, const char *address);

/* The times at which a link was lost, Sensor.LinkLosses: Unix µs, rising. */
typedef struct LinkDrops {
        unsigned n;        /* drops of the pattern; 0 = there is none */
        unsigned period_s; /* from one to the next if they come at a regular beat, else 0 */
} LinkDrops;

/* Judges the last of them: whether it goes at a regular beat, or, within ten minutes, often. */
LinkDrops link_drops_judge(const uint64_t *losses_usec, size_t n);
/* What such a beat is known to mean, and what to do; never NULL. */
const char *link_drops_advice(const LinkDrops *drops);
