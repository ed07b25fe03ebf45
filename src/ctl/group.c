/* SPDX-License-Identifier: MIT */
/* Group cardiod, and whether this login is in it. No clock. */
#include "group.h"

#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cardio/bus-api.h"
#include "cardio/macro.h"
#include "memory.h"

#define GROUPS_MAX 65536 /* as many as Linux allows */

static bool process_is_in(gid_t gid)
{
        _cleanup_free_ gid_t *list = checked(calloc(GROUPS_MAX, sizeof(*list)));
        int n = getgroups(GROUPS_MAX, list);

        for (int i = 0; i < n; i++)
                if (list[i] == gid)
                        return true;
        return getegid() == gid;
}

static bool group_lists(const struct group *group, const char *user)
{
        for (char **member = group->gr_mem; *member; member++)
                if (user && strcmp(*member, user) == 0)
                        return true;
        return false;
}

Membership group_membership(void)
{
        const struct passwd *user = getpwuid(geteuid());
        struct group *group;

        if (geteuid() == 0)
                return MEMBERSHIP_ROOT;
        group = getgrnam(CARDIO_GROUP);
        if (!group)
                return MEMBERSHIP_NO_GROUP;
        if (process_is_in(group->gr_gid))
                return MEMBERSHIP_YES;
        return group_lists(group, user ? user->pw_name : NULL) ? MEMBERSHIP_LATER : MEMBERSHIP_NO;
}

const char *membership_problem(Membership m)
{
        switch (m) {
        case MEMBERSHIP_LATER:
                return "you have joined group " CARDIO_GROUP ", but not in this login";
        case MEMBERSHIP_NO:
                return "you are not in group " CARDIO_GROUP;
        case MEMBERSHIP_NO_GROUP:
                return "there is no group " CARDIO_GROUP;
        case MEMBERSHIP_ROOT:
        case MEMBERSHIP_YES:
        case _MEMBERSHIP_MAX:
        case _MEMBERSHIP_INVALID:
                break;
        }
        return NULL;
}

const char *membership_advice(Membership m)
{
        switch (m) {
        case MEMBERSHIP_LATER:
                return "log out and in again";
        case MEMBERSHIP_NO:
                return "`sudo usermod -aG " CARDIO_GROUP " $USER`, then log out and in again";
        case MEMBERSHIP_NO_GROUP:
                return "`sudo systemd-sysusers` makes it, once cardiod is installed";
        case MEMBERSHIP_ROOT:
        case MEMBERSHIP_YES:
        case _MEMBERSHIP_MAX:
        case _MEMBERSHIP_INVALID:
                break;
        }
        return NULL;
}
