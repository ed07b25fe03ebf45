/* SPDX-License-Identifier: MIT */

/* Methods. Every call is written to the log before anything else happens to it; then the script's rules for its
 * member apply (never, delay, fail), and then it does what bluetoothd would do. Times run on CLOCK_BOOTTIME. */

#include "bluez-standin.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "cardio/bus-api.h"

#define ERROR_PREFIX "org.bluez.Error."

/* -- What the script counts and rules -- */

Member *calls_member(Standin *s, const char *name)
{
        for (size_t i = 0; i < s->n_members; i++)
                if (strcmp(s->members[i].name, name) == 0)
                        return &s->members[i];
        if (s->n_members == MEMBERS_MAX)
                return NULL;
        s->members[s->n_members].name = must_copy(name);
        return &s->members[s->n_members++];
}

static Rule *rule_find(Standin *s, const char *member)
{
        for (size_t i = 0; i < s->n_rules; i++)
                if (strcmp(s->rules[i].member, member) == 0)
                        return &s->rules[i];
        return NULL;
}

void calls_reply_failed(sd_bus_message **call, const char *message)
{
        /* The caller may have left; then there is nobody to reply to. */
        (void)sd_bus_reply_method_errorf(*call, ERROR_PREFIX "Failed", "%s", message);
        *call = sd_bus_message_unref(*call);
}

/* A caller that has left by now is not tracked; the reply goes nowhere. */
static void track_sender(sd_bus_track *track, sd_bus_message *m)
{
        int r = sd_bus_track_add_sender(track, m);

        if (r != -ENXIO)
                must(r);
}

/* -- Adapter1 -- */

static int on_discoverers_gone(sd_bus_track *track _unused_, void *userdata)
{
        adapter_set_discovering(userdata, false);
        return 1; /* 0 would mean: ask again at once */
}

static int call_start_discovery(Standin *s, sd_bus_message *m, const Object *object, sd_bus_error *error)
{
        Adapter *a = object->data;

        if (!a->powered)
                return sd_bus_error_set(error, ERROR_PREFIX "NotReady", "Resource Not Ready");
        if (!a->discoverers)
                must(sd_bus_track_new(s->bus, &a->discoverers, on_discoverers_gone, a));
        if (sd_bus_track_count_sender(a->discoverers, m) > 0)
                return sd_bus_error_set(error, ERROR_PREFIX "InProgress", "Operation already in progress");
        track_sender(a->discoverers, m);
        must(sd_bus_reply_method_return(m, NULL));
        if (a->discovering)
                adapter_reconsider(a); /* its filter may be wider now */
        else
                adapter_set_discovering(a, true);
        return 1;
}

static int call_stop_discovery(
                Standin *s _unused_, sd_bus_message *m, const Object *object, sd_bus_error *error)
{
        Adapter *a = object->data;

        if (!a->powered)
                return sd_bus_error_set(error, ERROR_PREFIX "NotReady", "Resource Not Ready");
        if (!a->discoverers || sd_bus_track_count_sender(a->discoverers, m) == 0)
                return sd_bus_error_set(error, ERROR_PREFIX "Failed", "No discovery started");
        must(sd_bus_track_remove_sender(a->discoverers, m));
        must(sd_bus_reply_method_return(m, NULL));
        if (sd_bus_track_count(a->discoverers) == 0)
                adapter_set_discovering(a, false);
        return 1;
}

/* Of several UUIDs the first is kept; a strap of ours advertises one. */
static int call_set_discovery_filter(
                Standin *s _unused_, sd_bus_message *m, const Object *object, sd_bus_error *error)
{
        const char *name, *client = sd_bus_message_get_sender(m), *uuid = "";
        Adapter *a = object->data;
        int r;

        if (!a->powered)
                return sd_bus_error_set(error, ERROR_PREFIX "NotReady", "Resource Not Ready");
        r = sd_bus_message_enter_container(m, 'a', "{sv}");
        while (r >= 0 && (r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
                r = sd_bus_message_read(m, "s", &name);
                if (r >= 0 && strcmp(name, "UUIDs") == 0) {
                        r = sd_bus_message_enter_container(m, 'v', "as");
                        if (r >= 0)
                                r = sd_bus_message_enter_container(m, 'a', "s");
                        if (r >= 0)
                                r = sd_bus_message_read(m, "s", &uuid);
                        break;
                }
                if (r >= 0)
                        r = sd_bus_message_skip(m, "v");
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
        }
        if (r < 0)
                return sd_bus_error_set(error, ERROR_PREFIX "InvalidArguments", "Invalid arguments");
        if (uuid[0])
                log_line("note filter %s %s", a->id, uuid);
        if (!adapter_set_filter(a, client, uuid))
                return sd_bus_error_set(error, ERROR_PREFIX "Failed", "Too many filters");
        return sd_bus_reply_method_return(m, NULL);
}

static int call_remove_device(Standin *s, sd_bus_message *m, const Object *object, sd_bus_error *error)
{
        Object found;
        const char *path;
        Device *d;
        int r;

        r = sd_bus_message_read(m, "o", &path);
        if (r < 0)
                return r;
        if (!object_find(s, path, &found) || found.kind != OBJECT_DEVICE)
                return sd_bus_error_set(error, ERROR_PREFIX "DoesNotExist", "Does Not Exist");
        d = found.data;
        if (d->adapter != object->data)
                return sd_bus_error_set(error, ERROR_PREFIX "DoesNotExist", "Does Not Exist");
        if (!d->adapter->powered)
                return sd_bus_error_set(error, ERROR_PREFIX "NotReady", "Resource Not Ready");
        d->trusted = d->paired = false;
        device_link_down(d);
        device_unexport(d);
        must(sd_bus_reply_method_return(m, NULL));
        device_reconsider(d);
        return 1;
}

static int call_register_application(
                Standin *s _unused_, sd_bus_message *m, const Object *object, sd_bus_error *error)
{
        const char *path;
        int r;

        r = sd_bus_message_read(m, "o", &path);
        if (r < 0)
                return r;
        return registration_new(object->data, m, path, error);
}

static int call_unregister_application(
                Standin *s _unused_, sd_bus_message *m, const Object *object, sd_bus_error *error)
{
        const char *path;
        int r;

        r = sd_bus_message_read(m, "o", &path);
        if (r < 0)
                return r;
        return registration_remove(object->data, m, path, error);
}

/* -- Device1 -- */

static int call_connect(Standin *s _unused_, sd_bus_message *m, const Object *object, sd_bus_error *error)
{
        Device *d = object->data;

        if (!d->adapter->powered)
                return sd_bus_error_set(error, ERROR_PREFIX "Failed", "Input/output error");
        if (d->connect_call)
                return sd_bus_error_set(error, ERROR_PREFIX "Failed", "Operation already in progress");
        if (d->connected)
                return sd_bus_reply_method_return(m, NULL);
        device_connect(d, m);
        return 1;
}

static int call_disconnect(Standin *s _unused_, sd_bus_message *m, const Object *object, sd_bus_error *error)
{
        Device *d = object->data;

        if (d->connect_call) {
                device_cancel_connect(d, "br-connection-canceled");
                must(sd_bus_reply_method_return(m, NULL));
                if (!device_is_stored(d))
                        device_unexport(d);
                device_reconsider(d);
                return 1;
        }
        if (!d->connected)
                return sd_bus_error_set(error, ERROR_PREFIX "NotConnected", "Not Connected");
        d->rests = true;
        device_link_down(d);
        return sd_bus_reply_method_return(m, NULL);
}

static int call_pair(
                Standin *s _unused_, sd_bus_message *m _unused_, const Object *object, sd_bus_error *error)
{
        Device *d = object->data;

        /* As seen with 5.66: never a reply. */
        if (d->paired || !d->adapter->powered)
                return 1;
        return sd_bus_error_set(error, ERROR_PREFIX "AuthenticationFailed", "Authentication Failed");
}

/* -- GattCharacteristic1 -- */

static int on_clients_gone(sd_bus_track *track _unused_, void *userdata)
{
        Characteristic *c = userdata;

        characteristic_drop_clients(c);
        characteristic_set_notifying(c, false);
        return 1; /* 0 would mean: ask again at once */
}

static bool characteristic_has_client(Characteristic *c, sd_bus_message *m)
{
        if (!c->clients)
                must(sd_bus_track_new(c->device->standin->bus, &c->clients, on_clients_gone, c));
        return sd_bus_track_count_sender(c->clients, m) > 0;
}

/* bluetoothd begins to pair by itself, and nobody consents. */
static int start_notify_locked(Characteristic *c, sd_bus_message *m, sd_bus_error *error)
{
        switch (c->encryption) {
        case ENCRYPTION_NONE:
        case ENCRYPTION_NOT_PAIRED:
        case _ENCRYPTION_MAX:
        case _ENCRYPTION_INVALID:
                break;
        case ENCRYPTION_LOST:
                device_link_down(c->device);
                return sd_bus_error_set(
                                error, ERROR_PREFIX "Failed", "Operation failed with ATT error: 0x0e");
        case ENCRYPTION_DEAD:
                if (characteristic_has_client(c, m)) /* as far as bluetoothd knows it is subscribed */
                        return sd_bus_reply_method_return(m, NULL);
                track_sender(c->clients, m);
                device_link_dead(c->device);
                return 1;
        }
        return sd_bus_error_set(error, ERROR_PREFIX "NotPermitted", "Not paired");
}

static int call_start_notify(
                Standin *s _unused_, sd_bus_message *m, const Object *object, sd_bus_error *error)
{
        Characteristic *c = object->data;

        if (strcmp(c->flags[0], "notify") != 0)
                return sd_bus_error_set(error, ERROR_PREFIX "NotSupported", "Operation is not supported");
        if (c->acquired)
                return sd_bus_error_set(error, ERROR_PREFIX "NotPermitted", "Notify acquired");
        if (characteristic_is_locked(c))
                return start_notify_locked(c, m, error);
        if (!characteristic_has_client(c, m)) {
                track_sender(c->clients, m);
                if (c->device->connected && sd_bus_track_count(c->clients) > 0)
                        characteristic_set_notifying(c, true);
        }
        return sd_bus_reply_method_return(m, NULL);
}

static int call_stop_notify(Standin *s _unused_, sd_bus_message *m, const Object *object, sd_bus_error *error)
{
        Characteristic *c = object->data;

        /* Whichever client calls. */
        if (c->acquired) {
                characteristic_set_acquired(c, false);
                return sd_bus_reply_method_return(m, NULL);
        }
        if (!c->clients || sd_bus_track_count_sender(c->clients, m) == 0)
                return sd_bus_error_set(error, ERROR_PREFIX "Failed", "No notify session started");
        must(sd_bus_track_remove_sender(c->clients, m));
        if (sd_bus_track_count(c->clients) == 0) {
                characteristic_drop_clients(c);
                characteristic_set_notifying(c, false);
        }
        return sd_bus_reply_method_return(m, NULL);
}

static int call_read_value(Standin *s, sd_bus_message *m, const Object *object, sd_bus_error *error)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        Characteristic *c = object->data;

        if (strcmp(c->flags[0], "read") != 0)
                return sd_bus_error_set(error, ERROR_PREFIX "NotPermitted", "Read not permitted");
        if (!c->device->connected)
                return sd_bus_error_set(error, ERROR_PREFIX "Failed", "Not connected");
        memset(c->value, 0, sizeof(c->value));
        c->size = strcmp(c->uuid, UUID_BODY_SENSOR_LOCATION) == 0 ? 1
                                                                  : 8; /* of a machine: its features, none */
        if (c->size == 1)
                c->value[0] = c->device->location;
        must(sd_bus_message_new_method_return(m, &reply));
        must(sd_bus_message_append_array(reply, 'y', c->value, c->size));
        must(sd_bus_send(s->bus, reply, NULL));
        object_emit_changed(s, c->path, BLUEZ_CHARACTERISTIC_INTERFACE, "Value", NULL);
        return 1;
}

static int call_write_value(Standin *s _unused_, sd_bus_message *m, const Object *object, sd_bus_error *error)
{
        Characteristic *c = object->data;

        if (strcmp(c->flags[0], "write") != 0)
                return sd_bus_error_set(error, ERROR_PREFIX "NotPermitted", "Write not permitted");
        if (!c->device->connected)
                return sd_bus_error_set(error, ERROR_PREFIX "Failed", "Not connected");
        log_line("note written %s %s", c->device->address, c->uuid);
        return sd_bus_reply_method_return(m, NULL);
}

/* -- org.freedesktop.DBus.Properties -- */

static int set_bool(Standin *s, const Object *object, const char *name, bool value)
{
        Device *d = object->data;

        if (object->kind == OBJECT_ADAPTER && strcmp(name, "Powered") == 0) {
                adapter_switch(object->data, value);
                return 0;
        }
        if (object->kind != OBJECT_DEVICE)
                return -EROFS;
        if (strcmp(name, "Trusted") == 0)
                d->trusted = value;
        else if (strcmp(name, "Blocked") == 0)
                d->blocked = value;
        else
                return -EROFS;
        object_emit_changed(s, d->path, BLUEZ_DEVICE_INTERFACE, name, NULL);
        device_reconsider(d);
        return 0;
}

static int call_set(Standin *s, sd_bus_message *m, const Object *object, sd_bus_error *error)
{
        const char *interface, *name, *contents;
        char type;
        int r, value;

        r = sd_bus_message_read(m, "ss", &interface, &name);
        if (r < 0)
                return r;
        r = sd_bus_message_peek_type(m, &type, &contents);
        if (r < 0)
                return r;
        if (strcmp(contents, "b") != 0)
                return sd_bus_error_setf(error, SD_BUS_ERROR_INVALID_ARGS,
                                "Property '%s' cannot be set to that", name);
        r = sd_bus_message_read(m, "v", "b", &value);
        if (r < 0)
                return r;
        r = set_bool(s, object, name, value);
        if (r < 0)
                return sd_bus_error_setf(error, SD_BUS_ERROR_PROPERTY_READ_ONLY,
                                "Property '%s' is not writable", name);
        return sd_bus_reply_method_return(m, NULL);
}

/* -- Which method is meant -- */

static const struct {
        ObjectKind kind; /* _OBJECT_KIND_MAX: any */
        const char *interface, *member, *signature;
        int (*run)(Standin *s, sd_bus_message *m, const Object *object, sd_bus_error *error);
} methods[] = {
        { _OBJECT_KIND_MAX, "org.freedesktop.DBus.Properties", "Get", "ss", object_reply_get },
        { _OBJECT_KIND_MAX, "org.freedesktop.DBus.Properties", "GetAll", "s", object_reply_get_all },
        { _OBJECT_KIND_MAX, "org.freedesktop.DBus.Properties", "Set", "ssv", call_set },
        { OBJECT_ADAPTER, BLUEZ_ADAPTER_INTERFACE, "StartDiscovery", "", call_start_discovery },
        { OBJECT_ADAPTER, BLUEZ_ADAPTER_INTERFACE, "StopDiscovery", "", call_stop_discovery },
        { OBJECT_ADAPTER, BLUEZ_ADAPTER_INTERFACE, "SetDiscoveryFilter", "a{sv}", call_set_discovery_filter },
        { OBJECT_ADAPTER, BLUEZ_ADAPTER_INTERFACE, "RemoveDevice", "o", call_remove_device },
        { OBJECT_ADAPTER, BLUEZ_GATT_MANAGER_INTERFACE, "RegisterApplication", "oa{sv}",
                        call_register_application },
        { OBJECT_ADAPTER, BLUEZ_GATT_MANAGER_INTERFACE, "UnregisterApplication", "o",
                        call_unregister_application },
        { OBJECT_DEVICE, BLUEZ_DEVICE_INTERFACE, "Connect", "", call_connect },
        { OBJECT_DEVICE, BLUEZ_DEVICE_INTERFACE, "Disconnect", "", call_disconnect },
        { OBJECT_DEVICE, BLUEZ_DEVICE_INTERFACE, "Pair", "", call_pair },
        { OBJECT_CHARACTERISTIC, BLUEZ_CHARACTERISTIC_INTERFACE, "StartNotify", "", call_start_notify },
        { OBJECT_CHARACTERISTIC, BLUEZ_CHARACTERISTIC_INTERFACE, "StopNotify", "", call_stop_notify },
        { OBJECT_CHARACTERISTIC, BLUEZ_CHARACTERISTIC_INTERFACE, "ReadValue", "a{sv}", call_read_value },
        { OBJECT_CHARACTERISTIC, BLUEZ_CHARACTERISTIC_INTERFACE, "WriteValue", "aya{sv}", call_write_value },
};

static int call_run(Standin *s, sd_bus_message *m, sd_bus_error *error)
{
        const char *path = sd_bus_message_get_path(m), *interface = sd_bus_message_get_interface(m);
        const char *member = sd_bus_message_get_member(m);
        Object object;

        if (strcmp(path, "/") == 0 && strcmp(member, "GetManagedObjects") == 0)
                return object_reply_managed(s, m);
        if (strcmp(member, "Introspect") == 0 &&
                        (strcmp(path, "/org/bluez") == 0 || object_find(s, path, &object)))
                return object_reply_introspect(s, m);
        if (!object_find(s, path, &object))
                return sd_bus_error_setf(error, SD_BUS_ERROR_UNKNOWN_OBJECT, "Unknown object '%s'.", path);
        for (size_t i = 0; i < ELEMENTSOF(methods); i++)
                if ((methods[i].kind == object.kind || methods[i].kind == _OBJECT_KIND_MAX) &&
                                strcmp(methods[i].member, member) == 0 &&
                                (!interface || strcmp(methods[i].interface, interface) == 0) &&
                                sd_bus_message_has_signature(m, methods[i].signature))
                        return methods[i].run(s, m, &object, error);
        return sd_bus_error_setf(error, SD_BUS_ERROR_UNKNOWN_METHOD, "Method \"%s\" doesn't exist", member);
}

/* After never and delay: fails, or carries it out. */
static void call_answer(Standin *s, sd_bus_message *m)
{
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        Rule *rule = rule_find(s, sd_bus_message_get_member(m));
        int r;

        if (rule && times_take(&rule->failures)) {
                (void)sd_bus_reply_method_errorf(m, rule->error, "%s", rule->message);
                return;
        }
        r = call_run(s, m, &error);
        if (r < 0)
                (void)sd_bus_reply_method_errno(m, r, &error);
}

/* -- Coming in -- */

static void write_printable(FILE *f, const char *text)
{
        for (; *text; text++)
                fputc((unsigned char)*text < 0x20 || *text == 0x7f ? '?' : *text, f);
}

/* Arguments worth asserting on: paths, names, a boolean or bytes; others are left out. */
static void write_arguments(FILE *f, sd_bus_message *m)
{
        const char *text, *contents;
        const void *bytes;
        size_t size;
        int value;
        char type;

        while (sd_bus_message_peek_type(m, &type, &contents) > 0 && strchr("so", type)) {
                if (sd_bus_message_read_basic(m, type, &text) < 0)
                        return;
                fputc(' ', f);
                write_printable(f, text);
        }
        if (sd_bus_message_peek_type(m, &type, &contents) <= 0)
                return;
        if (type == 'v' && strcmp(contents, "b") == 0 && sd_bus_message_read(m, "v", "b", &value) >= 0)
                fputs(value ? " true" : " false", f);
        else if (type == 'a' && strcmp(contents, "y") == 0 &&
                        sd_bus_message_read_array(m, 'y', &bytes, &size) >= 0)
                for (size_t i = 0; i < size; i++)
                        fprintf(f, " %02x", ((const uint8_t *)bytes)[i]);
}

static void call_log(Standin *s, sd_bus_message *m)
{
        Member *member = calls_member(s, sd_bus_message_get_member(m));
        _cleanup_free_ char *arguments = NULL;
        size_t size;
        FILE *f;

        f = open_memstream(&arguments, &size);
        must(f ? 0 : -ENOMEM);
        write_arguments(f, m);
        fclose(f);
        must(sd_bus_message_rewind(m, true));
        log_line("call %s %s%s", sd_bus_message_get_member(m), sd_bus_message_get_path(m), arguments);
        if (member)
                member->received++;
}

static PendingCall *pending_free(PendingCall *p)
{
        if (!p)
                return NULL;
        for (size_t i = 0; i < CALLS_MAX; i++)
                if (p->standin->calls[i] == p)
                        p->standin->calls[i] = NULL;
        timer_disarm(&p->timer);
        sd_bus_message_unref(p->message);
        free(p);
        return NULL;
}

void calls_drop_pending(Standin *s)
{
        for (size_t i = 0; i < CALLS_MAX; i++)
                pending_free(s->calls[i]);
}

/* Taken off the list first: carrying it out may end other calls, or its own object. */
static void pending_answer(PendingCall *p)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = sd_bus_message_ref(p->message);
        Standin *s = p->standin;

        pending_free(p);
        call_answer(s, m);
}

static int on_pending(sd_event_source *source _unused_, uint64_t usec _unused_, void *userdata)
{
        pending_answer(userdata);
        return 0;
}

void calls_end_below(Standin *s, const char *path)
{
        size_t n = strlen(path);

        for (size_t i = 0; i < CALLS_MAX; i++) {
                const char *called = s->calls[i] ? sd_bus_message_get_path(s->calls[i]->message) : "";

                if (strncmp(called, path, n) == 0 && (called[n] == '\0' || called[n] == '/'))
                        pending_answer(s->calls[i]);
        }
}

static bool same_text(const char *a, const char *b)
{
        return a && b && strcmp(a, b) == 0;
}

/* bluetoothd handles calls in the order in which they come: calls to one interface of an object never overtake each other. */
static void calls_end_before(Standin *s, sd_bus_message *m)
{
        for (size_t i = 0; i < CALLS_MAX; i++) {
                sd_bus_message *earlier = s->calls[i] ? s->calls[i]->message : NULL;

                if (earlier && same_text(sd_bus_message_get_path(earlier), sd_bus_message_get_path(m)) &&
                                same_text(sd_bus_message_get_interface(earlier),
                                                sd_bus_message_get_interface(m)))
                        pending_answer(s->calls[i]);
        }
}

static int call_postpone(Standin *s, sd_bus_message *m, usec_t delay_usec, sd_bus_error *error)
{
        for (size_t i = 0; i < CALLS_MAX; i++) {
                PendingCall *p;

                if (s->calls[i])
                        continue;
                p = calloc(1, sizeof(*p));
                must(p ? 0 : -ENOMEM);
                *p = (PendingCall){ .standin = s, .message = sd_bus_message_ref(m) };
                s->calls[i] = p;
                timer_arm(s->event, &p->timer, delay_usec, on_pending, p);
                return 1;
        }
        return sd_bus_error_set(error, SD_BUS_ERROR_LIMITS_EXCEEDED, "Too many calls are being delayed");
}

int calls_dispatch(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Standin *s = userdata;
        Rule *rule;
        uint8_t type;

        must(sd_bus_message_get_type(m, &type));
        if (type != SD_BUS_MESSAGE_METHOD_CALL ||
                        sd_bus_message_is_method_call(m, "org.freedesktop.DBus.Peer", NULL))
                return 0;
        call_log(s, m);
        if (sd_bus_message_get_sender(m))
                track_sender(s->callers, m);

        rule = rule_find(s, sd_bus_message_get_member(m));
        if (rule && times_take(&rule->silences))
                return 1;
        calls_end_before(s, m);
        if (rule && rule->delay_usec > 0)
                return call_postpone(s, m, rule->delay_usec, error);
        call_answer(s, m);
        return 1;
}
