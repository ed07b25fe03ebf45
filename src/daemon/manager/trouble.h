/* SPDX-License-Identifier: MIT */
#pragma once

#include "cardio/engine.h"

typedef struct Manager Manager;

/* What goes wrong while the runner looks elsewhere: signal Trouble, and a line in the log. Each text is what is wrong and,
 * behind its last colon, what follows from it and what to do; no strap's name is behind that one. */

/* FACT_STRAP_LOST, FACT_STRAP_BACK. */
void trouble_strap_lost(Manager *m, const Fact *fact);
void trouble_strap_back(Manager *m, const Fact *fact);
/* FACT_BATTERY_LOW, FACT_BATTERY_RISEN: kept for the next daemon, too. */
void trouble_battery(Manager *m, const Fact *fact);
/* Of the disk: kind is one of CARDIO_TROUBLE_*. Goes into the record of the session, if one is recorded. */
void trouble_disk(Manager *m, const char *kind, const char *text);
