/* SPDX-License-Identifier: MIT */
#pragma once

#include "notice.h"
#include "worker.h"

/* What is said of a notice, in English: "Slow down. 165." Returns buf, or NULL if it is not said. */
const char *speech_text(const Notice *n, char buf[static WORKER_TEXT_MAX]);

/* Says texts: `what` is the text, `how` the language of the voice. A newer one takes the place of one that is being said. NULL
 * if this program was built without. */
extern const WorkerType *const speech_worker;
