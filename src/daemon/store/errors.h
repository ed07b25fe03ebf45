/* SPDX-License-Identifier: MIT */
#pragma once

/* SQLite's result codes as negative errno, and reasons in words. */

#include "cardio/macro.h"

/* The negative errno for an SQLite result code. */
int store_errno(int rc);

/* Sets *ret_error to the formatted reason and returns error. */
int store_refuse(char **ret_error, int error, const char *format, ...) _printf_(3, 4);
