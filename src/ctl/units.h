/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

#include "ctl.h"
#include "database.h"

/* Kilometres or miles: what --units says; else what the daemon says that was asked for the database; else what the files that it would
 * read set; else kilometres. */
Outcome units_find(const Call *call, const Database *d, bool *ret_miles);

/* --units, for the table of options. */
#define UNITS_OPTION                                                                                         \
        {                                                                                                    \
                .name = "units", .argument = "UNIT", .help = "distances and paces in km or mile", .offer = { \
                        "km mile"                                                                            \
                }                                                                                            \
        }
