/* SPDX-License-Identifier: MIT */
#pragma once

#include "ctl.h"

/* Runs a verb, or a part of one, and shows what it prints once it is done: through a pager if the output may go through one,
 * it is longer than the terminal, and nothing went wrong. Returns the verb's outcome; what becomes of the pager is the
 * reader's choice. Not for what asks or follows. */
Outcome pager_run(const Call *call, Outcome (*run)(const Call *call));
