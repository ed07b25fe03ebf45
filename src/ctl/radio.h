/* SPDX-License-Identifier: MIT */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* What is wrong with the radio link to a strap, in the runner's words. */

/* Sensor.LinkProblem as the end of a sentence about the strap, as in "sends nothing"; NULL = no problem. */
const char *link_problem_text(const char *problem);
/* What to do about it, to be freed; NULL = no problem. */
char *link_problem_advice(const char *problem, const char *address);

/* The times at which a link was lost, Sensor.LinkLosses: Unix µs, rising. */
typedef struct LinkDrops {
        unsigned n;        /* losses in the pattern; 0 = there is no pattern */
        unsigned period_s; /* the time between two losses if it is regular, else 0 */
} LinkDrops;

/* Looks for a pattern in the last of them: at regular intervals, or frequent within ten minutes. */
LinkDrops link_drops_judge(const uint64_t *losses_usec, size_t n);
/* The known cause of such a pattern, and what to do; never NULL. */
const char *link_drops_advice(const LinkDrops *drops);
