/* SPDX-License-Identifier: MIT */
/* Finds the sensor that is meant. Names come from the air: anybody nearby can call a device what they like, so that one that fits
 * several is never taken, and names are compared as they are shown, with control characters replaced. No clock. */
#include "strap.h"

#include <stdio.h>
#include <string.h>

#include "cardio/bus-api.h"
#include "cardio/time.h"
#include "memory.h"
#include "sensor-watch.h"

#define START_TIMEOUT_USEC (60 * USEC_PER_SEC)
#define HEAR_USEC          (30 * USEC_PER_SEC)
/* After the first one that fits: whether another one does, too. */
#define HEAR_MORE_USEC (2 * USEC_PER_SEC)
/* Listed at most where several fit. */
#define LIST_MAX 8U

const char *strap_name(json_object *sensor)
{
        const char *name = json_text(sensor, "name"), *address = json_text(sensor, "address");

        return name && *name ? name : address ? address : "?";
}

SensorKind strap_kind_from_string(const char *kind)
{
        SensorKind k = kind ? sensor_kind_from_string(kind) : _SENSOR_KIND_INVALID;

        return k >= 0 ? k : SENSOR_KIND_STRAP;
}

SensorKind strap_kind(json_object *sensor)
{
        return strap_kind_from_string(json_text(sensor, "kind"));
}

const char *strap_kind_to_words(SensorKind kind)
{
        switch (kind) {
        case SENSOR_KIND_FOOT_POD:
                return "foot pod";
        case SENSOR_KIND_TREADMILL:
                return "treadmill";
        case SENSOR_KIND_STRAP:
        case _SENSOR_KIND_MAX:
        case _SENSOR_KIND_INVALID:
                break;
        }
        return "strap";
}

json_object *strap_at(json_object *sensors, const char *address)
{
        for (size_t i = 0; i < json_object_array_length(sensors); i++) {
                json_object *sensor = json_object_array_get_idx(sensors, i);
                const char *its = json_text(sensor, "address");

                if (its && strcmp(its, address) == 0)
                        return sensor;
        }
        return NULL;
}

/* A connected strap sends no advertisements to measure. */
const char *strap_signal(json_object *sensor, char buf[static NUMBER_STRING_MAX])
{
        int64_t rssi = json_integer_or(sensor, "rssi", 0);
        const char *state = json_text(sensor, "state");

        if (rssi == 0)
                return !state || strcmp(state, "absent") == 0 ? "none" : "connected";
        (void)snprintf(buf, NUMBER_STRING_MAX, "%d dBm", (int)rssi);
        return buf;
}

Outcome strap_scan_begin(const DaemonBus *bus)
{
        return bus_call(bus, CARDIO_MANAGER_INTERFACE, "StartScan", START_TIMEOUT_USEC, NULL, NULL);
}

void strap_found_clear(StrapFound *s)
{
        free(TAKE_PTR(s->text));
}

void strap_found_set(StrapFound *s, const char *name, const char *address)
{
        bool named = name && *name;

        strap_found_clear(s);
        (void)snprintf(s->address, sizeof(s->address), "%s", address); /* fits: it is one */
        if (asprintf(&s->text, "%s%s%s%s", named ? name : "", named ? " (" : "", address, named ? ")" : "") <
                        0)
                out_of_memory();
}

/* -- By name -- */

typedef struct Wanted {
        const char *name;
        StrapsMeant meant;
        json_object *fits; /* those that fit */
} Wanted;

static bool name_fits(const char *name, const char *wanted, bool whole)
{
        _cleanup_free_ char *shown = text_clean(name);

        return *shown &&
               (whole ? strcasecmp(shown, wanted) == 0 : strncasecmp(shown, wanted, strlen(wanted)) == 0);
}

static json_object *find_fitting(const Wanted *w, json_object *sensors, bool whole)
{
        json_object *fits = checked(json_object_new_array());

        for (size_t i = 0; i < json_object_array_length(sensors); i++) {
                json_object *sensor = json_object_array_get_idx(sensors, i);
                const char *name = json_text(sensor, "name"), *address = json_text(sensor, "address");
                char plain[ADDRESS_STRING_MAX];

                if (!name || !address || parse_address(address, plain) < 0 ||
                                !name_fits(name, w->name, whole))
                        continue;
                if (w->meant == STRAPS_HEARD || sensor_is_configured(sensor) || json_true(sensor, "trusted"))
                        json_append(fits, json_object_get(sensor));
        }
        return fits;
}

/* Returns whether there is any. */
static bool on_sensors(void *userdata, json_object *sensors)
{
        Wanted *w = userdata;

        json_object_put(w->fits);
        w->fits = find_fitting(w, sensors, true);
        if (json_object_array_length(w->fits) == 0) {
                json_object_put(w->fits);
                w->fits = find_fitting(w, sensors, false);
        }
        return json_object_array_length(w->fits) > 0;
}

/* Until it is heard, and a little longer. */
static bool on_more(void *userdata, json_object *sensors)
{
        (void)on_sensors(userdata, sensors);
        return false;
}

static Outcome scan_for(const Call *call, const DaemonBus *bus, Wanted *w)
{
        _cleanup_bus_ DaemonBus scanner = { .bus = NULL };
        WatchEnd end;
        Outcome outcome;

        if (!call->json) {
                output_wrapped(&call->out, STYLE_PLAIN, 0, 0, "Looking for %s; put it on, or switch it on.",
                                w->name);
                (void)fflush(stdout);
        }
        outcome = bus_open(call,
                        &scanner); /* of its own: the search has to be over before a strap is connected */
        if (outcome == OUTCOME_DONE)
                outcome = strap_scan_begin(&scanner);
        if (outcome == OUTCOME_DONE)
                outcome = sensors_watch(bus, HEAR_USEC, on_sensors, w, &end);
        if (outcome == OUTCOME_DONE && end == WATCH_MET)
                outcome = sensors_watch(bus, HEAR_MORE_USEC, on_more, w, &end);
        if (outcome == OUTCOME_DONE && end == WATCH_INTERRUPTED)
                return fail(OUTCOME_FAILED, "broken off; nothing has changed");
        return outcome;
}

static Outcome several_fit(const Wanted *w)
{
        size_t n = json_object_array_length(w->fits);
        _cleanup_free_ char *list = checked(strdup(""));

        for (size_t i = 0; i < n && i < LIST_MAX; i++) {
                json_object *sensor = json_object_array_get_idx(w->fits, i);
                char *longer;

                if (asprintf(&longer, "%s%s%s (%s)", list, i > 0 ? ", " : "", strap_name(sensor),
                                    json_text(sensor, "address")) < 0)
                        out_of_memory();
                free(list);
                list = longer;
        }
        return fail(OUTCOME_USAGE, "'%s' fits %zu sensors: %s%s; say which by its address", w->name, n, list,
                        n > LIST_MAX ? ", …" : "");
}

static Outcome none_fits(const Wanted *w)
{
        if (w->meant == STRAPS_OWN)
                return fail(OUTCOME_NOT_FOUND,
                                "no sensor of yours has a name that begins with '%s'; `cardioctl status` names them",
                                w->name);
        return fail(OUTCOME_NOT_FOUND,
                        "no sensor was heard whose name begins with '%s'; `cardioctl scan` lists those that are heard",
                        w->name);
}

static Outcome find_by_name(const Call *call, const DaemonBus *bus, Wanted *w, StrapFound *ret)
{
        _cleanup_json_ json_object *sensors = NULL;
        json_object *strap;
        Outcome outcome;

        outcome = bus_sensors(bus, &sensors);
        if (outcome == OUTCOME_DONE && !on_sensors(w, sensors) && w->meant == STRAPS_HEARD)
                outcome = scan_for(call, bus, w);
        if (outcome != OUTCOME_DONE)
                return outcome;
        if (json_object_array_length(w->fits) == 0)
                return none_fits(w);
        if (json_object_array_length(w->fits) > 1)
                return several_fit(w);
        strap = json_object_array_get_idx(w->fits, 0);
        strap_found_set(ret, json_text(strap, "name"), json_text(strap, "address"));
        return OUTCOME_DONE;
}

Outcome strap_find(const Call *call, const DaemonBus *bus, const char *wanted, StrapsMeant meant,
                StrapFound *ret)
{
        char address[ADDRESS_STRING_MAX];
        Wanted w = { .name = wanted, .meant = meant };
        Outcome outcome;

        if (parse_address(wanted, address) == 0) {
                strap_found_set(ret, NULL, address);
                return OUTCOME_DONE;
        }
        if (!*wanted)
                return fail(OUTCOME_USAGE,
                                "'' is no sensor; accepted: its name or how that begins, or " ADDRESS_ACCEPTED);
        outcome = find_by_name(call, bus, &w, ret);
        json_object_put(w.fits);
        return outcome;
}
