/* SPDX-License-Identifier: MIT */
#pragma once

#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "manager/manager.h"

#include "bluez/bluez.h"
#include "bus/bus.h"
#include "cardio/engine.h"
#include "config/config.h"
#include "manager/advice.h"
#include "manager/wall-clock.h"
#include "manager/coach.h"
#include "manager/commands.h"
#include "manager/commit.h"
#include "manager/cues.h"
#include "manager/measure.h"
#include "manager/publish.h"
#include "manager/session.h"
#include "manager/straps.h"
#include "manager/time.h"
#include "manager/watchdog.h"
#include "store/store.h"

/* The shell around the core, in layers. A file calls those of the layers above it here, never those below; what comes from
 * BlueZ, from time or from callers goes through feed().
 *
 *   time                                      the core's clock and timers
 *   commit, disk    straps    clock           each its own state
 *   coach, ceiling, verdict, warnings    commands, cues, advice    publish
 *   facts                                     what the core found: rows, signals, log lines
 *   core                                      the calls of the core, and what the coach wants
 *   resume, step                              a session taken up; a clock that was set
 *   feed                                      an event, and all that belongs to it
 *   start, deletions, reload; measure, workouts, setup; from-time, from-bluez, requests, diary
 *   manager, watchdog, buses                  beginning and end
 */

/* Something that was deleted, and is to leave the database's log before that is answered; unused without a request. */
typedef struct ManagerDeletion {
        BusRequest *request;
        unsigned number; /* the store's */
} ManagerDeletion;

/* Each part is written by the files that its header names, and read by any. */
struct Manager {
        const ManagerOptions *options;
        Config *config;

        sd_event *event;
        sd_bus *system_bus; /* BlueZ's */
        sd_bus *own_bus;    /* ours: the same one, or the session bus */
        Bluez *bluez;
        Bus *bus;
        Store *store;
        Engine *engine;

        usec_t fed_usec; /* of the last event, core clock */
        Deadline tick;
        Committer committer;
        WallClock clock;
        Session session;
        Coach coach;
        Commands command;
        Cues cues;
        Advice advice;
        Measuring measuring;
        View view;
        Watchdog watchdog;

        Straps straps;
        bool scanning;     /* as last published; so is */
        const char *radio; /* bluez_radio(), NULL = nothing yet */
        ManagerDeletion deletions[BUS_REQUESTS_MAX];
        bool lost; /* the database is, which has been logged */
        sd_event_source *exit;
};

/* With its event loop and its buses, whatever they lead to: makes everything else. What fails has been logged. */
int manager_begin(Manager *m);
