/* SPDX-License-Identifier: MIT */

/* A strap, what bluetoothd has of it, and its link. strap_reconsider() compares what is wanted with what is there and
 * does the next thing that is missing; what fails is tried again, since an adapter appears later than its bluetoothd.
 * Times run on CLOCK_BOOTTIME. */

#include "peripheral.h"

#include <endian.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cardio/bus-api.h"

#define RETRY_USEC        (300 * USEC_PER_MSEC)
#define CALL_TIMEOUT_USEC (10 * USEC_PER_SEC)

/* The kernel's management socket, from the kernel's Documentation and BlueZ's doc/mgmt-api.txt. */
#define BLUETOOTH_HCI          1
#define HCI_CHANNEL_CONTROL    3
#define HCI_DEV_NONE           0xffff
#define MANAGEMENT_DISCONNECT  0x0014
#define MANAGEMENT_LE_PUBLIC   1
#define BLUETOOTH_ADDRESS_SIZE 6

/* -- What bluetoothd has -- */

static int on_retry(sd_event_source *source _unused_, uint64_t usec _unused_, void *userdata)
{
        strap_reconsider(userdata);
        return 0;
}

/* Calls a method that is answered with nothing. bluetoothd is never started by it. */
static void strap_call(Strap *s, sd_bus_slot **slot, const char *interface, const char *member, bool options,
                const char *object, sd_bus_message_handler_t handler)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;

        must(sd_bus_message_new_method_call(
                        s->peripheral->bus, &m, BLUEZ_BUS_NAME, s->adapter_path, interface, member));
        must(sd_bus_message_set_auto_start(m, false));
        must(sd_bus_message_append(m, "o", object));
        if (options)
                must(sd_bus_message_append(m, "a{sv}", 0));
        must(sd_bus_call_async(s->peripheral->bus, slot, m, handler, s, CALL_TIMEOUT_USEC));
}

/* Returns whether it is done; an object that is there already is as good. */
static bool strap_take_answer(Strap *s, sd_bus_message *m, sd_bus_slot **slot)
{
        const sd_bus_error *e = sd_bus_message_get_error(m);

        *slot = sd_bus_slot_unref(*slot);
        if (!e || sd_bus_error_has_name(e, "org.bluez.Error.AlreadyExists"))
                return true;
        timer_arm(s->peripheral->event, &s->retry, RETRY_USEC, on_retry, s);
        return false;
}

static int on_registered(sd_bus_message *m, void *userdata, sd_bus_error *error _unused_)
{
        Strap *s = userdata;

        if (!strap_take_answer(s, m, &s->application_slot))
                return 0;
        s->registered = true;
        log_line("note registered %s", s->address);
        /* bluetoothd's own GAP service exports the adapter's name, and a central takes it for the strap's. */
        must(sd_bus_call_method_async(s->peripheral->bus, NULL, BLUEZ_BUS_NAME, s->adapter_path,
                        "org.freedesktop.DBus.Properties", "Set", NULL, NULL, "ssv", BLUEZ_ADAPTER_INTERFACE,
                        "Alias", "s", s->name));
        if (s->central)
                strap_ask_link(s, s->central);
        strap_reconsider(s);
        return 0;
}

static int on_advertised(sd_bus_message *m, void *userdata, sd_bus_error *error _unused_)
{
        Strap *s = userdata;

        if (!strap_take_answer(s, m, &s->advertisement_slot))
                return 0;
        s->advertised = true;
        log_line("note advertised %s", s->address);
        strap_reconsider(s);
        return 0;
}

static int on_silent(sd_bus_message *m, void *userdata, sd_bus_error *error _unused_)
{
        Strap *s = userdata;

        if (strap_take_answer(s, m, &s->advertisement_slot)) {
                s->advertised = false;
                strap_reconsider(s);
        }
        return 0;
}

void strap_reconsider(Strap *s)
{
        static const char interface[] = "org.bluez.LEAdvertisingManager1";

        if (!s->peripheral->bus || s->application_slot || s->advertisement_slot)
                return;
        timer_disarm(&s->retry);
        if (!s->registered)
                strap_call(s, &s->application_slot, BLUEZ_GATT_MANAGER_INTERFACE, "RegisterApplication", true,
                                s->root, on_registered);
        else if (s->wants_advertising && !s->advertised)
                strap_call(s, &s->advertisement_slot, interface, "RegisterAdvertisement", true,
                                s->advertisement, on_advertised);
        else if (!s->wants_advertising && s->advertised)
                strap_call(s, &s->advertisement_slot, interface, "UnregisterAdvertisement", false,
                                s->advertisement, on_silent);
}

void strap_set_advertising(Strap *s, bool advertising)
{
        s->wants_advertising = advertising;
        strap_reconsider(s);
}

void strap_forget(Strap *s)
{
        s->application_slot = sd_bus_slot_unref(s->application_slot);
        s->advertisement_slot = sd_bus_slot_unref(s->advertisement_slot);
        timer_disarm(&s->retry);
        s->registered = s->advertised = s->connected = false;
        for (AttributeId id = 0; id < _ATTRIBUTE_ID_MAX; id++)
                s->attributes[id].notifying = false;
}

/* -- The link -- */

/* What was asked about which device; it lives as long as the call. */
typedef struct LinkQuestion {
        Strap *strap;
        char *device;
} LinkQuestion;

static void link_question_free(void *userdata)
{
        LinkQuestion *q = userdata;

        free(q->device);
        free(q);
}

/* The adapter may know devices that are no centrals, as it takes part in discovery. */
static int on_link(sd_bus_message *m, void *userdata, sd_bus_error *error _unused_)
{
        const LinkQuestion *q = userdata;
        Strap *s = q->strap;
        int connected = false;

        if (!sd_bus_message_is_method_error(m, NULL))
                must(sd_bus_message_read(m, "v", "b", &connected));
        if (!connected && (!s->central || strcmp(s->central, q->device) != 0))
                return 0;
        if (connected) {
                free(s->central);
                s->central = must_copy(q->device);
        }
        if (s->connected == !!connected)
                return 0;
        s->connected = connected;
        log_line("note %s %s", connected ? "connected" : "disconnected", s->address);
        return 0;
}

void strap_ask_link(Strap *s, const char *device)
{
        LinkQuestion *q = calloc(1, sizeof(*q));
        sd_bus_slot *slot;

        must(q ? 0 : -ENOMEM);
        *q = (LinkQuestion){ .strap = s, .device = must_copy(device) };
        must(sd_bus_call_method_async(s->peripheral->bus, &slot, BLUEZ_BUS_NAME, device,
                        "org.freedesktop.DBus.Properties", "Get", on_link, q, "ss", BLUEZ_DEVICE_INTERFACE,
                        "Connected"));
        must(sd_bus_slot_set_destroy_callback(slot, link_question_free));
        /* It lives as long as the bus, which dies before the strap. */
        must(sd_bus_slot_set_floating(slot, true));
        sd_bus_slot_unref(slot);
}

/* dev_AA_BB_CC_DD_EE_FF, at the end of a path, as the kernel has it: the last byte first. */
static bool read_address(const char *path, uint8_t ret[static BLUETOOTH_ADDRESS_SIZE])
{
        unsigned byte[BLUETOOTH_ADDRESS_SIZE];
        const char *device = strstr(path, "/dev_");

        if (!device || sscanf(device, "/dev_%2x_%2x_%2x_%2x_%2x_%2x", &byte[5], &byte[4], &byte[3], &byte[2],
                                       &byte[1], &byte[0]) != BLUETOOTH_ADDRESS_SIZE)
                return false;
        for (size_t i = 0; i < BLUETOOTH_ADDRESS_SIZE; i++)
                ret[i] = (uint8_t)byte[i];
        return true;
}

void strap_disconnect(Strap *s)
{
        const struct {
                sa_family_t family;
                uint16_t device, channel;
        } address = { AF_BLUETOOTH, HCI_DEV_NONE, HCI_CHANNEL_CONTROL };
        struct __attribute__((__packed__)) {
                uint16_t command, adapter, size;
                uint8_t address[BLUETOOTH_ADDRESS_SIZE], address_type;
        } message = {
                .command = htole16(MANAGEMENT_DISCONNECT),
                .size = htole16(BLUETOOTH_ADDRESS_SIZE + 1),
                .address_type = MANAGEMENT_LE_PUBLIC,
        };
        unsigned number;
        int fd;

        if (!s->central || !read_address(s->central, message.address) ||
                        sscanf(s->adapter, "hci%u", &number) != 1)
                return;
        message.adapter = htole16((uint16_t)number);
        fd = socket(AF_BLUETOOTH, SOCK_RAW | SOCK_CLOEXEC, BLUETOOTH_HCI);
        must(fd < 0 ? -errno : 0);
        must(bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ? -errno : 0);
        must(write(fd, &message, sizeof(message)) < 0 ? -errno : 0);
        close(fd);
}

/* -- A hold on the link -- */

#define BLUETOOTH_L2CAP 0
#define LE_PSM          0x0080 /* the first that anybody may use */

typedef struct LinkAddress {
        sa_family_t family;
        uint16_t psm;
        uint8_t address[BLUETOOTH_ADDRESS_SIZE];
        uint16_t channel;
        uint8_t address_type;
} LinkAddress;

/* Returns a socket bound to that adapter. */
static int link_socket(const uint8_t address[static BLUETOOTH_ADDRESS_SIZE], uint16_t psm)
{
        LinkAddress own = {
                .family = AF_BLUETOOTH, .psm = htole16(psm), .address_type = MANAGEMENT_LE_PUBLIC
        };
        int fd;

        fd = socket(AF_BLUETOOTH, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, BLUETOOTH_L2CAP);
        must(fd < 0 ? -errno : 0);
        memcpy(own.address, address, sizeof(own.address));
        must(bind(fd, (const struct sockaddr *)&own, sizeof(own)) < 0 ? -errno : 0);
        return fd;
}

void strap_hold(Strap *s)
{
        LinkAddress other = {
                .family = AF_BLUETOOTH, .psm = htole16(LE_PSM), .address_type = MANAGEMENT_LE_PUBLIC
        };
        _cleanup_free_ char *own = NULL;
        uint8_t central[BLUETOOTH_ADDRESS_SIZE];

        strap_let_go(s);
        own = must_format("/dev_%s", s->address);
        for (char *p = own; *p; p++)
                if (*p == ':')
                        *p = '_';
        if (!s->central || !read_address(s->central, central) || !read_address(own, other.address))
                return;
        s->hold[0] = link_socket(other.address, LE_PSM);
        must(listen(s->hold[0], 1) < 0 ? -errno : 0);
        s->hold[1] = link_socket(central, 0);
        must(connect(s->hold[1], (const struct sockaddr *)&other, sizeof(other)) < 0 && errno != EINPROGRESS
                                        ? -errno
                                        : 0);
}

bool strap_is_held(const Strap *s)
{
        struct pollfd p = { .fd = s->hold[1], .events = POLLOUT };

        return s->hold[1] >= 0 && poll(&p, 1, 0) == 1 && p.revents == POLLOUT;
}

void strap_let_go(Strap *s)
{
        for (size_t i = 0; i < ELEMENTSOF(s->hold); i++) {
                if (s->hold[i] >= 0)
                        close(s->hold[i]);
                s->hold[i] = -1;
        }
}

/* -- Itself -- */

static void strap_send(void *userdata, const uint8_t *value, size_t size)
{
        Strap *s = userdata;
        Attribute *a = &s->attributes[ATTRIBUTE_MEASUREMENT];

        if (!a->notifying)
                log_line("note lost %s", s->address);
        attribute_set(a, value, size);
}

Strap *strap_new(Peripheral *p, const char *adapter, const char *address, const char *name,
                uint16_t appearance, StrapDemand demand, StrapKind kind)
{
        size_t i = 0;
        Strap *s;

        while (i < STRAPS_MAX && p->straps[i])
                i++;
        if (i == STRAPS_MAX)
                return NULL;
        s = calloc(1, sizeof(*s));
        must(s ? 0 : -ENOMEM);
        *s = (Strap){
                .peripheral = p,
                .adapter = must_copy(adapter),
                .adapter_path = must_format("/org/bluez/%s", adapter),
                .address = must_copy(address),
                .name = must_copy(name),
                .appearance = appearance,
                .demand = demand,
                .kind = kind,
                .root = must_format("/strap%zu", i),
                .advertisement = must_format("/strap%zu/advertisement", i),
                .hold = { -1, -1 },
                .sender = { .event = p->event, .send = strap_send, .userdata = s },
        };
        for (AttributeId id = 0; id < _ATTRIBUTE_ID_MAX; id++)
                s->attributes[id] = (Attribute){ .strap = s, .id = id };
        attribute_set(&s->attributes[ATTRIBUTE_BODY_SENSOR_LOCATION], (const uint8_t[]){ 1 }, 1);
        attribute_set(&s->attributes[ATTRIBUTE_BATTERY_LEVEL], (const uint8_t[]){ 90 }, 1);
        p->straps[i] = s;
        return s;
}

Strap *strap_free(Strap *s)
{
        if (!s)
                return NULL;
        programme_free(s->sender.programme);
        strap_let_go(s);
        strap_forget(s);
        for (AttributeId id = 0; id < _ATTRIBUTE_ID_MAX; id++)
                free(s->attributes[id].path);
        free(s->adapter);
        free(s->adapter_path);
        free(s->address);
        free(s->name);
        free(s->root);
        free(s->advertisement);
        free(s->central);
        free(s);
        return NULL;
}

Strap *strap_find(Peripheral *p, const char *address)
{
        for (size_t i = 0; i < STRAPS_MAX && p->straps[i]; i++)
                if (strcasecmp(p->straps[i]->address, address) == 0)
                        return p->straps[i];
        return NULL;
}

void strap_export(Strap *s)
{
        if (!s->peripheral->bus)
                return;
        strap_export_objects(s, s->peripheral->bus);
        strap_reconsider(s);
}
