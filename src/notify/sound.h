/* SPDX-License-Identifier: MIT */
#pragma once

#include "notice.h"
#include "worker.h"

/* The sound of a notice, as the sound naming specification calls it: NULL = it has none. spoken: it is said, too, so that the
 * sound need only be short. */
const char *sound_name(NoticeType type, bool spoken);

/* Plays sounds: `what` is the name, `how` what it stands for, in words. NULL if this program was built without. */
extern const WorkerType *const sound_worker;
