/* SPDX-License-Identifier: MIT */
#pragma once

/* Where a file of the runner's own configuration is: below $XDG_CONFIG_HOME, or ~/.config. Returns 0, or a negative errno:
 * -ENOENT if there is no home. ret is to be freed. */
int user_config_path(const char *below, char **ret);
