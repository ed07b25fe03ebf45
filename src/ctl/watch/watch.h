/* SPDX-License-Identifier: MIT */
#pragma once

#include "ctl.h"

Outcome verb_watch(const Call *call);
extern const Option watch_options[];
