/* SPDX-License-Identifier: MIT */
#pragma once

#include <errno.h>

/* Whether this user may talk to the system's daemon. */
typedef enum Membership {
        MEMBERSHIP_ROOT,
        MEMBERSHIP_YES,
        MEMBERSHIP_LATER, /* joined, but not in this login */
        MEMBERSHIP_NO,
        MEMBERSHIP_NO_GROUP, /* there is no such group */
        _MEMBERSHIP_MAX,
        _MEMBERSHIP_INVALID = -EINVAL,
} Membership;

Membership group_membership(void);

/* What is wrong, and what to do about it, each a clause of a sentence; NULL where nothing is. */
const char *membership_problem(Membership m);
const char *membership_advice(Membership m);
