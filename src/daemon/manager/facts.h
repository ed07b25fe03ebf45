/* SPDX-License-Identifier: MIT */
#pragma once

#include "cardio/engine.h"

/* What the core found, carried out; userdata is the Manager. */
void facts_carry_out(void *userdata, const Fact *fact);
