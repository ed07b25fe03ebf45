/* SPDX-License-Identifier: MIT */
#pragma once

#include "ctl.h"
#include "export/format.h"

/* Writes every run that a strap has recorded into the folder, once, when it has ended, from the first start with this folder,
 * this format and this database on, until a signal ends it. Those that ended while it did not run come first. The folder is
 * made if it is not there. */
Outcome follow_run(const Call *call, const ExchangeFormat *format, const char *folder);
