/* SPDX-License-Identifier: MIT */
/* Our GattProfile1 for the services of sensors, registered with every adapter. It makes bluetoothd put known sensors on the
 * kernel's accept list, so that they are connected whenever they advertise, without scanning and without us. Times are
 * CLOCK_BOOTTIME.
 *
 * bluetoothd reads our objects before it answers RegisterApplication, so that call must never block. */

#include "bluez/profile.h"

#include "bluez/call.h"
#include "bluez/dirty.h"
#include "bluez/internal.h"
#include "bluez/objects.h"
#include "shared/name-owner.h"
#include "bluez/services.h"
#include "cardio/bus-api.h"
#include "log.h"

/* Paths of our GATT application on the bus, and of its profile. */
#define PROFILE_ROOT   "/cardiod"
#define PROFILE_OBJECT "/cardiod/sensors"

#define REGISTER_TIMEOUT_USEC (30 * USEC_PER_SEC)

static int property_uuids(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        int r = sd_bus_message_open_container(reply, 'a', "s");

        (void)bus, (void)path, (void)interface, (void)property, (void)userdata, (void)error;
        for (size_t i = 0; r >= 0 && service_uuid(i); i++)
                r = sd_bus_message_append(reply, "s", service_uuid(i));
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

/* bluetoothd drops our profile. Its own bus policy keeps this call from arriving; the loss of its name says the same. */
static int method_release(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        const Bluez *b = userdata;

        if (!name_owner_is_sender(&b->owner, m))
                return sd_bus_error_set(
                                error, SD_BUS_ERROR_ACCESS_DENIED, "Only org.bluez may release its profile");
        return sd_bus_reply_method_return(m, NULL);
}

static const sd_bus_vtable profile_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD("Release", NULL, NULL, method_release, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_PROPERTY("UUIDs", "as", property_uuids, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_VTABLE_END,
};

int profile_export(Bluez *b)
{
        int r = sd_bus_add_object_manager(b->bus, &b->object_manager_slot, PROFILE_ROOT);

        if (r < 0)
                return r;
        return sd_bus_add_object_vtable(b->bus, &b->profile_slot, PROFILE_OBJECT,
                        BLUEZ_GATT_PROFILE_INTERFACE, profile_vtable, b);
}

/* Without a registration only we reconnect this adapter's sensors. */
static void adapter_mark_devices(Adapter *a)
{
        for (size_t i = 0; i < a->bluez->n_devices; i++)
                if (bluez_adapter_of(a->bluez, a->bluez->devices[i]->path) == a)
                        device_mark(a->bluez->devices[i]);
}

static int on_retry(sd_event_source *source, uint64_t usec, void *userdata)
{
        Adapter *a = userdata;

        (void)source, (void)usec;
        a->retry = sd_event_source_disable_unref(a->retry);
        adapter_register(a);
        return 0;
}

static int on_registered(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Adapter *a = userdata;
        const sd_bus_error *e = sd_bus_message_get_error(m);
        char text[BLUEZ_ERROR_SIZE];

        (void)error;
        a->register_slot = sd_bus_slot_unref(a->register_slot);
        a->registered = !e || sd_bus_error_has_name(e, "org.bluez.Error.AlreadyExists");
        if (a->registered) {
                a->failures = 0;
                a->register_failed = false;
                log_debug("%s: profile of sensors registered", a->path);
                return 0;
        }
        if (!a->register_failed)
                log_warning("%s: cannot register the profile of sensors, connecting them directly: %s",
                                a->path, bluez_error_text(e, text));
        a->register_failed = true;
        a->failures++;
        /* Without memory for a timer the adapter's next change tries again. */
        (void)sd_event_add_time_relative(a->bluez->event, &a->retry, CLOCK_BOOTTIME,
                        bluez_back_off(a->failures), 0, on_retry, a);
        adapter_mark_devices(a);
        return 0;
}

void adapter_register(Adapter *a)
{
        sd_bus_message *call = NULL;
        int r;

        if (!a->gatt_manager || a->registered || a->register_slot || a->retry)
                return;
        r = sd_bus_message_new_method_call(a->bluez->bus, &call, BLUEZ_BUS_NAME, a->path,
                        BLUEZ_GATT_MANAGER_INTERFACE, "RegisterApplication");
        if (r >= 0)
                r = sd_bus_message_append(call, "oa{sv}", PROFILE_ROOT, 0);
        if (r >= 0)
                r = sd_bus_call_async(a->bluez->bus, &a->register_slot, call, on_registered, a,
                                REGISTER_TIMEOUT_USEC);
        sd_bus_message_unref(call);
        if (r < 0)
                log_warning("%s: cannot register the profile of sensors: %s", a->path, strerror(-r));
}
