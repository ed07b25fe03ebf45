/* SPDX-License-Identifier: MIT */
/* The callers. The bus's policy says who may call us; but it is assembled from the files of all packages, and one careless
 * default among them would open health data to everybody. So we ask the bus who a caller is, once for each connection, and
 * decide ourselves: root, the daemon's own user, and group cardiod may call.
 *
 * The question blocks for a round trip to the bus, since sd-bus has no way to put a call off: the bus itself answers, in a
 * tenth of a millisecond, whatever other clients do.
 *
 * A ping also tells a flood from a busy caller. One that has used up its burst is still served, but the bus gets a ping:
 * whatever the caller sends before that is answered was sent without waiting for answers. Times are CLOCK_BOOTTIME. */

#include "bus/callers.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cardio/bus-api.h"
#include "cardio/text.h"
#include "shared/clock.h"

#define BUS_NAME         "org.freedesktop.DBus"
#define BUS_PATH         "/org/freedesktop/DBus"
#define ASK_TIMEOUT_USEC (1 * USEC_PER_SEC)
/* A member of a group may be in this many others. */
#define GROUPS_MAX 256

/* sd-bus's own refusals repeat names of interfaces and members, whose length D-Bus limits; paths and arguments, which they
 * repeat too, have no such limit. */
#define NAME_LENGTH_MAX 255U

typedef struct Caller {
        Callers *all;
        char *name; /* unique name; NULL = free */
        uid_t uid;
        bool allowed;
        unsigned credit; /* calls that it may make at once */
        usec_t credit_usec;
        unsigned refused;  /* … in a row */
        usec_t call_usec;  /* time of the last call */
        sd_bus_slot *ping; /* pending */
} Caller;

struct Callers {
        sd_bus *bus, *asked;
        bool user;
        gid_t group; /* (gid_t)-1 = there is no such group */
        Caller caller[CALLERS_MAX];
};

/* -- Identity -- */

/* What the bus says about a connection; groups only if it supports them. */
typedef struct Credentials {
        uid_t uid; /* (uid_t)-1 = the bus does not say */
        bool in_group;
} Credentials;

static int read_groups(sd_bus_message *m, gid_t group, Credentials *ret)
{
        const uint32_t *gid;
        size_t size;
        int r = sd_bus_message_enter_container(m, 'v', "au");

        if (r >= 0)
                r = sd_bus_message_read_array(m, 'u', (const void **)&gid, &size);
        for (size_t i = 0; r >= 0 && i < size / sizeof(*gid); i++)
                if (gid[i] == group)
                        ret->in_group = true;
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

static int read_credentials(sd_bus_message *m, gid_t group, Credentials *ret)
{
        const char *name;
        int r = sd_bus_message_enter_container(m, 'a', "{sv}");

        while (r >= 0 && (r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
                r = sd_bus_message_read(m, "s", &name);
                if (r >= 0 && strcmp(name, "UnixUserID") == 0)
                        r = sd_bus_message_read(m, "v", "u", &ret->uid);
                else if (r >= 0 && strcmp(name, "UnixGroupIDs") == 0)
                        r = read_groups(m, group, ret);
                else if (r >= 0)
                        r = sd_bus_message_skip(m, "v");
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
        }
        return r;
}

/* By the accounts: for a bus that does not report groups, and for a user who has become a member since their login, whom the
 * bus's policy counts as one. */
static bool account_in_group(uid_t uid, gid_t group)
{
        const struct passwd *account = getpwuid(uid);
        gid_t groups[GROUPS_MAX];
        int n = ELEMENTSOF(groups);

        if (!account || group == (gid_t)-1 || getgrouplist(account->pw_name, account->pw_gid, groups, &n) < 0)
                return false;
        for (int i = 0; i < n; i++)
                if (groups[i] == group)
                        return true;
        return false;
}

/* Returns whether the bus has said who it is. */
static bool caller_ask(Caller *c)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL, *reply = NULL;
        Credentials credentials = { .uid = (uid_t)-1 };
        int r = sd_bus_message_new_method_call(
                        c->all->asked, &call, BUS_NAME, BUS_PATH, BUS_NAME, "GetConnectionCredentials");

        if (r >= 0)
                r = sd_bus_message_append(call, "s", c->name);
        if (r >= 0)
                r = sd_bus_call(c->all->asked, call, ASK_TIMEOUT_USEC, NULL, &reply);
        if (r >= 0)
                r = read_credentials(reply, c->all->group, &credentials);
        if (r < 0 || credentials.uid == (uid_t)-1)
                return false;
        c->uid = credentials.uid;
        c->allowed = c->uid == 0 || c->uid == geteuid() ||
                     (!c->all->user && (credentials.in_group || account_in_group(c->uid, c->all->group)));
        return true;
}

static void caller_forget(Caller *c)
{
        sd_bus_slot_unref(c->ping);
        free(c->name);
        *c = (Caller){ 0 };
}

static Caller *callers_find(const Callers *c, const char *name)
{
        for (size_t i = 0; i < CALLERS_MAX; i++)
                if (c->caller[i].name && strcmp(c->caller[i].name, name) == 0)
                        return (Caller *)&c->caller[i];
        return NULL;
}

/* Unique names are never used again, so callers that have left are simply replaced in time. Returns NULL for one about whom
 * the bus says nothing. */
static Caller *callers_add(Callers *c, const char *name)
{
        Caller *place = &c->caller[0];

        for (size_t i = 0; i < CALLERS_MAX && place->name; i++)
                if (!c->caller[i].name || c->caller[i].call_usec < place->call_usec)
                        place = &c->caller[i];
        caller_forget(place);
        place->all = c;
        place->name = strdup(name);
        place->credit = CALLERS_BURST;
        place->credit_usec = now_boot_usec();
        if (place->name && caller_ask(place))
                return place;
        caller_forget(place);
        return NULL;
}

uid_t callers_uid(const Callers *c, const char *name)
{
        const Caller *caller = callers_find(c, name);

        return caller ? caller->uid : (uid_t)-1;
}

/* -- Floods -- */

int bus_ping(sd_bus *bus, sd_bus_slot **slot, sd_bus_message_handler_t done, void *userdata,
                uint64_t timeout_usec)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL;
        int r = sd_bus_message_new_method_call(bus, &call, BUS_NAME, BUS_PATH, BUS_NAME, "GetId");

        return r < 0 ? r : sd_bus_call_async(bus, slot, call, done, userdata, timeout_usec);
}

static int on_pong(_unused_ sd_bus_message *m, void *userdata, _unused_ sd_bus_error *error)
{
        Caller *c = userdata;

        c->ping = sd_bus_slot_unref(c->ping);
        c->refused = 0;
        return 0;
}

/* Whether this call is one too many. */
static bool caller_floods(Caller *c, usec_t now_usec)
{
        usec_t earned = (now_usec - c->credit_usec) * CALLERS_RATE / USEC_PER_SEC;

        if (earned > 0) {
                c->credit = earned > CALLERS_BURST - c->credit ? CALLERS_BURST : c->credit + (unsigned)earned;
                c->credit_usec = now_usec;
        }
        if (c->credit > 0) {
                c->credit--;
                return false;
        }
        if (c->ping)
                return true;
        /* without memory for it there is no flood */
        (void)bus_ping(c->all->bus, &c->ping, on_pong, c, 0);
        return false;
}

/* -- Sizes -- */

/* sd-bus's own refusals repeat the path and, for Properties, the names that are asked for. */
static bool is_oversized(sd_bus_message *call)
{
        const char *path = sd_bus_message_get_path(call), *name;
        bool oversized = !path || strlen(path) > NAME_LENGTH_MAX;

        if (!sd_bus_message_is_method_call(call, "org.freedesktop.DBus.Properties", NULL))
                return oversized;
        for (int i = 0; i < 2 && sd_bus_message_read_basic(call, 's', &name) > 0; i++)
                oversized = oversized || strlen(name) > NAME_LENGTH_MAX;
        return sd_bus_message_rewind(call, true) < 0 || oversized;
}

CallerVerdict callers_judge(Callers *c, sd_bus_message *call, sd_bus_error *error)
{
        const char *name = sd_bus_message_get_sender(call);
        usec_t now_usec = now_boot_usec();
        Caller *caller;

        if (!name)
                return CALLER_IGNORED;
        caller = callers_find(c, name);
        if (!caller)
                caller = callers_add(c, name);
        if (!caller) {
                (void)sd_bus_error_set(
                                error, CARDIO_ERROR_BUSY, "The bus does not say who you are; try again");
                return CALLER_REFUSED;
        }
        caller->call_usec = now_usec;
        if (caller_floods(caller, now_usec)) {
                if (caller->refused++ >= CALLERS_REFUSALS)
                        return CALLER_IGNORED;
                (void)sd_bus_error_setf(error, CARDIO_ERROR_LIMIT_REACHED,
                                "Too many calls at once; accepted: %u, or %u a second, "
                                "or any number of which each waits for the answer to the one before",
                                CALLERS_BURST, CALLERS_RATE);
                return CALLER_REFUSED;
        }
        if (!caller->allowed) {
                (void)sd_bus_error_set(error, SD_BUS_ERROR_ACCESS_DENIED,
                                c->user ? "This daemon serves its own user alone"
                                        : "Heart rates are for group " CARDIO_GROUP " and root");
                return CALLER_REFUSED;
        }
        if (is_oversized(call)) {
                (void)sd_bus_error_setf(error, CARDIO_ERROR_INVALID_ARGUMENT,
                                "There is no such name; accepted: at most %u bytes", NAME_LENGTH_MAX);
                return CALLER_REFUSED;
        }
        return CALLER_SERVED;
}

/* -- All of them -- */

/* The daemon's own group, by the unit; for a daemon started by hand, the group of that name. */
static gid_t find_group(void)
{
        const struct group *named = getgrnam(CARDIO_GROUP);

        return named ? named->gr_gid : getegid() != 0 ? getegid() : (gid_t)-1;
}

int callers_new(sd_bus *bus, sd_bus *asked, bool user, Callers **ret)
{
        Callers *c = calloc(1, sizeof(*c));

        if (!c)
                return -ENOMEM;
        c->bus = sd_bus_ref(bus);
        c->asked = sd_bus_ref(asked);
        c->user = user;
        c->group = user ? (gid_t)-1 : find_group();
        *ret = c;
        return 0;
}

Callers *callers_free(Callers *c)
{
        if (!c)
                return NULL;
        for (size_t i = 0; i < CALLERS_MAX; i++)
                if (c->caller[i].name)
                        caller_forget(&c->caller[i]);
        sd_bus_unref(c->asked);
        sd_bus_unref(c->bus);
        free(c);
        return NULL;
}
