/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

/* Pace and distance as runners write and say them, per kilometre or per mile. All return buf. */

#define PACE_TEXT_MAX   24U
#define PACE_SPEECH_MAX 64U

/* How slow a pace may be, in s per km: what is slower is a stand or a stroll, and "-". */
#define PACE_SLOWEST_S 1800

/* "6:12 /km", "9:59 /mile"; "-" if the speed, in m/s, is NAN or slower than that. */
const char *pace_to_string(double speed, bool miles, char buf[static PACE_TEXT_MAX]);
/* The same without its unit, for columns: "6:12". */
const char *pace_to_clock(double speed, bool miles, char buf[static PACE_TEXT_MAX]);
/* "8.42 km", "5.23 mi"; "-" if NAN. */
const char *metres_to_string(double metres, bool miles, char buf[static PACE_TEXT_MAX]);
/* The same without its unit: "8.42". */
const char *metres_to_figure(double metres, bool miles, char buf[static PACE_TEXT_MAX]);
/* "6 minutes 12 per kilometre"; "no pace" where the others have "-". */
const char *pace_to_speech(double speed, bool miles, char buf[static PACE_SPEECH_MAX]);
