/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

/* [workout NAME] and its steps, as text. */

#define WORKOUT_SECTION       "workout "
#define WORKOUT_NAME_MAX      32U
#define WORKOUT_NAME_ACCEPTED "[workout NAME], the name at most 32 letters, digits, - and _"

#define WORKOUT_STEPS_LENGTH_MAX 160U
#define WORKOUT_STEPS_MAX        200U /* with repeats counted out */
#define WORKOUT_STEPS_ACCEPTED                                                                        \
        "at most 160 characters such as warm-up 10min, 5x(hard 2min, easy 2min): steps of 1s to 6h, " \
        "repeats of 1 to 99, 200 steps in all"

bool workout_name_is_valid(const char *name);

/* Returns 0; or -EINVAL and in ret_rest where it stops to be understood, or -ERANGE if there are too many steps. */
int workout_steps_check(const char *text, const char **ret_rest);
