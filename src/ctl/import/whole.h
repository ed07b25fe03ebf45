/* SPDX-License-Identifier: MIT */
#pragma once

#include "import/activity.h"

/* What a file says of an activity as a whole, and of what happened in it, where it is none that the daemon would take, becomes not
 * known: no run is worth less for an odd name of its sport. Texts are plain and not too long. */
void activity_make_acceptable(Activity *a);
