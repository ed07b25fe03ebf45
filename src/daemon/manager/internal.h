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
#include "manager/changes.h"
#include "manager/wall-clock.h"
#include "manager/coach.h"
#include "manager/commands.h"
#include "manager/commit.h"
#include "manager/cues.h"
#include "manager/deletions.h"
#include "manager/measure.h"
#include "manager/pace.h"
#include "manager/publish.h"
#include "manager/session.h"
#include "manager/straps.h"
#include "manager/time.h"
#include "manager/watchdog.h"
#include "store/store.h"

/* The shell around the core, in layers. A file calls those of the layers above it here, never those below; what comes from
 * BlueZ, from time or from callers goes through feed().
 *
 *   time, kernel, health                      the core's clock and timers
 *   commit, disk    straps    wall-clock      each its own state
 *   replay                                    a core of its own, for what was heard before
 *   coach, ceiling, verdict, warnings    commands, cues, advice, trouble, pace    publish
 *   facts                                     what the core found: rows, signals, log lines
 *   core                                      the calls of the core, and what the coach wants
 *   resume, step                              a session taken up; a clock that was set
 *   feed                                      an event, and all that belongs to it
 *   start, deletions, changes, edits, reload, beats; import, measure, workouts, setup; from-time, from-bluez, requests, diary
 *   manager, watchdog, buses                  beginning and end
 */

/* Each part is written only by the files that its header names; any file may read it. */
struct Manager {
        const ManagerOptions *options;
        Config *config;

        sd_event *event;
        sd_bus *system_bus; /* BlueZ's */
        sd_bus *own_bus;    /* has our name: the same connection, or one to the session bus */
        Bluez *bluez;
        Bus *bus;
        Store *store;
        Engine *engine;

        usec_t fed_usec;   /* time of the last event, core clock */
        usec_t slept_usec; /* core_slept() by then */
        Deadline tick;
        Committer committer;
        WallClock clock;
        Session session;
        Coach coach;
        Commands command;
        Cues cues;
        Advice advice;
        MeasureTask measuring;
        Pace pace;
        Published published;
        Watchdog watchdog;
        sd_event_source *beats; /* when those of an older session are looked at */

        StrapTable straps;
        bool scanning;     /* as last published */
        const char *radio; /* bluez_radio() as last published, NULL = nothing yet */
        Changes changes;
        Deletion deletions[BUS_REQUESTS_MAX];
        bool edits_due; /* what edits have kept is to be dropped, and could not be yet */
        bool lost;      /* the database is lost, which has been logged */
        sd_event_source *exit;
};

/* Makes everything but the event loop and the two connections, which exist. Failures are logged here. */
int manager_begin(Manager *m);
