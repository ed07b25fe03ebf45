/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

#include "exchange/text-in.h"

/* Events of a cell, as csv-write.c writes them: type, value and detail, "; " in between. */
typedef struct CsvEvent {
        const char *type; /* as in table `event` */
        double value;     /* NAN = none */
        TextSpan detail;
} CsvEvent;

/* Takes the next one off. Returns whether there was one; what begins with no type is left out. */
bool csv_event_next(TextSpan *rest, CsvEvent *ret);
