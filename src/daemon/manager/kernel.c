/* SPDX-License-Identifier: MIT */
/* What the kernel knows about its clock and its boot. A service's sandbox may hide any of it: then the next best source is
 * used, and what no source has counts as unknown. Reads small files of /sys and /run, and no clock. */

#include "manager/kernel.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/timex.h>
#include <systemd/sd-id128.h>
#include <unistd.h>

/* µs. The maximum error, to which the kernel adds while nobody synchronises. timedatectl uses this limit, too, since the
 * flag STA_UNSYNC is also set by clients that only leave the real-time clock alone. */
#define MAX_ERROR_USEC 16000000L
/* Used where adjtimex() may not be called: systemd-timesyncd creates it once it is synchronised. */
#define TIMESYNC_FILE "/run/systemd/timesync/synchronized"
/* 1 = the kernel set its clock from it at boot. */
#define RTC_FILE "/sys/class/rtc/rtc%u/hctosys"
#define RTCS_MAX 4U

static bool is_synchronised(void)
{
        struct timex t = { 0 };

        if (adjtimex(&t) >= 0)
                return t.maxerror < MAX_ERROR_USEC;
        return access(TIMESYNC_FILE, F_OK) == 0;
}

static bool rtc_has_set_clock(unsigned rtc)
{
        char path[sizeof(RTC_FILE) + 10], c = 0;
        int fd;

        (void)snprintf(path, sizeof(path), RTC_FILE, rtc); /* always fits */
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return false;
        if (read(fd, &c, 1) != 1)
                c = 0;
        (void)close(fd); /* only read from */
        return c == '1';
}

bool kernel_clock_is_right(void)
{
        if (is_synchronised())
                return true;
        for (unsigned i = 0; i < RTCS_MAX; i++)
                if (rtc_has_set_clock(i))
                        return true;
        return false;
}

int kernel_boot_id(sd_bus *system_bus, char ret[static BOOT_ID_MAX])
{
        sd_id128_t id;
        int r = sd_id128_get_boot(&id);

        if (r < 0)
                r = sd_bus_get_bus_id(system_bus, &id);
        ret[0] = '\0';
        if (r >= 0)
                (void)sd_id128_to_string(id, ret); /* always fits */
        return r < 0 ? r : 0;
}
