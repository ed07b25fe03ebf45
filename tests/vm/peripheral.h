/* SPDX-License-Identifier: MIT */
#pragma once

#include "../standin/script.h"

/* The parts of vm-peripheral. The language of its scripts is described at the head of peripheral.c. */

#define STRAPS_MAX 8U

typedef struct Peripheral Peripheral;
typedef struct Strap Strap;

/* What a link must be before heart rates may be subscribed to. */
typedef enum StrapDemand {
        DEMAND_NOTHING,
        DEMAND_ENCRYPTION,     /* refused with ATT error 0x0f */
        DEMAND_AUTHENTICATION, /* 0x05; a key that somebody has confirmed */
        _STRAP_DEMAND_MAX,
} StrapDemand;

/* What it is, and so which services it has. */
typedef enum StrapKind {
        KIND_STRAP,
        KIND_FOOT_POD,
        KIND_TREADMILL,
        _STRAP_KIND_MAX,
} StrapKind;

typedef enum AttributeId {
        ATTRIBUTE_MEASUREMENT,          /* the one that it is for: what `raw` sends */
        ATTRIBUTE_BODY_SENSOR_LOCATION, /* of a strap */
        ATTRIBUTE_CONTROL_POINT,
        ATTRIBUTE_BATTERY_LEVEL,
        _ATTRIBUTE_ID_MAX,
        _ATTRIBUTE_ID_INVALID = -EINVAL,
} AttributeId;

/* A characteristic that the strap has. */
typedef struct Attribute {
        Strap *strap;
        AttributeId id;
        char *path;
        uint8_t value[VALUE_MAX];
        size_t size;
        bool notifying; /* somebody has subscribed */
} Attribute;

struct Strap {
        Peripheral *peripheral;
        char *adapter, *adapter_path; /* hci1, /org/bluez/hci1 */
        char *address, *name;
        uint16_t appearance; /* Assigned Numbers, 2.6; 0 = unknown */
        StrapDemand demand;
        StrapKind kind;
        char *root, *advertisement; /* our objects */
        Attribute attributes[_ATTRIBUTE_ID_MAX];
        Sender sender;

        bool wants_advertising;
        bool registered, advertised; /* bluetoothd has our application, our advertisement */
        bool connected;
        char *central; /* device that is or was connected; NULL = never */
        sd_bus_slot *application_slot, *advertisement_slot; /* pending calls */
        sd_event_source *retry;
        int hold[2]; /* sockets of a channel over the link: listening at the strap, connected at the central; or -1 */
};

struct Peripheral {
        sd_event *event;
        sd_bus *bus; /* NULL while there is none */
        sd_event_source *bus_retry;
        Strap *straps[STRAPS_MAX];
};

/* -- peripheral-strap.c: a strap and what bluetoothd has of it -- */

Strap *strap_new(Peripheral *p, const char *adapter, const char *address, const char *name,
                uint16_t appearance, StrapDemand demand, StrapKind kind);
Strap *strap_free(Strap *s);
Strap *strap_find(Peripheral *p, const char *address);
/* The bus is there. */
void strap_export(Strap *s);
/* The bus, bluetoothd or the adapter is gone, and all its state. */
void strap_forget(Strap *s);
/* Does what is missing between what the strap wants and what bluetoothd has. */
void strap_reconsider(Strap *s);
void strap_set_advertising(Strap *s, bool advertising);
/* Asks bluetoothd whether that device, on the strap's adapter, is connected. */
void strap_ask_link(Strap *s, const char *device);
/* Ends the link, at once and without bluetoothd. */
void strap_disconnect(Strap *s);
/* Opens a channel of our own over the link, so that it outlives bluetoothd: the kernel ends one that nobody uses. */
void strap_hold(Strap *s);
bool strap_is_held(const Strap *s);
void strap_let_go(Strap *s);

/* -- peripheral-gatt.c: the objects that bluetoothd reads -- */

/* bus == NULL: only names them. */
void strap_export_objects(Strap *s, sd_bus *bus);
/* Sets a new value, and notifies the subscribers. */
void attribute_set(Attribute *a, const uint8_t *value, size_t size);

/* -- peripheral-commands.c -- */

extern const Command peripheral_commands[];

DEFINE_CLEANUP(Strap *, strap_free);
