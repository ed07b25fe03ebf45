/* SPDX-License-Identifier: MIT */
/* What the kernel keeps switched off, according to /sys. No clock. */
#include "rfkill.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define RFKILL "/sys/class/rfkill"

/* The first word of a file below a folder; "" if there is none. */
static void read_word(int folder, const char *name, const char *file, char ret[static 32])
{
        char path[NAME_MAX + 16];
        ssize_t n = -1;
        int fd;

        ret[0] = '\0';
        if (snprintf(path, sizeof(path), "%s/%s", name, file) >= (int)sizeof(path))
                return;
        fd = openat(folder, path, O_RDONLY | O_CLOEXEC);
        if (fd >= 0) {
                n = read(fd, ret, 31);
                (void)close(fd);
        }
        ret[n > 0 ? n : 0] = '\0';
        ret[strcspn(ret, "\n")] = '\0';
}

Block rfkill_bluetooth(void)
{
        Block found = BLOCK_NONE;
        struct dirent *entry;
        DIR *folder = opendir(RFKILL);

        while (folder && (entry = readdir(folder))) {
                char type[32], soft[32], hard[32];

                read_word(dirfd(folder), entry->d_name, "type", type);
                if (strcmp(type, "bluetooth") != 0)
                        continue;
                read_word(dirfd(folder), entry->d_name, "soft", soft);
                read_word(dirfd(folder), entry->d_name, "hard", hard);
                if (strcmp(hard, "1") == 0)
                        found = BLOCK_HARD;
                else if (strcmp(soft, "1") == 0 && found == BLOCK_NONE)
                        found = BLOCK_SOFT;
        }
        if (folder)
                (void)closedir(folder);
        return found;
}
