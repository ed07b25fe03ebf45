/* SPDX-License-Identifier: MIT */

/* Signals and answers of org.cardiod1 become events. Nothing in them is trusted to be well formed. No clock. */

#include "follower-event.h"

#include <string.h>

#include "cardio/bus-api.h"
#include "cardio/macro.h"

#define PROPERTIES_INTERFACE     "org.freedesktop.DBus.Properties"
#define OBJECT_MANAGER_INTERFACE "org.freedesktop.DBus.ObjectManager"

/* -- Properties -- */

int follower_event_read_properties(sd_bus_message *m, const char *interface, FollowerEvent *ret)
{
        if (strcmp(interface, CARDIO_MANAGER_INTERFACE) == 0) {
                ret->type = FOLLOWER_MANAGER;
                return manager_properties_read(m, &ret->manager);
        }
        if (strcmp(interface, CARDIO_COACH_INTERFACE) == 0) {
                ret->type = FOLLOWER_COACH;
                return coach_properties_read(m, &ret->coach);
        }
        if (strcmp(interface, CARDIO_SENSOR_INTERFACE) == 0) {
                ret->type = FOLLOWER_SENSOR_CHANGED;
                ret->sensor.path = sd_bus_message_get_path(m);
                return sensor_properties_read(m, &ret->sensor.properties);
        }
        return -ENOENT;
}

static int changes_read(sd_bus_message *m, FollowerEvent *ret)
{
        const char *interface;
        int r;

        r = sd_bus_message_read(m, "s", &interface);
        if (r < 0)
                return r;
        r = follower_event_read_properties(m, interface, ret);
        if (r == -ENOENT) /* an interface of no interest here */
                return 0;
        return r < 0 ? r : 1;
}

/* -- Objects -- */

/* The a{sa{sv}} that comes next. Returns 1 if a sensor is among the interfaces. */
static int interfaces_read(sd_bus_message *m, const char *path, FollowerEvent *ret)
{
        const char *interface;
        int r, found = 0;

        *ret = (FollowerEvent){ .type = FOLLOWER_SENSOR_ADDED, .sensor.path = path };
        r = sd_bus_message_enter_container(m, 'a', "{sa{sv}}");
        if (r < 0)
                return r;
        while ((r = sd_bus_message_enter_container(m, 'e', "sa{sv}")) > 0) {
                r = sd_bus_message_read(m, "s", &interface);
                if (r >= 0 && strcmp(interface, CARDIO_SENSOR_INTERFACE) == 0) {
                        r = sensor_properties_read(m, &ret->sensor.properties);
                        found = 1;
                } else if (r >= 0)
                        r = sd_bus_message_skip(m, "a{sv}");
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
                if (r < 0)
                        return r;
        }
        if (r >= 0)
                r = sd_bus_message_exit_container(m);
        return r < 0 ? r : found;
}

int follower_event_read_objects(sd_bus_message *m, FollowerFunc func, void *userdata)
{
        FollowerEvent event;
        const char *path;
        int r;

        r = sd_bus_message_enter_container(m, 'a', "{oa{sa{sv}}}");
        if (r < 0)
                return r;
        while ((r = sd_bus_message_enter_container(m, 'e', "oa{sa{sv}}")) > 0) {
                r = sd_bus_message_read(m, "o", &path);
                if (r >= 0)
                        r = interfaces_read(m, path, &event);
                if (r < 0)
                        return r;
                if (r > 0)
                        func(userdata, &event);
                r = sd_bus_message_exit_container(m);
                if (r < 0)
                        return r;
        }
        return r;
}

static int added_read(sd_bus_message *m, FollowerEvent *ret)
{
        const char *path;
        int r;

        r = sd_bus_message_read(m, "o", &path);
        return r < 0 ? r : interfaces_read(m, path, ret);
}

static int removed_read(sd_bus_message *m, FollowerEvent *ret)
{
        int r = sd_bus_message_read(m, "o", &ret->sensor.path);

        return r < 0 ? r : 1;
}

/* -- Signals of its own -- */

static int measurement_read(sd_bus_message *m, FollowerEvent *ret)
{
        FollowerMeasurement *to = &ret->measurement;
        const void *rr;
        size_t size;
        int r;

        to->path = sd_bus_message_get_path(m);
        r = sd_bus_message_read(m, "tqdy", &to->realtime_usec, &to->heart_rate, &to->smoothed, &to->zone);
        if (r >= 0)
                r = sd_bus_message_read_array(m, 'q', &rr, &size);
        if (r < 0)
                return r;
        to->rr = rr;
        to->n_rr = size / sizeof(*to->rr);
        return 1;
}

static int pace_read(sd_bus_message *m, FollowerEvent *ret)
{
        FollowerPace *to = &ret->pace;
        int r;

        to->path = sd_bus_message_get_path(m);
        r = sd_bus_message_read(m, "tdddd", &to->realtime_usec, &to->speed, &to->cadence, &to->distance,
                        &to->incline);
        return r < 0 ? r : 1;
}

static int session_read(sd_bus_message *m, FollowerEvent *ret)
{
        int r = sd_bus_message_read(m, "x", &ret->session.id);
        const char *sensor;

        if (r < 0)
                return r;
        /* Only of a start is the time used. */
        if (ret->type == FOLLOWER_SESSION_STARTED &&
                        sd_bus_message_read(m, "ot", &sensor, &ret->session.at_realtime_usec) < 0)
                ret->session.at_realtime_usec = 0;
        return 1;
}

static int limit_read(sd_bus_message *m, FollowerEvent *ret)
{
        FollowerLimit *to = &ret->limit;
        int r = sd_bus_message_read(
                        m, "xoddu", &to->session, &to->sensor, &to->heart_rate, &to->ceiling, &to->seconds);

        return r < 0 ? r : 1;
}

static int pace_limit_read(sd_bus_message *m, FollowerEvent *ret)
{
        FollowerPaceLimit *to = &ret->pace_limit;
        int r = sd_bus_message_read(
                        m, "xoddu", &to->session, &to->sensor, &to->speed, &to->limit, &to->seconds);

        return r < 0 ? r : 1;
}

static int advice_read(sd_bus_message *m, FollowerEvent *ret)
{
        int r = sd_bus_message_read(m, "xss", &ret->advice.session, &ret->advice.kind, &ret->advice.text);

        return r < 0 ? r : 1;
}

static int cue_read(sd_bus_message *m, FollowerEvent *ret)
{
        int r = sd_bus_message_read(m, "xsu", &ret->cue.session, &ret->cue.cue, &ret->cue.seconds);

        return r < 0 ? r : 1;
}

static int trouble_read(sd_bus_message *m, FollowerEvent *ret)
{
        int r = sd_bus_message_read(m, "ss", &ret->trouble.kind, &ret->trouble.text);

        return r < 0 ? r : 1;
}

static const struct {
        const char *interface, *member;
        FollowerEventType type;
        int (*read)(sd_bus_message *m,
                        FollowerEvent *ret); /* 1, 0 if it is of no interest, or a negative errno */
} readers[] = {
        { CARDIO_SENSOR_INTERFACE, "Measurement", FOLLOWER_MEASUREMENT, measurement_read },
        { CARDIO_SENSOR_INTERFACE, "Pace", FOLLOWER_PACE, pace_read },
        { PROPERTIES_INTERFACE, "PropertiesChanged", _FOLLOWER_EVENT_TYPE_INVALID, changes_read },
        { OBJECT_MANAGER_INTERFACE, "InterfacesAdded", FOLLOWER_SENSOR_ADDED, added_read },
        { OBJECT_MANAGER_INTERFACE, "InterfacesRemoved", FOLLOWER_SENSOR_REMOVED, removed_read },
        { CARDIO_MANAGER_INTERFACE, "SessionStarted", FOLLOWER_SESSION_STARTED, session_read },
        { CARDIO_MANAGER_INTERFACE, "SessionEnded", FOLLOWER_SESSION_ENDED, session_read },
        { CARDIO_MANAGER_INTERFACE, "SessionDiscarded", FOLLOWER_SESSION_DISCARDED, session_read },
        { CARDIO_MANAGER_INTERFACE, "OverLimit", FOLLOWER_OVER_LIMIT, limit_read },
        { CARDIO_MANAGER_INTERFACE, "BackInRange", FOLLOWER_BACK_IN_RANGE, limit_read },
        { CARDIO_MANAGER_INTERFACE, "OverPace", FOLLOWER_OVER_PACE, pace_limit_read },
        { CARDIO_MANAGER_INTERFACE, "PaceInRange", FOLLOWER_PACE_IN_RANGE, pace_limit_read },
        { CARDIO_MANAGER_INTERFACE, "Trouble", FOLLOWER_TROUBLE, trouble_read },
        { CARDIO_COACH_INTERFACE, "Advice", FOLLOWER_ADVICE, advice_read },
        { CARDIO_COACH_INTERFACE, "Cue", FOLLOWER_CUE, cue_read },
};

int follower_event_read_signal(sd_bus_message *m, FollowerEvent *ret)
{
        for (size_t i = 0; i < ELEMENTSOF(readers); i++) {
                if (!sd_bus_message_is_signal(m, readers[i].interface, readers[i].member))
                        continue;
                *ret = (FollowerEvent){ .type = readers[i].type };
                return readers[i].read(m, ret);
        }
        return 0;
}
