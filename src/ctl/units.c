/* SPDX-License-Identifier: MIT */
/* In which units distances and paces are shown. Most often no daemon is needed to look at what it has recorded, and then its files are
 * read as they are: a mistake in them is for the daemon to name. No clock. */
#include "units.h"

#include <string.h>

#include "cardio/bus-api.h"
#include "setup/configuration.h"
#include "text.h"

#define UNITS "km mile"

static bool parse_units(const char *text, bool *ret_miles)
{
        if (!text || !word_is_in(text, UNITS))
                return false;
        *ret_miles = strcmp(text, "mile") == 0;
        return true;
}

/* Of the daemon whose database it most likely is. */
static char *configured_units(const Call *call)
{
        _cleanup_free_ char *database = database_default_path(call);

        return configuration_glance(
                        !database || strcmp(database, CARDIO_SYSTEM_DATABASE) != 0, "pace", "units");
}

Outcome units_find(const Call *call, const Database *d, bool *ret_miles)
{
        _cleanup_free_ char *configured = NULL;
        const char *said = call_option(call, "units");

        if (said)
                return parse_units(said, ret_miles)
                                       ? OUTCOME_DONE
                                       : fail(OUTCOME_USAGE, "'%s' is not a unit; accepted: km or mile",
                                                         said);
        if (parse_units(d->units, ret_miles))
                return OUTCOME_DONE;
        configured = configured_units(call);
        if (!parse_units(configured, ret_miles))
                *ret_miles = false;
        return OUTCOME_DONE;
}
