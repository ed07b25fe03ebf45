/* SPDX-License-Identifier: MIT */
#pragma once

/* Preloaded with TMPFILE_SHIM set, it makes every file system one that knows no O_TMPFILE, as FAT on a stick is. */
