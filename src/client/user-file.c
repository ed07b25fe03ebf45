/* SPDX-License-Identifier: MIT */

/* Where the runner's own files are, by the XDG base directory specification. No clock. */

#include "user-file.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cardio/macro.h"

int user_config_path(const char *below, char **ret)
{
        const char *folder = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
        const struct passwd *user;
        char *path;
        int n;

        /* The specification ignores a relative path. */
        if (folder && *folder == '/') {
                n = asprintf(&path, "%s/%s", folder, below);
        } else {
                if (!home || *home != '/') {
                        user = getpwuid(geteuid());
                        home = user ? user->pw_dir : NULL;
                }
                if (!home || *home != '/')
                        return -ENOENT;
                n = asprintf(&path, "%s/.config/%s", home, below);
        }
        if (n < 0)
                return -ENOMEM;
        *ret = path;
        return 0;
}

int user_make_folders(const char *path, mode_t mode)
{
        _cleanup_free_ char *copy = strdup(path);

        if (!copy)
                return -ENOMEM;
        for (char *p = copy; *p; p++) {
                if (*p != '/' || p == copy)
                        continue;
                *p = '\0';
                (void)mkdir(copy, mode); /* the last one says what is wrong */
                *p = '/';
        }
        return mkdir(copy, mode) < 0 && errno != EEXIST ? -errno : 0;
}
