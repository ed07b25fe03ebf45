/* SPDX-License-Identifier: MIT */
#pragma once

#include "bluez/bluez.h"
#include "bluez/characteristic.h"
#include "cardio/arrivals.h"

/* Where the values of one kind of measurement come from: a device may list several copies of a characteristic. */
typedef struct Source {
        Characteristic *characteristic; /* whose values count, NULL = none has sent yet on this link */
        usec_t value_usec;              /* CLOCK_BOOTTIME: the last of these */
        bool moving;                    /* of a pace: which said that the runner moves */
        Arrivals arrivals;              /* how often it sends */
        unsigned subscribe_failures;    /* of a removed characteristic, for the one that replaces it */
        usec_t subscribe_failed_usec;   /* … and when */
} Source;

/* A device, org.bluez.Device1, and its way to a live subscription. It owns its characteristics, slots and timer. */
struct Device {
        Bluez *bluez;
        char *path;
        char address[ADDRESS_STRING_MAX];
        char *name;
        const char *body_location;
        int battery;
        unsigned services;  /* of services.h that UUIDs contains */
        bool other_data;    /* it has a characteristic of another fitness machine than a treadmill, … */
        bool other_machine; /* … and none of a treadmill */
        bool advertises_other_machine; /* … its advertisement says so */
        bool trusted, paired, bonded, connected, resolved;
        bool other_appearance, other_icon,
                        other_service; /* it says that it is something else than a sensor */
        bool random_address;
        int16_t rssi;    /* dBm, 0 = none known */
        bool found;      /* advertised while we discovered */
        bool discovered; /* seen by discovery, so Connect() is a first contact */
        bool strange;    /* was not the runner's, so that is a first contact, too */
        Characteristic *characteristics[CHARACTERISTICS_MAX];
        size_t n_characteristics;
        Source sources[_MEASURE_MAX];
        bool dirty;       /* to be evaluated */
        bool in_snapshot; /* in the snapshot that is being read */
        bool warned;      /* has been logged: BlueZ will remove it */
        bool unreadable;  /* has been logged: something of it cannot be read */

        int number; /* what strap_changed() returned, -1 = not reported */
        SensorRecord reported;

        bool inherited; /* the link existed when we first saw BlueZ, at inherited_usec */
        usec_t inherited_usec;
        bool delivered, delivered_before; /* values of its main measurement came on this link, and on the one before */
        int known;                        /* a value has come from it at some time; -1 = not looked up yet */
        bool link_over;         /* its end was signalled, at least in part, and no new one has begun */
        bool called;            /* the next link follows from our Connect() */
        bool ours;              /* … and this one does */
        bool made_ours;         /* we have set Trusted */
        LinkProblem problem;    /* of the link, as it is */
        LinkProblem logged;     /* … as last logged; LINK_OK once it was mended */
        char *reason;           /* BlueZ's last error from StartNotify(); NULL = none that matters */
        unsigned cuts;          /* useless links that we disconnected, in a row without a value */
        usec_t cut_usec;        /* the last one */
        bool mending;           /* we disconnected a link, and no value has come since */
        bool ending;            /* our Disconnect() is what ends the link */
        bool want_connect;      /* auto-connect does not apply: Connect() is needed */
        unsigned failures;      /* of Connect() in a row */
        usec_t link_usec;       /* CLOCK_BOOTTIME: last change of connected or resolved */
        usec_t not_before_usec; /* the next attempt at what failed last */
        sd_bus_slot *link_slot; /* pending Connect() or Disconnect() */
        bool connecting;        /* … it is Connect() */
        bool overdue;           /* a Disconnect() was not answered in time, and may still be carried out */
        sd_event_source *timer;
};

/* Does what is next, and reports changes; called by the evaluation in bluez.c after anything about it changed. */
void device_evaluate(Device *d);
void device_lose(Device *d); /* BlueZ is gone, and with it all that it knew about the device */
