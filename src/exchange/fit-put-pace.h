/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

#include "exchange/fit-encode.h"
#include "exchange/point.h"

/* How fast it went, in the messages of a file whose session has pace. */

/* NULL: nothing is known of it. */
void fit_put_pace(FitMessage *record, const ExchangePace *pace);
void fit_put_pace_of_lap(FitMessage *lap, const PaceSum *sum, uint32_t ms);
void fit_put_pace_of_session(FitMessage *session, const PaceSum *sum, uint32_t ms);
