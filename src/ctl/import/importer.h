/* SPDX-License-Identifier: MIT */
#pragma once

#include "bus.h"
#include "ctl.h"
#include "database.h"
#include "import/report.h"
#include "import/files.h"

/* Reads files and hands their activities to the daemon. What becomes of each goes to the report. Returns OUTCOME_DONE unless
 * something was refused, or could not go on. In a dry run bus is NULL: an activity is only looked up in the database, unless that
 * is NULL, too. */
Outcome importer_run(const Call *call, const ImportFiles *files, DaemonBus *bus, const Database *d,
                Report *report);
