/* SPDX-License-Identifier: MIT */
#pragma once

#include <sys/types.h>

/* Where a file of the runner's own configuration is: below $XDG_CONFIG_HOME, or ~/.config. Returns 0, or a negative errno:
 * -ENOENT if there is no home. ret is to be freed. */
int user_config_path(const char *below, char **ret);

/* Makes a folder, with those above it; one that exists stays as it is. Returns 0, or a negative errno. */
int user_make_folders(const char *path, mode_t mode);
