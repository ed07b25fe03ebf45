/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <systemd/sd-bus.h>

#include "cardio/macro.h"
#include "ctl.h"
#include "json.h"

/* The daemon, found on one of the buses. */
typedef struct DaemonBus {
        sd_bus *bus;
        bool user; /* it is the session bus */
} DaemonBus;

void bus_close(DaemonBus *b);
#define _cleanup_bus_ _cleanup_(bus_close)

static inline void messagep(sd_bus_message **m)
{
        sd_bus_message_unref(*m);
}
#define _cleanup_message_ _cleanup_(messagep)
#define _cleanup_error_   _cleanup_(sd_bus_error_free)

/* Looks for the daemon without printing anything. Returns 0; -ESRCH if a bus is there and the daemon is not; -EACCES if
 * access is denied; or another negative errno. */
int bus_find(const Call *call, DaemonBus *ret);

/* The same, and prints why it fails. */
Outcome bus_open(const Call *call, DaemonBus *ret);

#define BUS_TIMEOUT_DEFAULT 0

/* Calls a method on the daemon's main object; types and the arguments after it are those of
 * sd_bus_message_append(). ret_reply may be NULL. */
Outcome bus_call(const DaemonBus *b, const char *interface, const char *member, uint64_t timeout_usec,
                sd_bus_message **ret_reply, const char *types, ...);

/* The same in two steps, for composed arguments: a call without arguments, and sending it. */
Outcome bus_new_call(const DaemonBus *b, const char *interface, const char *member, sd_bus_message **ret);
Outcome bus_send_call(
                const DaemonBus *b, sd_bus_message *m, uint64_t timeout_usec, sd_bus_message **ret_reply);

/* Prints that a call could not be composed or sent. */
Outcome bus_not_called(const char *member, int error);

/* Prints that a reply is malformed. */
Outcome bus_garbled(const char *member);

/* Prints the error that a call was answered with. */
Outcome bus_failed(const DaemonBus *b, const sd_bus_error *error);

/* The properties of an interface of the main object, HeartRate as heart_rate, values as on the bus. */
Outcome bus_properties(const DaemonBus *b, const char *interface, json_object **ret);

/* All sensors: an array of such objects. */
Outcome bus_sensors(const DaemonBus *b, json_object **ret);

/* The row of view `sessions` of one session, as the daemon has it. */
Outcome bus_session(const DaemonBus *b, int64_t session, json_object **ret);

/* Whether such an object is one of the runner's straps, not one that a scan has found. */
bool sensor_is_configured(json_object *sensor);

/* Reads the next value of a message: dictionaries become objects, structures and arrays become arrays. Returns 0 or a
 * negative errno. */
int bus_read(sd_bus_message *m, json_object **ret);
