/* SPDX-License-Identifier: MIT */
#pragma once

#include "bluez/bluez.h"
#include "bluez/characteristic.h"
#include "cardio/arrivals.h"

/* A device, org.bluez.Device1, and its way to a live subscription. It owns its characteristics, slots and timer. */
struct Device {
        Bluez *bluez;
        char *path;
        char address[ADDRESS_STRING_MAX];
        char *name;
        const char *body_location;
        int battery;
        bool offers_service; /* UUIDs has one of services.c */
        bool trusted, paired, bonded, connected, resolved;
        bool other_appearance, other_icon, other_service; /* it says that it is something else than a strap */
        bool random_address;
        int16_t rssi;    /* dBm, 0 = not heard of */
        bool found;      /* heard while we discovered */
        bool discovered; /* seen by discovery, so a first contact */
        bool strange;    /* was not the runner's, so a first contact too */
        Characteristic *characteristics[CHARACTERISTICS_MAX];
        size_t n_characteristics;
        unsigned subscribe_failures;  /* of one that was removed, for the one that comes in its place */
        usec_t subscribe_failed_usec; /* … and when */
        Characteristic *source;       /* the measurement whose values are taken, NULL = none has sent yet */
        bool dirty;                   /* to be evaluated */
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
        sd_event_source *timer;
};

/* Does what is to be done next and reports; the evaluation of bluez.c calls it after anything about it changed. */
void device_evaluate(Device *d);
void device_lose(Device *d); /* BlueZ is gone, and all that it knew of the device */
