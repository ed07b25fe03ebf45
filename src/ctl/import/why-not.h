/* SPDX-License-Identifier: MIT */
#pragma once

#include "import/activity.h"

/* In words, if nothing of a file that was read is to be taken; else NULL. */
const char *contents_why_not(const FileContents *c);
