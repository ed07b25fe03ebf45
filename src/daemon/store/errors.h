/* SPDX-License-Identifier: MIT */
#pragma once

/* What SQLite and the disk answer, as negative errno, and reasons in words. */

#include "cardio/macro.h"

/* Negative errno that an SQLite result code stands for. */
int store_errno(int rc);

/* Sets *ret_error to the formatted reason and returns error. */
int store_refuse(char **ret_error, int error, const char *format, ...) _printf_(3, 4);
