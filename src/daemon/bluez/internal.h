/* SPDX-License-Identifier: MIT */
#pragma once

#include "bluez/bluez.h"

#include "bluez/policy.h"
#include "cardio/arrivals.h"

/* Shared by the files of this folder only. Ownership: Bluez owns adapters and devices, each owns its slots and timers; all
 * die before what their userdata points to. */

/* More objects than any room full of radios has; further ones are ignored with a log line. */
#define BLUEZ_ADAPTERS_MAX 16U
#define BLUEZ_DEVICES_MAX  512U

/* Where our GATT application is on the bus, and the profile in it. */
#define PROFILE_ROOT   "/cardiod"
#define PROFILE_OBJECT "/cardiod/heart_rate"

typedef struct Adapter {
        Bluez *bluez;
        char *path;
        bool powered;
        bool gatt_manager;
        bool registered;
        bool register_failed; /* so its straps need Connect() */
        unsigned failures;
        sd_bus_slot *register_slot; /* pending call */
        sd_event_source *retry;     /* pending wait */

        bool discovering;       /* for us */
        bool bluez_discovering; /* for anybody: its property Discovering */
        char *scan_error;       /* why not, as BlueZ said; NULL = nothing has failed */
        unsigned scan_failures;
        sd_bus_slot *scan_slot;      /* pending call */
        sd_event_source *scan_retry; /* pending wait */
} Adapter;

/* A device may show the heart-rate service, or its measurement, more than once, one copy dead. */
#define MEASUREMENTS_MAX 4U

typedef struct Device Device;
typedef struct Piece Piece;

/* A characteristic Heart Rate Measurement, 0x2A37. */
typedef struct Characteristic {
        Device *device;
        char *path;
        bool told;           /* by the snapshot that is being read */
        bool notifying;      /* StartNotify succeeded since the services were resolved */
        LinkProblem refusal; /* what StartNotify was answered that a new link would not change */
        unsigned failures;   /* of StartNotify in a row */
        unsigned subscribe_failures; /* … as of a strap that wants to be paired, without a heart rate, over all links */
        usec_t subscribe_failed_usec; /* the last of these */
        bool failure_counted;         /* one of these was on this link */
        usec_t asked_usec;            /* StartNotify was called last */
        usec_t not_before_usec;       /* the next attempt */
        usec_t notifying_usec;        /* … since when */
        usec_t value_usec;            /* its last value */
        sd_bus_slot *slot;            /* pending StartNotify() or StopNotify() */
        bool starting;                /* … it is StartNotify() */
        bool acquired; /* a program has called AcquireNotify(): StopNotify() would take them from it */
} Characteristic;

struct Device {
        Bluez *bluez;
        char *path;
        char address[ADDRESS_STRING_MAX];
        char *name;
        const char *body_location;
        int battery;
        bool heart_rate_service; /* UUIDs has 0x180D */
        bool trusted, paired, bonded, connected, resolved;
        bool other_appearance, other_icon, other_service; /* it says that it is something else than a strap */
        bool random_address;
        int16_t rssi;    /* dBm, 0 = not heard of */
        bool found;      /* heard while we discovered */
        bool discovered; /* seen by discovery, so a first contact */
        bool strange;    /* was not the runner's, so a first contact too */
        Characteristic *measurements[MEASUREMENTS_MAX];
        size_t n_measurements;
        unsigned subscribe_failures;  /* of one that was removed, for the one that comes in its place */
        usec_t subscribe_failed_usec; /* … and when */
        Characteristic *source;       /* the one whose values are taken, NULL = none has sent yet */
        char *location_path;          /* of its Body Sensor Location, NULL = not there */
        bool location_asked;          /* … was read on this link, or refused */
        bool told;                    /* by the snapshot that is being read */
        bool warned;                  /* that it will be forgotten has been said */
        bool unreadable;              /* that something of it cannot be read has been said */

        int number; /* what strap_changed() returned, -1 = not reported */
        SensorRecord reported;

        bool inherited; /* the link was there when BlueZ was first asked, at inherited_usec */
        usec_t inherited_usec;
        bool delivered, delivered_before; /* values came on this link, and on the one before */
        int known;                        /* a heart rate has come from it at some time; -1 = not asked yet */
        bool link_over;         /* its end has been told, in part at least, and no other one began */
        bool called;            /* the next link is one that we called for */
        bool ours;              /* … this one is */
        bool made_ours;         /* we have trusted it */
        LinkProblem problem;    /* of the link, as it is */
        LinkProblem said;       /* … as it was last said in the log, and has not been mended since */
        char *reason;           /* what BlueZ answered StartNotify last; NULL = nothing bad */
        unsigned cuts;          /* of useless links, in a row without a value */
        usec_t cut_usec;        /* the last one */
        bool mending;           /* a link was cut, and nothing has come since */
        bool ending;            /* our Disconnect() is what ends the link */
        bool want_connect;      /* auto-connect will not do it: Connect() must */
        unsigned failures;      /* of Connect() in a row */
        usec_t link_usec;       /* CLOCK_BOOTTIME: last change of connected or resolved */
        usec_t value_usec;      /* last value */
        Arrivals arrivals;      /* how often it sends */
        usec_t not_before_usec; /* the next attempt at what failed last */
        sd_bus_slot *link_slot; /* pending Connect() or Disconnect() */
        bool connecting;        /* … it is Connect() */
        bool overdue;           /* a Disconnect() was not confirmed, and may still be carried out */
        sd_bus_slot *location_slot;
        sd_event_source *timer;
};

struct Bluez {
        sd_event *event;
        sd_bus *bus;
        BluezConfig config;
        const BluezHandlers *handlers;
        void *userdata;

        char *owner;      /* unique name of org.bluez, NULL = not running */
        bool owner_known; /* the bus has said which */
        sd_bus_slot *match_slots[8];
        sd_bus_slot *filter_slot, *owner_slot, *snapshot_slot, *profile_slot, *object_manager_slot;
        sd_event_source *snapshot_retry;
        bool snapshot_done;
        Piece *pieces, *last_piece; /* to be asked for one by one */
        size_t n_pieces;
        bool walking;          /* … since the snapshot could not be read */
        unsigned n_unreadable; /* things that have been told of as such since BlueZ came */

        Adapter *adapters[BLUEZ_ADAPTERS_MAX];
        size_t n_adapters;
        bool adapters_full; /* … has been said, and none has gone since */
        Device *devices[BLUEZ_DEVICES_MAX];
        size_t n_devices;

        usec_t slept_usec;   /* how long the machine has been suspended since it was booted, as last seen */
        usec_t resumed_usec; /* when that had last become more */
        usec_t stalled_usec; /* when we last went on after having stood still */

        bool scan;                         /* bluez_scan() wants it */
        BluezTask *tasks[BLUEZ_TASKS_MAX]; /* NULL = unused */
};

/* Did it come from the real org.bluez? Anybody may send us a signal that says so. */
bool bluez_is_sender(const Bluez *b, sd_bus_message *m);
void bluez_resync(Bluez *b);
/* What an error reply says, or its name where it says nothing; plain and brief. Returns buf. */
#define BLUEZ_ERROR_SIZE 192
const char *bluez_error_text(const sd_bus_error *e, char buf[static BLUEZ_ERROR_SIZE]);
/* 2 s, 4 s … 60 s, each shortened by up to a quarter, so that straps and daemons do not step in time. */
usec_t bluez_back_off(unsigned failures);

/* mirror.c: what BlueZ has, as it was told. The reading functions return a negative errno for a message that is not
 * of the form. */
Adapter *mirror_find_adapter(Bluez *b, const char *path);
Adapter *mirror_adapter_of(Bluez *b, const char *path); /* the one a path is on */
Device *mirror_find_device(Bluez *b, const char *path);
Device *mirror_device_of(Bluez *b, const char *path); /* the one a characteristic is of */
Characteristic *mirror_find_measurement(Bluez *b, const char *path);
void mirror_remove_adapter(Bluez *b, const char *path);
void mirror_remove_device(Bluez *b, const char *path);
void mirror_lose_all(Bluez *b);
int mirror_read_interfaces(
                Bluez *b, const char *path, sd_bus_message *m); /* a{sa{sv}}: what one object has */
int mirror_read_changes(Bluez *b, const char *path, const char *interface, sd_bus_message *m); /* a{sv}as */
void mirror_evaluate(Bluez *b, const char *path); /* the devices that what happened at a path may matter to */

/* The same piece by piece. The interface's own constant if it is one that is read, else NULL; false if there is no room for
 * the object; its properties in their order, NULL behind the last. */
const char *mirror_interface(const char *name);
bool mirror_has_interface(Bluez *b, const char *path, const char *interface);
const char *mirror_property(const char *interface, size_t i);
int mirror_read_properties(Bluez *b, const char *path, const char *interface, sd_bus_message *m); /* a{sv} */
int mirror_read_property(Bluez *b, const char *path, const char *interface, const char *name,
                sd_bus_message *m); /* v */

/* piecemeal.c: what cannot be read whole. */
void piecemeal_object(Bluez *b, const char *path);
void piecemeal_all(Bluez *b); /* instead of the snapshot */
void piecemeal_end(Bluez *b);
/* Said once of an object, and of so many: what of it cannot be read is left out. */
void bluez_tell_unreadable(Bluez *b, const char *path, const char *what, int error);
/* All of it is read; snapshot: it was all that there is. */
void bluez_read_again(Bluez *b, bool snapshot);

/* profile.c: GattProfile1, by which bluetoothd reconnects known straps by itself. */
int profile_export(Bluez *b);
void adapter_register(Adapter *a);
Adapter *adapter_free(Adapter *a);

/* device.c */
Device *device_free(Device *d);
/* Called after anything about it changed: does what is to be done next and reports. */
void device_evaluate(Device *d);
void device_report(Device *d);
bool device_is_strap(const Device *d);
void device_withdraw(Device *d); /* it is not there any more, or no longer ours */
void device_lose(Device *d);     /* BlueZ is gone, and all that it knew of the device */
/* Connected and ServicesResolved as told together; they are one step of the link. */
void device_set_link(Device *d, bool connected, bool resolved);
bool device_calls_itself_strap(const Device *d); /* it has the heart-rate service, whosever it is */
/* Calls a method without arguments, or with an empty a{sv}. */
int device_call(Device *d, const char *path, const char *interface, const char *method, bool options,
                sd_bus_message_handler_t done, void *userdata, usec_t timeout_usec, sd_bus_slot **slot);
/* The object is gone and we have not been told: look at everything anew. */
bool error_is_gone(const sd_bus_error *e);
bool error_is_in_progress(const sd_bus_error *e);

/* measure.c: the characteristics that measure heart rates. */
int device_add_measurement(Device *d, const char *path);
void device_remove_measurement(Device *d, const char *path); /* if it has that one */
void device_drop_measurements(Device *d);
/* StartNotify where that is to be done. Returns when to look again. */
usec_t device_subscribe(Device *d, usec_t now_usec);
void device_unsubscribe(Device *d);
void device_reset_subscriptions(Device *d); /* the link is another one, or gone */
/* Before that, if it went by itself: StartNotify() calls that were not answered yet may be the reason. */
void device_lose_subscriptions(Device *d);
void device_retry_subscriptions(Device *d); /* what was refused may be granted now */
/* Values come: those that are subscribed to, or send, are not what wants to be paired. Returns whether one is to be subscribed
 * to. */
bool device_clear_failures(Device *d);
/* None of its measurements is to be had, since it wants to be paired. It is known from the links before, too. */
bool device_wants_pairing(const Device *d);
bool device_is_known(Device *d); /* a heart rate has come from it, on this link or another */
bool device_is_notifying(const Device *d);
/* Why notifications are not to be had, if none are; any: if some are not. */
LinkProblem device_refusal(const Device *d, bool any);
void measurement_value(Characteristic *c, const uint8_t *value, size_t size);
/* Another program holds its notifications, or has let go of them. */
void measurement_acquired(Characteristic *c, bool acquired);

/* heal.c: links that are there and useless. */
/* Connected. Returns when to look again. */
usec_t device_check_link(Device *d, usec_t now_usec);
void device_recovered(Device *d);                                        /* it sends */
void device_paired(Device *d);                                           /* it is now, or bonded */
void device_heal_link_changed(Device *d, bool connected, bool resolved); /* before the mirror says so */
int on_disconnected(sd_bus_message *m, void *userdata, sd_bus_error *error);

/* scan.c */
/* Called after anything about adapters or about what is wanted changed: does what is to be done next and reports. */
void scan_evaluate(Bluez *b);
/* Is anybody looking for straps, and may we? */
bool scan_is_wanted(const Bluez *b);
void adapter_lose_scan(Adapter *a); /* it was switched off, and BlueZ has forgotten what we asked for */
/* Why Bluetooth cannot be used at all, in the runner's words; NULL = it can, or it is not known yet. */
const char *bluez_obstacle(const Bluez *b);

/* task.c */
void tasks_evaluate(Bluez *b);
bool tasks_look(const Bluez *b); /* one waits for a strap to be discovered */
/* One is about the device with this address. */
bool tasks_want(const Bluez *b, const char *address);
bool tasks_connect(const Bluez *b); /* one connects, and discovery would be in its way */
void tasks_free(Bluez *b);
