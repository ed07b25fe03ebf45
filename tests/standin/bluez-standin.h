/* SPDX-License-Identifier: MIT */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "script.h"

/* The parts of bluez-standin. The language of its scripts is described at the head of bluez-standin.c. */

#define ADAPTERS_MAX        4U
#define STRAPS_MAX          128U
#define SERVICES_MAX        3U
#define CHARACTERISTICS_MAX 10U
#define SERVICE_DATA_MAX    16U
#define REGISTRATIONS_MAX   32U
#define RULES_MAX           16U
#define FILTERS_MAX         8U
#define CALLS_MAX           256U
#define MEMBERS_MAX         64U

typedef struct Standin Standin;
typedef struct Device Device;

/* The order in which services and ServicesResolved are signalled. */
typedef enum GattOrder {
        GATT_FIRST,
        GATT_AFTER_RESOLVED,
        GATT_NEVER,
        _GATT_ORDER_MAX,
        _GATT_ORDER_INVALID = -EINVAL,
} GattOrder;

/* The result of StartNotify on a characteristic that demands encryption, without a pairing. */
typedef enum Encryption {
        ENCRYPTION_NONE,
        ENCRYPTION_NOT_PAIRED, /* an error that says so */
        ENCRYPTION_LOST,       /* ATT error 0x0e, and the link is lost */
        ENCRYPTION_DEAD,       /* nothing, and the link is dead until the ATT time-out ends it */
        _ENCRYPTION_MAX,
        _ENCRYPTION_INVALID = -EINVAL,
} Encryption;

/* The first members of the objects below are read by the property tables in bluez-standin-objects.c. */

/* What a discovering client wants to see: devices with that service. */
typedef struct Filter {
        char *client, *uuid;
} Filter;

typedef struct Adapter {
        Standin *standin;
        char *path, *id, *address;
        const char *power_state; /* off-blocked; NULL = no such property, as in an older bluetoothd */
        bool powered, discovering;
        bool switched_on; /* the value of Powered once bluetoothd finds the adapter */
        bool exported;
        sd_bus_track *discoverers;
        Filter filters[FILTERS_MAX];
        sd_event_source *export_timer, *power_timer;
} Adapter;

/* What a device offers. */
typedef enum ServiceKind {
        SERVICE_HEART_RATE,
        SERVICE_HEART_RATE_TWICE, /* measured by two characteristics */
        SERVICE_HEART_RATE_EMPTY, /* no characteristic in it */
        SERVICE_RUNNING_SPEED,
        SERVICE_TREADMILL, /* a Fitness Machine … */
        SERVICE_BIKE,      /* … and another one */
        SERVICE_OTHER,
        _SERVICE_KIND_MAX,
        _SERVICE_KIND_INVALID = -EINVAL,
} ServiceKind;

typedef struct Service {
        const char *uuid;
        char *path, *device_path;
        bool primary;
        unsigned handle; /* behind the device's */
} Service;

typedef struct Characteristic {
        Device *device;
        const char *uuid;
        const char *const *flags;
        char *path, *service_path;
        const Service *service;
        unsigned handle; /* behind the service's */
        uint8_t value[VALUE_MAX];
        size_t size;
        bool notifying; /* as the property: it stays true when the link goes */
        bool acquired;  /* another program has called AcquireNotify */
        Encryption encryption;
        bool gone;             /* it was removed, and the others were not */
        sd_bus_track *clients; /* who called StartNotify */
} Characteristic;

struct Device {
        Standin *standin;
        Adapter *adapter;
        char *path, *address, *name, *adapter_path;
        const char *address_type;
        char *icon;
        uint16_t appearance;                    /* 0 = no such property */
        bool hidden;                            /* its advertisements do not name its service */
        uint8_t service_data[SERVICE_DATA_MAX]; /* of the Fitness Machine Service, in its advertisements */
        size_t service_data_size;
        bool seen;          /* by a discovery: bluetoothd has what its advertisements say */
        size_t measurement; /* which of two it sends by */
        bool paired, trusted, blocked, connected, resolved, primary;
        bool advertising; /* connectable and visible whenever it is not connected */
        bool exported;    /* bluetoothd knows it */
        bool gatt;        /* its GATT objects exist */
        bool discovered;  /* its services were read once: UUIDs is complete */
        bool has_battery, battery_exported, has_rssi;
        bool rests; /* after our own Disconnect(): no auto-connect */
        int16_t rssi;
        uint8_t battery;
        uint8_t location;
        unsigned handle;
        Service services[SERVICES_MAX]; /* the first is the one that it advertises */
        size_t n_services;
        Characteristic characteristics[CHARACTERISTICS_MAX];
        size_t n_characteristics;
        sd_bus_message *connect_call;
        sd_event_source *link_timer, *attempt_timer, *resolve_timer, *removal_timer, *dead_timer;
        Sender sender;
};

/* A GattProfile1 for sensors that a client has registered, or is about to while `call` is set. */
typedef struct Registration {
        Standin *standin;
        Adapter *adapter;
        char *client, *path;
        sd_bus_message *call;
        sd_bus_slot *query;
        sd_bus_track *track;
        unsigned services; /* that it names, a bit for each of sensor_service() */
} Registration;

/* The script's rule for a method: fail, delay, never. */
typedef struct Rule {
        char *member;
        usec_t delay_usec;
        char *error, *message;
        unsigned silences, failures; /* how many more; UINT_MAX = for ever */
} Rule;

/* Whether the rule applies once more; counts it. */
static inline bool times_take(unsigned *times)
{
        if (*times == 0)
                return false;
        if (*times != UINT_MAX)
                (*times)--;
        return true;
}

typedef struct Member {
        char *name;
        unsigned received, expected;
} Member;

/* A call that is answered later. */
typedef struct PendingCall {
        Standin *standin;
        sd_bus_message *message;
        sd_event_source *timer;
} PendingCall;

typedef struct Settings {
        usec_t link_usec;            /* from a wish to connect and an advertisement to the link */
        usec_t resolve_usec;         /* from the link to ServicesResolved */
        usec_t connect_timeout_usec; /* of an attempt that the strap does not answer */
        usec_t temporary_usec;       /* an untrusted device is removed so long after it was last seen */
        usec_t dead_usec;            /* the ATT time-out: a dead link is lost then */
        usec_t adapter_usec;         /* from bluetoothd's name to its adapters */
        unsigned duplicate;          /* signals for each notification and client */
        bool resolve_by_hand;
        bool drop_in_two; /* ServicesResolved=false and Connected=false in two signals */
        bool silent_link; /* Connected=true is not signalled */
        bool stamps;      /* the log has the time at which each notification was sent */
        GattOrder order;
        unsigned order_times; /* for this many more links, then GATT_FIRST; UINT_MAX = for ever */
} Settings;

struct Standin {
        sd_event *event;
        sd_bus *bus;      /* NULL while bluetoothd is down */
        sd_bus *stranger; /* never owns org.bluez */
        sd_bus_track *callers;
        Settings settings;
        Adapter *adapters[ADAPTERS_MAX];
        Device *devices[STRAPS_MAX];
        Registration *registrations[REGISTRATIONS_MAX];
        Rule rules[RULES_MAX];
        size_t n_rules;
        PendingCall *calls[CALLS_MAX];
        Member members[MEMBERS_MAX];
        size_t n_members;
        Script *script;
};

/* -- bluez-standin.c: bluetoothd itself -- */

int bluetoothd_start(Standin *s);
/* kindly: like `systemctl stop`; else like kill -9. */
void bluetoothd_stop(Standin *s, bool kindly);

/* -- bluez-standin-objects.c: what the bus sees -- */

typedef enum ObjectKind {
        OBJECT_ADAPTER,
        OBJECT_DEVICE,
        OBJECT_SERVICE,
        OBJECT_CHARACTERISTIC,
        _OBJECT_KIND_MAX,
        _OBJECT_KIND_INVALID = -EINVAL,
} ObjectKind;

typedef struct Object {
        ObjectKind kind;
        const char *path;
        void *data; /* Adapter, Device, Service, Characteristic */
} Object;

#define OBJECTS_MAX (ADAPTERS_MAX + STRAPS_MAX * (1 + SERVICES_MAX + CHARACTERISTICS_MAX))

/* Returns false if no such object is exported. */
bool object_find(Standin *s, const char *path, Object *ret);
void object_emit_added(Standin *s, const char *path);
void object_emit_removed(Standin *s, const char *path);
void object_emit_battery(Device *d, bool added);
/* The names end with NULL. */
void object_emit_changed(Standin *s, const char *path, const char *interface, ...)
                __attribute__((__sentinel__));
int object_reply_managed(Standin *s, sd_bus_message *m);
int object_reply_introspect(Standin *s, sd_bus_message *m);
int object_reply_get(Standin *s, sd_bus_message *m, const Object *object, sd_bus_error *error);
int object_reply_get_all(Standin *s, sd_bus_message *m, const Object *object, sd_bus_error *error);

/* -- bluez-standin-world.c: adapters, straps and links -- */

Adapter *adapter_new(Standin *s, const char *id, bool switched_on);
Adapter *adapter_free(Adapter *a);
Adapter *adapter_find(Standin *s, const char *id);
/* bluetoothd finds the adapter, after a delay; or it is unplugged. */
void adapter_export_later(Adapter *a);
void adapter_unplug(Adapter *a);
void adapter_switch(Adapter *a, bool on);
/* Off, and it cannot be switched on. */
void adapter_block(Adapter *a);
void adapter_drop_filters(Adapter *a);
/* Something has changed for all its devices. */
void adapter_reconsider(Adapter *a);
void adapter_set_discovering(Adapter *a, bool discovering);
/* A client's filter, "" = none. Returns false if there are too many. */
bool adapter_set_filter(Adapter *a, const char *client, const char *uuid);

Device *device_new(Adapter *a, const char *address);
Device *device_free(Device *d);
/* By address, or by adapter and address as in hci1/AA:BB:CC:DD:EE:FF. */
Device *device_find(Standin *s, const char *address);
void device_export(Device *d);
void device_unexport(Device *d);
bool device_is_stored(const Device *d);
/* Something has changed that may let the link come up, or a temporary device vanish. */
void device_reconsider(Device *d);
void device_set_advertising(Device *d, bool advertising);
void device_set_rssi(Device *d, int16_t rssi);
void device_link_up(Device *d);
void device_link_down(Device *d);
/* The strap goes and comes back before BlueZ signals it: Connected is never seen false. */
void device_flicker(Device *d);
void device_resolve(Device *d);
void device_set_battery(Device *d, int percentage);
void device_connect(Device *d, sd_bus_message *call);
void device_cancel_connect(Device *d, const char *reason);

/* -- bluez-standin-gatt.c: services and characteristics -- */

/* Services of sensors by index, NULL after the last. */
const char *sensor_service(size_t i);
/* Adds a service, with its characteristics. Returns false if there is no room. */
bool device_add_service(Device *d, ServiceKind kind);
void device_name_gatt(Device *d);
void device_set_gatt(Device *d, bool exist);
bool device_has_service(const Device *d, const char *uuid);
/* The one with that index, from 0, of those that notify; with a UUID, of those with it. NULL if there is none, or it is gone. */
Characteristic *device_measurement(Device *d, const char *uuid, size_t number);
/* The one by which it says how fast it is. */
Characteristic *device_pace(Device *d);
void characteristic_remove(Characteristic *c);
void characteristic_set_acquired(Characteristic *c, bool acquired);
void device_set_paired(Device *d, bool paired);
/* Whether it demands encryption, and there is none. */
bool characteristic_is_locked(const Characteristic *c);
bool characteristic_has_clients(const Characteristic *c);
/* The link is up and of no use, until the ATT time-out. */
void device_link_dead(Device *d);
/* Sends a value as a notification. Returns false, and logs it, if there is no subscriber. */
bool characteristic_notify(Characteristic *c, const uint8_t *value, size_t size);
/* Whether a notification would reach a subscriber now. */
bool characteristic_has_subscriber(const Characteristic *c);
void characteristic_set_notifying(Characteristic *c, bool notifying);
void characteristic_drop_clients(Characteristic *c);

/* -- bluez-standin-calls.c: methods -- */

int calls_dispatch(sd_bus_message *m, void *userdata, sd_bus_error *error);
void calls_drop_pending(Standin *s);
/* The object there, and those below it, are gone: delayed calls to them find nothing any more. */
void calls_end_below(Standin *s, const char *path);
Member *calls_member(Standin *s, const char *name);
void calls_reply_failed(sd_bus_message **call, const char *message);

Registration *registration_free(Registration *r);
bool adapter_has_registration(const Adapter *a);
/* One for a service of this device. */
bool device_has_registration(const Device *d);
int registration_new(Adapter *a, sd_bus_message *call, const char *path, sd_bus_error *error);
int registration_remove(Adapter *a, sd_bus_message *call, const char *path, sd_bus_error *error);

/* -- bluez-standin-commands.c, -actions.c, -pace.c and -behaviour.c: what the lines of a script mean -- */

extern const Command world_commands[], strap_commands[], pace_commands[], behaviour_commands[];

Standin *words_standin(const Words *w);
int word_device(const Words *w, size_t i, Device **ret);
int word_adapter(const Words *w, size_t i, Adapter **ret);

DEFINE_CLEANUP(Adapter *, adapter_free);
DEFINE_CLEANUP(Device *, device_free);
DEFINE_CLEANUP(Registration *, registration_free);
