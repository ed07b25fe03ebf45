/* SPDX-License-Identifier: MIT */
#pragma once

#include <systemd/sd-bus.h>

#include "import/activity.h"

/* Appends the arguments of ImportSession: an activity that is finished. Returns 0 or a negative errno. */
int message_append_activity(sd_bus_message *m, const Activity *a, bool keep_overlap);
