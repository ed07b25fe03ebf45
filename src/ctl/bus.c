/* SPDX-License-Identifier: MIT */
/* The connection to the daemon. It is looked for, never started: on the system bus, then on the session bus. Calls block,
 * each with a deadline, since there is nothing else to do meanwhile. No clock. */
#include "bus.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>

#include "cardio/bus-api.h"
#include "client/reach.h"
#include "memory.h"

#define KEY_MAX      128U
#define START_SYSTEM "systemctl start cardiod"
#define START_USER   "systemctl --user start cardiod"

void bus_close(DaemonBus *b)
{
        b->bus = sd_bus_flush_close_unref(b->bus);
}

static int bus_try(bool user, DaemonBus *ret)
{
        _cleanup_bus_ DaemonBus b = { .user = user };
        _cleanup_message_ sd_bus_message *reply = NULL;
        int r, owned;

        r = user ? sd_bus_open_user(&b.bus) : sd_bus_open_system(&b.bus);
        if (r < 0)
                return r == -EPERM ? -EACCES : r;

        r = sd_bus_call_method(b.bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                        "NameHasOwner", NULL, &reply, "s", CARDIO_BUS_NAME);
        if (r < 0)
                return r == -EPERM ? -EACCES : r;
        r = sd_bus_message_read(reply, "b", &owned);
        if (r < 0)
                return r;
        if (!owned)
                return -ESRCH;

        *ret = b;
        b.bus = NULL;
        return 0;
}

/* What the error of an attempt means for the daemon on that bus. */
static Reach reach_from_error(int error)
{
        switch (error) {
        case 0:
                return REACH_PRESENT;
        case -EACCES:
                return REACH_DENIED;
        case -ESRCH:
                return REACH_ABSENT;
        default:
                return REACH_NO_BUS;
        }
}

/* As bus_find(), with the result for each bus; 0 for a bus that was not tried. */
static int bus_search(const Call *call, DaemonBus *ret, int result[static _BUS_KIND_MAX])
{
        Reach reach[_BUS_KIND_MAX] = { REACH_LOOKING, REACH_LOOKING }, found;
        BusKind kind;

        for (;;) {
                kind = reach_choose(call->user, reach, &found);
                if (found != REACH_LOOKING)
                        return found == REACH_ABSENT ? -ESRCH : result[kind];
                result[kind] = bus_try(kind == BUS_SESSION, ret);
                reach[kind] = reach_from_error(result[kind]);
        }
}

int bus_find(const Call *call, DaemonBus *ret)
{
        int result[_BUS_KIND_MAX] = { 0 };

        return bus_search(call, ret, result);
}

static Outcome bus_denied(bool user)
{
        if (user)
                return fail(OUTCOME_UNREACHABLE,
                                "the session bus does not let you in; is it another user's?");
        return fail(OUTCOME_UNREACHABLE,
                        "access to cardiod is denied: heart rates are for root and the group %s. "
                        "Join it with `sudo usermod -aG %s $USER`, then log in again",
                        CARDIO_GROUP, CARDIO_GROUP);
}

Outcome bus_open(const Call *call, DaemonBus *ret)
{
        int result[_BUS_KIND_MAX] = { 0 }, r, system_bus, session_bus;

        r = bus_search(call, ret, result);
        if (r == 0)
                return OUTCOME_DONE;
        system_bus = result[BUS_SYSTEM];
        session_bus = result[BUS_SESSION];
        if (r == -EACCES)
                return bus_denied(system_bus != -EACCES);

        if (call->user && session_bus == -ESRCH)
                return fail(OUTCOME_UNREACHABLE,
                                "cardiod is not running on your session bus; start it with `" START_USER "`");
        if (call->user)
                return fail(OUTCOME_UNREACHABLE, "cannot reach your session bus: %s", strerror(-session_bus));
        if (system_bus != -ESRCH && session_bus != -ESRCH)
                return fail(OUTCOME_UNREACHABLE,
                                "cannot reach the system bus (%s), nor a session bus (%s); cardiod "
                                "needs one of them, and is started with `" START_SYSTEM "`",
                                strerror(-system_bus), strerror(-session_bus));
        if (system_bus != -ESRCH)
                return fail(OUTCOME_UNREACHABLE,
                                "cannot reach the system bus (%s), and no cardiod runs on your session bus; "
                                "start one of your own with `" START_USER "`",
                                strerror(-system_bus));
        return fail(OUTCOME_UNREACHABLE, "cardiod is not running; start it with `" START_SYSTEM
                                         "`, or one of your own with `" START_USER "`");
}

/* Fails with a sentence of the daemon's, after "cardioctl: ". Names keep their capital. */
static Outcome fail_in_its_words(Outcome outcome, const char *message)
{
        size_t n = strcspn(message, " ,.:");
        bool name = strcspn(message + (n > 0), "ABCDEFGHIJKLMNOPQRSTUVWXYZ") < n ||
                    strncmp(message, "Bluetooth", n) == 0;
        _cleanup_free_ char *text = checked(strdup(message));

        if (!name && *text >= 'A' && *text <= 'Z')
                *text = (char)(*text - 'A' + 'a');
        return fail(outcome, "%s", text);
}

Outcome bus_failed(const DaemonBus *b, const sd_bus_error *error)
{
        static const struct {
                const char *name;
                Outcome outcome;
        } words[] = {
                { CARDIO_ERROR_INVALID_ARGUMENT, OUTCOME_USAGE },
                { CARDIO_ERROR_NO_SUCH_SESSION, OUTCOME_NOT_FOUND },
                { CARDIO_ERROR_NO_SENSOR, OUTCOME_NOT_FOUND },
                { CARDIO_ERROR_NO_SUCH_ENTRY, OUTCOME_NOT_FOUND },
        };
        static const char *const gone[] = {
                SD_BUS_ERROR_SERVICE_UNKNOWN,
                SD_BUS_ERROR_NAME_HAS_NO_OWNER,
                SD_BUS_ERROR_DISCONNECTED,
        };
        static const char *const silent[] = { SD_BUS_ERROR_NO_REPLY, SD_BUS_ERROR_TIMEOUT };
        const char *message = error->message && *error->message ? error->message : error->name;

        if (sd_bus_error_has_name(error, SD_BUS_ERROR_ACCESS_DENIED))
                return bus_denied(b->user);
        for (size_t i = 0; i < ELEMENTSOF(words); i++)
                if (sd_bus_error_has_name(error, words[i].name))
                        return fail_in_its_words(words[i].outcome, message);
        for (size_t i = 0; i < ELEMENTSOF(gone); i++)
                if (sd_bus_error_has_name(error, gone[i]))
                        return fail(OUTCOME_UNREACHABLE, "cardiod has just gone; start it with `%s`",
                                        b->user ? START_USER : START_SYSTEM);
        for (size_t i = 0; i < ELEMENTSOF(silent); i++)
                if (sd_bus_error_has_name(error, silent[i]))
                        return fail(OUTCOME_UNREACHABLE,
                                        "cardiod did not answer; `cardioctl doctor` looks what is wrong");
        return fail_in_its_words(OUTCOME_FAILED, message ? message : "cardiod refused");
}

Outcome bus_not_called(const char *member, int error)
{
        return fail(OUTCOME_FAILED, "cannot ask cardiod (%s): %s", member, strerror(-error));
}

Outcome bus_garbled(const char *member)
{
        return fail(OUTCOME_FAILED,
                        "cardiod answered in a form that this cardioctl does not understand (%s); "
                        "`cardioctl doctor` compares their versions",
                        member);
}

Outcome bus_new_call(const DaemonBus *b, const char *interface, const char *member, sd_bus_message **ret)
{
        _cleanup_message_ sd_bus_message *m = NULL;
        int r;

        r = sd_bus_message_new_method_call(b->bus, &m, CARDIO_BUS_NAME, CARDIO_OBJECT, interface, member);
        if (r >= 0)
                r = sd_bus_message_set_auto_start(m, false);
        if (r < 0)
                return bus_not_called(member, r);
        *ret = TAKE_PTR(m);
        return OUTCOME_DONE;
}

Outcome bus_send_call(
                const DaemonBus *b, sd_bus_message *m, uint64_t timeout_usec, sd_bus_message **ret_reply)
{
        _cleanup_error_ sd_bus_error error = SD_BUS_ERROR_NULL;
        int r;

        r = sd_bus_call(b->bus, m, timeout_usec, &error, ret_reply);
        if (r >= 0)
                return OUTCOME_DONE;
        if (!sd_bus_error_is_set(&error))
                (void)sd_bus_error_set_errno(&error, r == -ECONNRESET ? -ENOTCONN : r);
        return bus_failed(b, &error);
}

Outcome bus_call(const DaemonBus *b, const char *interface, const char *member, uint64_t timeout_usec,
                sd_bus_message **ret_reply, const char *types, ...)
{
        _cleanup_message_ sd_bus_message *m = NULL;
        va_list arguments;
        Outcome outcome;
        int r = 0;

        outcome = bus_new_call(b, interface, member, &m);
        if (outcome != OUTCOME_DONE)
                return outcome;
        if (types && *types) {
                va_start(arguments, types);
                r = sd_bus_message_appendv(m, types, arguments);
                va_end(arguments);
        }
        return r < 0 ? bus_not_called(member, r) : bus_send_call(b, m, timeout_usec, ret_reply);
}

static int bus_read_basic(sd_bus_message *m, char type, json_object **ret)
{
        union {
                uint8_t y;
                int b;
                int16_t n;
                uint16_t q;
                int32_t i;
                uint32_t u;
                int64_t x;
                uint64_t t;
                double d;
                const char *s;
        } v = { .t = 0 };
        int r;

        r = sd_bus_message_read_basic(m, type, &v);
        if (r < 0)
                return r;

        switch (type) {
        case SD_BUS_TYPE_BYTE:
                *ret = checked(json_object_new_int64(v.y));
                return 0;
        case SD_BUS_TYPE_BOOLEAN:
                *ret = checked(json_object_new_boolean(v.b));
                return 0;
        case SD_BUS_TYPE_INT16:
                *ret = checked(json_object_new_int64(v.n));
                return 0;
        case SD_BUS_TYPE_UINT16:
                *ret = checked(json_object_new_int64(v.q));
                return 0;
        case SD_BUS_TYPE_INT32:
                *ret = checked(json_object_new_int64(v.i));
                return 0;
        case SD_BUS_TYPE_UINT32:
                *ret = checked(json_object_new_int64(v.u));
                return 0;
        case SD_BUS_TYPE_INT64:
                *ret = checked(json_object_new_int64(v.x));
                return 0;
        case SD_BUS_TYPE_UINT64:
                *ret = checked(json_object_new_uint64(v.t));
                return 0;
        case SD_BUS_TYPE_DOUBLE:
                *ret = json_real(v.d);
                return 0;
        case SD_BUS_TYPE_STRING:
        case SD_BUS_TYPE_OBJECT_PATH:
        case SD_BUS_TYPE_SIGNATURE:
                *ret = checked(json_object_new_string(v.s));
                return 0;
        default: /* file descriptors: the daemon has none */
                return -EBADMSG;
        }
}

/* A key of a dictionary as text, whatever its type. To be freed. */
static int bus_read_key(sd_bus_message *m, char **ret)
{
        _cleanup_json_ json_object *key = NULL;
        const char *text;
        char type;
        int r;

        r = sd_bus_message_peek_type(m, &type, NULL);
        if (r >= 0)
                r = bus_read_basic(m, type, &key);
        if (r < 0)
                return r;
        text = checked(json_object_get_string(key));
        *ret = checked(strdup(text));
        return 0;
}

static int bus_read_entries(sd_bus_message *m, json_object *object)
{
        int r;

        while ((r = sd_bus_message_at_end(m, false)) == 0) {
                _cleanup_free_ char *key = NULL;
                json_object *value = NULL;

                r = sd_bus_message_enter_container(m, SD_BUS_TYPE_DICT_ENTRY, NULL);
                if (r >= 0)
                        r = bus_read_key(m, &key);
                if (r >= 0)
                        r = bus_read(m, &value);
                if (r < 0)
                        return r;
                json_add(object, key, value);
                r = sd_bus_message_exit_container(m);
                if (r < 0)
                        return r;
        }
        return r < 0 ? r : 0;
}

static int bus_read_items(sd_bus_message *m, json_object *array)
{
        int r;

        while ((r = sd_bus_message_at_end(m, false)) == 0) {
                json_object *value = NULL;

                r = bus_read(m, &value);
                if (r < 0)
                        return r;
                json_append(array, value);
        }
        return r < 0 ? r : 0;
}

int bus_read(sd_bus_message *m, json_object **ret)
{
        _cleanup_json_ json_object *value = NULL;
        const char *contents;
        char type;
        int r;

        r = sd_bus_message_peek_type(m, &type, &contents);
        if (r <= 0)
                return r < 0 ? r : -EBADMSG;
        if (!strchr("avr", type)) /* sd-bus uses r for a structure */
                return bus_read_basic(m, type, ret);

        r = sd_bus_message_enter_container(m, type, contents);
        if (r < 0)
                return r;
        if (type == SD_BUS_TYPE_VARIANT) {
                r = bus_read(m, &value);
        } else if (type == SD_BUS_TYPE_ARRAY && contents[0] == '{') {
                value = checked(json_object_new_object());
                r = bus_read_entries(m, value);
        } else {
                value = checked(json_object_new_array());
                r = bus_read_items(m, value);
        }
        if (r < 0)
                return r;
        r = sd_bus_message_exit_container(m);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(value);
        return 0;
}

/* BatteryPercentage -> battery_percentage, RSSI -> rssi */
static void property_key(const char *name, char ret[static KEY_MAX])
{
        size_t n = 0;

        for (size_t i = 0; name[i] && n < KEY_MAX - 2; i++) {
                if (i > 0 && isupper((unsigned char)name[i]) && !isupper((unsigned char)name[i - 1]))
                        ret[n++] = '_';
                ret[n++] = (char)tolower((unsigned char)name[i]);
        }
        ret[n] = '\0';
}

/* A copy of a dictionary of properties with keys as in bus_properties(). */
static json_object *bus_with_keys(json_object *properties)
{
        json_object *object = checked(json_object_new_object());
        char key[KEY_MAX];

        json_object_object_foreach(properties, name, value)
        {
                property_key(name, key);
                json_add(object, key, json_object_get(value));
        }
        return object;
}

/* Reads such a dictionary and renames its keys so. */
static int bus_read_properties(sd_bus_message *m, json_object **ret)
{
        _cleanup_json_ json_object *properties = NULL;
        int r;

        r = bus_read(m, &properties);
        if (r < 0)
                return r;
        if (!json_object_is_type(properties, json_type_object))
                return -EBADMSG;
        *ret = bus_with_keys(properties);
        return 0;
}

Outcome bus_properties(const DaemonBus *b, const char *interface, json_object **ret)
{
        _cleanup_message_ sd_bus_message *reply = NULL;
        Outcome outcome;

        outcome = bus_call(b, "org.freedesktop.DBus.Properties", "GetAll", BUS_TIMEOUT_DEFAULT, &reply, "s",
                        interface);
        if (outcome != OUTCOME_DONE)
                return outcome;
        return bus_read_properties(reply, ret) < 0 ? bus_garbled("GetAll") : OUTCOME_DONE;
}

Outcome bus_sensors(const DaemonBus *b, json_object **ret)
{
        _cleanup_message_ sd_bus_message *reply = NULL;
        _cleanup_json_ json_object *objects = NULL, *sensors = checked(json_object_new_array());
        Outcome outcome;

        outcome = bus_call(b, "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", BUS_TIMEOUT_DEFAULT,
                        &reply, NULL);
        if (outcome != OUTCOME_DONE)
                return outcome;
        if (bus_read(reply, &objects) < 0 || !json_object_is_type(objects, json_type_object))
                return bus_garbled("GetManagedObjects");

        json_object_object_foreach(objects, path, interfaces)
        {
                json_object *properties = NULL;

                (void)path;
                if (json_object_object_get_ex(interfaces, CARDIO_SENSOR_INTERFACE, &properties) &&
                                json_object_is_type(properties, json_type_object))
                        json_append(sensors, bus_with_keys(properties));
        }

        *ret = TAKE_PTR(sensors);
        return OUTCOME_DONE;
}

bool sensor_is_configured(json_object *sensor)
{
        json_object *value;

        /* A daemon without this property has no other sensors. */
        return !json_object_object_get_ex(sensor, "configured", &value) || json_true(sensor, "configured");
}

Outcome bus_session(const DaemonBus *b, int64_t session, json_object **ret)
{
        _cleanup_message_ sd_bus_message *reply = NULL;
        Outcome outcome;

        outcome = bus_call(
                        b, CARDIO_MANAGER_INTERFACE, "GetSession", BUS_TIMEOUT_DEFAULT, &reply, "x", session);
        if (outcome == OUTCOME_DONE && bus_read(reply, ret) < 0)
                return fail(OUTCOME_FAILED, "cardiod does not say what session %lld is", (long long)session);
        return outcome;
}
