/* SPDX-License-Identifier: MIT */
#pragma once

#include "strap.h"

/* Connects to a strap, trusts it and waits so long for its first heart rate (USEC_INFINITY = for ever), printing what happens
 * and what helps. Ctrl-C while it connects ends the program, and nothing has changed. */
Outcome trust_strap(const Call *call, const DaemonBus *bus, const StrapFound *strap, usec_t wait_usec);
