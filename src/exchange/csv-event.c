/* SPDX-License-Identifier: MIT */

/* Events of a cell, read again. Which have a value is known by their types: what a mark is about may begin with a number. No
 * memory but the caller's, no clock. */

#include "exchange/csv-event.h"

#include <math.h>
#include <string.h>

#include "cardio/macro.h"

/* Types of events, and whether they have a value. */
static const struct {
        const char *type;
        bool has_value;
} types[] = {
        { "over-limit", true },
        { "back-in-range", true },
        { "gap", true },
        { "contact-lost", true },
        { "stale", true },
        { "zone", true },
        { "ceiling", true },
        { "snooze", true },
        { "battery", true },
        { "clock", true },
        { "strap", false },
        { "mark", false },
        { "step", true },
        { "trouble", true },
        { "over-pace", true },
        { "pace-in-range", true },
};

/* Where an event begins with one of these types and a blank or no more; -1 if it does not. */
static int event_type(TextSpan event)
{
        TextSpan word = span_pull(&event, " ;");

        for (size_t i = 0; i < ELEMENTSOF(types); i++)
                if (word.size == strlen(types[i].type) && span_is(word, types[i].type))
                        return (int)i;
        return -1;
}

/* "; " is between events, and may be within what one is about. */
static TextSpan pull_event(TextSpan *rest)
{
        TextSpan event = { rest->text, 0 };

        for (size_t i = 0; i + 1 < rest->size; i++)
                if (rest->text[i] == ';' && rest->text[i + 1] == ' ' &&
                                event_type((TextSpan){ rest->text + i + 2, rest->size - i - 2 }) >= 0) {
                        event.size = i;
                        rest->text += i + 2;
                        rest->size -= i + 2;
                        return event;
                }
        event.size = rest->size;
        rest->size = 0;
        return event;
}

bool csv_event_next(TextSpan *rest, CsvEvent *ret)
{
        while (rest->size > 0) {
                TextSpan event = pull_event(rest), value;
                int type = event_type(event);

                if (type < 0)
                        continue;
                (void)span_pull(&event, " ");
                *ret = (CsvEvent){ .type = types[type].type, .value = NAN, .detail = event };
                value = event;
                if (types[type].has_value && span_to_number(span_pull(&value, " "), &ret->value))
                        ret->detail = value;
                return true;
        }
        return false;
}
